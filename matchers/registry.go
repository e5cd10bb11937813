package matchers

// registry lists every matcher, in the order in which they run: Trace before
// Overseas, which asks what a parcel disproved, and Wording and Context last,
// since they only speak of what the others suspect.
func registry() []Matcher {
	return []Matcher{
		Pricing,
		Replica,
		RegisteredPictures,
		Trace,
		Overseas,
		Piracy,
		Passages,
		Rules,
		Repeat,
		SharedPictures,
		Wording,
		Context,
	}
}

// Names returns the names of all matchers, in the order in which they run.
func Names() []string {
	var names []string
	for _, m := range registry() {
		names = append(names, m.Name)
	}
	return names
}
