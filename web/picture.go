package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/matchers/pictures"
)

// The longest sides of pictures as they are shown, in pixels: on a card, and by
// themselves.
const (
	thumbSide = 160
	fullSide  = 1600
)

// shownPictures bounds the pictures of one offer that are shown.
const shownPictures = 8

// pictureView is a picture of an offer, from the captures and never from the
// seller's server.
type pictureView struct {
	Thumb, URL, Address string
}

// pictureViews are the pictures of a listing that were captured.
func pictureViews(l markwatch.Listing) []pictureView {
	var out []pictureView
	for i, p := range l.Pictures {
		if p.Snapshot == "" || len(out) == shownPictures {
			continue
		}
		at := "/captures/" + url.PathEscape(l.ID) + "/pictures/" + strconv.Itoa(i)
		v := pictureView{Thumb: at + "?thumb=1", URL: at}
		v.Address, _ = clip(p.URL, quoteText)
		out = append(out, v)
	}
	return out
}

// picture shows a picture of an offer. A small one is part of a page that the
// audit log has; a large one is looked at by itself.
func (d *desk) picture(w http.ResponseWriter, r *http.Request) {
	thumb := r.URL.Query().Get("thumb") == "1"
	side := fullSide
	if thumb {
		side = thumbSide
	}
	data, err := d.readPicture(r, r.PathValue("id"), r.PathValue("n"), side, !thumb)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	d.captureHeaders(w, "image/jpeg")
	// A capture never changes, and only this browser keeps it.
	w.Header().Set("Cache-Control", "private, max-age=3600")
	w.Write(data)
}

// readPicture reads a captured picture and writes it anew.
func (d *desk) readPicture(r *http.Request, id, n string, side int, audited bool) ([]byte, error) {
	none := markwatch.Errorf(markwatch.CodeNotFound, "no such picture was kept of this listing")
	rec, err := d.record(r, id)
	if err != nil {
		return nil, err
	}
	i, err := strconv.Atoi(n)
	if err != nil || i < 0 || i >= len(rec.Listing.Pictures) || rec.Listing.Pictures[i].Snapshot == "" || d.cfg.Pages == nil {
		return nil, none
	}
	snapshot := rec.Listing.Pictures[i].Snapshot
	if audited {
		if err := d.audit(r, actorOf(r), AuditCaptureView, rec.Listing.ID, "picture "+snapshot); err != nil {
			return nil, err
		}
	}
	// Each decoded picture takes memory that its file does not show.
	select {
	case d.painting <- struct{}{}:
		defer func() { <-d.painting }()
	case <-r.Context().Done():
		return nil, markwatch.WrapError(markwatch.CodeCanceled, r.Context().Err(), "show a picture")
	}
	page, err := d.cfg.Pages.Page(r.Context(), snapshot)
	if err != nil {
		return nil, err
	}
	data, err := pictures.Shown(page.Body, side)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeNotFound, err, "the capture is no picture that can be shown")
	}
	return data, nil
}

// pictureHashes are the perceptual hashes of a listing's pictures.
func pictureHashes(l markwatch.Listing) []pictures.Hash {
	var out []pictures.Hash
	for _, p := range l.Pictures[:min(len(l.Pictures), shownPictures)] {
		if h, err := pictures.Parse(p.Hash); p.Hash != "" && err == nil {
			out = append(out, h)
		}
	}
	return out
}

// showSame says whether two offers show the same in one of their pictures.
func showSame(a, b []pictures.Hash) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Same(y) {
				return true
			}
		}
	}
	return false
}

// readScreenshot reads the picture of a page, for the audit log first.
func (d *desk) readScreenshot(r *http.Request, id string) ([]byte, error) {
	rec, err := d.record(r, id)
	if err == nil && d.cfg.Screenshots == nil {
		err = markwatch.Errorf(markwatch.CodeNotFound, "no screenshot was kept of this listing")
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditCaptureView, rec.Listing.ID, "screenshot")
	}
	if err != nil {
		return nil, err
	}
	png, err := d.cfg.Screenshots.Screenshot(r.Context(), rec.Listing)
	if err == nil && !bytes.HasPrefix(png, pngMagic) {
		err = markwatch.Errorf(markwatch.CodeNotFound, "the screenshot is no picture")
	}
	return png, err
}
