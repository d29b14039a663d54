-- Lists show the newest of a kind, and one of them is ended by its id.
DROP INDEX opaque_tokens_by_user;
CREATE INDEX opaque_tokens_by_user ON opaque_tokens (user_id, kind, id);
-- Those of one user's application that are good are counted with each new one.
CREATE INDEX opaque_tokens_by_holder ON opaque_tokens (user_id, state, org_id, application_id, kind, expires_at);
-- Those that somebody has made by hand are counted with each new one, good or revoked lately.
CREATE INDEX opaque_tokens_by_hand ON opaque_tokens (user_id, org_id) WHERE grant_id IS NULL;
-- What has ended is swept by when that was.
CREATE INDEX opaque_tokens_by_end ON opaque_tokens (revoked_at) WHERE revoked_at IS NOT NULL;
