-- subject is the name by which a provider of logins (OpenID Connect) knows a
-- person; empty where it does not.
ALTER TABLE users ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX users_subject ON users (subject) WHERE subject <> '';
