package sample

import (
	"encoding/xml"
	"fmt"
	"hash/fnv"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// changed is when the newest offer changed; each older one did a minute
// before its successor.
var changed = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// disallowedPaths are what robots.txt forbids. The last one lies beneath the
// offers, so that only obedience keeps a crawler away.
func disallowedPaths() []string { return []string{"/cart/", "/member/", "/trade/", "/item/history/"} }

// maxResultPages is where the search ends, as that of real shops does.
const maxResultPages = 5

// Handler serves the shop site.
func (m *Market) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", m.home)
	mux.HandleFunc("GET /robots.txt", m.robots)
	mux.HandleFunc("GET /sitemap.xml", m.sitemap)
	mux.HandleFunc("GET /search", m.search)
	mux.HandleFunc("GET /category/{slug}", m.category)
	mux.HandleFunc("GET /item/{file}", m.item)
	mux.HandleFunc("GET /shop/{file}", m.shop)
	mux.HandleFunc("GET /news/{file}", m.article(m.words.News, "news"))
	mux.HandleFunc("GET /help/{file}", m.article(m.words.Help, "help"))
	mux.HandleFunc("GET /img/{file}", picture)
	for _, path := range disallowedPaths() {
		mux.HandleFunc("GET "+path, m.forbidden)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.requests.Add(1)
		mux.ServeHTTP(w, r)
	})
}

func (m *Market) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "User-agent: *")
	for _, path := range disallowedPaths() {
		fmt.Fprintln(w, "Disallow:", path)
	}
	fmt.Fprintf(w, "\nSitemap: http://%s/sitemap.xml\n", r.Host)
}

// forbidden answers what robots.txt forbids, and counts it.
func (m *Market) forbidden(w http.ResponseWriter, _ *http.Request) {
	m.disallowed.Add(1)
	m.write(w, 0, "article", frame{Title: "页面", Body: []string{"请先登录后再查看。"}})
}

func (m *Market) home(w http.ResponseWriter, _ *http.Request) {
	f := frame{Title: m.words.Name + " - 首页", Heading: "为你推荐"}
	for i := 0; i < len(m.offers); i += max(1, len(m.offers)/perPage) {
		f.Tiles = append(f.Tiles, m.tile(i, "home"))
	}
	m.write(w, 0, "results", f)
}

func (m *Market) search(w http.ResponseWriter, r *http.Request) {
	q := strings.TrimSpace(r.URL.Query().Get("q"))
	found := m.find(q)
	pages := min((len(found)+perPage-1)/perPage, maxResultPages)
	link := func(n int) string {
		return "/search?q=" + url.QueryEscape(q) + "&page=" + strconv.Itoa(n) + "&spm=a2h.search.pager." + strconv.Itoa(n)
	}
	m.results(w, r, "“"+q+"”的搜索结果", found, pages, link)
}

func (m *Market) category(w http.ResponseWriter, r *http.Request) {
	slug := r.PathValue("slug")
	items, ok := m.bySlug[slug]
	if !ok {
		http.NotFound(w, r)
		return
	}
	link := func(n int) string {
		return "/category/" + slug + "?page=" + strconv.Itoa(n) + "&utm_source=pager"
	}
	m.results(w, r, m.categoryName(slug), items, (len(items)+perPage-1)/perPage, link)
}

// results writes one page of tiles with links to the others.
func (m *Market) results(w http.ResponseWriter, r *http.Request, heading string, items []int32, pages int, link func(int) string) {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	f := frame{Title: heading + " - " + m.words.Name, Heading: heading}
	if page <= pages {
		for _, i := range items[(page-1)*perPage : min(page*perPage, len(items))] {
			f.Tiles = append(f.Tiles, m.tile(int(i), "list"))
		}
		for n := 1; n <= pages; n++ {
			// Near pages, and every tenth, so that the last is not far away.
			if n != page && (n-page < 4 && page-n < 4 || n%10 == 0 || n == pages || n == 1) {
				f.Pager = append(f.Pager, pageLink{n, link(n)})
			}
		}
	}
	h := fnv.New32a()
	fmt.Fprint(h, heading, page)
	m.write(w, int(h.Sum32()), "results", f)
}

