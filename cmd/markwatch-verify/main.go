// Command markwatch-verify checks evidence packages offline, for units that
// receive them. It is `markwatch evidence verify` and nothing else.
package main

import (
	"os"
	"time"

	"github.com/markwatch/markwatch/evidence/pack"
)

func main() { os.Exit(pack.Main(os.Args[1:], os.Stdout, os.Stderr, time.Now())) }
