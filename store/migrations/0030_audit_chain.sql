-- Every line of the audit log carries the hash of the one before it. The head
-- remembers how many there are and where the chain ends, so that lines missing
-- at its end are seen too.
ALTER TABLE audit ADD COLUMN remote TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_actor ON audit (actor, seq);

CREATE TABLE audit_head (
    one INTEGER NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    n BIGINT NOT NULL,
    hash TEXT NOT NULL
);
