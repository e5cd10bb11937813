package web

import (
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// desk is the handler's state: configuration, messages, templates.
type desk struct {
	cfg    Config
	cat    catalogue
	assets assets
	pages  pages
	live   *live
	trends *trends
	// known are the lists as last read, pending the imports that wait for a yes.
	known   listsCache
	pending pending
	kept    figuresKept
	// painting bounds how many pictures are decoded at once.
	painting chan struct{}
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
	return &desk{cfg: cfg, cat: cat, assets: files, pages: p, live: newLive(cfg), trends: &trends{}, painting: make(chan struct{}, 2)}, nil
}

// formsOnly refuses bodies that no form of the desk sends.
func formsOnly(d *desk, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			parse := r.ParseForm
			switch {
			case isUpload(r):
				parse = func() error { return d.readUpload(w, r) }
			case !isForm(r.Header.Get("Content-Type")):
				d.failAs(w, r, http.StatusUnsupportedMediaType, "invalid", nil)
				return
			}
			if err := parse(); err != nil {
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
			err := markwatch.Errorf(markwatch.CodeInternal, "panic: %v", v)
			if isCall(r) {
				d.cfg.Logger.ErrorContext(r.Context(), "answer a call of the API", "error", err)
				problem(w, err)
				return
			}
			d.fail(w, r, err)
		}()
		next.ServeHTTP(w, r)
	})
}

// audit writes down what the person of a request does.
func (d *desk) audit(r *http.Request, actor string, action AuditAction, object, detail string) error {
	err := d.cfg.Audit(detached(r), markwatch.AuditEntry{
		At: d.cfg.Now(), Actor: actor, Remote: remoteOf(r), Action: string(action), Object: object, Detail: detail,
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

// isUpload says whether a request hands in a file where one is taken.
func isUpload(r *http.Request) bool {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && media == "multipart/form-data" && takesFile(r)
}

// takesFile says whether a path takes a file.
func takesFile(r *http.Request) bool { return fileLimit(r) > 0 }

// fileLimit is how many bytes of files a path takes.
func fileLimit(r *http.Request) int64 {
	path := r.URL.Path
	switch {
	case r.Method != http.MethodPost:
		return 0
	case strings.HasPrefix(path, "/lists/") && strings.HasSuffix(path, "/import"), path == "/blacklist/import", path == "/receipts/outcomes", path == "/receipts/complaints":
		return maxUpload
	case strings.HasPrefix(path, "/requests/") && strings.HasSuffix(path, "/answer"), strings.HasPrefix(path, "/leads/") && strings.HasSuffix(path, "/documents"):
		return maxAnswer
	}
	return 0
}

// uploadTime is how long files may take to come in.
const uploadTime = 5 * time.Minute

// readUpload reads a form with files. Strangers hand in nothing: what they send
// is left unread, and the door answers them.
func (d *desk) readUpload(w http.ResponseWriter, r *http.Request) error {
	p, err := d.identify(r, false)
	if err != nil {
		return err
	}
	if !p.may(accounts.See) {
		return nil
	}
	// Where a reader knows no deadlines, none is in the way.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(uploadTime))
	return r.ParseMultipartForm(maxUpload)
}
