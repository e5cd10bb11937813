-- When a source was last asked for a name, whether it answered or not: turns
-- go by it, so that a name whose page never comes takes no other's turn.
ALTER TABLE covered_names ADD COLUMN asked_at BIGINT NOT NULL DEFAULT 0;
