-- Consent pages in the browser count once as well: those of web views are no longer the only ones.
-- What stands for a request is made with another key than before: old rows would match nothing.
DELETE FROM embedded_decisions;
DROP INDEX embedded_decisions_by_time;
ALTER TABLE embedded_decisions RENAME TO page_decisions;
CREATE INDEX page_decisions_by_time ON page_decisions (decided_at);
