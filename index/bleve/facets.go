package bleve

import (
	"cmp"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/markwatch/markwatch/index"
)

// count counts the values of the facets with bitmaps, and the sellers, who
// are too many for that, by their numbers.
func (s *snapshot) count(found []matched, q index.Query) (map[index.Field][]index.Count, error) {
	if len(q.Facets) == 0 {
		return nil, nil
	}
	limit := q.FacetLimit
	if limit <= 0 {
		limit = index.DefaultFacetLimit
	}
	lists := make([][]index.Count, len(q.Facets))
	group := errgroup.Group{}
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range q.Facets {
		group.Go(func() error {
			counts, err := s.countField(found, f, limit)
			lists[i] = first(counts, limit)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := map[index.Field][]index.Count{}
	for i, f := range q.Facets {
		out[f] = lists[i]
	}
	return out, nil
}

// countField counts the values of one field.
func (s *snapshot) countField(found []matched, f index.Field, limit int) (counts []index.Count, err error) {
	if f == index.FieldSeller {
		return s.countSellers(found, limit), nil
	}
	sums := map[string]int{}
	for i, seg := range s.segments {
		docs := found[i].without(f)
		if docs.IsEmpty() {
			continue
		}
		values, err := seg.facet(f)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			if n := v.docs.AndCardinality(docs); n > 0 {
				sums[v.value] += int(n)
			}
		}
	}
	for value, n := range sums {
		counts = append(counts, index.Count{Value: value, N: n})
	}
	return counts, nil
}

func (s *snapshot) countSellers(found []matched, limit int) []index.Count {
	names := s.sellers.all()
	sums := make([]int, len(names))
	for i, seg := range s.segments {
		for it := found[i].without(index.FieldSeller).Iterator(); it.HasNext(); {
			sums[seg.sellers[it.Next()]]++
		}
	}
	var counts []index.Count
	least := 1 // what a seller must have to get in
	for n, sum := range sums {
		if n > 0 && sum >= least {
			counts = append(counts, index.Count{Value: names[n], N: sum})
			// Of very many sellers only the first few are ever wanted.
			if len(counts) >= 16*limit+256 {
				counts = first(counts, limit)
				least = counts[limit-1].N
			}
		}
	}
	return counts
}

// first returns the most frequent values, equal ones by name.
func first(counts []index.Count, n int) []index.Count {
	slices.SortFunc(counts, func(a, b index.Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
	})
	return counts[:min(n, len(counts))]
}
