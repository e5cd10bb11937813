CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    units TEXT NOT NULL,
    regions TEXT NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    password TEXT NOT NULL,
    created BIGINT NOT NULL,
    last_login BIGINT NOT NULL DEFAULT 0
);

-- Secrets of sessions, links and tokens are kept as digests only.
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    opened BIGINT NOT NULL,
    used BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (person);

CREATE TABLE login_links (
    id TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL,
    purpose TEXT NOT NULL,
    expires BIGINT NOT NULL
);

CREATE TABLE access_tokens (
    id TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL DEFAULT 0,
    used BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE login_attempts (
    subject TEXT NOT NULL PRIMARY KEY,
    failures INTEGER NOT NULL,
    last_at BIGINT NOT NULL,
    until BIGINT NOT NULL DEFAULT 0
);
