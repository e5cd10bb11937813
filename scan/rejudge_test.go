package scan_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/markwatch/markwatch"
)

const replica = "耐克 Nike Air Force 1 空军一号 顶级复刻 莆田纯原 支持过验"

// replicaShop has one offer that is suspect to those who know the brand, and
// one that never is.
func replicaShop() *shelf {
	docs := &shelf{}
	docs.put("/", htmlUTF8, `<title>小店</title><p>欢迎光临</p><a href="/item/1">一</a> <a href="/item/2">二</a>`)
	docs.put("/item/1", htmlUTF8, offer(replica, "168.00", "鞋坊小李", "高仿一比一,加微信看实拍,一件代发"))
	docs.put("/item/2", htmlUTF8, offer(teapot(5), "268.00", "陶艺工坊", "本店手工制作"))
	return docs
}

// unknowing are lists of those who protect nothing yet.
func unknowing(lists *markwatch.Lists) { lists.Brands, lists.Rules, lists.Lexicons = nil, nil, nil }

func TestNewListsAreHeldAgainstWhatIsStored(t *testing.T) {
	docs := replicaShop()
	v, site := visited(t, docs)
	clock := &calendar{now: time.Now()}
	src := source(site.URL)
	src.Revisit = week
	dir := t.TempDir()
	r := deploy(t, dir, setup{now: clock.Now, lists: unknowing}, src)
	if sum := r.night("shop"); sum.Leads.New != 0 || sum.Listings.New != 2 {
		t.Fatalf("without lists: %+v", sum)
	}
	first := r.listings()[replica].Listing
	r.stop()
	v.begin()

	r = deploy(t, dir, setup{now: clock.Now}, src)
	done, err := r.scanner.Rejudge(t.Context(), nil)
	if err != nil || done.Listings != 2 || done.LeadsNew != 1 || v.begin() != 0 {
		t.Fatalf("judged again: %+v, %v", done, err)
	}
	lead, err := r.store.Lead(t.Context(), first.ID)
	if err != nil || len(lead.Verdict.Findings) == 0 || lead.Listing.Snapshot != first.Snapshot {
		t.Fatalf("lead %+v, %v", lead, err)
	}
	if done, err := r.scanner.Rejudge(t.Context(), nil); err != nil || done.Listings != 0 {
		t.Errorf("there is more to judge: %+v, %v", done, err)
	}

	// The next scan makes the lead's evidence anew, long before the page is due.
	clock.add(time.Hour)
	r.night("shop")
	if v.count("/item/1") != 1 || v.count("/item/2") != 0 || v.unchanged != 1 {
		t.Errorf("asked %v, %d unchanged", v.asked, v.unchanged)
	}
	lead, err = r.store.Lead(t.Context(), first.ID)
	if err != nil || lead.Listing.Snapshot == first.Snapshot || !r.readable(lead.Listing.Snapshot) {
		t.Errorf("evidence %q, was %q, %v", lead.Listing.Snapshot, first.Snapshot, err)
	}

	_, err = r.store.UpdateLead(t.Context(), first.ID, func(l markwatch.Lead) (markwatch.Lead, []markwatch.LeadEvent, error) {
		l.Status, l.Reason = markwatch.LeadDismissed, "授权经销商"
		return l, nil, nil
	})
	check(t, err)
	r.stop()
	r = deploy(t, dir, setup{now: clock.Now, lists: func(lists *markwatch.Lists) {
		lists.Brands = append(lists.Brands, markwatch.Brand{ID: "bluewhale", Names: map[string]string{"zh": "蓝鲸牌"}})
	}}, src)
	if done, err := r.scanner.Rejudge(t.Context(), nil); err != nil || done.Listings != 2 || done.LeadsNew != 0 {
		t.Errorf("judged a third time: %+v, %v", done, err)
	}
	lead, err = r.store.Lead(t.Context(), first.ID)
	if err != nil || lead.Status != markwatch.LeadDismissed || lead.Reason != "授权经销商" {
		t.Errorf("what people decided: %+v, %v", lead, err)
	}
}

func TestJudgingAgainGoesOnWhereItWasInterrupted(t *testing.T) {
	rows, _ := platformTable()
	dir := t.TempDir()
	src := handedOver(t, dir, "goods.csv", []byte(csvOf(rows)))
	r := deploy(t, dir, setup{lists: unknowing}, src)
	r.night("goods")
	r.stop()
	r = deploy(t, dir, setup{}, src)
	ctx, cancel := context.WithCancel(t.Context())
	first, err := r.scanner.Rejudge(ctx, func(int) { cancel() })
	if !errors.Is(err, context.Canceled) || first.Listings == 0 || first.Listings >= tableRows-1 {
		t.Fatalf("interrupted: %+v, %v", first, err)
	}
	rest, err := r.scanner.Rejudge(t.Context(), nil)
	if err != nil || first.Listings+rest.Listings != tableRows-1 {
		t.Errorf("the rest: %+v after %+v, %v", rest, first, err)
	}
}
