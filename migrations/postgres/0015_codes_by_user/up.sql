-- Codes that wait for one user's application are counted with each new one.
CREATE INDEX authorization_codes_by_user ON authorization_codes (org_id, user_id, application_id, approved_at);
