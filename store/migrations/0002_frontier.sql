-- What to fetch next. UNIQUE (scan, url_key) is the only truth of what a scan
-- has seen; state is queued, claimed, done, failed, dead or over (beyond the
-- scan's limit of pages).

CREATE TABLE frontier_scans (
    scan TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    page_limit BIGINT NOT NULL DEFAULT 0,
    pages BIGINT NOT NULL DEFAULT 0,
    seeded INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE frontier (
    id {{serial}},
    scan TEXT NOT NULL,
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    url_key TEXT NOT NULL,
    host TEXT NOT NULL,
    depth INTEGER NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued',
    not_before BIGINT NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    faults INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    UNIQUE (scan, url_key)
);
-- SQLite uses this where a query names one of the two states or both in this
-- very form.
CREATE INDEX frontier_open ON frontier (scan, host, state, position, id) WHERE state = 'queued' OR state = 'claimed';
CREATE INDEX frontier_dead ON frontier (scan) WHERE state = 'dead';

-- active says that a job works on the host or waits to.
CREATE TABLE frontier_hosts (
    scan TEXT NOT NULL,
    host TEXT NOT NULL,
    source TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (scan, host)
);
