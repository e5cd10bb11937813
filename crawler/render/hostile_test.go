package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

// probe runs what the page's script does and shows its outcome in the page.
const probe = `<!doctype html><body><script>
	const show = (name, what) => { const p = document.createElement("p"); p.textContent = name + "=" + what; document.body.append(p) };
	const probe = (name, f) => Promise.resolve().then(f).then(v => show(name, v), e => show(name, "refused"));
</script>`

// loopback is a service of this machine that no page may reach.
func loopback(t *testing.T) (addr string, hits *atomic.Int64) {
	t.Helper()
	hits = new(atomic.Int64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		fmt.Fprint(w, "secret")
	}))
	t.Cleanup(s.Close)
	return s.Listener.Addr().String(), hits
}

func TestPageReachesNothingPrivate(t *testing.T) {
	b := opened(t, Options{})
	secret, hits := loopback(t)
	t.Cleanup(func() {
		if n := hits.Load(); n != 0 {
			t.Errorf("the service on loopback was asked %d times", n)
		}
	})
	for _, c := range [...]struct{ name, script, refused string }{
		{"loopback by address", `probe("r", () => fetch("http://` + secret + `/", {mode: "no-cors"}))`, secret},
		{"localhost", `probe("r", () => fetch("http://localhost/", {mode: "no-cors"}))`, "localhost"},
		{"cloud metadata", `probe("r", () => fetch("http://169.254.169.254/latest/", {mode: "no-cors"}))`, "169.254.169.254"},
		{"private network", `probe("r", () => fetch("http://10.0.0.1/", {mode: "no-cors"}))`, "10.0.0.1"},
		{"IPv6 loopback", `probe("r", () => fetch("http://[::1]/", {mode: "no-cors"}))`, "[::1]"},
		{"decimal address", `probe("r", () => fetch("http://2130706433/", {mode: "no-cors"}))`, "127.0.0.1"},
		{"another port", `probe("r", () => fetch("http://shop.test:8080/", {mode: "no-cors"}))`, "shop.test:8080"},
		{"TLS", `probe("r", () => fetch("https://10.0.0.1/", {mode: "no-cors"}))`, "10.0.0.1"},
		{"WebSocket", `probe("r", () => new Promise((ok, no) => { const s = new WebSocket("ws://` + secret + `/"); s.onopen = ok; s.onerror = no }))`, secret},
		{"EventSource", `probe("r", () => new Promise((ok, no) => { const s = new EventSource("http://` + secret + `/"); s.onopen = ok; s.onerror = no }))`, secret},
		{"image", `probe("r", () => new Promise((ok, no) => { const i = new Image; i.onload = ok; i.onerror = no; i.src = "http://` + secret + `/a.png" }))`, secret},
		{"worker", `probe("r", () => new Promise((ok, no) => {
			const w = new Worker(URL.createObjectURL(new Blob(["fetch('http://` + secret + `/', {mode: 'no-cors'}).then(() => postMessage(1), () => postMessage(0))"])));
			w.onmessage = m => m.data ? ok() : no() }))`, secret},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newTown()
			w.serve(t, "shop.test", html(probe+"<script>"+c.script+"</script>"))
			r := rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial, Block: []string{}})
			r.shows(t, "r=refused")
			if r.refusal(t, c.refused) == "" {
				t.Errorf("the refusal is not reported: %+v", r.Requests)
			}
		})
	}
}

func TestServiceWorkerReachesNothingPrivate(t *testing.T) {
	secret, hits := loopback(t)
	// Service workers want a secure context, which localhost is by name.
	w := newTown()
	mux := http.NewServeMux()
	mux.Handle("/", html(probe+`<script>probe("r", () => navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready).then(r =>
		new Promise((ok, no) => { navigator.serviceWorker.onmessage = m => m.data ? ok() : no(); r.active.postMessage(1) })))</script>`))
	mux.HandleFunc("/sw.js", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprintf(w, `onmessage = e => e.waitUntil(fetch("http://%s/", {mode: "no-cors"}).then(() => e.source.postMessage(1), () => e.source.postMessage(0)))`, secret)
	})
	w.serve(t, "localhost", mux)
	r := rendered(t, opened(t, Options{}), Request{URL: "http://localhost/", Dial: w.dial})
	r.shows(t, "r=refused")
	if hits.Load() != 0 || r.refusal(t, secret) == "" {
		t.Errorf("hits %d, requests %+v", hits.Load(), r.Requests)
	}
}

