package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/crawler/extract"
	"github.com/markwatch/markwatch/matchers"
)

// checkExamples runs every rule over its own examples and returns an error of
// CodeInvalid that names each one which comes out otherwise.
func checkExamples(cfg *configs.Config, set *matchers.Set) error {
	var wrong []string
	for _, rule := range cfg.Lists.Rules {
		for _, group := range []struct {
			examples []markwatch.Example
			want     bool
			verb     string
		}{
			{rule.Examples.Hit, true, "应命中而未命中 must hit and does not"},
			{rule.Examples.Miss, false, "不应命中却命中 must miss and hits"},
		} {
			for i, e := range group.examples {
				if hits(set, rule.ID, e) != group.want {
					wrong = append(wrong, fmt.Sprintf("规则 rule %s: 第 %d 例 example %d %s: %s", rule.ID, i+1, i+1, group.verb, e.Title))
				}
			}
		}
	}
	wrong = append(wrong, set.Probe(exampleListing, time.Now()).Failed...)
	if len(wrong) == 0 {
		return nil
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "%s", strings.Join(wrong, "\n"))
}

// hits says whether a rule finds something in an example.
func hits(set *matchers.Set, rule string, e markwatch.Example) bool {
	for _, f := range set.Check(matchers.Input{Listing: exampleListing(e)}).Findings {
		if f.Matcher == matchers.Rules.Name && f.Rule == rule {
			return true
		}
	}
	return false
}

// exampleListing is the listing that a rule's example stands for. Its price is
// read as a page's would be.
func exampleListing(e markwatch.Example) markwatch.Listing {
	l := markwatch.Listing{
		ID: "example", Title: e.Title, Description: e.Description, Category: e.Category, Text: e.Text,
		ShipsFrom: e.ShipsFrom, Attributes: e.Attributes, PriceText: e.Price, Source: e.Source, URL: e.URL,
		Condition: markwatch.Condition(e.Condition),
	}
	if e.Seller+e.Region+e.License != "" || len(e.Contacts) > 0 {
		l.Seller = &markwatch.Seller{Name: e.Seller, Region: e.Region, License: e.License, Contacts: e.Contacts}
	}
	if p, ok := extract.ParsePrice(e.Price, markwatch.CNY); ok {
		l.Price = &p.Money
	}
	return l
}
