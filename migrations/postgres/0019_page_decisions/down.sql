DROP INDEX page_decisions_by_time;
ALTER TABLE page_decisions RENAME TO embedded_decisions;
CREATE INDEX embedded_decisions_by_time ON embedded_decisions (decided_at);
