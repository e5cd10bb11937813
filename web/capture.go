package web

import (
	"bytes"
	"mime"
	"net/http"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/markwatch/markwatch"
)

// maxCapture bounds how much of a captured page is shown, in bytes.
const maxCapture = 8 << 20

// captured reads the page that a listing was read from, for the audit log
// first. The page is named by the listing, never by the address.
func (d *desk) captured(r *http.Request, what string) (*markwatch.Page, error) {
	rec, err := d.record(r, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if d.cfg.Pages == nil || rec.Listing.Snapshot == "" {
		return nil, markwatch.Errorf(markwatch.CodeNotFound, "no page was kept of this listing")
	}
	if err := d.audit(r, actorOf(r), AuditCaptureView, rec.Listing.ID, what+" "+rec.Listing.Snapshot); err != nil {
		return nil, err
	}
	return d.cfg.Pages.Page(r.Context(), rec.Listing.Snapshot)
}

// capture shows a captured page: sanitised, and in a sandbox of its own
// policy, so that either would do without the other.
func (d *desk) capture(w http.ResponseWriter, r *http.Request) {
	page, err := d.captured(r, "page")
	if err != nil {
		d.fail(w, r, err)
		return
	}
	text := decode(page)
	var b bytes.Buffer
	if isHTML(page) {
		err = sanitise(&b, strings.NewReader(text))
	} else {
		err = plainPage(&b, text)
	}
	if err != nil {
		d.fail(w, r, markwatch.WrapError(markwatch.CodeInternal, err, "show a captured page"))
		return
	}
	d.captureHeaders(w, "text/html; charset=utf-8")
	w.Write(b.Bytes())
}

// captureSource shows a captured page's text as it came, in the page's
// charset made readable.
func (d *desk) captureSource(w http.ResponseWriter, r *http.Request) {
	page, err := d.captured(r, "source")
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.captureHeaders(w, "text/plain; charset=utf-8")
	w.Write([]byte(decode(page)))
}

// pngMagic begins every PNG file.
var pngMagic = []byte("\x89PNG\r\n\x1a\n")

// screenshot shows the picture of a page.
func (d *desk) screenshot(w http.ResponseWriter, r *http.Request) {
	png, err := d.readScreenshot(r, r.PathValue("id"))
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.captureHeaders(w, "image/png")
	w.Write(png)
}

func (d *desk) captureHeaders(w http.ResponseWriter, contentType string) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", capturePolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
}

// decode returns a page's body as UTF-8 by its headers, its marks and its
// meta elements, as browsers do.
func decode(p *markwatch.Page) string {
	body := p.Body[:min(len(p.Body), maxCapture)]
	enc, _, _ := charset.DetermineEncoding(body[:min(len(body), 1024)], p.ContentType())
	out, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		out = body
	}
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

func isHTML(p *markwatch.Page) bool {
	media, _, err := mime.ParseMediaType(p.ContentType())
	if err != nil || media == "" {
		media, _, _ = mime.ParseMediaType(http.DetectContentType(p.Body))
	}
	return media == "text/html" || media == "application/xhtml+xml"
}
