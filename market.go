package markwatch

import "time"

// Line is a product line of a protected brand: the brand's id and the
// product's name in its list.
type Line struct{ Brand, Product string }

// LinePrice is what one offer asks for one official unit of a line, in
// renminbi.
type LinePrice struct {
	Line
	CNY float64
}

// LineMarket is what sellers ask for one official unit of a line: the median
// over sellers and the median of the distances from it (MAD), in renminbi,
// which a few offers far off do not move.
type LineMarket struct {
	Median, MAD float64
	// Sellers is how many there were.
	Sellers int
	// Since and Until are the times of the first and last price that may
	// be among them.
	Since, Until time.Time
}
