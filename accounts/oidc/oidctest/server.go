// Package oidctest is a provider of OpenID Connect for tests: it signs real
// tokens, checks the proof key and hands a code out once.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// The client that the provider knows.
const (
	ClientID     = "markwatch"
	ClientSecret = "a secret between the two"
)

// Server is the provider. Whoever comes is let in as the person of Claims.
type Server struct {
	*httptest.Server
	Now func() time.Time

	key *rsa.PrivateKey

	mu     sync.Mutex
	claims map[string]any
	info   map[string]any
	spoil  func(claims map[string]any)
	signer *rsa.PrivateKey
	codes  map[string]asked
}

// asked is what an authorization request said.
type asked struct{ nonce, challenge, redirect string }

// New starts a provider; it ends with the test.
func New(t testing.TB, now func() time.Time) *Server {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Now: now, key: key, signer: key, codes: map[string]asked{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.description)
	mux.HandleFunc("GET /keys", s.keys)
	mux.HandleFunc("GET /authorize", s.authorize)
	mux.HandleFunc("POST /token", s.token)
	mux.HandleFunc("GET /userinfo", s.userinfo)
	s.Server = httptest.NewUnstartedServer(mux)
	// For a browser another address is another site, as providers are.
	if l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.2:0"); err == nil {
		_ = s.Listener.Close()
		s.Listener = l
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// LetIn says as whom people are let in from now on.
func (s *Server) LetIn(claims map[string]any) { s.set(func() { s.claims, s.info = claims, nil }) }

// Tell says what only UserInfo tells.
func (s *Server) Tell(info map[string]any) { s.set(func() { s.info = info }) }

// Spoil changes the claims of every token before it is signed; nil changes
// none.
func (s *Server) Spoil(f func(claims map[string]any)) { s.set(func() { s.spoil = f }) }

// Forge signs the tokens with a key that the provider does not publish.
func (s *Server) Forge(t testing.TB) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s.set(func() { s.signer = key })
}

func (s *Server) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *Server) description(w http.ResponseWriter, _ *http.Request) {
	reply(w, map[string]any{
		"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token",
		"jwks_uri": s.URL + "/keys", "userinfo_endpoint": s.URL + "/userinfo", "end_session_endpoint": s.URL + "/logout",
		"id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
	})
}

func (s *Server) keys(w http.ResponseWriter, _ *http.Request) {
	reply(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &s.key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"}}})
}

func (s *Server) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" {
		http.Error(w, "invalid_request", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	s.set(func() { s.codes[code] = asked{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")} })
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {s.URL}}.Encode(), http.StatusFound)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.FormValue("client_id"), r.FormValue("client_secret")
	}
	if decoded, err := url.QueryUnescape(secret); err == nil {
		secret = decoded // RFC 6749, section 2.3.1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a, known := s.codes[r.FormValue("code")]
	delete(s.codes, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if id != ClientID || secret != ClientSecret || !known || a.redirect != r.FormValue("redirect_uri") ||
		base64.RawURLEncoding.EncodeToString(sum[:]) != a.challenge {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": "invalid_grant"})
		return
	}
	now := s.Now()
	claims := map[string]any{"iss": s.URL, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": a.nonce}
	maps.Copy(claims, s.claims)
	if s.spoil != nil {
		s.spoil(claims)
	}
	signed, err := sign(s.signer, claims)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	reply(w, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": signed})
}

func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("Authorization") == "" || s.info == nil {
		http.Error(w, "unauthorized", http.StatusUnauthorized)
		return
	}
	reply(w, s.info)
}

func sign(key *rsa.PrivateKey, claims map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "1"}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a client that went away is the test's end
}
