DROP TABLE pending_links;
DROP TABLE upstream_attempts;
DROP TABLE upstream_identities;
DROP TABLE upstream_providers;
-- Without the column a session of one organization would go everywhere.
DELETE FROM sessions WHERE only_org IS NOT NULL;
DELETE FROM login_attempts WHERE only_org IS NOT NULL;
DELETE FROM factor_attempts WHERE only_org IS NOT NULL;
DROP INDEX sessions_by_only_org;
ALTER TABLE factor_attempts DROP COLUMN only_org;
ALTER TABLE login_attempts DROP COLUMN only_org;
ALTER TABLE sessions DROP COLUMN only_org;
