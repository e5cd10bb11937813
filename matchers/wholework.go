package matchers

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// wholeWork is how offers count the parts of a work that they hold: 39集全,
// 全23巻, 1-110卷, S1-S3, 88集, 2000首, 400 games. Only works have such parts.
var wholeWork = regexp.MustCompile(`(?i)(?:[全共]|收官全)\s?\d{1,4}\s?[集讲講话話回季巻首]` +
	`|\d{1,4}\s?[集讲講话話回季巻]\s?(?:全|完结|完結|已完|收官|打包|音频|视频|录播|高清|无水印|连播)` +
	`|(?:第\s?)?[1一]\s?[-–—~至到]\s?\d{1,4}\s?(?:[集讲講话話回季卷巻章部]|권|화|회)` +
	`|\bS\d{1,2}\s?[-–—~至到]\s?S?\d{1,2}\b|\bseasons?\s?\d{1,2}\s?[-–—~&]\s?\d{1,2}\b|\b(?:all|every|complete)\s(?:\d{1,3}\s)?(?:seasons?|episodes?|volumes?|chapters?|issues?|discography)\b` +
	`|\d{2,6}\s?(?:首|部电影|部影片|套软件|个软件|款软件|款游戏|个游戏|本电子书|套题|种字体|款字体)` +
	`|\d{2,6}\s?(?:games?|roms?|songs?|movies?|episodes?|ebooks?|channels?|게임|곡|강)\b|전권|전편|전화수|전곡|全[话話巻]`)

// firsts are the characters before which 首 means the first: 2024首发.
const firsts = "发發映次先页選选届创創席款日度都班"

// wholeOf says where title or description count the parts of a whole work.
func (r *reading) wholeOf() (found, bool) {
	for i := range r.fields {
		if p := r.fields[i].path; p != "title" && p != "description" && p != "quantity" {
			continue
		}
		plain := narrow(r.fields[i].text)
		for _, m := range wholeWork.FindAllStringIndex(plain, maxPatternHits) {
			if next, _ := utf8.DecodeRuneInString(plain[m[1]:]); strings.HasSuffix(plain[:m[1]], "首") && strings.ContainsRune(firsts, next) {
				continue
			}
			return r.place(i, plain, m[0], m[1]), true
		}
	}
	return found{}, false
}

// wholeWorkOffered is the signal of it. A print, a disc and an outlet count
// the parts as well, so that it only supports.
func wholeWorkOffered(r *reading) (signal, bool) {
	at, ok := r.wholeOf()
	if !ok {
		return signal{}, false
	}
	q := r.cite(at, markwatch.RoleClaim)
	return signal{
		matcher: "piracy", rule: "whole-work", violation: markwatch.Piracy, strength: 1,
		reason:   say("整部作品:"+q.Text, "a whole work: "+q.Text),
		evidence: []markwatch.Evidence{q},
	}, true
}

// byWork are the units of what people do rather than of what they sell.
var byWork = regexp.MustCompile(`(?i)(?:/|每|元一|块一|per\s|an?\s)\s?(?:小时|钟头|课时|节课|节|局|把|场|次|趟|hour|hr|lesson|session|visit|match|時間|レッスン|시간|회당)`)

// workPrice says that what is asked is the price of somebody's time (200/小时,
// 25/局), which no price of a work can be held against. Renting by the day or
// month is no such thing.
func (r *reading) workPrice() bool {
	return byWork.MatchString(narrow(r.listing.PriceText)) || byWork.MatchString(narrow(r.listing.Title))
}

// namedPrice is the index of the price whose own words name the work: a page
// of several goods asks for each another price.
func (r *reading) namedPrice(names []mention) (int, bool) {
	for i := range r.listing.Prices {
		at := "prices[" + itoa(i) + "]."
		for _, m := range names {
			if strings.HasPrefix(r.path(m), at) {
				return i, true
			}
		}
	}
	return 0, false
}

// sharesWhole says that the page hands out a whole work of many parts by a
// link, whose price is not that of one part.
func (r *reading) sharesWhole() bool {
	if len(r.listing.Shares) == 0 {
		return false
	}
	_, whole := r.wholeOf()
	return whole
}

// reportsCase says that the page tells of a case of infringement before police
// or court and offers nothing: the words of the trade stand in the report.
func (r *reading) reportsCase() bool {
	if p := r.listing.Price; p != nil && !p.Amount.IsZero() || len(r.listing.Shares) > 0 {
		return false
	}
	if s := r.listing.Seller; s != nil && len(s.Contacts)+len(s.Accounts) > 0 {
		return false
	}
	return len(r.asserted(r.within(r.all("infringement-case"), "title", "description"))) > 0 &&
		len(r.asserted(r.within(r.all("contact", "grey-sale"), "title", "description", "text"))) == 0
}
