// Package web is the investigators' desk: server-rendered pages that show
// what was flagged and why, and take what people decide about it.
//
// Everything that came from a page is hostile until escaped. Pages carry a
// Content-Security-Policy without unsafe-*, load nothing from outside, work
// without script, and link to the outside only where an address is http(s).
// A captured page is shown from a path of its own, sanitised and in a sandbox
// without script.
//
// The package declares the few things it needs as interfaces of one to three
// methods; cmd/markwatch gives it the real ones.
package web
