package markwatch

// Twin is another address at which the goods of a lead are offered by the same
// hand, and why it is taken for such. Package leads/clusters finds them.
type Twin struct {
	Number string `json:"number"`
	ID     string `json:"id"`
	URL    string `json:"url"`
	// Reasons begin with why the sellers are one hand, then what makes the goods
	// the same.
	Reasons []TwinReason `json:"reasons"`
}

// TwinReason is one thing that two offers share.
type TwinReason struct {
	Reason string `json:"reason"`
	Value  string `json:"value"`
}
