-- Sellers that people put on the blacklist. key is what recognises the entry,
-- so that one that is imported again takes the place of the older.
CREATE TABLE blacklist (
    key    TEXT PRIMARY KEY,
    seller TEXT NOT NULL,
    actor  TEXT NOT NULL,
    at     BIGINT NOT NULL
);
