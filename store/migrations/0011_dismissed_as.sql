-- What a lead looked like when a person dismissed it, so that it stays
-- dismissed until the offer changes in a way that matters.
ALTER TABLE leads ADD COLUMN dismissed_as TEXT NOT NULL DEFAULT '';
