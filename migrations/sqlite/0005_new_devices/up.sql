-- Sign-ins from browsers that an account does not know: they wait for the answer to a letter.

ALTER TABLE organizations ADD COLUMN new_device_policy TEXT NOT NULL DEFAULT 'unknown' CHECK (new_device_policy IN ('off', 'unknown', 'always'));

CREATE TABLE login_attempts (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id),
    -- Of the pre-session cookie: a sign-in that a browser repeats is the same attempt.
    browser BLOB NOT NULL,
    -- Of the cookie that the browser got for this attempt.
    digest BLOB NOT NULL UNIQUE,
    -- Where every sign-in waits: the browser as the account knows it. It may be forgotten meanwhile.
    known_device_id BLOB,
    state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'ended', 'completed')),
    wrong_numbers INTEGER NOT NULL CHECK (wrong_numbers BETWEEN 0 AND 3),
    decided_at BIGINT,
    address TEXT NOT NULL,
    program TEXT NOT NULL,
    next TEXT NOT NULL,
    remember BOOLEAN NOT NULL,
    credentials_changed_at BIGINT NOT NULL,
    letters INTEGER NOT NULL,
    letter_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    CHECK ((state = 'pending') = (decided_at IS NULL))
);
CREATE INDEX login_attempts_by_user ON login_attempts (user_id, browser);
CREATE INDEX login_attempts_by_expiry ON login_attempts (expires_at);
