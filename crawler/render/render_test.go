package render

import (
	"fmt"
	"net/http"
	"testing"
)

func TestShellIsRendered(t *testing.T) {
	w := newTown()
	mux := http.NewServeMux()
	mux.Handle("/", html(`<!doctype html><title>店铺</title><div id=app></div><script>
		fetch("/api/items").then(r => r.json()).then(items => {
			document.getElementById("app").innerHTML = items.map(i => "<li>" + i + "</li>").join("")
			document.title = "店铺 (" + items.length + ")"
		})</script>`))
	mux.HandleFunc("/api/items", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `["耐克 运动鞋","阿迪达斯 T恤"]`)
	})
	w.serve(t, "shop.test", mux)
	r := rendered(t, opened(t, Options{}), Request{URL: "http://shop.test/", Dial: w.dial})
	r.shows(t, "<li>耐克 运动鞋</li><li>阿迪达斯 T恤</li>")
	if r.Title != "店铺 (2)" || r.Status != http.StatusOK || r.URL != "http://shop.test/" || len(r.Truncated) != 0 {
		t.Errorf("title %q, status %d, address %s, truncated %v", r.Title, r.Status, r.URL, r.Truncated)
	}
	t.Logf("%+v %v", r.Requests, r.Took)
}
