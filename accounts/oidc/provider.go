package oidc

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
)

// Config says where people log in and what is read of them.
type Config struct {
	// Issuer is the provider's address, under which its description lies
	// (OpenID Connect Discovery 1.0).
	Issuer                 string
	ClientID, ClientSecret string
	// Redirect is the desk's address to which the provider sends people back.
	Redirect string
	// Claim holds the subject; "sub" where it is empty.
	Claim string
	// Scopes are asked for beside openid; profile where there are none.
	Scopes []string
	// GroupsClaim holds the groups that Roles speaks of; "groups" where it is
	// empty. Where Roles has entries, whoever is in none of its groups is
	// refused, and who is in several has the highest role.
	GroupsClaim string
	Roles       map[string]markwatch.UserRole
	// Client speaks with the provider; nil is one with a time limit.
	Client *http.Client
	// Now is the clock by which tokens expire; nil is time.Now.
	Now func() time.Time
}

// timeout bounds one request to the provider.
const timeout = 10 * time.Second

// Provider is a provider of logins. Its methods may be called from any
// goroutine. What its server says of itself is asked for at the first login,
// so that a desk starts where the server is away.
type Provider struct {
	cfg Config

	mu         sync.Mutex
	discovered *discovered
}

// discovered is what the provider's server says of itself.
type discovered struct {
	provider   *oidc.Provider
	verifier   *oidc.IDTokenVerifier
	oauth      oauth2.Config
	endSession string
}

// New returns a provider of logins.
func New(cfg Config) *Provider {
	if cfg.Claim == "" {
		cfg.Claim = "sub"
	}
	if cfg.GroupsClaim == "" {
		cfg.GroupsClaim = "groups"
	}
	if cfg.Scopes == nil {
		cfg.Scopes = []string{"profile"}
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: timeout}
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Provider{cfg: cfg}
}

