package markwatch

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// Listing is one offer as a page shows it.
type Listing struct {
	// ID is stable across scans and sources; see ListingID.
	ID       string `json:"id"`
	Source   string `json:"source,omitempty"`
	URL      string `json:"url,omitempty"`
	Platform string `json:"platform,omitempty"`
	// ItemID is the platform's own number for the offer, SKU for the variant.
	ItemID string `json:"item_id,omitempty"`
	SKU    string `json:"sku,omitempty"`

	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	// Category is as the page names it, path parts joined with " > ".
	Category string `json:"category,omitempty"`
	// Brand is what the page declares, an attribute and not a guess.
	Brand string `json:"brand,omitempty"`

	// Price is what a buyer pays for the offer as sold (the whole pack),
	// after coupons that anyone can see and use.
	Price     *Money       `json:"price,omitempty"`
	Prices    []ShownPrice `json:"prices,omitempty"`
	ListPrice *Money       `json:"list_price,omitempty"`
	PriceText string       `json:"price_text,omitempty"`
	PriceMax  *Money       `json:"price_max,omitempty"`

	Availability Availability `json:"availability,omitempty"`
	Condition    Condition    `json:"condition,omitempty"`
	// Quantity is the pack size as stated, e.g. "230ml*2".
	Quantity string   `json:"quantity,omitempty"`
	Images   []string `json:"images,omitempty"`
	// Pictures are those of Images that were fetched.
	Pictures []Picture `json:"pictures,omitempty"`
	Seller   *Seller   `json:"seller,omitempty"`

	ShipsFrom string `json:"ships_from,omitempty"`
	Delivery  string `json:"delivery,omitempty"`
	// Sales is the lower bound of units sold where the page rounds.
	Sales     int64   `json:"sales,omitempty"`
	SalesText string  `json:"sales_text,omitempty"`
	Rating    float64 `json:"rating,omitempty"`

	Attributes map[string]string `json:"attributes,omitempty"`
	// Text is other visible text: reviews shown, shop notices, chat hints.
	Text     string     `json:"text,omitempty"`
	Shares   []Share    `json:"shares,omitempty"`
	Tracking []Tracking `json:"tracking,omitempty"`

	// Origins says which reading each field came from.
	Origins   map[string]Origin `json:"origins,omitempty"`
	FetchedAt time.Time         `json:"fetched_at,omitzero"`
	// Snapshot is where the page is kept: "<warc file>#<record id>".
	Snapshot string `json:"snapshot,omitempty"`
}

// Picture is a picture of the offer that was fetched.
type Picture struct {
	URL string `json:"url"`
	// Hash is its perceptual hash, see package matchers/pictures; empty where
	// the file is none that can be told from others.
	Hash string `json:"hash,omitempty"`
	// Snapshot is where it is kept: "<warc file>#<record id>".
	Snapshot string `json:"snapshot,omitempty"`
}

// Availability of an offer; empty where the page does not state it.
type Availability string

// The availabilities.
const (
	InStock    Availability = "in-stock"
	OutOfStock Availability = "out-of-stock"
	Preorder   Availability = "preorder"
	Gone       Availability = "gone"
)

// Condition of the goods; empty where the page does not state it.
type Condition string

// The conditions.
const (
	ConditionNew         Condition = "new"
	ConditionUsed        Condition = "used"
	ConditionRefurbished Condition = "refurbished"
)

// Seller is who offers the goods, as far as the page says.
type Seller struct {
	ID     string     `json:"id,omitempty"`
	Name   string     `json:"name,omitempty"`
	URL    string     `json:"url,omitempty"`
	Kind   SellerKind `json:"kind,omitempty"`
	Region string     `json:"region,omitempty"`
	// License is the 统一社会信用代码 that the page displays.
	License string `json:"license,omitempty"`
	// Contacts are as shown; Accounts are the same, normalised.
	Contacts []string  `json:"contacts,omitempty"`
	Accounts []Account `json:"accounts,omitempty"`
}

// SellerKind is what a shop says it is; it is a claim, not a fact.
type SellerKind string

// The kinds of seller.
const (
	SellerPersonal SellerKind = "personal"
	SellerShop     SellerKind = "shop"
	SellerFlagship SellerKind = "flagship"
)

// Account is a normalised way to reach a seller. Kind is one of wechat, qq,
// phone, email, alipay, site.
type Account struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// Share is a link or code by which a copy changes hands. Kind is one of
// netdisk, magnet, ed2k, download.
type Share struct {
	Kind string `json:"kind"`
	Host string `json:"host,omitempty"`
	URL  string `json:"url,omitempty"`
	Code string `json:"code,omitempty"`
}

// Tracking is a parcel's trace.
type Tracking struct {
	Carrier string       `json:"carrier,omitempty"`
	Number  string       `json:"number,omitempty"`
	URL     string       `json:"url,omitempty"`
	Events  []TraceEvent `json:"events,omitempty"`
}

// TraceEvent is one line of a parcel's trace.
type TraceEvent struct {
	At    time.Time `json:"at,omitzero"`
	Place string    `json:"place,omitempty"`
	Text  string    `json:"text,omitempty"`
}

// Origin is the reading that a field came from.
type Origin string

// The readings.
const (
	OriginJSONLD    Origin = "json-ld"
	OriginMicrodata Origin = "microdata"
	OriginRDFa      Origin = "rdfa"
	OriginOpenGraph Origin = "opengraph"
	OriginState     Origin = "state"
	OriginTile      Origin = "tile"
	OriginText      Origin = "text"
	OriginSelector  Origin = "selector"
	OriginTable     Origin = "table"
)

// ListingID derives the stable id of an offer: from the platform and its item
// number where both are known, else from the canonical address.
func ListingID(platform, itemID, canonicalURL string) string {
	if platform != "" && itemID != "" {
		return idPart(platform) + "-" + idPart(itemID)
	}
	sum := sha256.Sum256([]byte(canonicalURL))
	return "u-" + hex.EncodeToString(sum[:10])
}

// idPart keeps an id safe in a path, a query and a file name. A part that
// needs changing, or is long, is told apart by a hash.
func idPart(s string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return -1
	}, s)
	if safe == s && len(s) <= 64 {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return "x" + hex.EncodeToString(sum[:8])
}
