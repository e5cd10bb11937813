package markwatch

import "time"

// SamePicture is a picture of a listing that was found on an offer of another
// seller.
type SamePicture struct {
	// Picture is the index in the listing's Pictures.
	Picture int `json:"picture"`
	// Listing is the other offer, Seller what tells its seller apart, URL and
	// Snapshot its picture and the capture of it, At when it was last seen.
	Listing  string    `json:"listing"`
	Seller   string    `json:"seller"`
	URL      string    `json:"url"`
	Snapshot string    `json:"snapshot"`
	At       time.Time `json:"at"`
	// DCT and Blocks are in how many of 64 and 256 bits the two differ.
	DCT    int `json:"dct"`
	Blocks int `json:"blocks"`
}
