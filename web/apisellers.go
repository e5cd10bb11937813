package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/listsheet"
)

// BlacklistEntry is a seller on the blacklist with who put it there.
type BlacklistEntry struct {
	Key    string                `json:"key" doc:"条目的键 / key of the entry"`
	Seller markwatch.KnownSeller `json:"seller"`
	Actor  string                `json:"actor" doc:"列入人 / who put it there"`
	At     time.Time             `json:"at"`
}

// Blacklist keeps the sellers that are known for earlier violations.
type Blacklist interface {
	Blacklist(ctx context.Context) ([]BlacklistEntry, error)
	// BlacklistKey recognises a seller; it is empty where nothing does.
	BlacklistKey(s markwatch.KnownSeller) string
	// PutBlacklist puts sellers on the list, all or none; one that is there
	// already is replaced.
	PutBlacklist(ctx context.Context, sellers []markwatch.KnownSeller, actor string) error
	// RemoveBlacklist takes one off; CodeNotFound where there is none.
	RemoveBlacklist(ctx context.Context, key string) error
}

type sellersInput struct {
	Query string `query:"q" maxLength:"100" doc:"店名含有 / text in the name"`
}

type sellerCount struct {
	Name      string `json:"name"`
	Leads     int64  `json:"leads" doc:"线索数 / number of leads"`
	Confirmed int64  `json:"confirmed" doc:"已确认 / confirmed"`
	Dismissed int64  `json:"dismissed" doc:"已排除 / dismissed"`
}

type putSellerInput struct {
	Body markwatch.KnownSeller
}

type keyInput struct {
	Key string `path:"key" maxLength:"64" doc:"条目的键 / key of the entry"`
}

type blacklistImportInput struct {
	TableBody
}

func (a *api) sellers() {
	register(a, a.operation("list-sellers", http.MethodGet, "/sellers", accounts.See, "sellers", "线索最多的卖家 / Sellers with most leads"), a.listSellers)
	register(a, a.operation("list-blacklist", http.MethodGet, "/blacklist", accounts.See, "sellers", "卖家黑名单 / The blacklist of sellers"), a.blacklist)
	register(a, a.operation("put-blacklist", http.MethodPost, "/blacklist", accounts.Administer, "sellers", "列入黑名单 / Put a seller on the blacklist"), a.putSeller)
	register(a, a.operation("drop-blacklist", http.MethodDelete, "/blacklist/{key}", accounts.Administer, "sellers", "移出黑名单 / Take a seller off the blacklist"), a.dropSeller)
	register(a, a.tableExport("export-blacklist", "/tables/blacklist", "黑名单导出为表格 / The blacklist as a table"), a.exportBlacklist)
	register(a, a.tableImport("import-blacklist", "/tables/blacklist", "黑名单从表格导入,先预览 / Import the blacklist from a table, with a preview"), a.importBlacklist)
}

func (a *api) listSellers(r *http.Request, in *sellersInput) (*answer[[]sellerCount], error) {
	if err := a.d.audit(r, actorOf(r), AuditPageView, "/sellers", in.Query); err != nil {
		return nil, err
	}
	v := sellersView{Query: strings.TrimSpace(in.Query)}
	if err := a.d.countSellers(r, &v); err != nil {
		return nil, err
	}
	out := []sellerCount{}
	for _, s := range v.Sellers {
		out = append(out, sellerCount{s.Name, s.Leads, s.ConfirmedN, s.DismissedN})
	}
	return &answer[[]sellerCount]{out}, nil
}

func (a *api) blacklist(r *http.Request, _ *nothing) (*answer[[]BlacklistEntry], error) {
	list, err := a.d.blacklisted(r)
	if err == nil {
		err = a.looked(r)
	}
	return &answer[[]BlacklistEntry]{some(list)}, err
}

func (a *api) putSeller(r *http.Request, in *putSellerInput) (*answer[BlacklistEntry], error) {
	s := in.Body
	s.Leads = nil // those are found, not put
	key, err := a.d.putSeller(r, s)
	return &answer[BlacklistEntry]{BlacklistEntry{Key: key, Seller: s, Actor: actorOf(r), At: a.d.cfg.Now()}}, err
}

func (a *api) dropSeller(r *http.Request, in *keyInput) (*nothing, error) {
	return &nothing{}, a.d.dropSeller(r, in.Key)
}

func (a *api) exportBlacklist(r *http.Request, in *tableExportInput) (*huma.StreamResponse, error) {
	list, err := a.d.blacklisted(r)
	if err != nil {
		return nil, err
	}
	return a.tableFile(r, "blacklist", "blacklist", in.Format, listsheet.SellerColumns(), func() []listsheet.Row {
		return listsheet.SellerRows(sellersOf(list))
	})
}

func (a *api) importBlacklist(r *http.Request, in *blacklistImportInput) (*answer[importShown], error) {
	list, err := a.d.blacklisted(r)
	if err != nil {
		return nil, err
	}
	rows, err := listsheet.ReadSellers(in.RawBody)
	if err != nil {
		return nil, err
	}
	sellers, p := a.d.compareSellers(list, rows)
	out := importShown{New: some(p.New), Changed: some(p.Changed), Gone: []string{}, Same: p.Same, Problems: problemsShown(p.Rows)}
	what := "preview of an import"
	if in.Apply {
		what = "import"
		if err := out.refuse(in.Partly); err != nil {
			return nil, err
		}
	}
	if err := a.d.audit(r, actorOf(r), AuditListChange, "blacklist", what); err != nil {
		return nil, err
	}
	if in.Apply {
		err = a.d.cfg.Blacklist.PutBlacklist(detached(r), sellers, actorOf(r))
		out.Applied = err == nil
	}
	return &answer[importShown]{out}, err
}
