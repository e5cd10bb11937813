package accounts

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/markwatch/markwatch"
)

// Argon2 are the costs of argon2id: passes, memory in KiB, lanes.
type Argon2 struct {
	Time    uint32
	Memory  uint32
	Threads uint8
}

// DefaultArgon2 is the second recommended choice of RFC 9106, section 4.
var DefaultArgon2 = Argon2{Time: 3, Memory: 64 << 10, Threads: 4}

const (
	saltSize = 16
	keySize  = 32
	// Bounds of a password: NIST SP 800-63B asks for a least length and for no
	// rule on kinds of characters; the most keeps hashing cheap to refuse.
	minPassword = 10   // code points
	maxPassword = 1024 // bytes
	// Bounds of what a stored hash may ask of this machine.
	maxMemory = 1 << 20 // KiB
	maxTime   = 64
)

// hash is the PHC form of a password's argon2id:
// $argon2id$v=19$m=65536,t=3,p=4$<salt>$<key>.
func (c Argon2) hash(password string) string {
	salt := make([]byte, saltSize)
	rand.Read(salt) // never fails: crypto/rand ends the program where it cannot read
	key := argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, keySize)
	return c.encode(salt, key)
}

// unmatched has the form and the costs of a hash and is that of no password
// that anybody could find: its key is random. Making it hashes nothing.
func (c Argon2) unmatched() string {
	salt, key := make([]byte, saltSize), make([]byte, keySize)
	rand.Read(salt) // never fails, as above
	rand.Read(key)
	return c.encode(salt, key)
}

func (c Argon2) encode(salt, key []byte) string {
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Time, c.Threads, enc.EncodeToString(salt), enc.EncodeToString(key))
}

// matches says whether a password is the one of a hash, in the same time
// wherever they differ.
func matches(password, hash string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return false
	}
	var c Argon2
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Time, &c.Threads); err != nil {
		return false
	}
	if c.Memory == 0 || c.Memory > maxMemory || c.Time == 0 || c.Time > maxTime || c.Threads == 0 {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	key, err := base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || len(key) != keySize {
		return false
	}
	return subtle.ConstantTimeCompare(key, argon2.IDKey([]byte(password), salt, c.Time, c.Memory, c.Threads, keySize)) == 1
}

// weak are words that guessers try first, whatever stands around them.
var weak = []string{"password", "markwatch", "biaoshao", "qwerty", "123456789", "111111", "000000", "abc123", "admin"}

// checkPassword refuses a password that would be guessed.
func checkPassword(password string, u markwatch.User) error {
	if utf8.RuneCountInString(password) < minPassword || len(password) > maxPassword {
		return markwatch.Errorf(markwatch.CodeInvalid, "密码须有 %d 至 %d 个字符 / a password has %d to %d characters", minPassword, maxPassword, minPassword, maxPassword)
	}
	plain := strings.ToLower(password)
	rest := plain
	for _, word := range append(weak, strings.ToLower(u.ID), strings.ToLower(u.Name)) {
		if word != "" {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	if distinct(rest) < 4 {
		return markwatch.Errorf(markwatch.CodeInvalid, "密码太容易猜到,请换一个更长的句子 / the password is easy to guess; take a longer phrase")
	}
	return nil
}

func distinct(s string) int {
	seen := map[rune]bool{}
	for _, r := range s {
		seen[r] = true
	}
	return len(seen)
}
