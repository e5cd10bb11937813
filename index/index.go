package index

import (
	"context"
	"iter"

	"github.com/markwatch/markwatch"
)

// Index is a search engine that holds Documents. All methods may be called at
// the same time. An index that cannot be reached returns an error of
// markwatch.CodeUnavailable; the caller may try again later.
type Index interface {
	// Put adds documents or replaces those of the same id. When it returns,
	// Search sees them and they are on disk. To put the same document twice
	// changes nothing.
	Put(ctx context.Context, docs []Document) error
	// Delete takes documents out; an id that is not there is no error.
	Delete(ctx context.Context, ids []string) error
	Search(ctx context.Context, q Query) (Result, error)
	// All yields the id of every hit in the query's order, whatever its
	// number; Offset, Limit and Facets count for nothing. It is one state of
	// the index: what is put meanwhile does not show.
	All(ctx context.Context, q Query) iter.Seq2[string, error]
	// Rebuild fills a second index and puts it in the first one's place.
	// Until then searches are answered by the first; what is put or deleted
	// meanwhile is in both and wins over docs. Where docs yields an error, or
	// ctx ends, everything stays as it was.
	Rebuild(ctx context.Context, docs iter.Seq2[Document, error]) error
	Count(ctx context.Context) (int, error)
	Close() error
}

// Result is the answer to a Query.
type Result struct {
	// Total is the exact number of hits.
	Total int
	// Hits is the page that was asked for.
	Hits []Hit
	// Facets has the most frequent values first, equal counts by value.
	Facets map[Field][]Count
}

// Hit is one found document.
type Hit struct {
	ID string
	// Score is the document's suspicion, not its rank.
	Score float64
	// Highlights are what matched, as spans of code points in the fields
	// that markwatch.Listing.TextFields names: title, description, text,
	// brand, seller.name, seller.region, ships_from. A field without any is
	// left out.
	Highlights map[string][]markwatch.Span
}

// Count is how many hits have a value.
type Count struct {
	Value string
	N     int
}
