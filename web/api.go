package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// apiPrefix is where the JSON API lies.
const apiPrefix = "/api/v1"

// api is the JSON API: what the pages do, for programs. Its description in
// OpenAPI 3.1 is made from the same types by which it reads and writes.
type api struct {
	d     *desk
	huma  huma.API
	needs map[string]accounts.Permission // by operation id
	pace  *limiter
}

// moneyShown is the form of markwatch.Money in JSON, for the description.
type moneyShown struct {
	Amount   string `json:"amount" example:"199.00"`
	Currency string `json:"currency" example:"CNY"`
}

// newAPI adds the API's paths to a multiplexer.
func newAPI(d *desk) (*api, http.Handler) {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[decimal.Decimal](), reflect.TypeFor[string]())
	registry.RegisterTypeAlias(reflect.TypeFor[markwatch.Date](), reflect.TypeFor[string]())
	registry.RegisterTypeAlias(reflect.TypeFor[markwatch.Money](), reflect.TypeFor[moneyShown]())
	jsonFormat := huma.Format{
		Marshal: func(w io.Writer, v any) error {
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(true)
			return enc.Encode(v)
		},
		Unmarshal: json.Unmarshal,
	}
	mux := http.NewServeMux()
	a := &api{d: d, needs: map[string]accounts.Permission{}, pace: newLimiter(d.cfg.Now)}
	a.huma = humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "markwatch", Version: "1",
				Description: "标哨的接口:网页能做的,程序也能做。错误按 RFC 9457。 / The API of markwatch: what the pages do, for programs. Errors are problem details (RFC 9457).",
			},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"token":   {Type: "http", Scheme: "bearer", Description: "核查台“我的账户”页生成的令牌 / a token made on the page “My account”"},
					"session": {Type: "apiKey", In: "cookie", Name: "markwatch", Description: "核查台的登录(经 TLS 时名为 __Host-markwatch) / a login at the desk (__Host-markwatch over TLS)"},
				},
			},
			Security: []map[string][]string{{"token": {}}, {"session": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
	})
	a.huma.UseMiddleware(a.guard)
	a.leads()
	a.handling()
	a.saved()
	a.people()
	a.operations()
	a.lists()
	a.sellers()
	a.rules()
	a.batches()
	a.receipts()
	a.cases()
	a.documents()
	a.captures()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, http.StatusNotFound, "not-found", r.URL.Path)
	})
	return a, mux
}

// operation describes one call and what it asks of a person.
func (a *api) operation(id, method, path string, needs accounts.Permission, tag, summary string) huma.Operation {
	a.needs[id] = needs
	return huma.Operation{
		OperationID: id, Method: method, Path: apiPrefix + path, Tags: []string{tag}, Summary: summary,
		Description: "scope: " + string(needs), MaxBodyBytes: maxForm,
		Errors: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests},
	}
}

// table are the pages about the API.
func (a *api) table() []route {
	return []route{
		{"GET /api/docs", accounts.See, a.docs},
		{"GET /api/openapi.json", accounts.See, a.description(false)},
		{"GET /api/openapi.yaml", accounts.See, a.description(true)},
	}
}

// isCall says whether a request is for the API, and is answered as such.
func isCall(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, apiPrefix+"/") }

type requestKey struct{}

// requestOf is the HTTP request of a call.
func requestOf(ctx context.Context) *http.Request {
	r, _ := ctx.Value(requestKey{}).(*http.Request)
	return r.WithContext(ctx)
}

// guard lets calls through of those who have the permission and keep to the
// pace.
func (a *api) guard(ctx huma.Context, next func(huma.Context)) {
	r, w := humago.Unwrap(ctx)
	p, err := a.d.caller(r)
	if err != nil {
		problem(w, err)
		return
	}
	if p.ID == "" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="markwatch"`)
		writeProblem(w, http.StatusUnauthorized, "unauthorized", "需要有效的令牌或登录 / a valid token or login is needed")
		return
	}
	r = withPerson(r, p)
	if wait := a.pace.wait(p.ID); wait > 0 {
		w.Header().Set("Retry-After", secondsUp(wait))
		writeProblem(w, http.StatusTooManyRequests, "too-many", "调用过快 / calls come too fast")
		return
	}
	op := ctx.Operation()
	if needs := a.needs[op.OperationID]; !p.may(needs) {
		if err := a.d.audit(r, p.ID, AuditRefused, r.Method+" "+r.URL.Path, string(needs)); err != nil {
			problem(w, err)
			return
		}
		writeProblem(w, http.StatusForbidden, "not-allowed", "需要权限 "+string(needs)+" / the permission "+string(needs)+" is needed")
		return
	}
	c := huma.WithValue(huma.WithValue(ctx, personKey{}, p), requestKey{}, r)
	next(c)
}

// caller finds out who calls: by the token of the Authorization header, else
// by the session.
func (d *desk) caller(r *http.Request) (person, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return d.identify(r, true)
	}
	scheme, secret, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "bearer") {
		return person{}, nil
	}
	token, u, err := d.cfg.Accounts.Bearer(r.Context(), strings.TrimSpace(secret))
	if markwatch.ErrorCode(err) == markwatch.CodeNotFound {
		return person{}, nil
	}
	scopes := token.Scopes
	if scopes == nil {
		scopes = []string{} // a token without scopes may nothing
	}
	return person{User: u, scopes: scopes}, err
}

// problemType is the address of a kind of problem (RFC 9457, section 3.1.1).
func problemType(kind string) string { return "urn:markwatch:problem:" + kind }

// problemOf is an error as problem details. The cause of a fault of the program
// goes to the log and not to the caller.
func (d *desk) problemOf(ctx context.Context, err error) error {
	code := status(err)
	p := &huma.ErrorModel{Type: problemType(kindOf(code)), Title: http.StatusText(code), Status: code}
	var e *markwatch.Error
	if code < 500 && errors.As(err, &e) {
		p.Detail = e.Message
	}
	if code >= 500 {
		d.cfg.Logger.ErrorContext(ctx, "answer a call of the API", "error", err)
	}
	return p
}

func problem(w http.ResponseWriter, err error) {
	code := status(err)
	writeProblem(w, code, kindOf(code), "")
}

func writeProblem(w http.ResponseWriter, code int, kind, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	// A client that hung up is nobody's fault.
	_ = json.NewEncoder(w).Encode(&huma.ErrorModel{Type: problemType(kind), Title: http.StatusText(code), Status: code, Detail: detail})
}

// register adds a call whose errors become problem details.
func register[I, O any](a *api, op huma.Operation, call func(r *http.Request, in *I) (*O, error)) {
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := call(requestOf(ctx), in)
		if err != nil {
			return nil, a.d.problemOf(ctx, err)
		}
		return out, nil
	})
}

// answer is a call's answer with nothing but a body.
type answer[T any] struct{ Body T }

// nothing is what a call takes or gives where there is nothing.
type nothing struct{}
