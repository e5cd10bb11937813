-- What PutListing knew of a reading, beside its documents: what a scan counts
-- of it (violations and stated fields, "|a|b|"), what it was judged by, where
-- its page is kept, and whether its address answers no more.
ALTER TABLE listings ADD COLUMN violations TEXT NOT NULL DEFAULT '|';
ALTER TABLE listings ADD COLUMN stated TEXT NOT NULL DEFAULT '|';
ALTER TABLE listings ADD COLUMN knowledge TEXT NOT NULL DEFAULT '';
ALTER TABLE listings ADD COLUMN snapshot TEXT {{bytewise}} NOT NULL DEFAULT '';
ALTER TABLE listings ADD COLUMN gone INTEGER NOT NULL DEFAULT 0;
CREATE INDEX listings_knowledge ON listings (knowledge, seq);
CREATE INDEX listings_snapshot ON listings (snapshot) WHERE flagged = 1;

-- carried says that the scan has only taken over an earlier reading so far.
ALTER TABLE listing_scans ADD COLUMN carried INTEGER NOT NULL DEFAULT 0;

-- The page of the first flagged reading of a stretch.
ALTER TABLE listing_history ADD COLUMN snapshot TEXT {{bytewise}} NOT NULL DEFAULT '';
CREATE INDEX listing_history_snapshot ON listing_history (snapshot) WHERE snapshot <> '';

ALTER TABLE leads ADD COLUMN snapshot TEXT {{bytewise}} NOT NULL DEFAULT '';
CREATE INDEX leads_snapshot ON leads (snapshot);

CREATE INDEX scans_source ON scans (source, seq);

-- When a source's protected names were last searched for to the end.
CREATE TABLE covered_names (
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    covered_at BIGINT NOT NULL,
    PRIMARY KEY (source, name)
);

CREATE TABLE source_state (
    source TEXT NOT NULL PRIMARY KEY,
    last_error TEXT NOT NULL DEFAULT '',
    error_at BIGINT NOT NULL DEFAULT 0,
    last_tick BIGINT NOT NULL DEFAULT 0,
    blocked_nights INTEGER NOT NULL DEFAULT 0
);
