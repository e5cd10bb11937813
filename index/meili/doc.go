// Package meili is the search engine for a deployment that outgrew one machine:
// an index.Index on a Meilisearch server, 1.18 or newer, written for 1.50.
//
// Meilisearch's own text search cuts Chinese into words, forgives by its own
// rules, looks at ten words of a query and counts hits by estimate. None of it
// can give exactly the hits that the index promises, so none of it decides
// what is a hit. Each document carries, as values to filter by, every run of
// one to four tokens of its text (grams). A searched text of up to four tokens
// is one filter; a longer one is the filter that all its runs of four be there,
// and the few documents that have them elsewhere than in a row are found by
// reading the text of the candidates and left out by key. Typos are looked up
// among the words of the index (facet search) and measured here by the rule
// that every engine has. So a query is one expression of Meilisearch's filter
// language, its number of hits and its facets are exact, and its order is that
// of sorting by fields. Order by relevance asks for the ranks one by one.
//
// All values to filter by are written in lower-case ASCII (see code), since
// Meilisearch folds case, forms and spaces of what it compares.
package meili
