package scan

import (
	"context"
	"sync"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

const (
	// marketDays is how far back the market's prices go, marketSellers how
	// many sellers a product line needs before its market says something.
	marketDays    = 90
	marketSellers = 8
	// marketAge is how old the market may be that listings are held against:
	// it moves little in a night, and is read over all that is stored.
	marketAge = time.Hour
)

// Market is what sellers asked of late, as listings are held against it at a
// time.
func Market(ctx context.Context, st *store.Store, at time.Time) (map[markwatch.Line]markwatch.LineMarket, error) {
	return st.Market(ctx, at.AddDate(0, 0, -marketDays), marketSellers)
}

// market is what sellers asked of late, read from the store now and then.
type market struct {
	mu    sync.Mutex
	at    time.Time
	lines map[markwatch.Line]markwatch.LineMarket
}

// now returns the market; the map is not to be changed. Where it cannot be read
// the one before holds, and listings are judged without it where there is none.
func (m *market) now(ctx context.Context, s *Scanner) map[markwatch.Line]markwatch.LineMarket {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := s.now()
	if !m.at.IsZero() && now.Sub(m.at) < marketAge {
		return m.lines
	}
	lines, err := Market(ctx, s.store, now)
	if err != nil {
		m.at = now
		s.log.Warn("the market's prices cannot be read; listings are judged without them", "error", err)
		return m.lines
	}
	m.at, m.lines = now, lines
	return lines
}
