-- The language that somebody has chosen (BCP 47); none where their browser says it. Not a list of the known ones: a node
-- of the version before must be able to read what a newer one stores, and passes over a language that it does not speak.
ALTER TABLE users ADD COLUMN language TEXT CHECK (length(language) BETWEEN 2 AND 35);
