DROP TABLE login_attempts;
ALTER TABLE organizations DROP COLUMN new_device_policy;
