package bleve

import (
	"cmp"
	"context"
	"iter"
	"math"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/markwatch/markwatch/index"
)

// acquire returns the current state; the caller releases it.
func (x *Index) acquire() (*snapshot, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.current.acquire()
}

// Search implements index.Index.
func (x *Index) Search(ctx context.Context, q index.Query) (index.Result, error) {
	s, err := x.acquire()
	if err != nil {
		return index.Result{}, err
	}
	defer s.release()
	p, found, err := x.match(ctx, s, q)
	if err != nil {
		return index.Result{}, err
	}
	var result index.Result
	for _, m := range found {
		result.Total += int(m.hits.GetCardinality())
	}
	if result.Facets, err = s.count(found, q); err != nil {
		return index.Result{}, err
	}
	limit := q.Limit
	if limit == 0 {
		limit = index.DefaultLimit
	}
	offset := max(0, q.Offset)
	if limit < 0 || offset >= result.Total {
		return result, nil
	}
	top, err := s.top(ctx, p, q.Sort, found, offset+min(limit, result.Total-offset))
	if err != nil {
		return index.Result{}, err
	}
	typos := map[index.Term][]string{}
	for _, t := range p.terms {
		typos[t.of] = t.typos
	}
	marks := index.NewHighlighter(q, x.options.Fold, func(t index.Term) []string { return typos[t] })
	for _, h := range top[offset:] {
		seg := s.segments[h.segment]
		hit := index.Hit{ID: seg.id(h.doc), Score: seg.columns[index.FieldScore][h.doc]}
		if len(q.Terms) > 0 {
			err := seg.stored(h.doc, storedShown, func(b []byte) {
				d := decodeShown(b)
				hit.Highlights = marks.Document(&d)
			})
			if err != nil {
				return index.Result{}, err
			}
		}
		result.Hits = append(result.Hits, hit)
	}
	return result, nil
}

// All implements index.Index.
func (x *Index) All(ctx context.Context, q index.Query) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		s, err := x.acquire()
		if err != nil {
			yield("", err)
			return
		}
		defer s.release()
		q.Facets = nil
		p, found, err := x.match(ctx, s, q)
		if err != nil {
			yield("", err)
			return
		}
		all, err := s.top(ctx, p, q.Sort, found, math.MaxInt)
		if err != nil {
			yield("", err)
			return
		}
		for _, h := range all {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if !yield(s.segments[h.segment].id(h.doc), nil) {
				return
			}
		}
	}
}

// match evaluates a query on all segments.
func (x *Index) match(ctx context.Context, s *snapshot, q index.Query) (*plan, []matched, error) {
	p, err := x.plan(s, q)
	if err != nil {
		return nil, nil, err
	}
	found := make([]matched, len(s.segments))
	err = s.each(ctx, func(ctx context.Context, i int) (err error) {
		found[i], err = s.segments[i].match(ctx, p)
		return err
	})
	return p, found, err
}

// each does something in every segment, in several at a time, and returns the
// first failure.
func (s *snapshot) each(ctx context.Context, do func(ctx context.Context, i int) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	// The largest first, so that none is left for the end alone.
	order := make([]int, len(s.segments))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(s.segments[b].count, s.segments[a].count) })
	for _, i := range order {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(ctx, i)
		})
	}
	return group.Wait()
}

// candidate is a hit with what it is ordered by, higher first.
type candidate struct {
	keys    [3]float64
	segment int
	doc     uint32
}

// top returns the first n hits in order, or all where there are fewer.
func (s *snapshot) top(ctx context.Context, p *plan, order index.Sort, found []matched, n int) ([]candidate, error) {
	compare := func(a, b candidate) int {
		for i := range a.keys {
			if c := cmp.Compare(b.keys[i], a.keys[i]); c != 0 {
				return c
			}
		}
		return strings.Compare(s.segments[a.segment].id(a.doc), s.segments[b.segment].id(b.doc))
	}
	ranks := make([][]float64, len(s.segments))
	if p.ranked {
		err := s.each(ctx, func(ctx context.Context, i int) (err error) {
			ranks[i], err = s.segments[i].ranks(ctx, p, found[i].hits)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	var list []candidate
	// full is true once list[n-1] bounds what can still get in.
	full := false
	for i, seg := range s.segments {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		key := seg.keys(order, ranks[i])
		for it := found[i].hits.Iterator(); it.HasNext(); {
			doc := it.Next()
			c := candidate{key(doc), i, doc}
			if full && compare(c, list[n-1]) > 0 {
				continue
			}
			list = append(list, c)
			if n < math.MaxInt/2 && len(list) >= 2*n+256 {
				slices.SortFunc(list, compare)
				list, full = list[:n], true
			}
		}
	}
	slices.SortFunc(list, compare)
	return list[:min(n, len(list))], nil
}

// keys returns what a document of the segment is ordered by.
func (s *segment) keys(order index.Sort, ranks []float64) func(doc uint32) [3]float64 {
	score, seen := s.columns[index.FieldScore], s.columns[index.FieldSeen]
	first := score
	sign := 1.0
	switch order {
	case index.SortNewest:
		first = s.columns[index.FieldFirst]
	case index.SortSeen:
		first = seen
	case index.SortCheap:
		first, sign = s.columns[index.FieldPrice], -1
	case index.SortDear:
		first = s.columns[index.FieldPrice]
	case index.SortSales:
		first = s.columns[index.FieldSales]
	case index.SortRelevance:
		return func(doc uint32) [3]float64 { return [3]float64{ranks[doc], known(score[doc]), known(seen[doc])} }
	}
	return func(doc uint32) [3]float64 { return [3]float64{known(sign * first[doc]), known(seen[doc])} }
}

// known puts a missing number last in either direction.
func known(v float64) float64 {
	if v != v {
		return math.Inf(-1)
	}
	return v
}

// ranks adds up the weights of index.SortRelevance for the hits.
func (s *segment) ranks(ctx context.Context, p *plan, hits *roaring.Bitmap) ([]float64, error) {
	sum := make([]float64, s.count)
	best := make([]float64, s.count)
	for i := range p.terms {
		t := &p.terms[i]
		if t.not {
			continue
		}
		clear(best)
		for _, w := range []struct {
			tags   string
			weight float64
		}{
			{t.tags, index.WeightText}, {string(index.TagOf(index.FieldSeller)), index.WeightSeller},
			{string(index.TagOf(index.FieldBrand)), index.WeightName}, {string(index.TagOf(index.FieldTitle)), index.WeightTitle},
		} {
			if !strings.Contains(t.tags, w.tags) {
				continue
			}
			near, err := s.term(ctx, w.tags, t)
			if err != nil {
				return nil, err
			}
			raise(best, near, hits, w.weight/2)
			exact, err := s.exactly(ctx, w.tags, t)
			if err != nil {
				return nil, err
			}
			raise(best, exact, hits, w.weight)
		}
		for it := hits.Iterator(); it.HasNext(); {
			doc := it.Next()
			sum[doc] += best[doc]
		}
	}
	return sum, nil
}

func raise(best []float64, docs, hits *roaring.Bitmap, weight float64) {
	for it := roaring.And(docs, hits).Iterator(); it.HasNext(); {
		doc := it.Next()
		best[doc] = max(best[doc], weight)
	}
}