func TestDocumentsAreJudged(t *testing.T) {
	b := opened(t, Options{})
	secret, hits := loopback(t)
	w := newTown()
	mux := http.NewServeMux()
	mux.HandleFunc("/to-private", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
	})
	mux.HandleFunc("/to-loopback", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://"+secret+"/", http.StatusFound)
	})
	mux.HandleFunc("/to-file", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Location", "file:///etc/passwd")
		w.WriteHeader(http.StatusFound)
	})
	mux.HandleFunc("/to-forbidden", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/forbidden", http.StatusFound)
	})
	mux.HandleFunc("/forbidden", func(w http.ResponseWriter, r *http.Request) { t.Error("a forbidden page was asked for") })
	mux.Handle("/", html(`<p>stays</p><iframe src="/forbidden"></iframe><iframe src="file:///etc/passwd"></iframe><script>location = "/forbidden"</script>`))
	w.serve(t, "shop.test", mux)
	forbidden := errors.New("robots.txt forbids it")
	allowed := func(_ context.Context, u string) error {
		if strings.HasSuffix(u, "/forbidden") {
			return forbidden
		}
		return nil
	}
	for _, c := range [...]struct {
		path string
		code markwatch.Code
		want string
	}{
		{"/forbidden", markwatch.CodeInvalid, "robots.txt forbids it"},
		{"/to-forbidden", markwatch.CodeInvalid, "robots.txt forbids it"},
		{"/to-private", markwatch.CodeInvalid, "10.0.0.1:80 is no public address"},
		{"/to-loopback", markwatch.CodeInvalid, secret + " is no public address"},
		{"/to-file", markwatch.CodeUnavailable, "ERR_UNSAFE_REDIRECT"},
	} {
		_, err := b.Render(t.Context(), Request{URL: "http://shop.test" + c.path, Dial: w.dial, Allowed: allowed})
		if markwatch.ErrorCode(err) != c.code || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%s: %v (%s), want %q", c.path, err, markwatch.ErrorCode(err), c.want)
		}
	}
	r := rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial, Allowed: allowed})
	r.shows(t, "<p>stays</p>")
	if got := r.refusal(t, "/forbidden"); !strings.Contains(got, "robots") {
		t.Errorf("the refused frame is not reported: %+v", r.Requests)
	}
	w.serve(t, "outer.test", html(`<p>outer</p><iframe src="http://frame.test/"></iframe><iframe src="http://frame.test/forbidden"></iframe>`))
	w.serve(t, "frame.test", html(`<script>fetch("http://`+secret+`/", {mode: "no-cors"}).catch(() => location = "/forbidden")</script>`))
	var mu sync.Mutex
	asked := map[string]int{}
	r = rendered(t, b, Request{URL: "http://outer.test/", Dial: w.dial, Allowed: func(ctx context.Context, u string) error {
		mu.Lock()
		asked[u]++
		mu.Unlock()
		return allowed(ctx, u)
	}})
	r.shows(t, "<p>outer</p>")
	if asked["http://outer.test/"] != 1 || asked["http://frame.test/"] != 1 || asked["http://frame.test/forbidden"] != 2 || r.refusal(t, secret) == "" {
		t.Errorf("of the frames of another site were asked for %v: %+v", asked, r.Requests)
	}
	if hits.Load() != 0 {
		t.Error("a redirect or a frame reached loopback")
	}
	for _, u := range [...]string{"file:///etc/passwd", "javascript:alert(1)", "chrome://version", "ftp://shop.test/", "http://", "::"} {
		if _, err := b.Render(t.Context(), Request{URL: u, Dial: w.dial}); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestNetworkFailureKeepsItsCause(t *testing.T) {
	cause := errors.New("connection refused by the test")
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, cause }
	b := opened(t, Options{})
	for _, u := range [...]string{"http://shop.test/", "https://shop.test/"} {
		_, err := b.Render(t.Context(), Request{URL: u, Dial: dial})
		if markwatch.ErrorCode(err) != markwatch.CodeUnavailable || !errors.Is(err, cause) {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestHostIsJudgedOnce(t *testing.T) {
	w := newTown()
	w.serve(t, "shop.test", html(probe+`<script>
		probe("a", () => fetch("http://ads.test/1", {mode: "no-cors"})); probe("b", () => fetch("http://ads.test/2", {mode: "no-cors"}))</script>`))
	var mu sync.Mutex
	judged := map[string]int{}
	r := rendered(t, opened(t, Options{}), Request{URL: "http://shop.test/", Dial: w.dial, Judge: func(_ context.Context, host string) error {
		mu.Lock()
		defer mu.Unlock()
		judged[host]++
		if host != "shop.test" {
			return errors.New("out of scope")
		}
		return nil
	}})
	r.shows(t, "a=refused")
	if judged["shop.test"] != 1 || judged["ads.test"] > 2 || w.asked("ads.test:80") {
		t.Errorf("judged %v, dialed %v", judged, w.dialed)
	}
	if got := r.refusal(t, "ads.test"); got != "out of scope" {
		t.Errorf("refused with %q", got)
	}
}

func TestLimitsEndAPage(t *testing.T) {
	b := opened(t, Options{Limits: Limits{Time: 6 * time.Second, Requests: 20, Bytes: 1 * mib, HTML: 100_000}})
	for _, c := range [...]struct{ name, page, cut string }{
		{"endless requests", `<p>first</p><script>setInterval(() => { for (let i = 0; i < 10; i++) fetch("/r?" + Math.random()) }, 1)</script>`, CutRequests},
		{"endless loop", `<p>first</p><script>setTimeout(() => { for (;;); }, 50)</script>`, CutTime},
		{"endless loop before load", `<p>first</p><script>for (;;);</script>`, CutTime},
		{"endless growth", `<p>first</p><script>setInterval(() => document.body.append("x"), 20)</script>`, CutTime},
		{"endless console", `<p>first</p><script>setInterval(() => { for (let i = 0; i < 1000; i++) { console.log("x".repeat(1000)); document.body.append("x") } }, 1)</script>`, CutTime},
		{"endless blocked images", `<p>first</p><script>setInterval(() => { for (let i = 0; i < 10; i++) new Image().src = "/r?" + Math.random(); document.body.append("x") }, 1)</script>`, CutTime},
		{"too many bytes", `<p>first</p><script>fetch("/big").then(r => r.text())</script>`, CutBytes},
		{"a long document", `<p>first</p><script>document.body.append("长".repeat(200000))</script>`, CutHTML},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTown()
			var asked atomic.Int64
			mux := http.NewServeMux()
			mux.Handle("/", html("<body>"+c.page))
			mux.HandleFunc("/r", func(w http.ResponseWriter, r *http.Request) { asked.Add(1) })
			mux.HandleFunc("/big", func(w http.ResponseWriter, r *http.Request) {
				chunk := bytes.Repeat([]byte("x"), 64<<10)
				for range 1024 {
					if _, err := w.Write(chunk); err != nil {
						return
					}
				}
			})
			w.serve(t, "shop.test", mux)
			r := rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial, Screenshot: c.cut == CutTime, Block: []string{KindImage}})
			r.shows(t, "<p>first</p>")
			if c.cut == CutTime && r.Screenshot == nil && !slices.Contains(r.Truncated, CutScreenshot) {
				t.Error("no picture of what there is, and no word of it")
			}
			if !strings.Contains(strings.Join(r.Truncated, " "), c.cut) {
				t.Errorf("truncated by %v, want %s", r.Truncated, c.cut)
			}
			if n := asked.Load(); n > 20 {
				t.Errorf("the site was asked %d times", n)
			}
			if r.Bytes > 2*mib {
				t.Errorf("%d bytes moved", r.Bytes)
			}
			if len(r.HTML) > 3*100_000 {
				t.Errorf("the document has %d bytes", len(r.HTML))
			}
		})
	}
	// The tabs are gone: nothing of them runs on.
	w := newTown()
	w.serve(t, "shop.test", html(`<p>after</p>`))
	rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial}).shows(t, "<p>after</p>")
	pages(t, b, 1)
}

