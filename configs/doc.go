// Package configs reads a configuration folder into validated, read-only
// values, and holds the lists that the program ships with.
//
// Reading is strict: an unknown key, a duplicate id or an impossible value is a
// Problem that names the file, the line, the column, the key and the nearest
// right key or value. A folder is read to its end, so that all problems show
// in one go; a file with broken syntax is one Problem and the other files are
// still checked.
//
// A folder holds
//
//	markwatch.yaml    the deployment
//	brands.yaml       protected brands
//	works.yaml        protected works
//	sources/*.yaml    places to watch
//	lexicons/*.yaml   weighted words of a trade
//	rules/*.yaml      rule packs; may bring lexicons of their own
//	units.yaml        authorities that receive leads, and routes to them
//	rates.yaml        exchange rates of one day
//
// Every file may be absent. The shipped lexicons are always there; a lexicon
// of the folder replaces the shipped one of the same id as a whole. Without
// rates.yaml the shipped rates apply. The other lists are empty where their
// file is absent, so that a folder protects what it names and nothing else.
package configs
