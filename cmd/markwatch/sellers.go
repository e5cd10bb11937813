package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/leads"
	"github.com/markwatch/markwatch/leads/clusters"
	"github.com/markwatch/markwatch/store"
)

func newLeadsSellers(c console) *cobra.Command {
	var config string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sellers [--config DIR]",
		Short: "按共同的联系方式、执照、图片、文字归并卖家 sellers that are one hand, and why",
		Long: `列出卖家群组、归并的理由与金额上下限。不对的关联用 leads cut 永久断开。

Lists clusters of sellers with the reason for each link and amounts from–to. A link that is wrong is cut
for good with leads cut.`,
		Example: "  markwatch leads sellers --config watch",
		Args:    argsBetween(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.look(cmd.Context(), config, func(ctx context.Context, a *app) error { return a.showSellers(ctx, asJSON) })
		},
	}
	configFlag(cmd, &config)
	cmd.Flags().BoolVar(&asJSON, "json", false, "每群一行 JSON a cluster a line")
	return cmd
}

// sellerCluster is what `leads sellers --json` prints.
type sellerCluster struct {
	clusters.Cluster
	Amount leads.Amount `json:"amount"`
	// Found out is how many of its leads units found right.
	Right int `json:"right"`
}

func (a *app) showSellers(ctx context.Context, asJSON bool) error {
	h := a.handler()
	cuts, err := a.cuts(ctx, store.PaperCut)
	if err != nil {
		return err
	}
	var all []markwatch.Lead
	byNumber := map[string]markwatch.Lead{}
	for lead, err := range a.store.Leads(ctx, store.LeadFilter{}) {
		if err != nil {
			return err
		}
		if lead.Status != markwatch.LeadDismissed {
			all = append(all, lead)
			byNumber[lead.Number] = lead
		}
	}
	for _, cluster := range clusters.Build(all, cuts) {
		one := sellerCluster{Cluster: cluster}
		var offers []markwatch.Lead
		for _, s := range cluster.Sellers {
			for _, n := range s.Leads {
				lead := byNumber[n]
				offers = append(offers, lead)
				if leads.Says(&lead) > 0 {
					one.Right++
				}
			}
		}
		one.Amount = leads.Estimate(offers, a.cfg.Handling.Amounts.DisplayedShare, h.cny)
		if asJSON {
			if err := a.json(one); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(a.out, "%d 条线索 leads  %s  %s\n", len(offers), one.Amount, repeatMark(one.Right))
		for _, s := range cluster.Sellers {
			fmt.Fprintf(a.out, "  %s  %s  %s\n", printable(s.Key, 60), printable(s.Name, 40), strings.Join(s.Leads, " "))
		}
		for _, l := range cluster.Links {
			fmt.Fprintf(a.out, "    %s ⇔ %s  %s:%s\n", printable(l.A, 40), printable(l.B, 40), clusters.ReasonName(l.Reason).ZH, printable(l.Value, 60))
		}
	}
	return nil
}

func repeatMark(right int) string {
	if right == 0 {
		return ""
	}
	return fmt.Sprintf("曾查实 %d 次 found out before", right)
}

// cuts are the links that people cut: of sellers, or of leads with the same
// goods.
func (a *app) cuts(ctx context.Context, kind string) ([]clusters.Cut, error) {
	papers, err := a.store.Papers(ctx, kind, "")
	if err != nil {
		return nil, err
	}
	var cuts []clusters.Cut
	for _, p := range papers {
		var c clusters.Cut
		if err := json.Unmarshal(p.Document, &c); err != nil {
			return nil, fmt.Errorf("reading a cut: %w", err)
		}
		cuts = append(cuts, c)
	}
	return cuts, nil
}

func newLeadsCut(c console) *cobra.Command {
	var config, reason string
	var by identity
	var goods bool
	cmd := &cobra.Command{
		Use:   "cut [--config DIR] --reason WHY SELLER SELLER",
		Short: "永久断开两个卖家(或两条同款线索)的关联 cut the link of two sellers, or of two leads with the same goods, for good",
		Example: `  markwatch leads cut --config watch --token-file zhangmin.token --reason 同一工业园的两家店 shop/a shop/b
  markwatch leads cut --config watch --token-file zhangmin.token --reason 并非同款 --goods 2026-0001 2026-0005`,
		Args: argsBetween(2, 2, "两个卖家,如 leads sellers 所列 two sellers as leads sellers lists them; 用 --goods 时为两条线索 two leads with --goods"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" || args[0] == args[1] {
				return markwatch.Errorf(markwatch.CodeInvalid, "须写明两个不同的卖家与 --reason / name two different sellers, and say why with --reason")
			}
			return c.asPerson(cmd.Context(), config, "leads cut", &by, accounts.Decide, func(ctx context.Context, a *app, who acting) error {
				kind, pair := store.PaperCut, [2]string{args[0], args[1]}
				if goods {
					kind = store.PaperGoodsCut
					for i, number := range args {
						lead, err := who.lead(ctx, number)
						if err != nil {
							return err
						}
						pair[i] = lead.ID
					}
				}
				doc, err := json.Marshal(struct {
					clusters.Cut
					Reason string `json:"reason"`
				}{clusters.Cut{A: min(pair[0], pair[1]), B: max(pair[0], pair[1])}, reason})
				if err != nil {
					return err
				}
				number := min(pair[0], pair[1]) + " | " + max(pair[0], pair[1])
				if _, err := a.store.PutPaper(ctx, store.Paper{Kind: kind, Number: number, Actor: who.name(), Document: doc}); err != nil {
					return err
				}
				return a.audit(ctx, "seller-"+kind, number, reason)
			})
		},
	}
	configFlag(cmd, &config)
	identityFlags(cmd, &by)
	cmd.Flags().StringVar(&reason, "reason", "", "理由 why")
	cmd.Flags().BoolVar(&goods, "goods", false, "断开两条线索的同款关联 cut two leads that were taken for the same goods")
	return cmd
}
