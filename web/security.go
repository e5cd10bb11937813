package web

import (
	"net/http"
	"time"
)

// pagePolicy is the Content-Security-Policy of every page of the desk: its
// own style, script, streams, icon and forms, frames for captured pages,
// nothing else.
const pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// capturePolicy is the policy of a captured page: a sandbox without script,
// forms, origin or any request. Inline style is allowed, since it can reach
// nothing and a page is hard to judge without its look.
const capturePolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// maxForm bounds the body of a request that changes something, in bytes.
const maxForm = 64 << 10

// maxCall bounds the body of any call of the API; each call has its own bound
// below.
const maxCall = maxCallAnswer

// secure sets the headers that every answer carries and refuses bodies that
// are too large.
func secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("X-DNS-Prefetch-Control", "off")
		h.Set("Cache-Control", "no-store")
		if overTLS(r) {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		most := maxForm + fileLimit(r)
		if takesTable(r) {
			most += maxUpload
		}
		if isCall(r) {
			most = max(most, maxCall)
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		next.ServeHTTP(w, r)
	})
}

// Server returns a server for the desk with limits that a slow or greedy
// client cannot stretch. The caller listens and shuts down; a shutdown ends
// the streams of h, where h is what New returned.
func Server(addr string, h http.Handler) *http.Server {
	s := &http.Server{
		Addr:              addr,
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	if streams, ok := h.(*handler); ok {
		s.RegisterOnShutdown(streams.live.end)
	}
	return s
}
