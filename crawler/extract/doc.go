// Package extract reads offers out of a fetched page. It is pure: the same
// page and options give the same listings, and nothing outside is asked.
//
// A page is decoded and parsed once (Parse). Readers of one kind of markup
// each (JSON-LD, microdata, RDFa, Open Graph, embedded state, result tiles,
// configured selectors, visible text) give readings; the readings are merged
// by the rules that docs/extraction.md states, and every field of a Listing
// says in Origins which reading it came from.
//
// Pages are hostile: every reader bounds what it takes.
package extract
