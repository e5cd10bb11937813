package main

import (
	"os"
	"strings"

	"github.com/markwatch/markwatch/accounts/oidc"
	"github.com/markwatch/markwatch/web"
)

// signIn returns the provider at which people may log in, nil where the
// configuration names none.
func (a *app) signIn() (web.SignIn, error) {
	server := a.cfg.Deployment.Server
	s := server.SignIn
	if !s.On() {
		return nil, nil
	}
	secret, err := a.cfg.SignInSecret(os.LookupEnv)
	if err != nil {
		return nil, err
	}
	return oidc.New(oidc.Config{
		Issuer: s.Issuer, ClientID: s.ClientID, ClientSecret: secret.Reveal(),
		Redirect: strings.TrimSuffix(server.URL, "/") + web.SignInReturn,
		Claim:    s.Claim, Scopes: s.Scopes, GroupsClaim: s.Groups.Claim, Roles: s.Groups.Roles,
	}), nil
}
