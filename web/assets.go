package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/markwatch/markwatch"
)

//go:embed static templates
var embedded embed.FS

// assets are the files of static/ by name, with the tag of their content.
type assets map[string]asset

type asset struct {
	body []byte
	mime string
	tag  string
}

func loadAssets() (assets, error) {
	entries, err := embedded.ReadDir("static")
	if err != nil {
		return nil, fmt.Errorf("read the static files: %w", err)
	}
	out := assets{}
	for _, e := range entries {
		b, err := embedded.ReadFile("static/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read the static files: %w", err)
		}
		sum := sha256.Sum256(b)
		out[e.Name()] = asset{body: b, mime: mime.TypeByExtension(path.Ext(e.Name())), tag: hex.EncodeToString(sum[:6])}
	}
	return out, nil
}

// url is the path of a file; it changes with the content, so that browsers
// may keep it for ever.
func (a assets) url(name string) (string, error) {
	f, ok := a[name]
	if !ok {
		return "", fmt.Errorf("there is no static file %q", name)
	}
	return "/static/" + name + "?" + f.tag, nil
}

func (d *desk) static(w http.ResponseWriter, r *http.Request) {
	f, ok := d.assets[r.PathValue("file")]
	if !ok {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("ETag", `"`+f.tag+`"`)
	h.Set("Cache-Control", "no-cache")
	if r.URL.RawQuery == f.tag {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), `"`+f.tag+`"`) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Write(f.body)
}
