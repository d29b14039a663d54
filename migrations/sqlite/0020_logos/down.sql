ALTER TABLE applications DROP COLUMN logo;
ALTER TABLE organizations DROP COLUMN logo;
DROP TABLE logos;