func TestServerThatNeverAnswers(t *testing.T) {
	b := opened(t, Options{Limits: Limits{Time: 2 * time.Second}})
	w := newTown()
	w.serve(t, "slow.test", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	_, err := b.Render(t.Context(), Request{URL: "http://slow.test/", Dial: w.dial})
	if markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(300*time.Millisecond, cancel)
	if _, err := b.Render(ctx, Request{URL: "http://slow.test/", Dial: w.dial}); markwatch.ErrorCode(err) != markwatch.CodeCanceled {
		t.Errorf("canceled: %v", err)
	}
	pages(t, b, 1)
}

func TestMemoryHogDiesAlone(t *testing.T) {
	for _, c := range [...]struct{ name, script string }{
		{"heap", `const a = []; setInterval(() => { for (let i = 0; i < 100; i++) a.push(new Array(10000).fill(Math.random())); document.title = a.length }, 1)`},
		{"buffers", `const a = []; setInterval(() => { const b = new Uint8Array(10 << 20); b.fill(1); a.push(b); document.title = a.length }, 1)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t, Options{Limits: Limits{Memory: 400 * mib, Time: 20 * time.Second}})
			w := newTown()
			w.serve(t, "hog.test", html(`<body><script>`+c.script+`</script><script>setInterval(() => document.body.append("x"), 100)</script>`))
			w.serve(t, "shop.test", html(`<p>after</p>`))
			_, err := b.Render(t.Context(), Request{URL: "http://hog.test/", Dial: w.dial})
			if markwatch.ErrorCode(err) != markwatch.CodeUnavailable || !strings.Contains(fmt.Sprint(err), "memory") {
				t.Errorf("the hog: %v", err)
			}
			rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial}).shows(t, "<p>after</p>")
		})
	}
}

func TestNothingToAskOrOpen(t *testing.T) {
	b := opened(t, Options{})
	w := newTown()
	var popups atomic.Int64
	mux := http.NewServeMux()
	mux.Handle("/", html(probe+`<script>
		show("alert", String(alert("hello"))); show("confirm", confirm("sure?")); show("prompt", prompt("name?"));
		const win = window.open("/popup"); open("/popup", "_blank", "noopener");
		probe("geo", () => new Promise((ok, no) => navigator.geolocation.getCurrentPosition(() => ok("granted"), no)));
		probe("notify", () => Notification.requestPermission().then(p => p === "granted" ? p : Promise.reject()));
		const a = document.createElement("a"); a.href = "/file.zip"; a.download = "file.zip"; document.body.append(a); a.click();
		probe("agent", () => navigator.userAgent); probe("driven", () => navigator.webdriver);
		onbeforeunload = e => { e.preventDefault(); return "stay" };
	</script>`))
	mux.HandleFunc("/popup", func(w http.ResponseWriter, r *http.Request) { popups.Add(1) })
	mux.HandleFunc("/file.zip", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Disposition", "attachment")
		fmt.Fprint(w, "PK")
	})
	w.serve(t, "shop.test", mux)
	r := rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial, UserAgent: "markwatch/1 (+https://example.com/bot)"})
	for _, text := range [...]string{"alert=undefined", "confirm=false", "prompt=null", "geo=refused", "notify=refused",
		"agent=markwatch/1 (+https://example.com/bot)", "driven=true"} {
		r.shows(t, text)
	}
	if popups.Load() != 0 {
		t.Errorf("%d windows were opened", popups.Load())
	}
	if _, err := b.Render(t.Context(), Request{URL: "http://shop.test/file.zip", Dial: w.dial}); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("a download: %v", err)
	}
	err := filepath.WalkDir(b.running.folder.path, func(path string, _ os.DirEntry, _ error) error {
		if strings.Contains(path, "file.zip") {
			t.Errorf("%s was downloaded", path)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	pages(t, b, 1)
}

func TestTallPageIsPhotographedInBounds(t *testing.T) {
	w := newTown()
	w.serve(t, "shop.test", html(`<body style="margin:0;height:100000px;background:linear-gradient(red,blue)"><p>top`))
	b := opened(t, Options{Limits: Limits{Height: 5000}})
	r := rendered(t, b, Request{URL: "http://shop.test/", Dial: w.dial, Screenshot: true})
	img, err := png.Decode(bytes.NewReader(r.Screenshot))
	if err != nil {
		t.Fatal(err)
	}
	if s := img.Bounds().Size(); s.X != width || s.Y != 5000 {
		t.Errorf("the picture is %v", s)
	}
	if fmt.Sprint(r.Truncated) != "["+CutScreenshot+"]" {
		t.Errorf("truncated by %v", r.Truncated)
	}
}

// TestNamesAreResolvedByDialAlone serves a name that no resolver knows, in
// plain and in TLS, and sees the proxy asked for the name itself.
func TestNamesAreResolvedByDialAlone(t *testing.T) {
	w := newTown()
	w.serve(t, "rebind.test", html(probe+`<script>probe("r", () => fetch("https://other.rebind.test/", {mode: "no-cors"}))</script>`))
	r := rendered(t, opened(t, Options{}), Request{URL: "http://rebind.test/", Dial: w.dial})
	r.shows(t, "r=refused")
	if !w.asked("rebind.test:80") || !w.asked("other.rebind.test:443") {
		t.Errorf("dialed %v", w.dialed)
	}
}

// TestNoUDPLeaves listens where WebRTC would send STUN and where QUIC would be
// spoken after an Alt-Svc answer.
func TestNoUDPLeaves(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	addr := udp.LocalAddr().String()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Alt-Svc", `h3="`+addr+`"; ma=3600`)
		html(probe+`<script>
			const pc = new RTCPeerConnection({iceServers: [{urls: "stun:`+addr+`"}]});
			pc.createDataChannel("x");
			probe("ice", () => new Promise(async ok => {
				const got = []; pc.onicecandidate = e => e.candidate ? got.push(e.candidate.candidate) : ok(got.length);
				await pc.setLocalDescription(await pc.createOffer()) }));
			probe("again", () => fetch("/").then(r => r.text()).then(x => x.length > 0));
		</script>`)(w, r)
	}))
	defer s.Close()
	w := newTown()
	w.point("shop.test:443", s.Listener.Addr().String())
	b := opened(t, Options{}, "ignore-certificate-errors-spki-list="+pin(s))
	r := rendered(t, b, Request{URL: "https://shop.test/", Dial: w.dial})
	r.shows(t, "again=true")
	if err := udp.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, from, err := udp.ReadFrom(make([]byte, 2048)); err == nil {
		t.Errorf("%d bytes came by UDP from %v", n, from)
	}
}
