package configs

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// SignIn is a provider of OpenID Connect at which people may log in beside
// their passwords; without an issuer there is none.
type SignIn struct {
	// Issuer is the provider's address, under which its
	// /.well-known/openid-configuration lies.
	Issuer   string `yaml:"issuer"`
	ClientID string `yaml:"client_id"`
	// ClientSecret is ${NAME} or empty, ClientSecretFile a path; one of them.
	ClientSecret     Secret `yaml:"client_secret"`
	ClientSecretFile string `yaml:"client_secret_file"`
	// Claim is the claim whose value is a person's subject.
	Claim string `yaml:"claim"`
	// Scopes are asked for beside openid.
	Scopes []string `yaml:"scopes"`
	// Names lets the claim's value stand for the account of that login name.
	Names bool `yaml:"names"`
	// Create makes people who are unknown viewers without bounds.
	Create bool   `yaml:"create"`
	Groups Groups `yaml:"groups"`
}

// Groups give people roles by what the provider says of their groups.
type Groups struct {
	Claim string                        `yaml:"claim"`
	Roles map[string]markwatch.UserRole `yaml:"roles"`
}

// On says whether people may log in there.
func (s SignIn) On() bool { return s.Issuer != "" }

// signIn checks the provider and fills in its defaults; address is the desk's
// own.
func (c checker) signIn(p *keyPath, s *SignIn, address string) {
	c.optionalURL(p.key("issuer"), s.Issuer, "https", "http")
	c.secret(p.key("client_secret"), s.ClientSecret, s.ClientSecretFile)
	fill(&s.Claim, "sub")
	fill(&s.Groups.Claim, "groups")
	if s.Scopes == nil {
		s.Scopes = []string{"profile"}
	}
	c.texts(p.key("scopes"), s.Scopes)
	roles := p.key("groups").key("roles")
	for group, role := range s.Groups.Roles {
		if !slices.Contains(markwatch.UserRoles(), role) {
			c.fail(roles.key(group), "", "is %q, which is no role: viewer, investigator, approver, administrator", role)
		}
	}
	if !s.On() {
		if s.ClientID != "" {
			c.fail(p.key("issuer"), "", "is missing, but there is a client_id")
		}
		return
	}
	c.required(p.key("client_id"), s.ClientID)
	if s.ClientSecret == "" && s.ClientSecretFile == "" {
		c.fail(p.key("client_secret_file"), "", "is missing")
	}
	if address == "" {
		c.fail(p.key("issuer"), "", "needs server.url, the address to which people are sent back")
	}
}

// SignInSecret resolves the secret of the provider of logins. The error is
// Problems, which quote no secret.
func (c *Config) SignInSecret(lookup func(name string) (value string, ok bool)) (Secret, error) {
	rep := newReport()
	s := c.Deployment.Server.SignIn
	at := (*keyPath)(nil).key("server").key("sign_in")
	secret := resolver{c, rep, lookup}.either(at, "client_secret", s.ClientSecret, s.ClientSecretFile)
	return secret, rep.err()
}
