-- Pictures of listings that were fetched: the captures that leads stand on stay,
-- and a picture is found again on other sellers' offers. seller is what tells
-- sellers apart. hash is empty for a capture of another offer that a verdict
-- cites.
CREATE TABLE listing_pictures (
    listing TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    url TEXT NOT NULL,
    hash TEXT NOT NULL,
    seller TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (listing, snapshot)
);
CREATE INDEX listing_pictures_snapshot ON listing_pictures (snapshot);
-- Pieces of a picture's fingerprint, each with its place in it: pictures that
-- show the same share some.
CREATE TABLE picture_pieces (
    piece BIGINT NOT NULL,
    listing TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    PRIMARY KEY (piece, listing, snapshot)
);
