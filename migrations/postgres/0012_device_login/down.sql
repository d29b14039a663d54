ALTER TABLE organizations DROP COLUMN device_scope_ceiling;
ALTER TABLE organizations DROP COLUMN device_login_apps;
ALTER TABLE organizations DROP COLUMN device_login;
