package accounts

import (
	"slices"

	"github.com/markwatch/markwatch"
)

// Permission is what a page or a call of the API asks of a person. The scopes
// of access tokens are permissions too.
type Permission string

// The permissions, from least to most; each contains those before it.
const (
	See        Permission = "see"        // search, look at leads, scans, sources
	Decide     Permission = "decide"     // change leads, export
	Approve    Permission = "approve"    // approve what another decided
	Administer Permission = "administer" // people, lists, rules, the audit log
)

// Permissions returns every permission, from least to most.
func Permissions() []Permission { return []Permission{See, Decide, Approve, Administer} }

// May says whether a role has a permission: the roles and the permissions
// stand in the same order.
func May(role markwatch.UserRole, p Permission) bool {
	has, needs := slices.Index(markwatch.UserRoles(), role), slices.Index(Permissions(), p)
	return needs >= 0 && has >= needs
}

// Granted says whether a token's scopes hold a permission. Unlike roles, a
// scope contains no other: a token has what it names.
func Granted(scopes []string, p Permission) bool { return slices.Contains(scopes, string(p)) }
