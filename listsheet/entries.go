package listsheet

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

// BrandRows writes brands as rows.
func BrandRows(brands []markwatch.Brand) []Row {
	var rows []Row
	for _, b := range brands {
		var others []string
		for _, lang := range slices.Sorted(maps.Keys(b.Names)) {
			if lang != "zh" && lang != "en" {
				others = append(others, lang+"="+b.Names[lang])
			}
		}
		first := map[string]string{
			"id": b.ID, "name_zh": b.Names["zh"], "name_en": b.Names["en"], "names": joined(others), "aliases": joined(b.Aliases),
			"ambiguous": joined(b.Ambiguous), "categories": joined(b.Categories), "holder": b.Holder, "registrations": joined(b.Registrations),
			"origin": b.Origin, "floor": fraction(b.Floor), "shops": shopCells(b.Authorized.Shops), "domains": joined(b.Authorized.Domains),
		}
		for i, p := range b.Products {
			cells := map[string]string{"id": b.ID}
			if i == 0 {
				cells = first
			}
			cells["product"], cells["product_aliases"], cells["unit"], cells["product_floor"] = p.Name, joined(p.Aliases), p.Unit, fraction(p.Floor)
			cells["price"], cells["currency"] = price(p.Price)
			rows = append(rows, Row{Cells: cells})
		}
		if len(b.Products) == 0 {
			rows = append(rows, Row{Cells: first})
		}
	}
	return rows
}

// Brands reads rows as brands, in the order of their ids' first rows. known
// gives what a table has no column for: pictures, the day since which sellers
// are authorised.
func Brands(rows []Row, known []markwatch.Brand) ([]markwatch.Brand, []Problem) {
	c := &reading{}
	var out []markwatch.Brand
	at := map[string]int{}
	for _, row := range rows {
		c.row = row
		id := row.Cells["id"]
		if id == "" {
			c.fail("id", "缺编号", "the id is missing")
			continue
		}
		i, again := at[id]
		if !again {
			i = len(out)
			at[id] = i
			out = append(out, c.brand(id, known))
		}
		if row.Cells["product"] != "" {
			out[i].Products = append(out[i].Products, markwatch.Product{
				Name: row.Cells["product"], Aliases: list(row.Cells["product_aliases"]), Unit: row.Cells["unit"],
				Price: c.money(), Floor: c.fraction("product_floor"),
			})
		} else if again {
			c.fail("product", "同一编号的后续行须写产品", "a further row of the same id needs a product")
		}
	}
	return out, c.problems
}

func (c *reading) brand(id string, known []markwatch.Brand) markwatch.Brand {
	var b markwatch.Brand
	if i := slices.IndexFunc(known, func(k markwatch.Brand) bool { return k.ID == id }); i >= 0 {
		b = known[i]
	}
	cells := c.row.Cells
	b.ID, b.Names, b.Products = id, map[string]string{}, nil
	for lang, key := range map[string]string{"zh": "name_zh", "en": "name_en"} {
		if cells[key] != "" {
			b.Names[lang] = cells[key]
		}
	}
	for _, pair := range list(cells["names"]) {
		lang, name, ok := strings.Cut(pair, "=")
		if !ok {
			c.fail("names", "其他语言名称须写成 ja=ナイキ", "a name in another language is written ja=ナイキ")
			continue
		}
		b.Names[strings.TrimSpace(lang)] = strings.TrimSpace(name)
	}
	b.Aliases, b.Ambiguous, b.Categories = list(cells["aliases"]), list(cells["ambiguous"]), list(cells["categories"])
	b.Holder, b.Registrations, b.Origin, b.Floor = cells["holder"], list(cells["registrations"]), cells["origin"], c.fraction("floor")
	b.Authorized.Shops, b.Authorized.Domains = shops(cells["shops"], b.Authorized.Shops), list(cells["domains"])
	return b
}

// WorkRows writes works as rows.
func WorkRows(works []markwatch.Work) []Row {
	rows := make([]Row, len(works))
	for i, w := range works {
		cells := map[string]string{
			"id": w.ID, "type": string(w.Type), "titles": joined(w.Titles), "ambiguous": joined(w.Ambiguous), "creators": joined(w.Creators),
			"publisher": w.Publisher, "isbn": joined(w.ISBN), "released": day(w.Released), "domains": joined(w.Official.Domains),
			"shops": shopCells(w.Official.Shops), "batch": w.Batch, "protected_from": day(w.Protect.From), "protected_to": day(w.Protect.To),
		}
		cells["price"], cells["currency"] = price(w.Price)
		rows[i] = Row{Cells: cells}
	}
	return rows
}

