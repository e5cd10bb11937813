-- What a scan may spend; 0 is no limit, deadline is an instant.
ALTER TABLE frontier_scans ADD COLUMN byte_limit BIGINT NOT NULL DEFAULT 0;
ALTER TABLE frontier_scans ADD COLUMN deadline BIGINT NOT NULL DEFAULT 0;

-- given_up is why nothing more is asked of the host in this scan, turn_at when
-- the scan last had its turn at it.
ALTER TABLE frontier_hosts ADD COLUMN given_up TEXT NOT NULL DEFAULT '';
ALTER TABLE frontier_hosts ADD COLUMN turn_at BIGINT NOT NULL DEFAULT 0;

-- Who works on a host, whatever the scan: the running job with that attempt
-- (0 is nobody). The next request may not go out before free_at. want_job is
-- the job that waits for its turn, until want_until; its scan last had one at
-- want_since.
CREATE TABLE frontier_turns (
    host TEXT NOT NULL PRIMARY KEY,
    job BIGINT NOT NULL DEFAULT 0,
    attempt INTEGER NOT NULL DEFAULT 0,
    free_at BIGINT NOT NULL DEFAULT 0,
    want_job BIGINT NOT NULL DEFAULT 0,
    want_since BIGINT NOT NULL DEFAULT 0,
    want_until BIGINT NOT NULL DEFAULT 0
);

-- How many entries a scan has in each state, how many were ever claimed and
-- what they cost; the sum over the shards counts. Each connection has a shard
-- of its own, so that transactions do not wait for each other.
CREATE TABLE frontier_counts (
    scan TEXT NOT NULL,
    shard BIGINT NOT NULL,
    queued BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    done BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    over BIGINT NOT NULL,
    pages BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (scan, shard)
);
INSERT INTO frontier_counts (scan, shard, queued, claimed, done, failed, dead, over, pages, bytes)
    SELECT s.scan, 0,
        coalesce(sum(CASE WHEN f.state = 'queued' THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN f.state = 'claimed' THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN f.state = 'done' THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN f.state = 'failed' THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN f.state = 'dead' THEN 1 ELSE 0 END), 0),
        coalesce(sum(CASE WHEN f.state = 'over' THEN 1 ELSE 0 END), 0),
        s.pages, 0
    FROM frontier_scans s LEFT JOIN frontier f ON f.scan = s.scan GROUP BY s.scan, s.pages;
ALTER TABLE frontier_scans DROP COLUMN pages;

-- The entries that were not fetched, by reason.
CREATE TABLE frontier_over (
    scan TEXT NOT NULL,
    shard BIGINT NOT NULL,
    reason TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (scan, shard, reason)
);
UPDATE frontier SET reason = 'page-limit' WHERE state = 'over' AND reason = 'beyond the limit of pages';
INSERT INTO frontier_over (scan, shard, reason, n)
    SELECT scan, 0, reason, count(*) FROM frontier WHERE state = 'over' GROUP BY scan, reason;

-- The addresses that ask for a name.
CREATE INDEX frontier_names ON frontier (scan, name) WHERE depth = 0;
