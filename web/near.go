package web

import (
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// The bounds of looking for the same goods on offer elsewhere.
const (
	nearShingle  = 4  // characters of a piece of the title that is searched for
	nearPieces   = 4  // pieces that are searched for
	nearHits     = 15 // hits of each that are compared
	nearShown    = 6
	nearAlike    = 0.55 // least share of common pairs of characters
	nearFileName = 12   // characters from which a picture's name is its own
	nearSubject  = 40   // newest offers of the same brand or work whose pictures are compared
)

// nearLead is an offer that resembles another.
type nearLead struct {
	otherLead
	// Alike is the share of what the titles have in common, SamePicture says
	// that a picture shows the same, or has the same name.
	Alike       string
	SamePicture bool
	rank        float64
}

// near finds offers of the same goods among the hits of a few pieces of the
// title, and, where pictures were captured, among the newest offers of the same
// brand or work: those whose titles have most pairs of characters in common
// (Jaccard), and those that show the same picture.
func (d *desk) near(r *http.Request, rec record) []nearLead {
	pairs := bigrams(rec.Listing.Title)
	pictures := pictureNames(rec.Listing.Images)
	candidates := map[string]bool{}
	for _, term := range pieces(rec.Listing.Title) {
		q := index.Query{Terms: []index.Term{term}, Limit: nearHits, Location: d.cfg.Location}
		res, err := d.ask(r, q)
		if err != nil {
			// It adds to the page and is left out where the index cannot answer.
			d.cfg.Logger.WarnContext(r.Context(), "look up near duplicates", "error", err)
			return nil
		}
		for _, hit := range res.Hits {
			candidates[hit.ID] = true
		}
	}
	hashes := pictureHashes(rec.Listing)
	if subjects := subjectsOf(rec.Verdict); len(hashes) > 0 && len(subjects) > 0 {
		q := index.Query{Filters: map[index.Field][]string{index.FieldSubject: subjects}, Sort: index.SortNewest, Limit: nearSubject, Location: d.cfg.Location}
		res, err := d.ask(r, q)
		if err != nil {
			d.cfg.Logger.WarnContext(r.Context(), "look up offers of the same goods", "error", err)
		}
		for _, hit := range res.Hits {
			candidates[hit.ID] = true
		}
	}
	delete(candidates, rec.Listing.ID)
	var out []nearLead
	for id := range candidates {
		other, err := d.record(r, id)
		if err != nil {
			continue
		}
		n := nearLead{otherLead: d.otherLead(other), rank: jaccard(pairs, bigrams(other.Listing.Title))}
		for name := range pictureNames(other.Listing.Images) {
			n.SamePicture = n.SamePicture || pictures[name]
		}
		n.SamePicture = n.SamePicture || showSame(hashes, pictureHashes(other.Listing))
		if n.rank < nearAlike && !n.SamePicture {
			continue
		}
		n.Alike = percentOf(n.rank)
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b nearLead) int {
		switch {
		case a.SamePicture != b.SamePicture && a.SamePicture, a.SamePicture == b.SamePicture && a.rank > b.rank:
			return -1
		case a.SamePicture == b.SamePicture && a.rank == b.rank:
			return strings.Compare(a.URL, b.URL)
		}
		return 1
	})
	return out[:min(len(out), nearShown)]
}

// subjectsOf are the brands and works that a verdict names.
func subjectsOf(v markwatch.Verdict) []string {
	var out []string
	for _, f := range v.Findings {
		if f.Subject != "" && !slices.Contains(out, f.Subject) {
			out = append(out, f.Subject)
		}
	}
	return out
}

