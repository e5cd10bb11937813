package meili

import (
	"context"
	"iter"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch/index"
)

// allPage is how many ids are read at once.
const allPage = 5000

// All implements index.Index. The ids are read before the first is yielded,
// and nothing is written through this process meanwhile, so that they are of
// one state.
func (x *Index) All(ctx context.Context, q index.Query) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		ids, err := x.all(ctx, q)
		if err != nil {
			yield("", err)
			return
		}
		for _, id := range ids {
			if err := ctx.Err(); err != nil {
				yield("", err)
				return
			}
			if !yield(id, nil) {
				return
			}
		}
	}
}

func (x *Index) all(ctx context.Context, q index.Query) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := x.Prepare(ctx); err != nil {
		return nil, err
	}
	x.writes.RLock()
	defer x.writes.RUnlock()
	p, err := x.plan(ctx, q)
	if err != nil || p.nothing {
		return nil, err
	}
	parts, order := []expr{p.hits()}, orderOf(q.Sort)
	if ranks := p.ranks(q.Sort); ranks != nil {
		parts, order = nil, orderOf(index.SortScore)
		for _, r := range ranks {
			parts = append(parts, expr(r))
		}
	}
	var ids []string
	for _, part := range parts {
		for offset := 0; ; offset += allPage {
			answers, err := x.ask(ctx, []*ms.SearchRequest{x.page(part, order, offset, allPage, false)})
			if err != nil {
				return nil, err
			}
			found, err := x.hits(answers[0].Hits, p, index.Query{})
			if err != nil {
				return nil, err
			}
			for _, h := range found {
				ids = append(ids, h.ID)
			}
			if len(found) < allPage {
				break
			}
		}
	}
	return ids, nil
}
