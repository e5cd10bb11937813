package extract

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
)

// composite says that a field is made of several values, which a text may hold
// as JSON.
func composite(field string) bool {
	switch field {
	case "images", "attributes", "seller", "seller.contacts", "seller.accounts", "category", "prices", "shares", "tracking", "price", "list_price", "price_max", "brand":
		return true
	}
	return false
}

// maxListed bounds the lists of one record.
const maxListed = 200

// SetValue is Set for a value of JSON: a text, a json.Number, a list or an
// object. Objects and lists fill the fields that are made of several values
// (images, attributes, seller, …); of others their first text counts.
func (r *Record) SetValue(field string, v any) error {
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return r.Set(field, v)
	case json.Number:
		return r.Set(field, v.String())
	case bool:
		return r.Set(field, fmt.Sprint(v))
	case []any:
		return r.setList(field, v)
	case map[string]any:
		return r.setObject(field, v)
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "a value of type %T cannot be read as %s", v, field)
}

func (r *Record) setList(field string, list []any) error {
	if len(list) > maxListed {
		list = list[:maxListed]
	}
	switch field {
	case "images":
		bad := 0
		for _, v := range list {
			if s := scalar(v); s != "" && !r.image(s) {
				bad++
			}
		}
		if bad > 0 && len(r.l.Images) == 0 {
			return markwatch.Errorf(markwatch.CodeInvalid, "none of %d values is an address of a picture", bad)
		}
		r.mark(field)
	case "category":
		var parts []string
		for _, v := range list {
			if s := scalar(v); s != "" {
				parts = append(parts, s)
			}
		}
		set(&r.l.Category, clip(strings.Join(parts, " > "), 500))
		r.mark(field)
	case "attributes":
		for _, v := range list {
			if pair, ok := v.(map[string]any); ok {
				r.namedPair(pair)
			} else if s := scalar(v); s != "" {
				r.pairs(s)
			}
		}
	case "seller.contacts":
		for _, v := range list {
			r.contact(scalar(v))
		}
		r.mark(field)
	case "seller.accounts":
		return r.structured(field, list, &r.rd.seller().Accounts)
	case "prices":
		return r.structured(field, list, &r.l.Prices)
	case "shares":
		return r.structured(field, list, &r.l.Shares)
	case "tracking":
		return r.structured(field, list, &r.l.Tracking)
	default:
		for _, v := range list {
			if s := scalar(v); s != "" {
				return r.Set(field, s)
			}
		}
	}
	return nil
}

// structured reads a list in the listing's own form.
func (r *Record) structured(field string, list []any, into any) error {
	b, err := json.Marshal(list)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		return markwatch.WrapError(markwatch.CodeInvalid, err, "the list cannot be read as %s", field)
	}
	r.mark(field)
	return nil
}

func (r *Record) setObject(field string, m map[string]any) error {
	switch field {
	case "attributes":
		for _, key := range slices.Sorted(maps.Keys(m)) {
			r.attribute(key, scalar(m[key]))
		}
		return nil
	case "seller":
		for _, key := range []string{"id", "name", "url", "kind", "region", "license", "contacts", "accounts"} {
			if err := r.SetValue("seller."+key, m[key]); err != nil {
				return err
			}
		}
		if r.rd.seller().Name == "" {
			return r.Set(field, firstText(members(m)["shop"], scalar(m)))
		}
		return nil
	case "price", "list_price", "price_max":
		if code := scalar(m["currency"]); code != "" {
			set(&r.currency, code)
		}
	case "prices", "shares", "tracking", "seller.accounts":
		return r.setList(field, []any{m})
	case "images":
		return r.setList(field, []any{m})
	}
	if s := scalar(m); s != "" {
		return r.Set(field, s)
	}
	return markwatch.Errorf(markwatch.CodeInvalid, "an object without a text cannot be read as %s", field)
}

// namedPair reads {"name": …, "value": …} in the spellings that are seen.
func (r *Record) namedPair(m map[string]any) {
	name, value := "", ""
	for _, key := range []string{"name", "key", "label", "attrName", "k"} {
		if name == "" {
			name = scalar(m[key])
		}
	}
	for _, key := range []string{"value", "values", "text", "attrValue", "v"} {
		if value == "" {
			value = scalar(m[key])
		}
	}
	if name == "" && len(m) == 1 {
		for k, v := range m {
			name, value = k, scalar(v)
		}
	}
	r.attribute(name, value)
}

// pairs reads "产地:中国;材质:棉" and the like; a text without a colon is kept
// among the other text.
func (r *Record) pairs(text string) {
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ';' || c == '\uff1b' || c == '\n' || c == '|' }) {
		if i := indexColon(part); i > 0 {
			r.attribute(part[:i], strings.TrimLeft(part[i:], colons))
		} else if part = squeeze(part); part != "" && len(r.l.Text)+len(part) < maxRecordText {
			r.l.Text = strings.TrimSpace(r.l.Text + "\n" + part)
		}
	}
}

func (r *Record) attribute(key, value string) {
	if r.rd.attribute(key, value); len(r.l.Attributes) > 0 {
		r.mark("attributes")
	}
}

// image adds the address of a picture, which is kept as written.
func (r *Record) image(ref string) bool {
	ref = strings.TrimSpace(ref)
	if strings.HasPrefix(ref, "//") && r.base == nil {
		ref = "https:" + ref
	}
	address := pictureAddress(r.base, ref)
	if address == "" {
		return false
	}
	r.rd.image(address)
	r.mark("images")
	return true
}

// splitAddresses parts a list at the commas that stand before an address; a
// comma may be part of one.
func splitAddresses(s string) []string {
	var out []string
	for {
		i := strings.Index(s, ",http")
		if j := strings.Index(s, ",//"); i < 0 || j >= 0 && j < i {
			i = j
		}
		if i < 0 {
			return append(out, strings.Trim(s, ","))
		}
		out = append(out, strings.Trim(s[:i], ","))
		s = s[i+1:]
	}
}

// contact keeps a way to reach the seller as shown and, where it is
// recognised, normalised.
func (r *Record) contact(text string) {
	s := r.rd.seller()
	if text = squeeze(clip(text, 300)); text == "" || len(s.Contacts) >= maxContacts {
		return
	}
	s.Contacts = append(s.Contacts, text)
	_, accounts := contactsIn(text, "")
	for _, a := range accounts {
		if !slices.Contains(s.Accounts, a) && len(s.Accounts) < maxContacts {
			s.Accounts = append(s.Accounts, a)
		}
	}
	origin(r.l, "seller.contacts", r.rd.origin)
}
