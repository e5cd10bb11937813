// Package crawler turns addresses into pages: politely, within limits, with
// every exchange captured as it was on the wire before anything reads it.
//
// colly builds the requests and follows redirects; beneath it lies the
// package's own http.RoundTripper, through which every hop goes, robots.txt
// too. What must hold for each hop is done there: the address is public,
// robots.txt allows it, the host's delay is kept, bodies and times are bounded.
// No login wall or captcha is ever passed: Blocked recognises them, so that
// they are counted and never taken for an empty page.
package crawler
