-- Consent pages in the browser count once as well: those of web views are no longer the only ones.
DROP INDEX embedded_decisions_by_time;
ALTER TABLE embedded_decisions RENAME TO page_decisions;
CREATE INDEX page_decisions_by_time ON page_decisions (decided_at);
