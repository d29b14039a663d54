DROP TABLE authorization_requests;
DROP TABLE consents;
DROP TABLE authorization_codes;
ALTER TABLE applications DROP COLUMN challenge_required;
ALTER TABLE applications DROP COLUMN post_logout_redirect_uris;
ALTER TABLE applications DROP COLUMN redirect_uris;
