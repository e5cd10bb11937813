package configs

import (
	"encoding"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v3"
)

// maxAliased bounds how many values may come out of YAML aliases in one file,
// since a few lines of nested aliases stand for billions of values.
const maxAliased = 100_000

// decoder sets Go values from YAML nodes. Unlike the YAML package's own
// decoder it goes on after a mistake and knows the place of each one.
type decoder struct {
	doc    *document
	fields map[reflect.Type][]field
	// aliases is how many aliases enclose the present node, aliased how many
	// values came out of them so far.
	aliases, aliased int
}

// field is one key of a struct.
type field struct {
	name  string
	index int
}

// fieldsOf lists the keys of a struct in their order; a field without a yaml
// tag goes by its name in small letters, as in the YAML package.
func (d *decoder) fieldsOf(t reflect.Type) []field {
	fields, ok := d.fields[t]
	if ok {
		return fields
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if f.IsExported() && name != "-" {
			fields = append(fields, field{name, i})
		}
	}
	d.fields[t] = fields
	return fields
}

// unmarshaler is the form of YAML unmarshalling that the domain types use, so
// that they need not import a YAML package.
type unmarshaler interface {
	UnmarshalYAML(unmarshal func(any) error) error
}

// value sets v from n. An empty value leaves v as it is: "contact:" says no
// more than leaving the key out.
func (d *decoder) value(n *yaml.Node, v reflect.Value, p *keyPath) {
	if n.Kind == yaml.AliasNode {
		d.aliases++
		defer func() { d.aliases-- }()
		n = n.Alias
	}
	if d.aliases > 0 {
		if d.aliased++; d.aliased > maxAliased {
			if d.aliased == maxAliased+1 {
				d.doc.failAt(n, p, "", "aliases (*) stand for more than %d values in this file; write the values out", maxAliased)
			}
			return
		}
	}
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if !knownTag(n) {
		d.doc.unread(p, "has the tag %s, which means nothing here", n.ShortTag())
		return
	}
	switch u := v.Addr().Interface().(type) {
	case *decimal.Decimal:
		d.decimal(n, u, p)
		return
	case encoding.TextUnmarshaler:
		if n.Kind != yaml.ScalarNode {
			d.doc.unread(p, "must be one value, not %s", kindName(n))
		} else if err := u.UnmarshalText([]byte(n.Value)); err != nil {
			d.doc.unread(p, "is wrong: %s", err)
		}
		return
	case unmarshaler:
		if n.Kind == yaml.ScalarNode && u.UnmarshalYAML(n.Decode) == nil {
			return
		}
	}
	switch v.Kind() {
	case reflect.Struct:
		d.structure(n, v, p)
	case reflect.Map:
		d.mapping(n, v, p)
	case reflect.Slice:
		d.list(n, v, p)
	default:
		d.scalar(n, v, p)
	}
}

// decimal reads a plain decimal. Its length is bounded, since arithmetic on
// 1e999999999 would fill the memory.
func (d *decoder) decimal(n *yaml.Node, v *decimal.Decimal, p *keyPath) {
	if n.Kind == yaml.ScalarNode && len(n.Value) <= 40 {
		number, err := decimal.NewFromString(n.Value)
		if err == nil && number.Exponent() >= -20 && number.Exponent() <= 20 {
			*v = number
			return
		}
	}
	got := kindName(n)
	if n.Kind == yaml.ScalarNode {
		got = strconv.Quote(n.Value)
	}
	d.doc.unread(p, "must be a decimal number such as 199.00, not %s", got)
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, p *keyPath) {
	fields := d.fieldsOf(v.Type())
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	if n.Kind != yaml.MappingNode {
		d.doc.unread(p, "must be a mapping with the keys %s, not %s", strings.Join(names, ", "), kindName(n))
		return
	}
	d.pairs(n, p, func(key, value *yaml.Node) {
		for _, f := range fields {
			if f.name == key.Value {
				d.value(value, v.Field(f.index), p.key(f.name))
				return
			}
		}
		best, _ := nearest(key.Value, names)
		d.doc.failAt(key, p.key(key.Value), best, "unknown key %q", key.Value)
	})
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, p *keyPath) {
	if n.Kind != yaml.MappingNode {
		d.doc.unread(p, "must be a mapping, not %s", kindName(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, p, func(key, value *yaml.Node) {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(value, elem, p.key(key.Value))
		v.SetMapIndex(reflect.ValueOf(key.Value).Convert(v.Type().Key()), elem)
	})
}

// pairs calls each for every key of a mapping that stands there once.
func (d *decoder) pairs(n *yaml.Node, p *keyPath, each func(key, value *yaml.Node)) {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := resolve(n.Content[i])
		switch {
		case key.Kind != yaml.ScalarNode:
			d.doc.failAt(key, p, "", "a key must be a word, not %s", kindName(key))
		case key.ShortTag() == "!!merge":
			d.doc.failAt(key, p.key(key.Value), "", "merge keys (<<) are not read; write the keys out")
		case key.Value == "":
			d.doc.failAt(key, p, "", "a key is empty")
		case seen[key.Value] > 0:
			d.doc.failAt(key, p.key(key.Value), "", "key %q stands here twice, first on line %d", key.Value, seen[key.Value])
		default:
			seen[key.Value] = key.Line
			each(key, n.Content[i+1])
		}
	}
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, p *keyPath) {
	if n.Kind != yaml.SequenceNode {
		d.doc.unread(p, "must be a list, not %s", kindName(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, item := range n.Content {
		if d.aliased > maxAliased {
			return
		}
		if item.Kind == yaml.ScalarNode && item.ShortTag() == "!!null" {
			d.doc.unread(p.at(i), "is empty")
			continue
		}
		d.value(item, v.Index(i), p.at(i))
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, p *keyPath) {
	var want string
	switch v.Kind() {
	case reflect.String:
		want = "text"
		if n.Kind == yaml.ScalarNode {
			v.SetString(n.Value)
			return
		}
	case reflect.Bool:
		want = "true or false"
		var b bool
		if n.ShortTag() == "!!bool" && n.Decode(&b) == nil {
			v.SetBool(b)
			return
		}
	case reflect.Int, reflect.Int64:
		want = "a whole number"
		var i int
		if n.ShortTag() == "!!int" && n.Decode(&i) == nil {
			v.SetInt(int64(i))
			return
		}
	case reflect.Float64:
		want = "a number"
		var f float64
		if tag := n.ShortTag(); (tag == "!!int" || tag == "!!float") && n.Decode(&f) == nil && !math.IsNaN(f) && !math.IsInf(f, 0) {
			v.SetFloat(f)
			return
		}
	default:
		panic("configs: no way to read a " + v.Type().String())
	}
	got := kindName(n)
	if n.Kind == yaml.ScalarNode {
		got = strconv.Quote(n.Value)
	}
	d.doc.unread(p, "must be %s, not %s", want, got)
}

// knownTag tells the tags of plain YAML from those that ask for something
// else (!!binary, !include).
func knownTag(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!merge", "!!map", "!!seq":
		return true
	}
	return false
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		return "one value"
	default:
		return "something else"
	}
}
