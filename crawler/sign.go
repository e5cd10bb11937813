package crawler

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/markwatch/markwatch"
)

// sign is one mark of a page that stands before the page that was asked for. A
// sign counts only where the page shows no more than max characters of text:
// walls are short, while shops and articles speak of logging in and of
// captchas too.
type sign struct {
	reason string
	where  part
	expr   *regexp.Regexp
	// with, where it is set, must be found too, in text or markup: some titles
	// are those of honest pages as well.
	with *regexp.Regexp
	max  int
}

// part says where a sign is looked for.
type part int

const (
	inTitle part = iota
	inText
	inMarkup
	inAddress // of the answer, where it is not the one that was asked for
)

// any number of characters
const anyLength = 1 << 30

func expr(s string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + s) }

// message is an expression for a whole message in a JSON object.
func message(s string) *regexp.Regexp {
	return expr(`"(msg|message|error|errmsg|err_msg|error_msg|errormsg|error_message|errormessage|tips?)"\s*:\s*"\s*(` + s + `)[\s.。!！]*"`)
}

// markupMost is how much of a body is searched for signs and scripts.
const markupMost = 256 << 10

// view is a page as the signs look at it.
type view struct {
	page        *markwatch.Page
	title, text string
	length      int // of the text, without space
	markup      []byte
	html        bool // else JSON, or what a script may hold
}

func look(page *markwatch.Page, title, text string) *view {
	v := &view{page: page, title: strings.TrimSpace(title), text: strings.TrimSpace(text), markup: page.Body[:min(len(page.Body), markupMost)]}
	v.length = visible(v.text)
	kind := strings.ToLower(page.ContentType())
	v.html = kind == "" || strings.Contains(kind, "html") || strings.HasPrefix(kind, "text/plain")
	if start := bytes.TrimSpace(v.markup); v.html && data.Match(start[:min(len(start), 64)]) {
		v.html = false
	}
	if !v.html {
		v.length = len(page.Body)
	}
	return v
}

// data is how JSON begins, or a script that hands it on.
var data = regexp.MustCompile(`^(\xef\xbb\xbf)?(\w{1,40}\(\s*)?[{\[]\s*["{\[\]}]`)

// find returns the reason of the first sign that the page bears.
func (v *view) find(signs []sign) (reason string, found bool) {
	for i := range signs {
		if s := &signs[i]; v.length <= s.max && v.bears(s) && (s.with == nil || s.with.MatchString(v.text) || s.with.Match(v.markup)) {
			return s.reason, true
		}
	}
	return "", false
}

func (v *view) bears(s *sign) bool {
	switch s.where {
	case inTitle:
		return s.expr.MatchString(v.title)
	case inText:
		return s.expr.MatchString(v.text)
	case inMarkup:
		return s.expr.Match(v.markup)
	default:
		return moved(v.page) && s.expr.MatchString(v.page.FinalURL) && !s.expr.MatchString(v.page.URL)
	}
}

const (
	// onwardText is the most text of a page that does nothing but lead on.
	onwardText = 120
	// onwardMost is how many places of a page are looked at.
	onwardMost = 8
)

// onward are the ways in which a page sends its visitor elsewhere at once.
var onward = regexp.MustCompile(`(?i)http-equiv=["']?refresh["']?[^>]*?url\s*=\s*["']?([^"'>\s]+)|location(?:\.href)?\s*=\s*["']([^"']+)["']|location\.(?:replace|assign)\(\s*["']([^"']+)["']`)

// leads returns the reason of a sign that the place bears to which a page
// without content of its own sends its visitor by itself.
func (v *view) leads(signs []sign) string {
	if v.length > onwardText {
		return ""
	}
	base, err := url.Parse(v.page.FinalURL)
	if err != nil {
		return ""
	}
	for _, m := range onward.FindAllSubmatch(v.markup, onwardMost) {
		to, err := base.Parse(strings.ReplaceAll(html.UnescapeString(string(bytes.Join(m[1:], nil))), `\/`, "/"))
		if err != nil {
			continue
		}
		for i := range signs {
			s := &signs[i]
			if s.where == inAddress && s.expr.MatchString(to.String()) && !s.expr.MatchString(v.page.URL) {
				return s.reason
			}
		}
	}
	return ""
}

// visible counts the characters of a text that are not space.
func visible(text string) int {
	n := 0
	for _, r := range text {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// moved tells whether a redirect led to another path or host.
func moved(page *markwatch.Page) bool {
	if page.FinalURL == "" || page.FinalURL == page.URL {
		return false
	}
	from, errFrom := url.Parse(page.URL)
	to, errTo := url.Parse(page.FinalURL)
	return errFrom == nil && errTo == nil && (from.Host != to.Host || from.Path != to.Path)
}
