package meili

import (
	"context"
	"sync"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch/index"
)

// readDocs is how many documents are read at once.
const readDocs = 1000

// elsewhere returns the keys of the documents that have all runs of a long
// text, but nowhere in a row. There are hardly ever any; to know, the lines of
// all candidates are read.
func (x *Index) elsewhere(ctx context.Context, among expr, t planTerm) ([]string, error) {
	filter := all(among, t.found(t.tags))
	if keys, ok := x.verified.get(filter); ok {
		return keys, nil
	}
	since := x.verified.state()
	needle := []byte(index.Needle(t.tokens))
	var wrong []string
	for offset := int64(0); ; offset += readDocs {
		var page ms.DocumentsResult
		err := x.server.Index(x.uid).GetDocuments(ctx, &ms.DocumentsQuery{
			Filter: string(filter), Fields: []string{attrKey, attrLines}, Offset: offset, Limit: readDocs,
		}, &page)
		if err != nil {
			return nil, x.fault(ctx, err, "reading candidates")
		}
		for _, hit := range page.Results {
			var d shown
			if err := hit.DecodeInto(&d); err != nil {
				return nil, x.fault(ctx, err, "reading candidates")
			}
			if !index.HoldsLine([]byte(d.Lines), t.tags, needle) {
				wrong = append(wrong, d.Key)
			}
		}
		if len(page.Results) == 0 || offset+readDocs >= page.Total {
			break
		}
	}
	x.verified.put(since, filter, wrong)
	return wrong, nil
}

// verified remembers what elsewhere found, until something is written.
type verified struct {
	mu    sync.Mutex
	epoch int
	known map[expr][]string
}

// maxVerified is how many answers are remembered.
const maxVerified = 256

func (v *verified) state() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.epoch
}

func (v *verified) get(filter expr) ([]string, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, ok := v.known[filter]
	return keys, ok
}

// put remembers an answer, unless something was written since it was begun.
func (v *verified) put(since int, filter expr, keys []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.epoch != since {
		return
	}
	if len(v.known) >= maxVerified || v.known == nil {
		v.known = map[expr][]string{}
	}
	v.known[filter] = keys
}

func (v *verified) forget() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.epoch++
	v.known = nil
}
