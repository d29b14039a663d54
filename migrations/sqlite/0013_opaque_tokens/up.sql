-- Opaque tokens (API keys, MCP tokens, embedded tokens), and what belongs to the server rather than to an organization: its
-- applications, its catalogue of scopes, and the grants of clients that know no organization yet.

-- What an application's grants are exchanged for.
ALTER TABLE applications ADD COLUMN token_kind TEXT NOT NULL DEFAULT 'jwt' CHECK (token_kind IN ('jwt', 'api_key', 'mcp'));
-- The longest that an organization lets an opaque token live.
ALTER TABLE organizations ADD COLUMN longest_token_ms BIGINT NOT NULL DEFAULT 31536000000 CHECK (longest_token_ms BETWEEN 86400000 AND 31536000000);

-- SQLite changes no CHECK: the table is made anew.
CREATE TABLE grants_anew (
    org_id TEXT NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    flow TEXT NOT NULL CHECK (flow IN ('device')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
    application_id BLOB NOT NULL,
    profile TEXT NOT NULL CHECK (profile IN ('jwt', 'api_key', 'mcp')),
    binding TEXT NOT NULL CHECK (binding IN ('fixed', 'chosen')),
    backoff TEXT NOT NULL CHECK (backoff IN ('add_five', 'double')),
    interval_ms BIGINT NOT NULL,
    scopes TEXT NOT NULL,
    resources TEXT NOT NULL,
    code_challenge TEXT,
    user_code_format TEXT NOT NULL,
    device_code_digest BLOB NOT NULL,
    user_code_digest BLOB NOT NULL,
    origin_address TEXT NOT NULL,
    origin_program TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    claimed_by BLOB REFERENCES users (id),
    claimed_at BIGINT,
    claimed_code BLOB,
    decided_by BLOB REFERENCES users (id),
    decided_at BIGINT,
    granted_org_id TEXT REFERENCES organizations (org_id),
    granted_scopes TEXT,
    auth_time BIGINT,
    redeemed_at BIGINT,
    -- What a client that nobody has registered calls itself.
    client_name TEXT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, application_id) REFERENCES applications (org_id, id),
    CHECK ((claimed_by IS NULL) = (claimed_at IS NULL) AND (claimed_by IS NULL) = (claimed_code IS NULL)),
    CHECK (claimed_by IS NULL OR state = 'pending'),
    CHECK ((state = 'pending') = (decided_by IS NULL) AND (state = 'pending') = (decided_at IS NULL)),
    CHECK ((state IN ('approved', 'redeemed')) = (granted_org_id IS NOT NULL)),
    CHECK ((state IN ('approved', 'redeemed')) = (granted_scopes IS NOT NULL)),
    CHECK ((state IN ('approved', 'redeemed')) = (auth_time IS NOT NULL)),
    CHECK ((state = 'redeemed') = (redeemed_at IS NOT NULL))
);
INSERT INTO grants_anew SELECT
    org_id, id, revision, flow, state, application_id, profile, binding, backoff, interval_ms, scopes, resources, code_challenge,
    user_code_format, device_code_digest, user_code_digest, origin_address, origin_program, opened_at, expires_at, claimed_by,
    claimed_at, claimed_code, decided_by, decided_at, granted_org_id, granted_scopes, auth_time, redeemed_at, NULL
FROM grants;
DROP TABLE grants;
ALTER TABLE grants_anew RENAME TO grants;
CREATE UNIQUE INDEX grants_by_device_code ON grants (org_id, device_code_digest);
CREATE INDEX grants_by_expiry ON grants (expires_at);
CREATE INDEX grants_by_approver ON grants (decided_by) WHERE state = 'approved';

CREATE TABLE opaque_tokens (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    id BLOB NOT NULL,
    digest BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('api_key', 'mcp', 'embedded')),
    -- What its owner's list calls it.
    name TEXT NOT NULL,
    -- How it begins: enough to know it again, too little to guess it.
    beginning TEXT NOT NULL,
    -- The grant that it came from; nothing where its owner made it by hand.
    grant_id BLOB,
    -- Where its client is registered.
    home_org_id TEXT NOT NULL,
    application_id BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
    revoked_reason TEXT CHECK (revoked_reason IN ('reuse', 'client', 'user', 'admin', 'credentials')),
    revoked_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (home_org_id, application_id) REFERENCES applications (org_id, id),
    CHECK ((state = 'revoked') = (revoked_reason IS NOT NULL) AND (state = 'revoked') = (revoked_at IS NOT NULL))
);
-- A request brings a token and nothing else: it is found by its digest alone.
CREATE UNIQUE INDEX opaque_tokens_by_digest ON opaque_tokens (digest);
-- One token per grant, whatever runs in parallel.
CREATE UNIQUE INDEX opaque_tokens_by_grant ON opaque_tokens (home_org_id, grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX opaque_tokens_by_user ON opaque_tokens (user_id);
CREATE INDEX opaque_tokens_by_expiry ON opaque_tokens (expires_at);

-- The server itself, as the home of applications that belong to no organization. No orgId can spell it.
INSERT INTO organizations (org_id, revision, name, signing_alg, refresh_absolute_ms, refresh_idle_ms, refresh_grace_ms, code_expiration_ms, poll_interval_ms, state, created_at)
VALUES ('~instance', 0, 'Doorward', 'ES256', 7776000000, 2592000000, 60000, 1800000, 5000, 'active', 0);
INSERT INTO scopes (org_id, name, sentence, access, implies, revision) VALUES
    ('~instance', 'read', 'See what you can see', 'read', '', 0),
    ('~instance', 'write', 'Change what you can change', 'write', '', 0);
-- The client of AI programs, which is always there, and what stands for every client that nobody has registered.
INSERT INTO applications (org_id, id, client_id, revision, state, kind, name, grants, scopes, default_scopes, code_expiration_ms, poll_interval_ms, user_code_format, prefilled_uri, access_lifetime_ms, created_at, token_kind) VALUES
    ('~instance', X'00000000000070008000000000000001', 'doorward-mcp', 0, 'active', 'public', 'Doorward MCP', 'device_code', 'read write', 'read', NULL, NULL, 'XXXX-XXXX', TRUE, 3600000, 0, 'mcp'),
    ('~instance', X'00000000000070008000000000000002', '~unregistered', 0, 'active', 'public', 'Unregistered', 'device_code', 'read write', 'read write', 900000, 5000, 'XXXX-XXXX', TRUE, 3600000, 0, 'api_key');
