DROP INDEX opaque_tokens_by_end;
DROP INDEX opaque_tokens_by_hand;
DROP INDEX opaque_tokens_by_holder;
DROP INDEX opaque_tokens_by_user;
CREATE INDEX opaque_tokens_by_user ON opaque_tokens (user_id);
