DROP INDEX audit_of_actor_by_time;
DROP INDEX audit_of_action_by_time;
