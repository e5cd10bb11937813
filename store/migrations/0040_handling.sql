-- What people and units did with a lead, as JSON, and of that what is searched
-- for.
ALTER TABLE leads ADD COLUMN handling TEXT NOT NULL DEFAULT '{}';
ALTER TABLE leads ADD COLUMN unit TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN batch TEXT NOT NULL DEFAULT '';
CREATE INDEX leads_batch ON leads (batch) WHERE batch <> '';
