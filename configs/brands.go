package configs

import (
	"strings"

	"github.com/markwatch/markwatch"
	"golang.org/x/text/language"
)

// brands validates brands.yaml.
func (l *loader) brands(f loaded[brandsFile]) []markwatch.Brand {
	c, known := checker{f.doc}, ids{}
	for i := range f.content.Brands {
		b, p := &f.content.Brands[i], (*keyPath)(nil).key("brands").at(i)
		known.check(c, p.key("id"), b.ID, strictID)
		if len(b.Names) == 0 {
			c.fail(p.key("names"), "", "is missing; a brand has at least one name, such as {zh: 耐克}")
		}
		for lang, name := range b.Names {
			at := p.key("names").key(lang)
			if _, err := language.Parse(lang); err != nil {
				c.fail(at, "", "is not a language such as zh, en or ja")
			}
			c.required(at, name)
		}
		c.texts(p.key("aliases"), b.Aliases)
		c.texts(p.key("ambiguous"), b.Ambiguous)
		c.texts(p.key("sounds"), b.Sounds)
		c.texts(p.key("categories"), b.Categories)
		c.texts(p.key("registrations"), b.Registrations)
		c.texts(p.key("pictures"), b.Pictures)
		c.country(p.key("origin"), b.Origin)
		c.floor(p.key("floor"), b.Floor)
		for j, product := range b.Products {
			at := p.key("products").at(j)
			c.required(at.key("name"), product.Name)
			c.texts(at.key("aliases"), product.Aliases)
			c.money(at.key("price"), product.Price)
			c.floor(at.key("floor"), product.Floor)
		}
		c.shops(p.key("authorized").key("shops"), b.Authorized.Shops)
		c.domains(p.key("authorized").key("domains"), b.Authorized.Domains)
	}
	return f.content.Brands
}

func (c checker) shops(p *keyPath, shops []markwatch.ShopRef) {
	for i, s := range shops {
		if strings.TrimSpace(s.ID) == "" && strings.TrimSpace(s.Name) == "" {
			c.fail(p.at(i), "", "needs an id or a name")
		}
	}
}
