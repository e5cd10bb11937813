package render

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
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
	if len(r.Requests) != 3 || r.Requests[1].Kind != KindFetch || r.Requests[1].Status != http.StatusOK || r.Requests[1].Bytes == 0 {
		t.Errorf("requests %+v", r.Requests)
	}
}

// TestPagesDoNotMix renders two pages at once and looks at what passed the
// proxy of each, at their cookies and at their storage.
func TestPagesDoNotMix(t *testing.T) {
	b := opened(t, Options{MaxTabs: 2})
	var wg sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		wg.Go(func() {
			w := newTown()
			w.serve(t, name+".test", html(probe+`<script>
				show("cookie", document.cookie); document.cookie = "own=`+name+`"; show("stored", localStorage.x); localStorage.x = 1;
				for (let i = 0; i < 20; i++) setTimeout(() => fetch("http://`+name+`.test/n" + i), 50 * i)</script>`))
			w.serve(t, "shared.test", html(""))
			for range 3 {
				r := rendered(t, b, Request{URL: "http://" + name + ".test/", Dial: w.dial})
				r.shows(t, "cookie=<")
				r.shows(t, "stored=undefined")
				if len(r.Requests) < 20 {
					t.Errorf("%s: %d requests", name, len(r.Requests))
				}
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, addr := range w.dialed {
				if addr != name+".test:80" {
					t.Errorf("the page of %s dialed %s", name, addr)
				}
			}
		})
	}
	wg.Wait()
}

// TestHeadersAndCookiesStayAtHome checks that what the source sends to its own
// site goes to no other.
func TestHeadersAndCookiesStayAtHome(t *testing.T) {
	w := newTown()
	var mu sync.Mutex
	got := map[string]http.Header{}
	record := func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got[r.Host+r.URL.Path] = r.Header.Clone()
		mu.Unlock()
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Add("X-Two", "1")
		w.Header().Add("X-Two", "2")
		if r.URL.Path == "/" {
			html(`<body><script>fetch("/own"); fetch("http://other.test/foreign")</script>`)(w, r)
		}
	}
	w.serve(t, "shop.test", http.HandlerFunc(record))
	w.serve(t, "other.test", http.HandlerFunc(record))
	r := rendered(t, opened(t, Options{}), Request{
		URL: "http://shop.test/", Dial: w.dial, UserAgent: "markwatch/1",
		Headers: http.Header{"X-Key": {"secret"}, "Accept-Language": {"zh-CN"}},
		Cookies: []*http.Cookie{{Name: "session", Value: "s1"}},
	})
	mu.Lock()
	defer mu.Unlock()
	for _, path := range []string{"shop.test/", "shop.test/own"} {
		if h := got[path]; h.Get("X-Key") != "secret" || h.Get("Cookie") != "session=s1" || h.Get("Accept-Language") != "zh-CN" || h.Get("User-Agent") != "markwatch/1" {
			t.Errorf("%s got %v", path, h)
		}
	}
	h, ok := got["other.test/foreign"]
	if !ok || h.Get("X-Key") != "" || h.Get("Cookie") != "" || h.Get("User-Agent") != "markwatch/1" {
		t.Errorf("the other site got %v", h)
	}
	for _, h := range got {
		if h.Get("Proxy-Authorization") != "" || h.Get("X-Forwarded-For") != "" || h.Get("Via") != "" {
			t.Errorf("a site sees the proxy: %v", h)
		}
	}
	if v := r.Header.Values("X-Two"); len(v) != 2 {
		t.Errorf("the header field that came twice: %q", v)
	}
}

