package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// elem is one element in document order. Ranges of elements and of text runs
// make "what is inside" a comparison of integers.
type elem struct {
	n      *html.Node
	parent int32 // index of the parent element, -1 at the root
	end    int32 // first element after this one's subtree
	text   int32 // first text run inside
	tend   int32 // first text run after
	flags  flags
}

// flags are what an element inherits from its ancestors and itself.
type flags uint16

const (
	inChrome  flags = 1 << iota // header, footer, navigation
	inAside                     // related, recommended, also bought, cart
	inStruck                    // del, s, strike or named as an old price
	inPrice                     // named as a price
	inHidden                    // not shown
	inLink                      // inside an anchor
	inHeading                   // inside h1 to h3
	inReview                    // reviews and comments
)

// text is one text node that holds more than space.
type textRun struct {
	in   int32 // the element around it
	text string
	// apart is set where white space alone stood before it, in a node of its own.
	apart bool
}

// tree is the page's content in flat arrays, filled by one walk.
type tree struct {
	elems   []elem
	texts   []textRun
	metas   []meta
	ld      []string // JSON-LD blocks
	scripts []string // inline scripts, for embedded state
	anchors []int32
	heads   []int32 // h1 to h3
	scopes  []int32 // itemscope
	typed   []int32 // RDFa typeof
	tables  []int32 // table, dl
	images  []int32
	links   []*html.Node // <link>, <base>
	title   string
	lang    string
	gap     bool // white space was passed since the last text
	byNode  map[*html.Node]int32
}

type meta struct{ key, content string }

// maxNodes bounds the memory that one page's index takes.
const maxNodes = 400_000

// index walks the tree once; size is that of the page, in bytes.
func (d *Document) index(size int) {
	t := &d.tree
	t.elems = make([]elem, 0, min(size/100+64, maxNodes))
	t.texts = make([]textRun, 0, min(size/200+64, maxNodes))
	if d.root == nil {
		return
	}
	t.walk(d.root, -1, 0)
	d.excuse()
}

func (t *tree) walk(n *html.Node, parent int32, inherited flags) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if len(t.elems)+len(t.texts) > maxNodes {
			return
		}
		switch c.Type {
		case html.TextNode:
			switch {
			case blank(c.Data):
				t.gap = true
			case parent >= 0:
				t.texts = append(t.texts, textRun{parent, c.Data, t.gap})
				t.gap = false
			}
		case html.ElementNode:
			t.element(c, parent, inherited)
		}
	}
}

func (t *tree) element(n *html.Node, parent int32, inherited flags) {
	switch n.DataAtom {
	case atom.Script:
		t.script(n)
		return
	case atom.Style, atom.Svg, atom.Template, atom.Noscript, atom.Math, atom.Iframe:
		return
	case atom.Title:
		if t.title == "" && n.FirstChild != nil {
			t.title = squeeze(n.FirstChild.Data)
		}
		return
	case atom.Meta:
		t.meta(n)
		if attr(n, "itemprop") == "" && attr(n, "property") == "" {
			return
		}
	case atom.Link, atom.Base:
		t.links = append(t.links, n)
		if attr(n, "itemprop") == "" {
			return
		}
	case atom.Html:
		if t.lang == "" {
			t.lang = strings.ToLower(attr(n, "lang"))
		}
	}
	i := int32(len(t.elems))
	f := inherited | ownFlags(n)
	t.elems = append(t.elems, elem{n: n, parent: parent, text: int32(len(t.texts)), flags: f})
	switch n.DataAtom {
	case atom.A:
		t.anchors = append(t.anchors, i)
	case atom.H1, atom.H2, atom.H3:
		t.heads = append(t.heads, i)
	case atom.Table, atom.Dl:
		t.tables = append(t.tables, i)
	case atom.Img:
		t.images = append(t.images, i)
	}
	for _, a := range n.Attr {
		switch a.Key {
		case "itemscope":
			t.scopes = append(t.scopes, i)
		case "typeof":
			t.typed = append(t.typed, i)
		default:
			if len(a.Val) > 40 && len(a.Val) < maxData && a.Val[0] == '{' && strings.HasPrefix(a.Key, "data-") && strings.Contains(a.Val, "rice") && len(t.scripts) < 200 {
				t.scripts = append(t.scripts, a.Val)
			}
		}
	}
	t.walk(n, i, f)
	t.elems[i].end = int32(len(t.elems))
	t.elems[i].tend = int32(len(t.texts))
}

// maxData bounds the data in an attribute that is looked at for embedded state.
const maxData = 64 << 10

// maxScript bounds the script text that is looked at for embedded state.
const maxScript = 4 << 20

func (t *tree) script(n *html.Node) {
	if n.FirstChild == nil {
		return
	}
	text := n.FirstChild.Data
	if len(text) > maxScript {
		return
	}
	kind := strings.ToLower(attr(n, "type"))
	switch {
	case strings.Contains(kind, "ld+json"):
		t.ld = append(t.ld, text)
	case kind == "" || strings.Contains(kind, "javascript") || strings.Contains(kind, "json"):
		t.scripts = append(t.scripts, text)
	}
}

func (t *tree) meta(n *html.Node) {
	var key, content string
	for _, a := range n.Attr {
		switch a.Key {
		case "property", "name", "http-equiv":
			if key == "" || a.Key == "property" {
				key = strings.ToLower(strings.TrimSpace(a.Val))
			}
		case "content", "value":
			if content == "" {
				content = strings.TrimSpace(a.Val)
			}
		}
	}
	if key != "" && content != "" && len(t.metas) < 1000 {
		t.metas = append(t.metas, meta{key, content})
	}
}

// metaContent is the content of the first meta element of one of the keys.
func (t *tree) metaContent(keys ...string) string {
	for _, key := range keys {
		for _, m := range t.metas {
			if m.key == key {
				return m.content
			}
		}
	}
	return ""
}

// at finds the index of a node.
func (t *tree) at(n *html.Node) (int32, bool) {
	if t.byNode == nil {
		t.byNode = make(map[*html.Node]int32, len(t.elems))
		for i := range t.elems {
			t.byNode[t.elems[i].n] = int32(i)
		}
	}
	i, ok := t.byNode[n]
	return i, ok
}

func attr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return n.Attr[i].Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return true
		}
	}
	return false
}
