-- What a scope lets an app do, and the scopes of the same catalogue that go with it, with one space between.
ALTER TABLE scopes ADD COLUMN access TEXT NOT NULL DEFAULT 'write' CHECK (access IN ('read', 'write'));
ALTER TABLE scopes ADD COLUMN implies TEXT NOT NULL DEFAULT '';
-- Whoever changes a scope has seen what they change.
ALTER TABLE scopes ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
UPDATE scopes SET access = 'read'
    WHERE name IN ('openid', 'profile', 'email', 'offline_access', 'read') OR substr(name, 1, 5) = 'read:';

-- What tokens may be meant for (RFC 8707), by the exact text of the address.
CREATE TABLE resources (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    uri TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, uri)
);
