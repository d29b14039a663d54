DROP TABLE invitations;
DROP TABLE mail_links;
ALTER TABLE organizations DROP COLUMN registration;
