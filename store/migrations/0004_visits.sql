-- {{blob}} is a column of bytes, {{bytewise}} makes a column compare by its
-- bytes whatever the database's language, so that a range holds a prefix.

-- What is remembered of an address between scans. found holds the links and
-- listings of the page, packed.
CREATE TABLE visits (
    seq {{serial}},
    source TEXT NOT NULL,
    url_key TEXT NOT NULL,
    checked_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    wait BIGINT NOT NULL,
    unchanged INTEGER NOT NULL,
    always INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    url TEXT NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    digest TEXT NOT NULL,
    knowledge TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    capture_url TEXT NOT NULL,
    capture_at BIGINT NOT NULL,
    capture_digest TEXT NOT NULL,
    found {{blob}} NOT NULL,
    UNIQUE (source, url_key)
);
CREATE INDEX visits_snapshot ON visits (snapshot) WHERE snapshot <> '';
