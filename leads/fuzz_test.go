package leads_test

import (
	"strings"
	"testing"
	"unicode"
)

// FuzzCSV puts arbitrary text where a page's text stands: the table stays
// readable, and no cell begins with a sign that a spreadsheet computes.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"=1+1", "\ufeff=cmd|'/C calc'!A0", "a\"b,c\r\nd", "737912345678901234", "'", "\t\t", "\xff\x00", "＝1", "2026-0012"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		lead := fullLead(t)
		lead.Listing.Title, lead.Listing.SKU, lead.Note = s, s, s
		for _, line := range table(t, export(t, "csv", lead)) {
			for header, value := range line {
				shown := strings.TrimLeftFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
				if shown != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(shown)[0]) {
					t.Errorf("%s: %q is open to computing", header, value)
				}
			}
		}
	})
}
