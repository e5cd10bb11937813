-- Shared by SQLite and PostgreSQL: {{serial}} is a key that the database
-- counts up and never uses twice. Times are milliseconds since 1970 in UTC,
-- documents are JSON in TEXT.

CREATE TABLE lists (
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    hash TEXT NOT NULL,
    content TEXT NOT NULL,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (kind, version)
);

CREATE TABLE scans (
    seq {{serial}},
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0,
    resumed INTEGER NOT NULL DEFAULT 0,
    complete INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX scans_open ON scans (source) WHERE finished_at = 0;

CREATE TABLE scan_counts (
    scan TEXT NOT NULL,
    name TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (scan, name)
);

CREATE TABLE scan_warnings (
    seq {{serial}},
    scan TEXT NOT NULL,
    text TEXT NOT NULL,
    n BIGINT NOT NULL,
    UNIQUE (scan, text)
);

CREATE TABLE listings (
    seq {{serial}},
    id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    flagged INTEGER NOT NULL,
    watched TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    first_scan TEXT NOT NULL,
    changed_scan TEXT NOT NULL DEFAULT '',
    seen INTEGER NOT NULL,
    listing TEXT NOT NULL,
    verdict TEXT NOT NULL
);
CREATE INDEX listings_source ON listings (source, seq);
CREATE INDEX listings_url ON listings (url);
CREATE INDEX listings_flagged ON listings (seq) WHERE flagged = 1;

-- What one source's newest scan has already counted of a listing.
CREATE TABLE listing_scans (
    listing TEXT NOT NULL,
    source TEXT NOT NULL,
    scan TEXT NOT NULL,
    violations TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (listing, source)
);

-- One row for each time the watched fields changed. last_seen is 0 on the
-- newest row, whose end is the listing's own last_seen.
CREATE TABLE listing_history (
    seq {{serial}},
    listing TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL DEFAULT 0,
    scan TEXT NOT NULL,
    watched TEXT NOT NULL
);
CREATE INDEX listing_history_listing ON listing_history (listing, seq);

CREATE TABLE leads (
    seq {{serial}},
    id TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    assignee TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '[]',
    note TEXT NOT NULL DEFAULT '',
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    seen INTEGER NOT NULL,
    source TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    violations TEXT NOT NULL,
    listing TEXT NOT NULL,
    verdict TEXT NOT NULL
);
CREATE INDEX leads_status ON leads (status, seq);

CREATE TABLE lead_numbers (
    year INTEGER NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
);

CREATE TABLE lead_events (
    seq {{serial}},
    lead TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    from_value TEXT NOT NULL,
    to_value TEXT NOT NULL,
    note TEXT NOT NULL
);
CREATE INDEX lead_events_lead ON lead_events (lead, seq);

CREATE TABLE index_queue (
    seq {{serial}},
    listing TEXT NOT NULL,
    at BIGINT NOT NULL
);

CREATE TABLE audit (
    seq {{serial}},
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