// letters are a title's letters and digits, which are what sellers keep while
// they change everything between them.
func letters(title string) []rune {
	title, _ = clip(title, leadTitle)
	return slices.DeleteFunc([]rune(strings.ToLower(title)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func bigrams(title string) map[string]bool {
	rs := letters(title)
	out := map[string]bool{}
	for i := 0; i+1 < len(rs); i++ {
		out[string(rs[i:i+2])] = true
	}
	return out
}

// jaccard is the share of what two sets have in common of what they have.
func jaccard(a, b map[string]bool) float64 {
	common := 0
	for k := range a {
		if b[k] {
			common++
		}
	}
	if common == 0 {
		return 0
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

// pieces are parts of the title, spread over it, as they are searched for.
func pieces(title string) []index.Term {
	var runs [][]rune
	title, _ = clip(title, leadTitle)
	for _, run := range strings.FieldsFunc(title, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		rs := []rune(run)
		if !unicode.Is(unicode.Han, rs[0]) {
			if len(rs) >= nearShingle {
				runs = append(runs, rs)
			}
			continue
		}
		for i := 0; i+nearShingle <= len(rs); i += nearShingle {
			runs = append(runs, rs[i:i+nearShingle])
		}
	}
	var out []index.Term
	for i := range min(len(runs), nearPieces) {
		out = append(out, index.Term{Field: index.FieldTitle, Text: string(runs[i*len(runs)/min(len(runs), nearPieces)]), Phrase: true})
	}
	return out
}

// pictureNames are the names of picture files that are so long that they are
// made for one picture.
func pictureNames(images []string) map[string]bool {
	out := map[string]bool{}
	for _, image := range images[:min(len(images), 5)] {
		u, err := url.Parse(image)
		if err != nil {
			continue
		}
		name := path.Base(u.Path)
		if len(strings.TrimSuffix(name, path.Ext(name))) >= nearFileName {
			out[name] = true
		}
	}
	return out
}

// otherLead is one line about another offer.
func (d *desk) otherLead(rec record) otherLead {
	o := otherLead{URL: leadURL(rec.Listing.ID), Score: newScoreGlyph(rec.Verdict.Score), Status: rec.Lead.Status}
	o.Title, _ = clip(rec.Listing.Title, 60)
	if rec.Listing.Price != nil {
		o.Price = money(*rec.Listing.Price)
	}
	if rec.Listing.Seller != nil {
		o.Seller, _ = clip(rec.Listing.Seller.Name, cardMeta)
	}
	return o
}

// cluster finds leads of other sellers who are reached by the same account or
// show the same licence.
func (d *desk) cluster(r *http.Request, rec record) []clusterView {
	s := rec.Listing.Seller
	if s == nil {
		return nil
	}
	var out []clusterView
	add := func(kind, value string) {
		if value == "" || len(out) == maxClusters {
			return
		}
		q := index.Query{Terms: []index.Term{{Text: value, Phrase: true}}, Limit: -1, Facets: []index.Field{index.FieldSeller}, FacetLimit: 20, Location: d.cfg.Location}
		if s.Name != "" {
			q.Exclude = map[index.Field][]string{index.FieldSeller: {s.Name}}
		}
		res, err := d.ask(r, q)
		if err != nil || res.Total == 0 {
			return
		}
		v := clusterView{Kind: d.cat.word(language(r), "account", kind), Value: value, Total: int64(res.Total), URL: address{Text: phrase(value), Page: 1}.url()}
		for _, c := range res.Facets[index.FieldSeller] {
			if c.Value != s.Name {
				v.Sellers = append(v.Sellers, c.Value)
			}
		}
		out = append(out, v)
	}
	for _, a := range s.Accounts {
		add(a.Kind, a.Value)
	}
	add("license", s.License)
	return out
}

const maxClusters = 5

// clusterView says who else is reached in the same way.
type clusterView struct {
	Kind, Value, URL string
	Total            int64
	Sellers          []string
}

// phrase writes a text so that a query searches for it as it stands.
func phrase(s string) string { return `"` + strings.ReplaceAll(s, `"`, " ") + `"` }

// traceStop is one place on a parcel's way.
type traceStop struct {
	At          string
	Place, Text []segment
	Quoted      bool
}

type traceView struct {
	Carrier, Number, Link string
	Stops                 []traceStop
}

// maxStops bounds a parcel's line.
const maxStops = 40

// traces are a listing's parcels as lines from stop to stop, with what rules
// quoted marked.
func (d *desk) traces(l lang, listing markwatch.Listing, verdict markwatch.Verdict) []traceView {
	var out []traceView
	for i, t := range listing.Tracking[:min(len(listing.Tracking), 5)] {
		v := traceView{Link: outsideURL(t.URL)}
		v.Carrier, _ = clip(t.Carrier, cardMeta)
		v.Number, _ = clip(t.Number, cardMeta)
		for j, e := range t.Events[:min(len(t.Events), maxStops)] {
			at := tracePath(i, j)
			place, _ := clip(e.Place, cardMeta)
			text, _ := clip(e.Text, quoteText)
			placeMarks, textMarks := d.quotes(l, verdict, at+".place"), d.quotes(l, verdict, at+".text")
			v.Stops = append(v.Stops, traceStop{
				At: when(e.At, d.cfg.Location, "01-02 15:04"), Place: segments(place, placeMarks), Text: segments(text, textMarks),
				Quoted: len(placeMarks)+len(textMarks) > 0,
			})
		}
		if len(v.Stops) > 0 {
			out = append(out, v)
		}
	}
	return out
}
