package render

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Options say which browser renders and within which limits.
type Options struct {
	// Engine is what Find understands; empty means "auto".
	Engine string
	// Logger takes what the browser complains of; nil discards it.
	Logger *slog.Logger
	// MaxTabs is how many pages are rendered at once; 0 means 2.
	MaxTabs int
	// Limits bound every page.
	Limits Limits
	// ProxyHost is the address of this machine on which the pages' proxies
	// listen and at which the browser reaches them; empty means 127.0.0.1,
	// which fits every browser on this machine. A browser elsewhere needs an
	// address that it can reach.
	ProxyHost string
	// ListenHost is the address to listen on where it is not ProxyHost, as
	// behind a port mapping that keeps port numbers.
	ListenHost string
}

// Limits bound one page. A value of 0 means the default.
type Limits struct {
	Time       time.Duration // from the first byte asked for to the last look at the document; 30 s
	Requests   int           // requests of the page, and separately connections through its proxy; 200
	Bytes      int64         // both ways through the proxy, as on the wire; 32 MiB
	HTML       int           // UTF-16 units of the serialised document; 8 Mi
	Memory     int64         // resident bytes of the page's process, where the system tells; 768 MiB
	Scrolls    int           // viewport heights scrolled for Request.Scroll; 6
	Height     int           // CSS pixels of a screenshot from the top; 16,384
	Screenshot int           // bytes of a screenshot; 16 MiB
}

const mib = 1 << 20

func (l Limits) filled() Limits {
	set(&l.Time, 30*time.Second)
	set(&l.Requests, 200)
	set(&l.Bytes, 32*mib)
	set(&l.HTML, 8*mib)
	set(&l.Memory, 768*mib)
	set(&l.Scrolls, 6)
	set(&l.Height, 16384)
	set(&l.Screenshot, 16*mib)
	return l
}

func set[T int | int64 | time.Duration](v *T, def T) {
	if *v <= 0 {
		*v = def
	}
}

// Dial opens a connection to "host:port". It resolves the name, refuses what
// must not be reached and applies the source's own proxy. An error with
// markwatch.CodeInvalid is a refusal, any other a failure of the network.
type Dial func(ctx context.Context, network, addr string) (net.Conn, error)

// Request is one page to render.
type Request struct {
	// URL is an http or https address.
	URL string
	// UserAgent is the product's own name, sent by the page and its frames;
	// empty leaves the browser's, which says HeadlessChrome.
	UserAgent string
	// Headers go with requests to the origin of URL alone.
	Headers http.Header
	// Cookies are set for URL before it is opened; a Domain or Path widens or
	// narrows them as RFC 6265 says.
	Cookies []*http.Cookie
	// Dial opens every connection of the page. It is required.
	Dial Dial
	// Judge is asked once for each host that the page wants to reach, before
	// Dial; an error refuses the host. Nil allows all.
	Judge func(ctx context.Context, host string) error
	// Allowed is asked for every document of the main frame and of its
	// sub-frames, each hop of a redirect among them; an error refuses the
	// document. Nil allows all.
	Allowed func(ctx context.Context, url string) error
	// Block names the kinds of resources that are not loaded (KindImage and so
	// on). Nil blocks media and fonts, and images too unless Screenshot is set;
	// an empty slice blocks nothing.
	Block []string
	// Screenshot asks for a picture of the whole page.
	Screenshot bool
	// Scroll scrolls a few viewport heights down, for lists that load as they
	// are looked at.
	Scroll bool
}

// Kinds of resources, as the DevTools protocol names them, in lower case.
// KindConnection is a connection through the proxy that no request of the page
// accounts for, such as that of a worker.
const (
	KindDocument   = "document"
	KindScript     = "script"
	KindStylesheet = "stylesheet"
	KindImage      = "image"
	KindMedia      = "media"
	KindFont       = "font"
	KindXHR        = "xhr"
	KindFetch      = "fetch"
	KindWebSocket  = "websocket"
	KindConnection = "connection"
)

// Result is a page as it stood when it had come to rest or a limit was met.
type Result struct {
	// URL is the address of the document at the end, after redirects and
	// moves that the page made itself.
	URL string
	// Status and Header are those of the main document's answer.
	Status int
	Header http.Header
	// HTML is the live document in UTF-8. Open shadow roots stand in it as
	// <template shadowrootmode="open">.
	HTML  []byte
	Title string
	// Screenshot is a PNG of the whole page, from the top, 1,280 CSS pixels
	// wide; nil where none was asked for or none could be taken.
	Screenshot []byte
	// Requests are what the page asked for, in its order.
	Requests []Seen
	// Truncated names the limits that cut the page: CutTime and so on. Empty
	// for a page that came to rest.
	Truncated []string
	// Bytes is what passed the page's proxy, both ways.
	Bytes int64
	// Took is the time from the request to the end of the rendering.
	Took time.Duration
}

// What Result.Truncated names.
const (
	CutTime       = "time"       // the page had not come to rest in time
	CutRequests   = "requests"   // it asked for more than its number of requests
	CutBytes      = "bytes"      // it moved more than its bytes
	CutHTML       = "html"       // the document is longer than what is kept of it
	CutScreenshot = "screenshot" // the picture shows less than the page, or there is none
)

// Seen is one request of a page.
type Seen struct {
	URL    string
	Kind   string
	Status int   // 0 where no answer came
	Bytes  int64 // of the answer as on the wire, 0 where unknown
	// Refused says why markwatch did not let the request out; empty where it did.
	Refused string
	// Failed is the browser's word for a request that was let out and brought
	// nothing, such as net::ERR_CONNECTION_RESET.
	Failed string
}
