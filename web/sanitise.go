package web

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Bounds of a captured page as it is shown.
const (
	maxNodes = 200_000
	maxDepth = 200
	maxStyle = 512 << 10
	// maxUnhiding is how often escapes and comments are taken out of a style
	// that keeps making new ones; more is dropped.
	maxUnhiding = 4
)

// keptElements are the elements of a captured page that are shown as they
// are. Others lose their tag and keep their content.
var keptElements = [...]atom.Atom{
	atom.A, atom.Abbr, atom.Address, atom.Article, atom.Aside, atom.B, atom.Bdi, atom.Big, atom.Blockquote, atom.Br, atom.Caption,
	atom.Center, atom.Cite, atom.Code, atom.Col, atom.Colgroup, atom.Dd, atom.Del, atom.Details, atom.Dfn, atom.Div, atom.Dl, atom.Dt,
	atom.Em, atom.Fieldset, atom.Figcaption, atom.Figure, atom.Font, atom.Footer, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
	atom.Header, atom.Hgroup, atom.Hr, atom.I, atom.Img, atom.Ins, atom.Kbd, atom.Label, atom.Legend, atom.Li, atom.Main, atom.Mark,
	atom.Nav, atom.Ol, atom.P, atom.Pre, atom.Q, atom.Rp, atom.Rt, atom.Ruby, atom.S, atom.Samp, atom.Section, atom.Small, atom.Span,
	atom.Strike, atom.Strong, atom.Style, atom.Sub, atom.Summary, atom.Sup, atom.Table, atom.Tbody, atom.Td, atom.Tfoot, atom.Th,
	atom.Thead, atom.Time, atom.Tr, atom.Tt, atom.U, atom.Ul, atom.Var, atom.Wbr,
}

// droppedElements go with all that is in them: what runs, loads or embeds.
var droppedElements = [...]atom.Atom{
	atom.Script, atom.Iframe, atom.Frame, atom.Frameset, atom.Object, atom.Embed, atom.Applet, atom.Template, atom.Link, atom.Meta,
	atom.Base, atom.Audio, atom.Video, atom.Source, atom.Track, atom.Param, atom.Noembed, atom.Noframes, atom.Svg, atom.Math,
	atom.Canvas, atom.Dialog, atom.Title, atom.Plaintext, atom.Xmp, atom.Textarea, atom.Select, atom.Input,
}

// keptAttributes are the attributes that stay; style and src are cleaned.
var keptAttributes = [...]string{
	"class", "id", "style", "title", "alt", "colspan", "rowspan", "width", "height", "align", "valign", "dir", "lang",
	"border", "cellpadding", "cellspacing", "color", "size", "start", "open", "bgcolor",
}

// plainStyle is laid under a captured page, whose own style files are not
// loaded. It comes first, so that the page's own style wins.
const plainStyle = `html{background:#fff;color:#222;color-scheme:light}body{font:15px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans SC",sans-serif;margin:12px;overflow-wrap:anywhere}` +
	`ul,ol{padding-left:1.4em}table{border-collapse:collapse}td,th{padding:2px 8px;vertical-align:top}img{max-width:100%}` +
	`.markwatch-picture{display:inline-block;border:1px dashed #aaa;color:#777;font-size:13px;padding:0 6px;margin:2px}`

// sanitise writes an HTML page without anything that runs, loads, embeds,
// submits or leads outside. Pictures become a box with their text, unless
// the page carries them itself.
func sanitise(w io.Writer, r io.Reader) error {
	doc, err := html.ParseWithOptions(r, html.ParseOptionEnableScripting(false))
	if err != nil {
		return fmt.Errorf("parse the captured page: %w", err)
	}
	body := element(atom.Body)
	s := sanitiser{left: maxNodes}
	s.children(body, doc, 0)
	head := element(atom.Head)
	meta := element(atom.Meta)
	meta.Attr = []html.Attribute{{Key: "charset", Val: "utf-8"}}
	style := element(atom.Style)
	style.AppendChild(&html.Node{Type: html.TextNode, Data: plainStyle})
	head.AppendChild(meta)
	head.AppendChild(style)
	root := element(atom.Html)
	root.AppendChild(head)
	root.AppendChild(body)
	if _, err := io.WriteString(w, "<!doctype html>"); err != nil {
		return err
	}
	return html.Render(w, root)
}

