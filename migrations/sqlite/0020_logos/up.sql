-- Pictures that stand for organizations and applications, by the digest of their content.
CREATE TABLE logos (
    org_id TEXT NOT NULL REFERENCES organizations (org_id),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (org_id, name)
);
ALTER TABLE organizations ADD COLUMN logo TEXT;
ALTER TABLE applications ADD COLUMN logo TEXT;
