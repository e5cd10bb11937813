-- Queries that people keep, and what each found when it was last looked
-- through: found_at is when a listing first was a hit, 0 where it was one at
-- the first look.
CREATE TABLE saved_searches (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    notify INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    checked_at BIGINT NOT NULL DEFAULT 0,
    total BIGINT NOT NULL DEFAULT 0,
    fresh BIGINT NOT NULL DEFAULT 0,
    UNIQUE (owner, name)
);
CREATE TABLE saved_hits (
    search TEXT NOT NULL,
    listing TEXT NOT NULL,
    found_at BIGINT NOT NULL,
    PRIMARY KEY (search, listing)
);
