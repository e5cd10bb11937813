package configs

import (
	"github.com/markwatch/markwatch"
)

// units validates units.yaml.
func (l *loader) units(f loaded[unitsFile], violations []string) markwatch.Units {
	c, known := checker{f.doc}, ids{}
	authorities, places := words(markwatch.Authorities()), words(markwatch.Places())
	var unitIDs []string
	for i, u := range f.content.Units {
		p := (*keyPath)(nil).key("units").at(i)
		known.check(c, p.key("id"), u.ID, looseID)
		unitIDs = append(unitIDs, u.ID)
		c.required(p.key("name"), u.Name)
		if c.required(p.key("authority"), string(u.Authority)) {
			c.oneOf(p.key("authority"), string(u.Authority), authorities...)
		}
		for j, code := range u.Regions {
			if at := p.key("regions").at(j); c.required(at, code) {
				c.region(at, code)
			}
		}
	}
	for i, r := range f.content.Routes {
		p := (*keyPath)(nil).key("routes").at(i)
		if c.required(p.key("violation"), string(r.Violation)) {
			c.oneOf(p.key("violation"), string(r.Violation), violations...)
		}
		fixed := r.To != (markwatch.RouteTarget{})
		if fixed || c.required(p.key("authority"), string(r.Authority)) {
			c.oneOf(p.key("authority"), string(r.Authority), authorities...)
		}
		if fixed || c.required(p.key("place"), string(r.Place)) {
			c.oneOf(p.key("place"), string(r.Place), places...)
		}
		for j, copied := range r.Copy {
			c.oneOf(p.key("copy").at(j), string(copied), authorities...)
		}
		c.expression(p.key("when"), r.When, nil)
		c.region(p.key("to").key("region"), r.To.Region)
		if to := r.To.Unit; to != "" {
			if _, ok := known[to]; !ok {
				c.fail(p.key("to").key("unit"), similar(to, unitIDs), "names the unit %q, which does not exist", to)
			}
		}
	}
	return markwatch.Units{Units: f.content.Units, Routes: f.content.Routes}
}
