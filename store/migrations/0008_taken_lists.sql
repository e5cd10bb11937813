-- What was last taken from each configuration folder, so that a change of the
-- folder is told from a change that was made in the store. process is the name
-- of the data folder's process.
CREATE TABLE taken_lists (
    process TEXT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (process, kind)
);
