DROP TABLE resources;
ALTER TABLE scopes DROP COLUMN revision;
ALTER TABLE scopes DROP COLUMN implies;
ALTER TABLE scopes DROP COLUMN access;
