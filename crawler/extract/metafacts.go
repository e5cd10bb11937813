package extract

import "strings"

// Attributes under which the page's own meta data is kept where it says less
// than the page shows: sellers of copies clean the meta data, which search
// engines and markets check, and leave the words in the body.
const (
	MetaTitleAttribute       = "元数据标题"
	MetaDescriptionAttribute = "元数据描述"
)

// metaFacts keeps what the meta data says of the offer where it differs from
// what is shown: a title that leaves out words of the title shown, and a
// description beside another one in the body.
func (d *Document) metaFacts(r *reading, shown string) {
	declared := d.withoutSite(firstText(d.metaContent("og:title", "twitter:title"), d.title))
	if !says(shown) || !says(declared) || !cleaner(declared, shown) {
		return
	}
	r.attribute(MetaTitleAttribute, clip(declared, 500))
	r.attribute(MetaDescriptionAttribute, clip(plainText(d.metaContent("description", "og:description")), 500))
}

func says(s string) bool { return len([]rune(letters(s))) >= 4 }

// cleaner reports whether two titles are of the same thing and the declared one
// lacks a part of the shown one in its middle or front: templates cut ends and
// add names behind, they take nothing out.
func cleaner(declared, shown string) bool {
	a, b := []rune(letters(declared)), []rune(letters(shown))
	if len(b) <= 200 && strings.Contains(string(a), string(b)) {
		return false
	}
	if strings.HasPrefix(string(b), string(a)) && len(b)-len(a) > 40 {
		return false // cut for its length
	}
	pairs := map[[2]rune]int{}
	for i := 0; i+1 < len(a); i++ {
		pairs[[2]rune{a[i], a[i+1]}]++
	}
	common, missing, run, longest := 0, 0, 0, 0
	for i := 0; i+1 < len(b); i++ {
		p := [2]rune{b[i], b[i+1]}
		if pairs[p] > 0 {
			pairs[p]--
			common++
			run = 0
			continue
		}
		missing++
		run++
		longest = max(longest, run)
	}
	// most of the declared title stands in the shown one, which has more
	return common*10 >= (len(a)-1)*6 && missing > 0 && longest >= 2
}