func (m *Market) shop(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimSuffix(r.PathValue("file"), ".html")
	items, ok := m.byShop[id]
	if !ok {
		http.NotFound(w, r)
		return
	}
	name := m.seller(int(items[0])).Name
	link := func(n int) string { return "/shop/" + id + ".html?page=" + strconv.Itoa(n) }
	m.results(w, r, name, items, (len(items)+perPage-1)/perPage, link)
}

func (m *Market) article(articles []article, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(strings.TrimSuffix(r.PathValue("file"), ".html"))
		if err != nil || n < 1 || n > len(articles) {
			http.NotFound(w, r)
			return
		}
		a := articles[n-1]
		m.write(w, n, "article", frame{Title: a.Title, Heading: a.Title, Kind: kind, Body: []string{a.Body}})
	}
}

// item serves an offer, or 304 where the asker has it already.
func (m *Market) item(w http.ResponseWriter, r *http.Request) {
	i, ok := m.serial(strings.TrimSuffix(r.PathValue("file"), ".html"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := fnv.New64a()
	fmt.Fprint(h, m.seed, i)
	tag := fmt.Sprintf(`"%x"`, h.Sum64())
	at := m.changedAt(i)
	w.Header().Set("ETag", tag)
	w.Header().Set("Last-Modified", at.Format(http.TimeFormat))
	if match := r.Header.Get("If-None-Match"); match != "" {
		if slices.Contains(strings.Fields(strings.ReplaceAll(match, ",", " ")), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	} else if since, err := http.ParseTime(r.Header.Get("If-Modified-Since")); err == nil && !at.After(since) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	m.write(w, i, "item", m.itemFrame(i, "http://"+r.Host))
}

func (m *Market) changedAt(i int) time.Time {
	return changed.Add(-time.Duration(len(m.offers)-i) * time.Minute)
}

func (m *Market) sitemap(w http.ResponseWriter, r *http.Request) {
	type entry struct {
		Loc     string `xml:"loc"`
		LastMod string `xml:"lastmod"`
	}
	set := struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URL     []entry  `xml:"url"`
	}{}
	const most = 50_000 // what the sitemap protocol allows in one file
	for i := range min(len(m.offers), most) {
		set.URL = append(set.URL, entry{"http://" + r.Host + "/item/" + itemID(i) + ".html", m.changedAt(i).Format(time.RFC3339)})
	}
	w.Header().Set("Content-Type", "application/xml")
	fmt.Fprint(w, xml.Header)
	// An error here is the asker's connection.
	_ = xml.NewEncoder(w).Encode(set)
}

// find is the shop's own search: offers whose text has the query in it, and
// those that people who look for the brand or work are shown.
func (m *Market) find(q string) []int32 {
	folded := fold(q)
	if folded == "" {
		return nil
	}
	named := map[string]bool{}
	for _, b := range m.brands {
		for _, name := range slices.Concat(slices.Collect(maps.Values(b.Names)), b.Aliases) {
			named[b.ID] = named[b.ID] || fold(name) == folded
		}
	}
	for _, work := range m.works {
		for _, title := range work.Titles {
			named[work.ID] = named[work.ID] || fold(title) == folded
		}
	}
	var found []int32
	for i := range m.texts {
		t := &m.texts[i]
		if named[t.Subject] || strings.Contains(fold(t.Title+" "+t.About+" "+t.Category), folded) {
			found = append(found, m.byText[i]...)
		}
	}
	slices.Sort(found)
	return found
}

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), "")) }

func (m *Market) categoryName(slug string) string {
	for name, s := range m.words.CategorySlugs {
		if s == slug {
			return name
		}
	}
	return slug
}

// picture is a transparent pixel.
func picture(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "image/gif")
	_, _ = w.Write([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"))
}

// ItemID returns the item number in the address of an offer of a market, or
// "" where there is none in it.
func ItemID(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	id, ok := strings.CutPrefix(u.Path, "/item/")
	if !ok {
		return ""
	}
	id = strings.TrimSuffix(id, ".html")
	if _, err := strconv.Atoi(id); err != nil {
		return ""
	}
	return id
}
