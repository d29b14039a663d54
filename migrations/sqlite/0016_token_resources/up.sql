-- What an opaque token is meant for (RFC 8707), with spaces between; empty where nothing was asked for.
ALTER TABLE opaque_tokens ADD COLUMN resources TEXT NOT NULL DEFAULT '';
