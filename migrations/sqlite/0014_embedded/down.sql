DROP TABLE embedded_decisions;
DROP TABLE completion_steps;
ALTER TABLE applications DROP COLUMN post_registration_url;
ALTER TABLE applications DROP COLUMN embedded;
