package accounts

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/markwatch/markwatch"
)

// tokenPrefix lets people and secret scanners know a token when they see one.
const tokenPrefix = "mwt_"

// maxTokens bounds how many tokens a person has.
const maxTokens = 50

// NewToken makes an access token for a person and returns its secret, which
// is shown once. A ttl of 0 is for ever.
func (a *Accounts) NewToken(ctx context.Context, u markwatch.User, name string, scopes []Permission, ttl time.Duration) (string, markwatch.AccessToken, error) {
	t := markwatch.AccessToken{ID: secret()[:12], User: u.ID, Name: strings.TrimSpace(name), Created: a.now()}
	if t.Name == "" || utf8.RuneCountInString(t.Name) > maxName {
		return "", t, markwatch.Errorf(markwatch.CodeInvalid, "请写明令牌的用途(最多 %d 字) / say what the token is for, in at most %d characters", maxName, maxName)
	}
	for _, p := range Permissions() {
		if slices.Contains(scopes, p) {
			t.Scopes = append(t.Scopes, string(p))
		}
	}
	for _, p := range scopes {
		if !May(u.Role, p) {
			return "", t, markwatch.Errorf(markwatch.CodeInvalid, "没有权限 %q 可授 / there is no permission %q to give", p, p)
		}
	}
	if len(t.Scopes) == 0 {
		return "", t, markwatch.Errorf(markwatch.CodeInvalid, "请至少选一项权限 / choose at least one permission")
	}
	if ttl > 0 {
		t.Expires = t.Created.Add(ttl)
	}
	has, err := a.store.Tokens(ctx, u.ID)
	if err != nil {
		return "", t, err
	}
	if len(has) >= maxTokens {
		return "", t, markwatch.Errorf(markwatch.CodeConflict, "最多 %d 个令牌,请先撤销不用的 / at most %d tokens: take one back first", maxTokens, maxTokens)
	}
	token := tokenPrefix + secret()
	t.Digest = digest(token)
	return token, t, a.store.AddToken(ctx, t)
}

// Bearer returns whose a token is. It is CodeNotFound where it is unknown, too
// old, or its person is kept out.
func (a *Accounts) Bearer(ctx context.Context, token string) (markwatch.AccessToken, markwatch.User, error) {
	t, u, err := a.store.Token(ctx, digest(token))
	if err != nil {
		return t, u, err
	}
	now := a.now()
	if u.Disabled || !t.Expires.IsZero() && !now.Before(t.Expires) {
		return t, u, markwatch.Errorf(markwatch.CodeNotFound, "the token is no longer good")
	}
	if now.Sub(t.Used) >= time.Minute {
		err = a.store.UseToken(ctx, t.ID, now)
	}
	return t, u, err
}

// TokensOf returns a person's tokens.
func (a *Accounts) TokensOf(ctx context.Context, user string) ([]markwatch.AccessToken, error) {
	return a.store.Tokens(ctx, user)
}

// Revoke takes a person's token back.
func (a *Accounts) Revoke(ctx context.Context, user, id string) error {
	return a.store.DropToken(ctx, user, id)
}
