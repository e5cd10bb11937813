package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"

	"github.com/markwatch/markwatch/store/sqlform"
)

// BlacklistEntry is a seller on the blacklist with who put it there.
type BlacklistEntry struct {
	Key    string                `json:"key"`
	Seller markwatch.KnownSeller `json:"seller"`
	Actor  string                `json:"actor"`
	At     time.Time             `json:"at"`
}

// BlacklistKey recognises an entry: by platform and id, else by licence, else
// by the first account, else by platform and name. It is empty where nothing
// of these is known.
func BlacklistKey(s markwatch.KnownSeller) string {
	var what string
	switch {
	case s.Platform != "" && s.ID != "":
		what = "id|" + s.Platform + "|" + s.ID
	case s.License != "":
		what = "license|" + strings.ToUpper(s.License)
	case len(s.Accounts) > 0 && s.Accounts[0].Value != "":
		what = "account|" + s.Accounts[0].Kind + "|" + strings.ToLower(s.Accounts[0].Value)
	case s.Platform != "" && s.Name != "":
		what = "name|" + s.Platform + "|" + s.Name
	default:
		return ""
	}
	sum := sha256.Sum256([]byte(what))
	return hex.EncodeToString(sum[:8])
}

// PutBlacklist puts sellers on the blacklist, all or none; one that is there
// already is replaced. A seller whom nothing recognises is CodeInvalid.
func (s *Store) PutBlacklist(ctx context.Context, sellers []markwatch.KnownSeller, actor string) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		for i, seller := range sellers {
			key := BlacklistKey(seller)
			if key == "" {
				return markwatch.Errorf(markwatch.CodeInvalid, "第 %d 个卖家没有可识别的信息(平台与编号、证照、联系方式或平台与店名) seller %d: nothing recognises it", i+1, i+1)
			}
			seller.Leads = nil
			doc, err := document(seller)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `INSERT INTO blacklist (key, seller, actor, at) VALUES ($1, $2, $3, $4)
				ON CONFLICT (key) DO UPDATE SET seller = $2, actor = $3, at = $4`, key, doc, sqlform.Plain(actor), sqlform.Millis(s.now())); err != nil {
				return fault(err, "putting a seller on the blacklist")
			}
		}
		return nil
	})
}

// RemoveBlacklist takes an entry off the blacklist; CodeNotFound where there is
// none of that key.
func (s *Store) RemoveBlacklist(ctx context.Context, key string) error {
	return s.Tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM blacklist WHERE key = $1`, key)
		if err != nil {
			return fault(err, "taking a seller off the blacklist")
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return markwatch.Errorf(markwatch.CodeNotFound, "黑名单上没有 %s there is no entry %s on the blacklist", key, key)
		}
		return nil
	})
}

// Blacklist returns the entries, by key.
func (s *Store) Blacklist(ctx context.Context) ([]BlacklistEntry, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT key, seller, actor, at FROM blacklist ORDER BY key`)
	all, err := sqlform.Collect(rows, err, func(rows *sql.Rows) (BlacklistEntry, error) {
		var e BlacklistEntry
		var doc string
		var at int64
		if err := rows.Scan(&e.Key, &doc, &e.Actor, &at); err != nil {
			return e, err
		}
		e.At = fromMillis(at)
		return e, json.Unmarshal([]byte(doc), &e.Seller)
	})
	return all, fault(err, "reading the blacklist")
}

// KnownSellersMark changes whenever what KnownSellers returns for these states
// may have; a lead that is judged anew and stays in its state does not change it.
func (s *Store) KnownSellersMark(ctx context.Context, states []markwatch.LeadStatus) (string, error) {
	var listed, newest int64
	if err := s.read.QueryRowContext(ctx, `SELECT count(*), COALESCE(max(at), 0) FROM blacklist`).Scan(&listed, &newest); err != nil {
		return "", fault(err, "asking whether the blacklist changed")
	}
	mark := fmt.Sprint(listed, newest)
	for _, state := range states {
		var n, which int64
		if err := s.read.QueryRowContext(ctx, `SELECT count(*), COALESCE(sum(seq), 0) FROM leads WHERE status = $1`, string(state)).Scan(&n, &which); err != nil {
			return "", fault(err, "asking whether the sellers behind leads changed")
		}
		mark += fmt.Sprint(" ", n, which)
	}
	return mark, nil
}

// KnownSellers returns the blacklist and the sellers behind leads of some states
// that were found right, in a fixed order. Those with such leads are joined
// where platform and id, or else licence or name, are the same.
func (s *Store) KnownSellers(ctx context.Context, states []markwatch.LeadStatus, right func(*markwatch.Lead) bool) ([]markwatch.KnownSeller, error) {
	entries, err := s.Blacklist(ctx)
	if err != nil {
		return nil, err
	}
	var all []markwatch.KnownSeller
	for _, e := range entries {
		all = append(all, e.Seller)
	}
	behind := map[string]*markwatch.KnownSeller{}
	var keys []string
	for lead, err := range s.Leads(ctx, LeadFilter{Status: states}) {
		if err != nil {
			return nil, err
		}
		seller := lead.Listing.Seller
		if seller == nil || !right(&lead) {
			continue
		}
		k := markwatch.KnownSeller{Platform: lead.Listing.Platform, ID: seller.ID, Name: seller.Name, License: seller.License, Accounts: seller.Accounts}
		key := BlacklistKey(k)
		if key == "" {
			continue
		}
		if behind[key] == nil {
			behind[key] = &k
			keys = append(keys, key)
		}
		behind[key].Leads = append(behind[key].Leads, lead.Number)
	}
	slices.Sort(keys)
	for _, key := range keys {
		slices.Sort(behind[key].Leads)
		all = append(all, *behind[key])
	}
	return all, nil
}
