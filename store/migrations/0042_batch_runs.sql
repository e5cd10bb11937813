-- The making of a batch, and its delivery, that somebody started on the pages:
-- how far it is. beat is the last sign of life of the process that works on
-- it; a run without one for a while is taken for broken off.
CREATE TABLE batch_runs (
    seq {{serial}},
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    actor TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT NOT NULL DEFAULT '',
    done INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL DEFAULT 0,
    batch TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    started_at BIGINT NOT NULL,
    beat BIGINT NOT NULL,
    ended_at BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX batch_runs_unit ON batch_runs (unit, state);
