-- Whose word an invitation is: it is worth nothing once they could not give it any more. Nothing for those of before.
ALTER TABLE invitations ADD COLUMN invited_by BYTEA;
