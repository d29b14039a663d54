-- By which account at an identity provider somebody got in, or is about to: when that no longer lets its owner in, what it let in
-- ends. What goes to one organization only was let in by one, which was not noted before: it begins anew.
ALTER TABLE sessions ADD COLUMN identity_id BLOB;
ALTER TABLE login_attempts ADD COLUMN identity_id BLOB;
ALTER TABLE factor_attempts ADD COLUMN identity_id BLOB;
DELETE FROM sessions WHERE only_org IS NOT NULL;
DELETE FROM login_attempts WHERE only_org IS NOT NULL;
DELETE FROM factor_attempts WHERE only_org IS NOT NULL;
DROP INDEX sessions_by_only_org;
CREATE INDEX sessions_by_identity ON sessions (identity_id) WHERE identity_id IS NOT NULL;

-- Whoever changes a provider has seen the settings that they change.
ALTER TABLE upstream_providers ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;

-- What somebody has approved and no device has collected, for their list of connected apps.
CREATE INDEX grants_by_approver ON grants (decided_by) WHERE state = 'approved';
