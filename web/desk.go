package web

import (
	"context"
	"errors"
	"mime"
	"net"
	"net/http"

	"github.com/markwatch/markwatch"
)

// desk is the handler's state: configuration, messages, templates.
type desk struct {
	cfg    Config
	cat    catalogue
	assets assets
	pages  pages
	live   *live
	trends *trends
}

func newDesk(cfg Config) (*desk, error) {
	cat, err := loadCatalogue()
	if err != nil {
		return nil, err
	}
	files, err := loadAssets()
	if err != nil {
		return nil, err
	}
	p, err := loadPages(cat, files, cfg.Location)
	if err != nil {
		return nil, err
	}
	return &desk{cfg: cfg, cat: cat, assets: files, pages: p, live: newLive(cfg), trends: &trends{}}, nil
}

// routes lists every path of the desk.
func (d *desk) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", d.private(d.search))
	mux.HandleFunc("POST /triage", d.private(d.triage))
	mux.HandleFunc("GET /leads/{id}", d.private(d.lead))
	mux.HandleFunc("POST /leads/{id}", d.private(d.changeLead))
	mux.HandleFunc("GET /captures/{id}", d.private(d.capture))
	mux.HandleFunc("GET /captures/{id}/source", d.private(d.captureSource))
	mux.HandleFunc("GET /scans", d.private(d.scans))
	mux.HandleFunc("GET /scans/events", d.scanEvents)
	mux.HandleFunc("GET /scans/finished", d.finishedScans)
	mux.HandleFunc("GET /scans/{id}", d.private(d.scan))
	mux.HandleFunc("GET /sources", d.private(d.sources))
	mux.HandleFunc("GET /help", d.private(d.help))
	mux.HandleFunc("GET /login", d.loginPage)
	mux.HandleFunc("POST /login", d.login)
	mux.HandleFunc("POST /logout", d.logout)
	mux.HandleFunc("GET /healthz", d.healthz)
	mux.HandleFunc("/metrics", d.metrics)
	mux.HandleFunc("GET /static/{file}", d.static)
	mux.HandleFunc("GET /favicon.ico", http.NotFound)
	mux.HandleFunc("/", d.private(func(w http.ResponseWriter, r *http.Request) {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
	}))

	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.failAs(w, r, http.StatusForbidden, "forbidden", nil)
	}))
	return secure(withLanguage(d.recovered(origin.Handler(formsOnly(d, mux)))))
}

// formsOnly refuses bodies that no form of the desk sends.
func formsOnly(d *desk, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			if !isForm(r.Header.Get("Content-Type")) {
				d.failAs(w, r, http.StatusUnsupportedMediaType, "invalid", nil)
				return
			}
			if err := r.ParseForm(); err != nil {
				var tooLarge *http.MaxBytesError
				if !errors.As(err, &tooLarge) {
					err = markwatch.WrapError(markwatch.CodeInvalid, err, "read the form")
				}
				d.fail(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic into an error page, so that one bad record never
// takes the desk away from everybody.
func (d *desk) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			d.fail(w, r, markwatch.Errorf(markwatch.CodeInternal, "panic: %v", v))
		}()
		next.ServeHTTP(w, r)
	})
}

type actorKey struct{}

// private lets only known people through; others are shown the login page.
func (d *desk) private(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		actor := d.cfg.Auth.actor(r)
		if actor == "" {
			d.renderLogin(w, r, http.StatusUnauthorized, loginView{Next: r.URL.RequestURI()})
			return
		}
		next(w, r.WithContext(context.WithValue(r.Context(), actorKey{}, actor)))
	}
}

func actorOf(r *http.Request) string {
	actor, _ := r.Context().Value(actorKey{}).(string)
	return actor
}

// audit writes down what the person of a request does.
func (d *desk) audit(r *http.Request, actor string, action AuditAction, object, detail string) error {
	remote, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		remote = r.RemoteAddr
	}
	err = d.cfg.Audit(r.Context(), AuditEntry{
		At: d.cfg.Now(), Actor: actor, Remote: remote, Action: action, Object: object, Detail: detail,
	})
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "write the audit log")
	}
	return nil
}

func (d *desk) healthz(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if d.cfg.Health != nil {
		if err := d.cfg.Health(r.Context()); err != nil {
			d.cfg.Logger.WarnContext(r.Context(), "health check", "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			w.Write([]byte(`{"status":"unavailable"}` + "\n"))
			return
		}
	}
	w.Write([]byte(`{"status":"ok"}` + "\n"))
}

func isForm(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/x-www-form-urlencoded"
}
