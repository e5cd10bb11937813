package markwatch

import "time"

// User is a person who works at the desk.
type User struct {
	// ID is the name by which the person logs in; it stands in histories and
	// in the audit log and is never given to another.
	ID string `json:"id"`
	// Name is what colleagues see; the ID where it is empty.
	Name string   `json:"name,omitempty"`
	Role UserRole `json:"role"`
	Bounds
	// Subject is the value by which the provider of logins (OpenID Connect)
	// knows the person, that of the configured claim; empty where it does not.
	Subject string `json:"subject,omitempty"`
	// Disabled keeps the person out; what was done stays in the records.
	Disabled bool `json:"disabled,omitempty"`
	// PasswordHash is argon2id in PHC form, empty where no password was set.
	PasswordHash string    `json:"-"`
	Created      time.Time `json:"created,omitzero"`
	LastLogin    time.Time `json:"last_login,omitzero"`
}

// Shown is the name for colleagues.
func (u User) Shown() string {
	if u.Name != "" {
		return u.Name
	}
	return u.ID
}

// UserRole says what a person may do; each role may do what those before it may.
type UserRole string

// The roles, from least to most.
const (
	RoleViewer        UserRole = "viewer"        // looks
	RoleInvestigator  UserRole = "investigator"  // decides leads
	RoleApprover      UserRole = "approver"      // approves what others decided
	RoleAdministrator UserRole = "administrator" // people, lists, rules, the audit log
)

// UserRoles returns every role, from least to most.
func UserRoles() []UserRole {
	return []UserRole{RoleViewer, RoleInvestigator, RoleApprover, RoleAdministrator}
}

// Bounds keep a person to the leads of some units and regions. An empty list
// is no bound; where both are set, a lead must lie within both.
type Bounds struct {
	// Units are ids of units.
	Units []string `json:"units,omitempty"`
	// Regions are provinces as the index names them (福建).
	Regions []string `json:"regions,omitempty"`
}

// Session is an open login. ID is the SHA-256 of the secret in the cookie, in
// hexadecimal digits.
type Session struct {
	ID     string
	User   string
	Opened time.Time
	Used   time.Time
}

// Link is a one-time link. ID is the SHA-256 of its secret.
type Link struct {
	ID      string
	User    string // empty for the link of a deployment's first start
	Purpose LinkPurpose
	Expires time.Time
}

// LinkPurpose is what a one-time link is good for.
type LinkPurpose string

// The purposes of a link.
const (
	LinkSetup    LinkPurpose = "setup"    // makes the first administrator
	LinkPassword LinkPurpose = "password" // lets a person set a password
	LinkLogin    LinkPurpose = "login"    // opens one session
	LinkSignIn   LinkPurpose = "sign-in"  // ends a login that began at the provider of logins
)

// AccessToken lets a program work in a person's name, within its scopes and
// never beyond the person's role.
type AccessToken struct {
	// ID names the token in lists; Digest is the SHA-256 of its secret.
	ID      string    `json:"id"`
	Digest  string    `json:"-"`
	User    string    `json:"user"`
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"`
	Used    time.Time `json:"used,omitzero"`
}

// Attempts count failed logins under one key: a name or an address.
type Attempts struct {
	Failures int
	Last     time.Time
	// Until is when the key may try again; zero where it is not locked.
	Until time.Time
}
