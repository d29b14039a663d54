-- Signing in by way of other identity providers: the operator's, which the configuration names, and organizations' own.

-- The only organization that a session goes to; nothing where it goes everywhere. Also of a sign-in that still waits.
ALTER TABLE sessions ADD COLUMN only_org TEXT;
ALTER TABLE login_attempts ADD COLUMN only_org TEXT;
ALTER TABLE factor_attempts ADD COLUMN only_org TEXT;
CREATE INDEX sessions_by_only_org ON sessions (only_org) WHERE only_org IS NOT NULL;

-- Organizations' own providers.
CREATE TABLE upstream_providers (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    id BYTEA NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('google', 'github', 'microsoft', 'oidc')),
    name TEXT NOT NULL,
    issuer TEXT NOT NULL,
    client_id TEXT NOT NULL,
    -- Under the master key.
    sealed_secret BYTEA NOT NULL,
    scopes TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);

-- Which account at which provider lets in whom. The owner of a provider is its organization, or '~server' for the operator's.
CREATE TABLE upstream_identities (
    provider_owner TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    id BYTEA NOT NULL UNIQUE,
    user_id BYTEA NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (provider_owner, provider_id, issuer, subject)
);
CREATE INDEX upstream_identities_by_user ON upstream_identities (user_id);

-- Browsers on their way to a provider and back, found by what they bring back; once.
CREATE TABLE upstream_attempts (
    digest BYTEA NOT NULL PRIMARY KEY,
    -- Of the pre-session's cookie; of the session's, where somebody signed in links an account.
    browser BYTEA NOT NULL,
    provider_owner TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    -- Who links an account; nothing where somebody signs in.
    user_id BYTEA REFERENCES users (id) ON DELETE CASCADE,
    next TEXT NOT NULL,
    network TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX upstream_attempts_by_network ON upstream_attempts (network, expires_at);
CREATE INDEX upstream_attempts_by_expiry ON upstream_attempts (expires_at);

-- Accounts at providers that wait for a proof of the account with the same address, found by a cookie of their browser.
CREATE TABLE pending_links (
    digest BYTEA NOT NULL PRIMARY KEY,
    provider_owner TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    email TEXT NOT NULL,
    next TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pending_links_by_expiry ON pending_links (expires_at);
