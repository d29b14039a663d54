-- When somebody deleted their account. The row stays for what refers to it, without address, name and password.
ALTER TABLE users ADD COLUMN deleted_at BIGINT;

-- An address that somebody wants for their account in place of the one that it has; proven by a letter to it.
CREATE TABLE email_changes (
    id BLOB NOT NULL PRIMARY KEY,
    -- One at a time: asking again replaces what was asked for.
    user_id BLOB NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    email TEXT NOT NULL,
    -- Of the account, as it was then: after a change of its credentials nothing is proven by the letter any more.
    credentials_changed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX email_changes_by_expiry ON email_changes (expires_at);