// Works reads rows as works. known gives what a table has no column for: the
// registered text.
func Works(rows []Row, known []markwatch.Work) ([]markwatch.Work, []Problem) {
	c := &reading{}
	var out []markwatch.Work
	seen := map[string]bool{}
	for _, row := range rows {
		c.row = row
		cells, id := row.Cells, row.Cells["id"]
		switch {
		case id == "":
			c.fail("id", "缺编号", "the id is missing")
			continue
		case seen[id]:
			c.fail("id", "编号重复", "the id stands twice")
			continue
		}
		seen[id] = true
		var w markwatch.Work
		if i := slices.IndexFunc(known, func(k markwatch.Work) bool { return k.ID == id }); i >= 0 {
			w = known[i]
		}
		w.ID, w.Type, w.Titles, w.Ambiguous = id, markwatch.WorkType(cells["type"]), list(cells["titles"]), list(cells["ambiguous"])
		w.Creators, w.Publisher, w.ISBN, w.Price = list(cells["creators"]), cells["publisher"], list(cells["isbn"]), c.money()
		w.Released, w.Batch = c.day("released"), cells["batch"]
		w.Official.Domains, w.Official.Shops = list(cells["domains"]), shops(cells["shops"], w.Official.Shops)
		w.Protect.From, w.Protect.To = c.day("protected_from"), c.day("protected_to")
		out = append(out, w)
	}
	return out, c.problems
}

// reading is the state of reading one table.
type reading struct {
	row      Row
	problems []Problem
}

func (c *reading) fail(column, zh, en string) {
	c.problems = append(c.problems, Problem{Line: c.row.Line, Column: column, Message: markwatch.Text{ZH: zh, EN: en}})
}

// number reads a cell as a decimal of a size that money has.
func (c *reading) number(column string) *decimal.Decimal {
	cell := strings.NewReplacer(",", "", "¥", "", "¥", "", " ", "").Replace(c.row.Cells[column])
	if cell == "" {
		return nil
	}
	d, err := decimal.NewFromString(cell)
	if err != nil || len(cell) > 30 || d.Exponent() > 15 || d.Exponent() < -15 {
		c.fail(column, "不是数字:"+c.row.Cells[column], "is no number: "+c.row.Cells[column])
		return nil
	}
	return &d
}

// fraction reads 0.5 or 50%.
func (c *reading) fraction(column string) *decimal.Decimal {
	percent, is := strings.CutSuffix(c.row.Cells[column], "%")
	if !is {
		return c.number(column)
	}
	d, err := decimal.NewFromString(strings.TrimSpace(percent))
	if err != nil || len(percent) > 10 {
		c.fail(column, "不是百分数:"+c.row.Cells[column], "is no percentage: "+c.row.Cells[column])
		return nil
	}
	d = d.Shift(-2)
	return &d
}

func (c *reading) money() *markwatch.Money {
	amount := c.number("price")
	if amount == nil {
		return nil
	}
	currency := strings.ToUpper(c.row.Cells["currency"])
	if currency == "" {
		currency = markwatch.CNY
	}
	return &markwatch.Money{Amount: *amount, Currency: currency}
}

func (c *reading) day(column string) markwatch.Date {
	cell := c.row.Cells[column]
	if cell == "" {
		return markwatch.Date{}
	}
	for _, form := range [...]string{time.DateOnly, "2006/1/2", "2006年1月2日", "01-02-06"} {
		if t, err := time.Parse(form, cell); err == nil {
			return markwatch.Date{Time: t}
		}
	}
	c.fail(column, "不是日期(应为 2026-01-31):"+cell, "is no day such as 2026-01-31: "+cell)
	return markwatch.Date{}
}

func fraction(d *decimal.Decimal) string {
	if d == nil {
		return ""
	}
	return d.String()
}

func price(m *markwatch.Money) (amount, currency string) {
	if m == nil {
		return "", ""
	}
	return m.AmountText(), m.Currency
}

func day(d markwatch.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Format(time.DateOnly)
}

// shopCells writes shops: a name, or platform:id name.
func shopCells(refs []markwatch.ShopRef) string {
	var out []string
	for _, s := range refs {
		text := s.Name
		if s.Platform != "" || s.ID != "" {
			text = strings.TrimSpace(s.Platform + ":" + s.ID + " " + s.Name)
		}
		out = append(out, text)
	}
	return joined(out)
}

// shops reads shops; one that is written as before is kept as it was.
func shops(cell string, known []markwatch.ShopRef) []markwatch.ShopRef {
	var out []markwatch.ShopRef
	for _, text := range list(cell) {
		if i := slices.IndexFunc(known, func(k markwatch.ShopRef) bool { return shopCells([]markwatch.ShopRef{k}) == text }); i >= 0 {
			out = append(out, known[i])
			continue
		}
		ref := markwatch.ShopRef{Name: text}
		head, name, _ := strings.Cut(text, " ")
		if platform, id, ok := strings.Cut(head, ":"); ok {
			ref = markwatch.ShopRef{Platform: platform, ID: id, Name: strings.TrimSpace(name)}
		}
		out = append(out, ref)
	}
	return out
}
