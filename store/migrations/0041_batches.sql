-- Batches that went to units. A number is counted up in the transaction that
-- makes its batch, so that none is used twice. document is batch.Batch, and
-- batch_leads the leads as they were when the number was taken.
CREATE TABLE batch_numbers (
    code TEXT NOT NULL,
    year INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (code, year)
);

CREATE TABLE batches (
    seq {{serial}},
    number TEXT NOT NULL UNIQUE,
    unit TEXT NOT NULL,
    at BIGINT NOT NULL,
    leads INTEGER NOT NULL,
    document TEXT NOT NULL
);
CREATE INDEX batches_unit ON batches (unit, seq);

CREATE TABLE batch_leads (
    batch TEXT NOT NULL,
    position INTEGER NOT NULL,
    lead TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (batch, position)
);
CREATE INDEX batch_leads_lead ON batch_leads (lead);

-- Each try to hand a batch over. A batch that was delivered to a target is
-- not delivered there again unless a person says so.
CREATE TABLE deliveries (
    seq {{serial}},
    batch TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX deliveries_batch ON deliveries (batch, seq);

-- What else belongs to leads: complaints that came in, requests to platforms,
-- links of sellers that people cut.
CREATE TABLE lead_papers (
    seq {{serial}},
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    lead TEXT NOT NULL DEFAULT '',
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (kind, number)
);
CREATE INDEX lead_papers_lead ON lead_papers (lead, kind);
