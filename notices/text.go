package notices

import (
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/markwatch/markwatch"
)

// message is an event in one language, as text that is not yet escaped.
type message struct {
	title string
	lines []string
	facts [][2]string
	// link is an address of the desk, linkText what it says; both may be empty.
	link, linkText string
}

// brand begins every notice. A robot of DingTalk that asks for a keyword may
// be given it.
const brand = "标哨"

// in puts the event into a channel's language.
func (n *Notices) in(lang Lang, e Event) message {
	say := func(t markwatch.Text) string {
		if lang == English && t.EN != "" || t.ZH == "" {
			return t.EN
		}
		return t.ZH
	}
	m := message{title: "【" + brand + "】"}
	if lang == English {
		m.title = "【" + brand + " markwatch】"
	}
	if e.Severity == Grave {
		m.title += say(markwatch.Text{ZH: "严重:", EN: "Grave: "})
	}
	m.title += say(e.Title)
	if text := strings.TrimSpace(say(e.Text)); text != "" {
		m.lines = strings.Split(text, "\n")
	}
	fact := func(name markwatch.Text, value string) {
		if value != "" {
			m.facts = append(m.facts, [2]string{say(name), value})
		}
	}
	for _, f := range e.Facts {
		fact(f.Name, f.Value)
	}
	source := e.SourceName
	if source == "" {
		source = e.Source
	}
	fact(markwatch.Text{ZH: "来源", EN: "Source"}, source)
	fact(markwatch.Text{ZH: "扫描", EN: "Scan"}, e.Scan)
	if !e.At.IsZero() {
		fact(markwatch.Text{ZH: "时间", EN: "Time"}, e.At.In(n.zone).Format(time.DateTime+" MST"))
	}
	if m.link = n.deskLink(e.Link); m.link != "" {
		m.linkText = say(markwatch.Text{ZH: "在标哨中打开", EN: "Open in markwatch"})
	}
	return m
}

// deskLink is the whole address of a page of the desk; empty for any other.
func (n *Notices) deskLink(link string) string {
	if n.desk == nil || link == "" {
		return ""
	}
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	if u.IsAbs() {
		if !strings.EqualFold(u.Scheme, n.desk.Scheme) || !strings.EqualFold(u.Host, n.desk.Host) || u.User != nil {
			return ""
		}
	} else {
		path := &url.URL{Path: strings.TrimLeft(u.Path, `/\`), RawQuery: u.RawQuery, Fragment: u.Fragment}
		if u.Host != "" || strings.Contains(path.Path, "..") {
			return ""
		}
		u = n.desk.JoinPath(path.Path)
		u.RawQuery, u.Fragment = path.RawQuery, path.Fragment
	}
	return linkSafe.Replace(u.String())
}

// linkSafe encodes what may stand in an address and would end a link of
// Markdown or HTML.
var linkSafe = strings.NewReplacer(
	" ", "%20", `"`, "%22", "'", "%27", "(", "%28", ")", "%29", "*", "%2A", "<", "%3C", ">", "%3E",
	"[", "%5B", `\`, "%5C", "]", "%5D", "_", "%5F", "`", "%60", "|", "%7C",
)

// defang makes addresses in a text unfit to be turned into links by programs
// that show it, in the way in which people who report them write them:
// evil[.]example.
func defang(s string) string {
	s = strings.ReplaceAll(s, "://", "[:]//")
	if !strings.ContainsAny(s, ".．") {
		return s
	}
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		inside := i > 0 && i+1 < len(runes) && unicode.IsLetter(runes[i+1]) &&
			(unicode.In(runes[i-1], unicode.L, unicode.N) || strings.ContainsRune("-_", runes[i-1]))
		if inside && (r == '.' || r == '．') {
			b.WriteString("[.]")
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// fullWidth stands for the signs of Markdown and HTML that the robots'
// dialects know no way to escape. They look the same in Chinese text.
var fullWidth = strings.NewReplacer(
	"<", "＜", ">", "＞", "&", "＆", "@", "＠", "[", "［", "]", "］", "(", "（", ")", "）", "*", "＊", "_", "＿",
	"`", "｀", "#", "＃", "~", "～", `\`, "＼", "|", "｜",
)

// markdown is text for the robots' Markdown: nothing in it is markup, a
// mention or a link.
func markdown(s string) string { return fullWidth.Replace(defang(s)) }
