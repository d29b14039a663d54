-- Organizations, accounts, applications, grants, tokens, and what the server needs to keep its promises about them.
-- Times are milliseconds since 1970 in UTC; ids are UUIDv7 as 16 bytes; digests have 32 bytes.
-- What belongs to an organization begins its key with org_id, so that the database itself keeps tenants apart.

CREATE TABLE organizations (
    org_id TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    name TEXT NOT NULL,
    colour TEXT,
    signing_alg TEXT NOT NULL CHECK (signing_alg IN ('ES256', 'RS256', 'EdDSA')),
    refresh_absolute_ms BIGINT NOT NULL,
    refresh_idle_ms BIGINT NOT NULL,
    refresh_grace_ms BIGINT NOT NULL CHECK (refresh_grace_ms BETWEEN 0 AND 300000),
    -- Of applications that have none of their own.
    code_expiration_ms BIGINT NOT NULL,
    poll_interval_ms BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'deleted')),
    created_at BIGINT NOT NULL
);

CREATE TABLE users (
    id BLOB NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email_verified_at BIGINT,
    password_hash TEXT,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    -- Whatever was proven or granted before this moment counts no more.
    credentials_changed_at BIGINT NOT NULL,
    -- Stays when the browsers are forgotten: an account has a first browser once.
    first_known_device_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE memberships (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    user_id BLOB NOT NULL REFERENCES users (id),
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);

CREATE TABLE scopes (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    name TEXT NOT NULL,
    sentence TEXT NOT NULL,
    PRIMARY KEY (org_id, name)
);

CREATE TABLE applications (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    id BLOB NOT NULL,
    client_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled', 'deleted')),
    kind TEXT NOT NULL CHECK (kind IN ('public', 'confidential')),
    name TEXT NOT NULL,
    grants TEXT NOT NULL,
    scopes TEXT NOT NULL,
    default_scopes TEXT NOT NULL,
    code_expiration_ms BIGINT,
    poll_interval_ms BIGINT,
    user_code_format TEXT NOT NULL,
    prefilled_uri BOOLEAN NOT NULL,
    access_lifetime_ms BIGINT NOT NULL,
    id_token_alg TEXT CHECK (id_token_alg IN ('ES256', 'RS256', 'EdDSA')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX applications_by_client_id ON applications (org_id, client_id);
-- The reference client has the same client_id in every organization; every other one is unique in the server.
CREATE UNIQUE INDEX applications_client_id_in_server ON applications (client_id) WHERE client_id <> 'doorward-cli';

CREATE TABLE application_secrets (
    org_id TEXT NOT NULL,
    application_id BLOB NOT NULL,
    digest BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, application_id, digest),
    FOREIGN KEY (org_id, application_id) REFERENCES applications (org_id, id)
);

CREATE TABLE grants (
    org_id TEXT NOT NULL,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    flow TEXT NOT NULL CHECK (flow IN ('device')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'redeemed')),
    application_id BLOB NOT NULL,
    profile TEXT NOT NULL CHECK (profile IN ('jwt')),
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
CREATE UNIQUE INDEX grants_by_device_code ON grants (org_id, device_code_digest);
CREATE INDEX grants_by_expiry ON grants (expires_at);

-- Look-ups that know no organization: a user code is unique among all live codes of the server.
CREATE TABLE code_directory (
    kind TEXT NOT NULL CHECK (kind IN ('user_code')),
    digest BLOB NOT NULL,
    org_id TEXT NOT NULL,
    grant_id BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The format, where it has so few combinations that its live codes are counted.
    counted_format TEXT,
    PRIMARY KEY (kind, digest)
);
CREATE INDEX code_directory_by_expiry ON code_directory (expires_at);
CREATE INDEX code_directory_counted ON code_directory (counted_format, expires_at) WHERE counted_format IS NOT NULL;

CREATE TABLE families (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    id BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    home_org_id TEXT NOT NULL,
    application_id BLOB NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    scopes TEXT NOT NULL,
    resources TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    generation INTEGER,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
    revoked_reason TEXT CHECK (revoked_reason IN ('reuse', 'client', 'user', 'admin', 'credentials')),
    revoked_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (home_org_id, application_id) REFERENCES applications (org_id, id),
    CHECK ((state = 'revoked') = (revoked_reason IS NOT NULL) AND (state = 'revoked') = (revoked_at IS NOT NULL))
);
-- One family per grant, whatever runs in parallel.
CREATE UNIQUE INDEX families_by_grant ON families (org_id, grant_id);
CREATE INDEX families_by_user ON families (user_id);
CREATE INDEX families_by_expiry ON families (expires_at);

CREATE TABLE refresh_tokens (
    org_id TEXT NOT NULL,
    family_id BLOB NOT NULL,
    generation INTEGER NOT NULL,
    digest BLOB NOT NULL,
    first_used_at BIGINT,
    PRIMARY KEY (org_id, family_id, generation),
    FOREIGN KEY (org_id, family_id) REFERENCES families (org_id, id)
);
CREATE UNIQUE INDEX refresh_tokens_by_digest ON refresh_tokens (org_id, digest);

CREATE TABLE revoked_tokens (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    jti TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, jti)
);
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);

CREATE TABLE signing_keys (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    kid TEXT NOT NULL,
    alg TEXT NOT NULL CHECK (alg IN ('ES256', 'RS256', 'EdDSA')),
    public_jwk TEXT NOT NULL,
    sealed_data_key BLOB NOT NULL,
    sealed_private_key BLOB NOT NULL,
    master_key_version INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL,
    published_until BIGINT,
    PRIMARY KEY (org_id, kid)
);

CREATE TABLE known_devices (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    digest BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    program TEXT NOT NULL,
    UNIQUE (user_id, digest)
);

CREATE TABLE sessions (
    id BLOB NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    user_id BLOB NOT NULL REFERENCES users (id),
    known_device_id BLOB,
    auth_time BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    address TEXT NOT NULL,
    program TEXT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A code that somebody typed before signing in, sealed, found by the cookie of the browser that typed it.
CREATE TABLE waiting_codes (
    digest BLOB NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    sealed_code BLOB NOT NULL,
    network TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX waiting_codes_by_network ON waiting_codes (network, expires_at);
CREATE INDEX waiting_codes_by_expiry ON waiting_codes (expires_at);

CREATE TABLE budgets (
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    slot INTEGER NOT NULL,
    window_start BIGINT NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (kind, subject, slot)
);
CREATE INDEX budgets_by_window ON budgets (window_start);

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    fence BIGINT NOT NULL,
    held_until BIGINT NOT NULL
);

CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY,
    letter TEXT NOT NULL,
    recipient TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts INTEGER NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    problem TEXT,
    CHECK ((state = 'waiting') = (finished_at IS NULL))
);
CREATE INDEX outbox_by_turn ON outbox (next_attempt_at) WHERE state = 'waiting';

CREATE TABLE audit (
    org_id TEXT NOT NULL,
    id BLOB NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    address TEXT,
    details TEXT NOT NULL,
    position BIGINT,
    previous_hash BLOB,
    hash BLOB,
    PRIMARY KEY (org_id, id),
    CHECK ((position IS NULL) = (hash IS NULL) AND (position IS NULL) = (previous_hash IS NULL))
);
CREATE UNIQUE INDEX audit_by_position ON audit (org_id, position) WHERE position IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (org_id, id) WHERE position IS NULL;