// discover asks the server about itself, once it answers only once.
func (p *Provider) discover(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.discovered != nil {
		return p.discovered, nil
	}
	// The provider keeps the context for fetching keys later on.
	provider, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.cfg.Client), p.cfg.Issuer)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "统一身份认证服务没有应答,请稍后再试或用密码登录 / the provider of logins does not answer: try later, or use a password")
	}
	var more struct {
		EndSession string `json:"end_session_endpoint"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "read what the provider of logins says of itself")
	}
	p.discovered = &discovered{
		provider: provider,
		verifier: provider.Verifier(&oidc.Config{ClientID: p.cfg.ClientID, Now: p.cfg.Now}),
		oauth: oauth2.Config{
			ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: provider.Endpoint(), RedirectURL: p.cfg.Redirect,
			Scopes: append([]string{oidc.ScopeOpenID}, p.cfg.Scopes...),
		},
		endSession: more.EndSession,
	}
	return p.discovered, nil
}

// derived is a value that only who knows the secret can make, and that does not
// tell the secret.
func derived(secret, use string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(use))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// The values of one login that are derived from its secret.
func state(secret string) string    { return derived(secret, "state") }
func nonce(secret string) string    { return derived(secret, "nonce") }
func verifier(secret string) string { return derived(secret, "verifier") }

// Begin returns the address at which a person logs in. secret is the login's
// own, random and unguessable.
func (p *Provider) Begin(ctx context.Context, secret string) (string, error) {
	d, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return d.oauth.AuthCodeURL(state(secret), oidc.Nonce(nonce(secret)), oauth2.S256ChallengeOption(verifier(secret))), nil
}

// Finish reads the answer with which the provider sent a person back and
// returns whom it let in. An answer that is not to this login, or a token that
// is not good for it, is CodeInvalid.
func (p *Provider) Finish(ctx context.Context, secret string, answer url.Values) (accounts.Identity, error) {
	var none accounts.Identity
	d, err := p.discover(ctx)
	if err != nil {
		return none, err
	}
	if subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(state(secret))) != 1 {
		return none, refused(errors.New("the state is not this login's"))
	}
	// A provider that names itself must be the one that was asked (RFC 9207).
	if iss := answer.Get("iss"); iss != "" && iss != p.cfg.Issuer {
		return none, refused(fmt.Errorf("the answer comes from %q", iss))
	}
	if code := answer.Get("error"); code != "" {
		return none, refused(fmt.Errorf("the provider answers %q: %q", code, answer.Get("error_description")))
	}
	ctx = oidc.ClientContext(ctx, p.cfg.Client)
	token, err := d.oauth.Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(verifier(secret)))
	if err != nil {
		return none, exchangeError(err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return none, refused(errors.New("the provider sent no ID token"))
	}
	id, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return none, refused(err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce(secret))) != 1 {
		return none, refused(errors.New("the nonce is not this login's"))
	}
	if id.Subject == "" {
		return none, refused(errors.New("the token has no subject"))
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return none, refused(err)
	}
	if azp, _ := claims["azp"].(string); azp != "" && azp != p.cfg.ClientID || len(id.Audience) > 1 && azp == "" {
		return none, refused(errors.New("the token was made for another client"))
	}
	if err := p.complete(ctx, d, token, id.Subject, claims); err != nil {
		return none, err
	}
	return p.identity(claims)
}

// complete adds what only the provider's UserInfo says (section 5.3), where a
// claim that is needed is not in the token.
func (p *Provider) complete(ctx context.Context, d *discovered, token *oauth2.Token, subject string, claims map[string]any) error {
	_, hasSubject := claims[p.cfg.Claim]
	_, hasGroups := claims[p.cfg.GroupsClaim]
	if hasSubject && (hasGroups || len(p.cfg.Roles) == 0) || d.provider.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := d.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return markwatch.WrapError(markwatch.CodeUnavailable, err, "ask the provider of logins about a person")
	}
	if info.Subject != subject { // section 5.3.2: it must not be used then
		return refused(errors.New("the provider speaks of another person"))
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return refused(err)
	}
	for name, value := range more {
		if _, has := claims[name]; !has {
			claims[name] = value
		}
	}
	return nil
}

// identity reads the claims.
func (p *Provider) identity(claims map[string]any) (accounts.Identity, error) {
	text := func(name string) string {
		s, _ := claims[name].(string)
		return s
	}
	id := accounts.Identity{Subject: text(p.cfg.Claim), Login: text("preferred_username"), Name: text("name")}
	if id.Subject == "" {
		return id, refused(fmt.Errorf("the token has no claim %q", p.cfg.Claim))
	}
	if id.Login == "" {
		id.Login, _, _ = strings.Cut(text("email"), "@")
	}
	if len(p.cfg.Roles) == 0 {
		return id, nil
	}
	for _, group := range texts(claims[p.cfg.GroupsClaim]) {
		role := p.cfg.Roles[group]
		if slices.Index(markwatch.UserRoles(), role) > slices.Index(markwatch.UserRoles(), id.Role) {
			id.Role = role
		}
	}
	if id.Role == "" {
		return id, markwatch.Errorf(markwatch.CodeInvalid, "你不在可以使用核查台的组里,请找管理员 / none of your groups may use the desk")
	}
	return id, nil
}

// texts reads a claim that is a text or a list of texts.
func texts(claim any) []string {
	switch v := claim.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// LogoutURL is where a person ends their login at the provider too
// (OpenID Connect RP-Initiated Logout 1.0); empty where it has no such place.
// back is where the provider may send them then.
func (p *Provider) LogoutURL(ctx context.Context, back string) string {
	d, err := p.discover(ctx)
	if err != nil || d.endSession == "" {
		return ""
	}
	u, err := url.Parse(d.endSession)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.cfg.ClientID)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}

// refused is the answer to what cannot be believed. The cause goes to the log.
func refused(cause error) error {
	return markwatch.WrapError(markwatch.CodeInvalid, cause, "统一身份认证没有通过,请重新登录 / the login at the provider cannot be accepted: log in again")
}

// exchangeError tells a code that the provider refuses from a provider that
// does not answer.
func exchangeError(err error) error {
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response != nil && answered.Response.StatusCode < http.StatusInternalServerError {
		return refused(err)
	}
	return markwatch.WrapError(markwatch.CodeUnavailable, err, "统一身份认证服务没有应答,请稍后再试 / the provider of logins does not answer: try later")
}
