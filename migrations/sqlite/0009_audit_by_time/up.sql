-- The newest rows of one kind, or of one actor, of a log with many of others.
CREATE INDEX audit_of_action_by_time ON audit (org_id, action, id);
CREATE INDEX audit_of_actor_by_time ON audit (org_id, actor, id);
