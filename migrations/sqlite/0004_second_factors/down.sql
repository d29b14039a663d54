DROP TABLE factor_attempts;
DROP TABLE ceremonies;
DROP TABLE passkeys;
DROP TABLE recovery_codes;
DROP TABLE totp;
ALTER TABLE organizations DROP COLUMN factor_grace_ms;
ALTER TABLE organizations DROP COLUMN factor_required_since;
ALTER TABLE sessions DROP COLUMN factor_at;
