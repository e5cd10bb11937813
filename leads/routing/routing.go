// Package routing finds the unit that is competent for a lead, by violation and
// place, with the legal reason; where it finds none it says what is missing.
package routing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/regions"
)

// Router holds the units and routes of a deployment. It is immutable.
type Router struct {
	table  *regions.Table
	units  []markwatch.Unit
	routes []route
}

type route struct {
	markwatch.Route
	when *vm.Program // nil is always
}

// New compiles the routes. The error has markwatch.CodeInvalid and names the
// route whose expression is wrong.
func New(table *regions.Table, units markwatch.Units) (*Router, error) {
	r := &Router{table: table, units: units.Units}
	for i, one := range units.Routes {
		compiled := route{Route: one}
		if one.When != "" {
			program, err := expr.Compile(one.When, expr.AllowUndefinedVariables(), expr.AsBool())
			if err != nil {
				return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "routes[%d].when", i)
			}
			compiled.when = program
		}
		r.routes = append(r.routes, compiled)
	}
	return r, nil
}

// Question is what decides where a lead goes.
type Question struct {
	Lead      *markwatch.Lead
	Violation markwatch.Violation
	// Source is where the lead was found; nil where it is not configured any
	// more.
	Source *markwatch.Source
	// PriceCNY is the price in yuan for expressions; 0 where unknown.
	PriceCNY float64
	// On is the day of which routes must be in force.
	On time.Time
}

// Answer is the unit that is competent, or what is missing to tell.
type Answer struct {
	Addressee markwatch.Addressee
	// Mapped says that there is an addressee.
	Mapped bool
	// Missing says, a line a route that was tried, why it leads nowhere.
	Missing []markwatch.Text
	// Notes are what a person should know of the addressee: the place was
	// taken from elsewhere, a copy has no unit.
	Notes []markwatch.Text
}

// Route finds the addressee. Routes are tried in their order, and the first
// that leads to one unit wins; of two that differ in their date alone, the
// newer one in force counts.
func (r *Router) Route(q Question) Answer {
	var answer Answer
	miss := func(zh, en string) {
		answer.Missing = append(answer.Missing, markwatch.Text{ZH: zh, EN: en})
	}
	var tried bool
	for _, one := range r.routes {
		if one.Violation != q.Violation || one.Since.After(q.On) || r.superseded(one, q.On) {
			continue
		}
		fits, err := holds(one, q)
		if err != nil {
			miss(fmt.Sprintf("路由条件 %q 不能计算:%v", one.When, err), fmt.Sprintf("the condition %q cannot be computed: %v", one.When, err))
			continue
		}
		if !fits {
			continue
		}
		tried = true
		if found := r.try(one, q, &answer, miss); found {
			answer.Mapped, answer.Missing = true, nil
			return answer
		}
	}
	if !tried {
		miss(fmt.Sprintf("没有适用于 %s 的路由,请在 units.yaml 的 routes 中补充", q.Violation), fmt.Sprintf("no route fits %s; add one under routes in units.yaml", q.Violation))
	}
	return answer
}

// superseded says that a newer route in force says the same otherwise.
func (r *Router) superseded(one route, on time.Time) bool {
	return slices.ContainsFunc(r.routes, func(o route) bool {
		return o.Violation == one.Violation && o.Place == one.Place && o.When == one.When && o.To == one.To &&
			!o.Since.After(on) && o.Since.After(one.Since.Time)
	})
}

func (r *Router) try(one route, q Question, answer *Answer, miss func(zh, en string)) bool {
	a := markwatch.Addressee{Place: one.Place, Basis: one.Basis, Since: one.Since}
	switch {
	case one.To.Unit != "":
		a.Unit = one.To.Unit
		if i := slices.IndexFunc(r.units, func(u markwatch.Unit) bool { return u.ID == a.Unit }); i >= 0 && len(r.units[i].Regions) > 0 {
			a.Region = regions.Trim(r.units[i].Regions[0])
		}
		a.Copies, answer.Notes = r.copies(one, a.Region, a.Unit)
		answer.Addressee = a
		return true
	case one.To.Region != "":
		unit, why := r.nearest(one.Authority, []string{regions.Trim(one.To.Region)})
		if unit == "" {
			miss(why.ZH, why.EN)
			return false
		}
		a.Unit, a.Region = unit, regions.Trim(one.To.Region)
	default:
		place := r.place(one.Place, q)
		if len(place.codes) == 0 {
			miss(place.why.ZH, place.why.EN)
			return false
		}
		unit, why := r.nearest(one.Authority, place.codes)
		if unit == "" {
			miss(place.quote(why.ZH), place.quote(why.EN))
			return false
		}
		a.Unit = unit
		// Several readings of a place that all lie with one unit are as good
		// as what they have in common.
		a.Region = common(place.codes)
		answer.Notes = place.notes
	}
	copies, notes := r.copies(one, a.Region, a.Unit)
	a.Copies = copies
	answer.Notes = append(answer.Notes, notes...)
	answer.Addressee = a
	return true
}

