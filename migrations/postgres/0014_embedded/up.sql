-- Sign-ins in a web view: which applications may, where their own step after registering is, who has still to take it, and when
-- a request was decided last.
ALTER TABLE applications ADD COLUMN embedded BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE applications ADD COLUMN post_registration_url TEXT;

CREATE TABLE completion_steps (
    org_id TEXT NOT NULL,
    user_id BYTEA NOT NULL REFERENCES users (id),
    application_id BYTEA NOT NULL,
    due_at BIGINT NOT NULL,
    -- The way back from it was used.
    done_at BIGINT,
    PRIMARY KEY (org_id, user_id, application_id),
    FOREIGN KEY (org_id, application_id) REFERENCES applications (org_id, id)
);

-- No page that was shown before counts after it.
CREATE TABLE embedded_decisions (
    org_id TEXT NOT NULL,
    user_id BYTEA NOT NULL REFERENCES users (id),
    application_id BYTEA NOT NULL,
    request BYTEA NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, user_id, application_id, request),
    FOREIGN KEY (org_id, application_id) REFERENCES applications (org_id, id)
);
CREATE INDEX embedded_decisions_by_time ON embedded_decisions (decided_at);
