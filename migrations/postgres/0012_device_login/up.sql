-- Which applications may log devices in: all that have device codes, none, or those that are listed by their client ids.
ALTER TABLE organizations ADD COLUMN device_login TEXT NOT NULL DEFAULT 'on' CHECK (device_login IN ('on', 'off', 'listed'));
ALTER TABLE organizations ADD COLUMN device_login_apps TEXT NOT NULL DEFAULT '';
-- No device login gets more than these scopes; where it is empty, nothing holds them back.
ALTER TABLE organizations ADD COLUMN device_scope_ceiling TEXT NOT NULL DEFAULT '';