// nearest is the unit of an authority that is nearest to a place: the one with
// the longest code that covers it. Where the place may be several regions, all
// must lie with one unit.
func (r *Router) nearest(authority markwatch.Authority, codes []string) (id string, why markwatch.Text) {
	for i, code := range codes {
		unit, fault := r.nearestTo(authority, code)
		switch {
		case unit == "":
			return "", fault
		case i > 0 && unit != id:
			return "", markwatch.Text{
				ZH: "地名有歧义,可能是:" + r.names(codes) + ";请选定一处", EN: "the place is ambiguous: " + r.names(codes) + "; choose one",
			}
		}
		id = unit
	}
	return id, markwatch.Text{}
}

func (r *Router) nearestTo(authority markwatch.Authority, code string) (id string, why markwatch.Text) {
	best, beneath := 0, []string(nil)
	var ids []string
	for _, u := range r.units {
		if u.Authority != authority {
			continue
		}
		for _, region := range u.Regions {
			outer := regions.Trim(region)
			switch {
			case regions.Covers(outer, code) && len(outer) > best:
				best, ids = len(outer), []string{u.ID}
			case regions.Covers(outer, code) && len(outer) == best && !slices.Contains(ids, u.ID):
				ids = append(ids, u.ID)
			case len(outer) > len(code) && regions.Covers(code, outer):
				beneath = append(beneath, u.ID)
			}
		}
	}
	name := r.table.Name(code)
	switch {
	case len(ids) == 1:
		return ids[0], why
	case len(ids) > 1:
		list := strings.Join(ids, ", ")
		return "", markwatch.Text{ZH: fmt.Sprintf("%s 有多个 %s 单位同样适合:%s", name, authority, list), EN: fmt.Sprintf("several %s units fit %s alike: %s", authority, name, list)}
	case len(beneath) > 0:
		slices.Sort(beneath)
		list := strings.Join(slices.Compact(beneath), ", ")
		return "", markwatch.Text{
			ZH: fmt.Sprintf("地点只到 %s,其下有 %s 单位:%s;请核实到市县", name, authority, list),
			EN: fmt.Sprintf("the place is known only down to %s, where there are %s units: %s; find out the city or county", name, authority, list),
		}
	}
	return "", markwatch.Text{
		ZH: fmt.Sprintf("%s 没有 %s 单位,请在 units.yaml 中补充", name, authority), EN: fmt.Sprintf("there is no %s unit for %s; add one in units.yaml", authority, name),
	}
}

func (r *Router) copies(one route, code, addressee string) (ids []string, notes []markwatch.Text) {
	for _, authority := range one.Copy {
		id, why := "", markwatch.Text{ZH: "地点不明", EN: "the place is not known"}
		if code != "" {
			id, why = r.nearestTo(authority, code)
		}
		switch {
		case id == "":
			notes = append(notes, markwatch.Text{ZH: "抄送:" + why.ZH, EN: "copy: " + why.EN})
		case id != addressee && !slices.Contains(ids, id):
			ids = append(ids, id)
		}
	}
	return ids, notes
}

func (r *Router) names(codes []string) string {
	list := make([]string, len(codes))
	for i, code := range codes {
		list[i] = r.table.Name(code)
	}
	return strings.Join(list, "、")
}

// common is the longest region that covers all codes.
func common(codes []string) string {
	shared := codes[0]
	for _, code := range codes[1:] {
		for shared != "" && !strings.HasPrefix(code, shared) {
			shared = shared[:len(shared)-2]
		}
	}
	return shared
}

// holds computes a route's condition over the listing's fields, price_cny,
// score, platform_kind and source_region. What a listing lacks is nil.
func holds(one route, q Question) (bool, error) {
	if one.when == nil {
		return true, nil
	}
	doc, err := json.Marshal(q.Lead.Listing)
	if err != nil {
		return false, err
	}
	// Numbers that a listing leaves out are 0, as in rules.
	env := map[string]any{"sales": 0, "rating": 0.0, "title": "", "platform": "", "ships_from": ""}
	if err := json.Unmarshal(doc, &env); err != nil {
		return false, err
	}
	env["price_cny"], env["score"] = q.PriceCNY, q.Lead.Verdict.Score
	env["platform_kind"], env["source_region"] = "", ""
	if q.Source != nil {
		env["platform_kind"], env["source_region"] = cmp.Or(q.Source.Platform.Kind, "platform"), q.Source.Region
	}
	out, err := expr.Run(one.when, env)
	if err != nil {
		return false, err
	}
	yes, _ := out.(bool)
	return yes, nil
}
