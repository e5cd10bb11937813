// Package oidc lets people log in at a provider of OpenID Connect: the
// authorization code flow of OpenID Connect Core 1.0, section 3.1, with proof
// key (RFC 7636), state and nonce. It keeps nothing; the caller holds one
// secret for each login under way, in the browser, and lets it be used once.
package oidc
