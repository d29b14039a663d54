-- Accounts that begin and are recovered by letters.

-- open, invitation, or domain: and a list.
ALTER TABLE organizations ADD COLUMN registration TEXT NOT NULL DEFAULT 'invitation';

-- What the links and codes in letters are for. Neither stands here: they are derived from the id under a key that is not in
-- the database.
CREATE TABLE mail_links (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('registration', 'reset', 'sign_in')),
    email TEXT NOT NULL,
    -- The account of the address, as it was then; without one the link leads nowhere, but for a registration's.
    user_id BYTEA REFERENCES users (id),
    credentials_changed_at BIGINT,
    org_id TEXT REFERENCES organizations (org_id),
    -- The pre-session of the browser that asked, where no other may use it.
    browser BYTEA,
    next TEXT NOT NULL,
    remember BOOLEAN NOT NULL,
    wrong_codes INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    CHECK ((user_id IS NULL) = (credentials_changed_at IS NULL)),
    CHECK ((kind = 'sign_in') = (browser IS NOT NULL)),
    CHECK ((kind = 'registration') = (org_id IS NOT NULL))
);
CREATE INDEX mail_links_by_browser ON mail_links (browser) WHERE browser IS NOT NULL;
CREATE INDEX mail_links_by_user ON mail_links (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX mail_links_by_expiry ON mail_links (expires_at);

CREATE TABLE invitations (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    id BYTEA NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'member')),
    state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'revoked')),
    created_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
-- An address has one open invitation into an organization.
CREATE UNIQUE INDEX invitations_open ON invitations (org_id, email_key) WHERE state = 'open';
CREATE INDEX invitations_by_expiry ON invitations (expires_at);
