// Package render opens pages that are empty without JavaScript in Chromium and
// hands back the document as a reader would see it.
//
// The browser is treated as a program that runs hostile code. It resolves no
// name and opens no connection of its own: each page has a browser context of
// its own, whose only way out is a proxy of this package on loopback, which
// knows the page by its credential, counts what passes and opens every
// connection through the function that the caller gives. QUIC and WebRTC, which
// would go round a proxy, are off; so are downloads, permissions, extensions,
// dialogs and windows that a page opens.
//
// The browser says what it is. Nothing here hides automation, answers a
// challenge or works round a wall.
package render
