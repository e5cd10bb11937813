-- What a finished scan knew of and did not see, as far as it is kept: the
-- frontier itself is forgotten.
CREATE TABLE scan_faults (
    seq {{serial}},
    scan TEXT NOT NULL,
    url TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX scan_faults_scan ON scan_faults (scan, seq);
