-- What offers ask for one unit of a brand's product line, each with its latest
-- price: the market that other offers are held against. seller is what tells
-- sellers apart, the offer itself where the page names none.
CREATE TABLE market_prices (
    listing TEXT NOT NULL,
    brand TEXT NOT NULL,
    product TEXT NOT NULL,
    seller TEXT NOT NULL,
    cny DOUBLE PRECISION NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (listing, brand, product)
);
CREATE INDEX market_prices_at ON market_prices (at);
