package configs

import (
	"reflect"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// listingFields are the names that a source's own readings may set: the keys
// of a listing and those of its seller.
func listingFields() []string {
	names := jsonNames(reflect.TypeFor[markwatch.Listing]())
	for _, name := range jsonNames(reflect.TypeFor[markwatch.Seller]()) {
		names = append(names, "seller."+name)
	}
	return names
}

func jsonNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// listingField checks a name against a list; attributes go by any name.
func (c checker) listingField(p *keyPath, name string, allowed []string) {
	if attribute, ok := strings.CutPrefix(name, "attributes."); ok && attribute != "" {
		return
	}
	if !slices.Contains(allowed, name) {
		c.fail(p, similar(name, allowed), "names %q, which is no field of a listing", name)
	}
}
