package dispatch_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/delivery"
	"github.com/markwatch/markwatch/leads/dispatch"
	"github.com/markwatch/markwatch/store"
	"github.com/markwatch/markwatch/store/storetest"
)

var zone = time.FixedZone("CST", 8*3600)

// now is when everything happens.
var now = time.Date(2026, 11, 26, 9, 30, 0, 0, zone)

// rig is an office on a real record, with two units that get their batches in
// folders.
type rig struct {
	*dispatch.Office
	t     *testing.T
	store *store.Store
	dir   string
	cfg   dispatch.Config

	mu      sync.Mutex
	audited []string
	flushed atomic.Int32
	// packing is called before each package is made, delivering before each
	// delivery; an error fails it.
	packing, delivering func(ctx context.Context, what string) error
	// ways are the names of the folders of each unit.
	ways []string
}

// onEngines runs a test on every engine that there is.
func onEngines(t *testing.T, test func(t *testing.T, r *rig)) {
	t.Helper()
	storetest.Engines(t, func(t *testing.T, dsn func(testing.TB) string) { test(t, newRig(t, dsn(t))) })
}

func newRig(t *testing.T, dsn string) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), store: storetest.Open(t, dsn, store.Options{TimeZone: zone}), ways: []string{"out"}}
	r.cfg = dispatch.Config{
		Store: r.store, Data: r.dir, Code: "标移", Sender: batch.Sender{Name: "某市网络市场监测中心"}, Location: zone,
		Units: func() []markwatch.Unit {
			return []markwatch.Unit{{ID: "u-market", Name: "某市市场监督管理局"}, {ID: "u-culture", Name: "某市文化执法总队"}}
		},
		Judge:   func(context.Context) (dispatch.Judge, error) { return judge{}, nil },
		Packer:  func(context.Context, dispatch.Order) (dispatch.Packer, error) { return packer{r}, nil },
		Targets: r.targets,
		Platform: func(source string) string {
			if source == "shop" {
				return "示例商城有限公司"
			}
			return ""
		},
		IndexAll: func() bool { return false },
		Audit: func(_ context.Context, who, action, object, _ string) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.audited = append(r.audited, who+" "+action+" "+object)
			return nil
		},
		Flush: func(context.Context) error {
			r.flushed.Add(1)
			return nil
		},
		Now: func() time.Time { return now },
	}
	r.Office = dispatch.New(r.cfg)
	return r
}

// judge knows nothing but the lead.
type judge struct{}

func (judge) Row(lead markwatch.Lead, parts []markwatch.Lead) *leads.Row {
	return &leads.Row{Lead: lead, Parts: parts}
}

// packer looks at the page again and makes no package, which takes captures
// and is tested with the program.
type packer struct{ r *rig }

func (p packer) Pack(ctx context.Context, row *leads.Row) (dispatch.Package, error) {
	p.r.mu.Lock()
	before := p.r.packing
	p.r.mu.Unlock()
	if before != nil {
		if err := before(ctx, row.Number); err != nil {
			return dispatch.Package{}, err
		}
	}
	return dispatch.Package{Shown: "on-sale", Note: "仍在售"}, ctx.Err()
}
func (packer) Close() error { return nil }

func (r *rig) targets(unit string) ([]delivery.Target, error) {
	var list []delivery.Target
	for _, way := range r.ways {
		list = append(list, watched{delivery.Folder{Path: filepath.Join(r.dir, way, unit), As: way + "/" + unit}, r})
	}
	return list, nil
}

// watched is a folder whose deliveries a test may hold up or fail.
type watched struct {
	delivery.Folder
	r *rig
}

func (w watched) Deliver(ctx context.Context, p delivery.Parcel) (string, error) {
	if before := w.r.delivering; before != nil {
		if err := before(ctx, w.Name()); err != nil {
			return "", err
		}
	}
	return w.Folder.Deliver(ctx, p)
}

// offer n is sold by a shop of its own.
func offer(n int) markwatch.Listing {
	address := fmt.Sprintf("https://shop.example/item/%d.html", n)
	return markwatch.Listing{
		ID: markwatch.ListingID("", "", address), Source: "shop", URL: address, Title: fmt.Sprintf("高仿跑鞋 %d", n), FetchedAt: now.UTC(),
		Price: &markwatch.Money{Amount: decimal.NewFromInt(199), Currency: markwatch.CNY}, Seller: &markwatch.Seller{ID: fmt.Sprint(n), Name: fmt.Sprintf("店%d", n)},
	}
}

// seen puts the offers from..to into the record as flagged and returns the
// numbers of their leads.
func (r *rig) seen(from, to int) []string {
	r.t.Helper()
	scan, err := r.store.StartScan(r.t.Context(), "shop", now)
	if err != nil {
		r.t.Fatal(err)
	}
	err = r.store.Tx(r.t.Context(), func(tx *sql.Tx) error {
		for n := from; n <= to; n++ {
			l := offer(n)
			v := markwatch.Verdict{ID: l.ID, Score: 0.9, Flagged: true, At: now.UTC(), Violations: map[markwatch.Violation]markwatch.ViolationVerdict{markwatch.Counterfeit: {Score: 0.9, Flagged: true}}}
			if _, err := r.store.PutListing(r.t.Context(), tx, scan, l, v, store.PutOptions{At: now}); err != nil {
				return err
			}
		}
		_, err := r.store.FinishScan(r.t.Context(), tx, scan, store.Finish{Complete: true, At: now})
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	var numbers []string
	for n := from; n <= to; n++ {
		numbers = append(numbers, r.lead(offer(n).ID).Number)
	}
	return numbers
}

func (r *rig) lead(id string) markwatch.Lead {
	r.t.Helper()
	l, err := r.store.Lead(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return l
}

// take has somebody do something with a lead.
func (r *rig) take(id, who string, o leads.Order) error {
	_, err := r.store.UpdateLead(r.t.Context(), id, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		return leads.Take(l, o, who, now)
	})
	return err
}

// approved lets two people send leads to a unit.
func (r *rig) approved(unit string, ids ...string) {
	r.t.Helper()
	for _, id := range ids {
		err := r.take(id, "张敏", leads.Order{Act: leads.ActConfirm})
		if err == nil {
			err = r.take(id, "李强", leads.Order{Act: leads.ActApprove, Addressee: markwatch.Addressee{Unit: unit, Basis: "投诉举报处理办法第25条"}})
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

func order(unit string, numbers ...string) dispatch.Order {
	return dispatch.Order{Unit: unit, Leads: numbers, By: "王丽"}
}

// unwatched is a Watch for those who look at nothing.
func unwatched(dispatch.Progress) {}

// batches are the numbers that were taken, the first first.
func (r *rig) batches() []string {
	r.t.Helper()
	list, err := r.Batches(r.t.Context(), "")
	if err != nil {
		r.t.Fatal(err)
	}
	numbers := make([]string, len(list))
	for i, b := range list {
		numbers[len(list)-1-i] = b.Number
	}
	return numbers
}

// deliveries are the tries of a batch, as "target state".
func (r *rig) deliveries(number string) []string {
	r.t.Helper()
	list, err := r.Deliveries(r.t.Context(), number)
	if err != nil {
		r.t.Fatal(err)
	}
	var all []string
	for _, d := range list {
		all = append(all, d.Target+" "+d.State)
	}
	return all
}

// code fails where an error is not of a code; "" is none.
func code(t *testing.T, what string, err error, want markwatch.Code) {
	t.Helper()
	if got := markwatch.ErrorCode(err); got != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

var errNoWay = errors.New("the other side is away")
