DROP TABLE email_changes;
ALTER TABLE users DROP COLUMN deleted_at;
