-- What people were reminded of, so that each is told once: a lead's deadline by
-- lead, state and stage, the month's report by month and stage.
CREATE TABLE reminders (
    about TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