func TestWhatALookTakesIn(t *testing.T) {
	b := opened(t, Options{})
	w := newTown()
	mux := http.NewServeMux()
	mux.Handle("/", html(`<body style="margin:0"><div id=host></div><div id=list></div><img src=/i.png><img id=own src="data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==" onload='this.id="inline-loaded"'><script>
		document.getElementById("host").attachShadow({mode: "open"}).innerHTML = "<b>in the shadow</b>";
		const list = document.getElementById("list");
		const more = () => { for (let i = 0; i < 3; i++) { const d = document.createElement("div"); d.style.height = "400px"; d.textContent = "row-" + list.children.length; list.append(d) } };
		more(); addEventListener("scroll", () => setTimeout(more, 100))</script>`))
	mux.HandleFunc("/moves", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<script>location = "/"</script>`)
	})
	mux.HandleFunc("/gbk", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=gbk")
		fmt.Fprint(w, "<p>\xd5\xe6\xc6\xb7</p>")
	})
	mux.HandleFunc("/gone", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, "<p>sold</p>")
	})
	w.serve(t, "shop.test", mux)
	r := rendered(t, b, Request{URL: "http://shop.test/moves", Dial: w.dial})
	r.shows(t, `<template shadowrootmode="open"><b>in the shadow</b></template>`)
	if strings.Contains(string(r.HTML), "row-6") || r.URL != "http://shop.test/" || r.Screenshot != nil {
		t.Errorf("%s, a picture of %d bytes:\n%s", r.URL, len(r.Screenshot), r.HTML)
	}
	if r.refusal(t, "/i.png") != "image is not loaded" {
		t.Errorf("images are loaded: %+v", r.Requests)
	}
	r = rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial, Scroll: true, Screenshot: true})
	r.shows(t, "row-6")
	r.shows(t, "inline-loaded")
	if !bytes.HasPrefix(r.Screenshot, []byte("\x89PNG")) || r.refusal(t, "/i.png") != "" {
		t.Errorf("the picture is %.8q, requests %+v", r.Screenshot, r.Requests)
	}
	rendered(t, b, Request{URL: "http://shop.test/gbk", Dial: w.dial}).shows(t, "<p>真品</p>")
	if r := rendered(t, b, Request{URL: "http://shop.test/gone", Dial: w.dial}); r.Status != http.StatusNotFound {
		t.Errorf("status %d", r.Status)
	}
}

func TestFind(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, c := range [...]struct {
		engine, want string
		code         markwatch.Code
	}{
		{"none", "", markwatch.CodeUnavailable},
		{"/no/such/chromium", "", markwatch.CodeUnavailable},
		{"ws://127.0.0.1:9222", "ws://127.0.0.1:9222", ""},
		{"http://browser:9222/", "http://browser:9222/", ""},
		{"ws://", "", markwatch.CodeInvalid},
	} {
		got, err := Find(c.engine)
		if got != c.want || markwatch.ErrorCode(err) != c.code {
			t.Errorf("%s: %q, %v", c.engine, got, err)
		}
	}
	program := filepath.Join(os.Getenv("PATH"), "chromium")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho no display >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := Find("auto"); got != program {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Open(t.Context(), Options{}); markwatch.ErrorCode(err) != markwatch.CodeUnavailable || !strings.Contains(fmt.Sprint(err), "no display") {
		t.Errorf("a browser that does not start: %v", err)
	}
}

// TestRemoteBrowser renders through the DevTools address of a browser that
// somebody else started.
func TestRemoteBrowser(t *testing.T) {
	path := engine(t)
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--remote-debugging-port=0", "--user-data-dir="+dir, "about:blank")
	ownGroup(cmd)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := killGroup(cmd.Process.Pid); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // killed
	})
	var port string
	for range 200 {
		if told, err := os.ReadFile(filepath.Join(dir, "DevToolsActivePort")); err == nil {
			port, _, _ = strings.Cut(string(told), "\n")
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	b, err := Open(t.Context(), Options{Engine: "http://127.0.0.1:" + port})
	if err != nil {
		t.Fatal(err)
	}
	w := newTown()
	w.serve(t, "shop.test", html(probe+`<script>probe("r", () => fetch("http://127.0.0.1:`+port+`/json/version", {mode: "no-cors"}))</script>`))
	r := rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial})
	r.shows(t, "r=refused")
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	if cmd.Process.Signal(syscall.Signal(0)) != nil {
		t.Error("closing ended a browser that belongs to another")
	}
}

func BenchmarkRender(b *testing.B) {
	w := newTown()
	w.serve(b, "shop.test", html(`<body><script>document.body.append("rendered")</script>`))
	browser := opened(b, Options{})
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			rendered(b, browser, Request{URL: "http://shop.test/", Dial: w.dial})
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "renders/s")
}
