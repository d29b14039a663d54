-- Second factors: authenticator apps, recovery codes, passkeys, what a session has proven, and who demands it.

-- When a second factor was proven in a session; nothing where none was.
ALTER TABLE sessions ADD COLUMN factor_at BIGINT;

-- Since when an organization needs a second factor of its members; nothing where it does not. Who was a member before has
-- the grace from then, who joins later from joining.
ALTER TABLE organizations ADD COLUMN factor_required_since BIGINT;
ALTER TABLE organizations ADD COLUMN factor_grace_ms BIGINT NOT NULL DEFAULT 604800000 CHECK (factor_grace_ms >= 0);

-- What an authenticator app shares with us (RFC 6238), sealed under the master key. It counts from confirmed_at on.
CREATE TABLE totp (
    user_id BLOB NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed_secret BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    confirmed_at BIGINT,
    -- The newest step that a code was taken of: none of it, and of none before it, is taken again.
    last_step BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    spent_at BIGINT,
    PRIMARY KEY (user_id, digest)
);

CREATE TABLE passkeys (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    credential_id BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The public key and what the library keeps beside it, JSON.
    credential TEXT NOT NULL,
    counter BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT
);
CREATE INDEX passkeys_by_user ON passkeys (user_id);

-- A passkey's ceremony that has begun, found by the cookie of the browser that began it: of the session, or of a browser
-- without one.
CREATE TABLE ceremonies (
    digest BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('registration', 'sign_in', 'step_up')),
    state TEXT NOT NULL,
    network TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (digest, kind)
);
CREATE INDEX ceremonies_by_network ON ceremonies (network, expires_at);
CREATE INDEX ceremonies_by_expiry ON ceremonies (expires_at);

-- A sign-in whose password was right and whose second factor is missing, found by the cookie that its browser got for it.
CREATE TABLE factor_attempts (
    digest BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Of the pre-session cookie.
    browser BLOB NOT NULL,
    -- The browser as the account knows it, where it does.
    known_device_id BLOB,
    next TEXT NOT NULL,
    remember BOOLEAN NOT NULL,
    credentials_changed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX factor_attempts_by_expiry ON factor_attempts (expires_at);
