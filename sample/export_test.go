package sample

// TextsOf returns, for each offer in the order of Truth, the hand-written
// texts that its page must show.
func TextsOf(m *Market) [][]string {
	all := make([][]string, len(m.offers))
	for i, s := range m.offers {
		t := &m.texts[s.text]
		must := []string{t.Title, t.About, t.Ships, t.Delivery, t.Sales, t.Notice}
		must = append(must, t.Reviews...)
		if t.Seller != nil {
			must = append(must, t.Seller.Region, t.Seller.License)
			must = append(must, t.Seller.Contacts...)
		}
		if t.Trace != nil {
			for _, e := range t.Trace.Events {
				must = append(must, e[:]...)
			}
		}
		o := m.compose(i)
		must = append(must, o.Shown, o.BeforeShown, o.ListShown, o.Seller.Name)
		all[i] = must
	}
	return all
}

// TitleOf returns the title of an offer as its page shows it.
func TitleOf(m *Market, serial int) string { return m.compose(serial).Title }