// plainPage writes what is not HTML as text.
func plainPage(w io.Writer, text string) error {
	_, err := io.WriteString(w, "<!doctype html><meta charset=utf-8><style>"+plainStyle+"</style><pre>"+html.EscapeString(text)+"</pre>")
	return err
}

type sanitiser struct{ left int }

// children copies what may be shown of src's children into dst.
func (s *sanitiser) children(dst, src *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	for c := src.FirstChild; c != nil; c = c.NextSibling {
		if s.left--; s.left < 0 {
			return
		}
		switch c.Type {
		case html.TextNode:
			dst.AppendChild(&html.Node{Type: html.TextNode, Data: c.Data})
		case html.DocumentNode:
			s.children(dst, c, depth+1)
		case html.ElementNode:
			s.element(dst, c, depth)
		}
	}
}

func (s *sanitiser) element(dst, c *html.Node, depth int) {
	switch {
	case c.Namespace != "" || slices.Contains(droppedElements[:], c.DataAtom):
	case c.DataAtom == atom.Style:
		style := element(atom.Style)
		if t := c.FirstChild; t != nil && t.Type == html.TextNode {
			style.AppendChild(&html.Node{Type: html.TextNode, Data: cleanStyle(t.Data)})
		}
		dst.AppendChild(style)
	case c.DataAtom == atom.Img:
		dst.AppendChild(picture(c))
	case slices.Contains(keptElements[:], c.DataAtom):
		n := element(c.DataAtom)
		n.Attr = attributes(c)
		dst.AppendChild(n)
		s.children(n, c, depth+1)
	default:
		s.children(dst, c, depth+1)
	}
}

// picture keeps a picture that the page carries itself, and stands a box with
// the picture's text in for any other.
func picture(c *html.Node) *html.Node {
	text := ""
	for _, a := range c.Attr {
		switch a.Key {
		case "src":
			if inlinePicture.MatchString(a.Val) {
				n := element(atom.Img)
				n.Attr = append(attributes(c), html.Attribute{Key: "src", Val: a.Val})
				return n
			}
		case "alt":
			text = a.Val
		}
	}
	box := element(atom.Span)
	box.Attr = []html.Attribute{{Key: "class", Val: "markwatch-picture"}}
	box.AppendChild(&html.Node{Type: html.TextNode, Data: strings.TrimSpace("▧ " + text)})
	return box
}

var inlinePicture = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+$`)

func attributes(c *html.Node) []html.Attribute {
	var out []html.Attribute
	for _, a := range c.Attr {
		if a.Namespace != "" || !slices.Contains(keptAttributes[:], a.Key) {
			continue
		}
		if a.Key == "style" {
			a.Val = cleanStyle(a.Val)
		}
		out = append(out, a)
	}
	return out
}

var (
	styleLoads  = regexp.MustCompile(`(?i)@(import|namespace)[^;}]*;?|@font-face[^}]*}?|(url|src|image|image-set|expression)\s*\([^)]*\)?|-moz-binding|behavior\s*:`)
	styleEscape = regexp.MustCompile(`\\[0-9a-fA-F]{1,6}\s?|\\|<|/\*[\s\S]*?\*/`)
)

// cleanStyle takes out of a style what could ask for something outside. The
// page's policy refuses that too. Escapes of letters are read and comments are
// taken out first, so that nothing hides in them.
func cleanStyle(css string) string {
	if len(css) > maxStyle {
		return ""
	}
	for range maxUnhiding {
		if !styleEscape.MatchString(css) {
			break
		}
		css = styleEscape.ReplaceAllStringFunc(css, unescapeStyle)
	}
	if styleEscape.MatchString(css) {
		return ""
	}
	return styleLoads.ReplaceAllString(css, " none ")
}

// unescapeStyle gives the letter that an escape stands for, and nothing for a
// comment and for any other escape.
func unescapeStyle(s string) string {
	code, ok := strings.CutPrefix(s, `\`)
	if !ok {
		return ""
	}
	n, err := strconv.ParseUint(strings.TrimSpace(code), 16, 32)
	if err != nil || n > unicode.MaxASCII || n != '-' && !unicode.IsLetter(rune(n)) && !unicode.IsDigit(rune(n)) {
		return ""
	}
	return string(rune(n))
}

func element(a atom.Atom) *html.Node {
	return &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
}
