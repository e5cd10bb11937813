package scan_test

import (
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// Pages that are all alike are a trap within a scan. The same few pages again,
// night after night in one process, are none.
func TestTheSamePagesEveryNightAreNoTrap(t *testing.T) {
	const sections = 16
	var asked atomic.Int32
	docs := row(sections, "")
	_, site := visited(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var i int
		w.Header().Set("Content-Type", htmlUTF8)
		switch n, _ := fmt.Sscanf(r.URL.Path, "/c/%d", &i); {
		case n == 1: // never the same bytes, always the same words
			fmt.Fprintf(w, `<title>分类</title><!-- %d --><p>本店手工紫砂壶,按分类浏览,欢迎选购,全场包邮,支持定制</p><a href="/item/%d">下一页</a>`, asked.Add(1), i)
		case r.URL.Path == "/":
			fmt.Fprint(w, `<title>小店</title><p>欢迎光临</p>`)
			for i := range sections {
				fmt.Fprintf(w, `<a href="/c/%d">分类</a>`, i)
			}
		default:
			docs.ServeHTTP(w, r)
		}
	}))
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit = week
	r := openAt(t, t.TempDir(), clock.Now, src)
	for night := range 3 {
		sum := r.night("shop")
		if sum.Listings.Seen != sections || len(sum.Warnings) != 0 || !sum.Complete {
			t.Errorf("night %d: %+v", night, sum)
		}
		clock.add(day)
	}
}
