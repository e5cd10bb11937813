package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// Manifest lists what is in a package and what it is about.
type Manifest struct {
	Format int `json:"format"`
	// ID is unique: the lead's number, the time and a random part.
	ID string `json:"id"`
	// Notice says what a package is and is not.
	Notice Text   `json:"notice"`
	Lead   string `json:"lead"`
	URL    string `json:"url,omitempty"`
	// At is when the package was made, by the maker's clock.
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	Clock Clock     `json:"clock"`
	Tool  Tool      `json:"tool"`
	// Shown says what a fetch before sending showed: on-sale, changed, gone or
	// "not-checked".
	Shown string `json:"shown"`
	// Log is the hash of the last entry of the access log.
	Log   string `json:"log"`
	Files []File `json:"files"`
}

// Text is a sentence in Chinese and in English.
type Text struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// File is one file of a package.
type File struct {
	Name string `json:"name"`
	// What says what it is, for the list of electronic data.
	What   Text   `json:"what"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	SM3    string `json:"sm3"`
}

// Clock says how far the maker's clock is known to be right.
type Clock struct {
	// Checked says against what, empty where it was not; Offset is how far the
	// maker's clock was ahead, Margin the bound of the error of that, both as
	// time.Duration writes them, and At when it was measured.
	Checked string    `json:"checked,omitempty"`
	Offset  string    `json:"offset,omitempty"`
	Margin  string    `json:"margin,omitempty"`
	At      time.Time `json:"at,omitzero"`
	// Unknown says why it was not checked.
	Unknown string `json:"unknown,omitempty"`
	Zone    string `json:"zone"`
}

// Tool is what made the package, and where.
type Tool struct {
	Name        string `json:"name"`
	Version     string `json:"version"`
	System      string `json:"system"`
	Environment string `json:"environment,omitempty"`
	// Knowledge are the versions of lists and rules of the verdict.
	Knowledge string `json:"knowledge,omitempty"`
}

// sums computes both check values of what is written to it.
type sums struct {
	sha, sm hash.Hash
	n       int64
}

func newSums() *sums { return &sums{sha: sha256.New(), sm: sm3.New()} }

// Write implements io.Writer.
func (s *sums) Write(p []byte) (int, error) {
	s.sha.Write(p)
	s.sm.Write(p)
	s.n += int64(len(p))
	return len(p), nil
}

func (s *sums) file(name string, what Text) File {
	return File{Name: name, What: what, Bytes: s.n, SHA256: hex.EncodeToString(s.sha.Sum(nil)), SM3: hex.EncodeToString(s.sm.Sum(nil))}
}

var _ io.Writer = (*sums)(nil)
