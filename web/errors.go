package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// status maps an error to an HTTP status: the only place where that is done.
func status(err error) int {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge
	}
	var locked *accounts.LockedError
	if errors.As(err, &locked) {
		return http.StatusTooManyRequests
	}
	switch markwatch.ErrorCode(err) {
	case markwatch.CodeInvalid:
		return http.StatusBadRequest
	case markwatch.CodeNotFound:
		return http.StatusNotFound
	case markwatch.CodeConflict:
		return http.StatusConflict
	case markwatch.CodeLocked, markwatch.CodeUnavailable, markwatch.CodeCanceled:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// errorView is what an error page says.
type errorView struct {
	Title, Text, Detail string
}

// sentence is what an error says to a person, in their language.
func sentence(l lang, err error) string {
	var e *markwatch.Error
	if errors.As(err, &e) {
		return half(l, e.Message)
	}
	return err.Error()
}

// half is a language's part of a message that is written "中文 / English".
func half(l lang, message string) string {
	zh, en, both := strings.Cut(message, " / ")
	if both && l == langEN {
		return en
	}
	return zh
}

// fail answers with a page that explains an error in the reader's language.
// The cause of a fault of the program goes to the log and not to the reader.
func (d *desk) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := status(err)
	d.failAs(w, r, code, kindOf(code), err)
}

// kindOf is the word for a status by which messages and problems go.
func kindOf(code int) string {
	kind := "internal"
	switch code {
	case http.StatusBadRequest:
		kind = "invalid"
	case http.StatusNotFound:
		kind = "not-found"
	case http.StatusConflict:
		kind = "conflict"
	case http.StatusRequestEntityTooLarge:
		kind = "too-large"
	case http.StatusTooManyRequests:
		kind = "too-many"
	case http.StatusServiceUnavailable:
		kind = "unavailable"
	}
	return kind
}

func (d *desk) failAs(w http.ResponseWriter, r *http.Request, code int, kind string, err error) {
	l := language(r)
	v := errorView{Title: d.cat.text(l, "error."+kind), Text: d.cat.text(l, "error."+kind+".text")}
	var e *markwatch.Error
	if code < 500 && errors.As(err, &e) {
		v.Detail = half(l, e.Message)
	}
	if code >= 500 {
		d.cfg.Logger.ErrorContext(r.Context(), "answer a request of the desk", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	d.render(w, r, code, "error", v.Title, v)
}
