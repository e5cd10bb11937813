// Package pack makes evidence packages of leads and checks them offline.
//
// A package is a ZIP file. manifest.json lists every other file but the seals
// with its size, SHA-256 (FIPS 180-4) and SM3 (GB/T 32905); seals/ holds the
// signature of the manifest (Ed25519, or SM2 after GB/T 32918), the public
// key, and time-stamp tokens of the manifest (RFC 3161). access-log.ndjson is
// a log whose entries are chained by their hash. docs/evidence.md describes
// every file; Format is the version of the form.
//
// The package writes and reads files only. It needs neither a network nor a
// database, so that a receiving unit's verifier is small.
package pack

// Format is the version of the form of packages.
const Format = 1

// The files of a package that the program itself looks at.
const (
	ManifestFile  = "manifest.json"
	AccessLogFile = "access-log.ndjson"
	SignatureFile = "seals/manifest.sig"
	PublicKeyFile = "seals/public-key.pem"
	TokenFile     = "seals/manifest.tsr"
	sealsDir      = "seals/"
)

// The bounds of what is read of a package that may be hostile.
const (
	maxFiles = 10_000
	maxFile  = 1 << 30
	maxTotal = 4 << 30
	maxSmall = 16 << 20 // manifest, log, seals
)
