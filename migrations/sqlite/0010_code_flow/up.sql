-- The authorization code flow: where an application is called back at, codes until they are redeemed, what was agreed to before,
-- and requests that a client posted.
ALTER TABLE applications ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN post_logout_redirect_uris TEXT NOT NULL DEFAULT '';
ALTER TABLE applications ADD COLUMN challenge_required BOOLEAN NOT NULL DEFAULT TRUE;

CREATE TABLE authorization_codes (
    org_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    application_id BLOB NOT NULL,
    redirect_uri TEXT,
    scopes TEXT NOT NULL,
    resources TEXT NOT NULL,
    code_challenge TEXT,
    nonce TEXT,
    user_id BLOB NOT NULL REFERENCES users (id),
    granted_scopes TEXT NOT NULL,
    approved_at BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    session_id BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    PRIMARY KEY (org_id, digest),
    FOREIGN KEY (org_id, application_id) REFERENCES applications (org_id, id)
);
CREATE INDEX authorization_codes_by_expiry ON authorization_codes (expires_at);

CREATE TABLE consents (
    org_id TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id),
    application_id BLOB NOT NULL,
    scopes TEXT NOT NULL,
    resources TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id, application_id),
    FOREIGN KEY (org_id, application_id) REFERENCES applications (org_id, id)
);

CREATE TABLE authorization_requests (
    digest BLOB NOT NULL PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    parameters TEXT NOT NULL,
    network TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX authorization_requests_by_network ON authorization_requests (network, expires_at);
CREATE INDEX authorization_requests_by_expiry ON authorization_requests (expires_at);
