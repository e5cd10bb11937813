package accounts

import (
	"encoding/base64"
	"strings"
	"testing"
)

// TestAnUnknownNameIsHashedLikeAKnownOne: what an unknown name is tried against
// asks for the very work that a password's hash does, and no password fits.
func TestAnUnknownNameIsHashedLikeAKnownOne(t *testing.T) {
	c := Argon2{Time: 1, Memory: 64, Threads: 1}
	known, unknown := strings.Split(c.hash("a long password"), "$"), strings.Split(New(nil, Options{Argon2: c}).nobody, "$")
	if len(unknown) != len(known) || strings.Join(known[:4], "$") != strings.Join(unknown[:4], "$") {
		t.Fatalf("known %q, unknown %q", known, unknown)
	}
	for i, size := range []int{saltSize, keySize} {
		if part, err := base64.RawStdEncoding.DecodeString(unknown[4+i]); err != nil || len(part) != size {
			t.Errorf("part %d has %d bytes, %v", 4+i, len(part), err)
		}
	}
	for _, password := range []string{"", "a long password", unknown[5]} {
		if matches(password, strings.Join(unknown, "$")) {
			t.Errorf("%q fits", password)
		}
	}
}
