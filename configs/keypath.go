package configs

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

// keyPath is the way from the top of a file to a value; nil is the top. It is a
// list rather than a text, since it is written out only for problems.
type keyPath struct {
	up    *keyPath
	name  string // empty for an entry of a list
	index int
}

func (p *keyPath) key(name string) *keyPath { return &keyPath{up: p, name: name} }
func (p *keyPath) at(index int) *keyPath    { return &keyPath{up: p, index: index} }

// String is the form of Problem.Key: brands[3].products[0].price.currency.
func (p *keyPath) String() string {
	switch {
	case p == nil:
		return ""
	case p.name == "":
		return p.up.String() + "[" + strconv.Itoa(p.index) + "]"
	case p.up == nil:
		return p.name
	default:
		return p.up.String() + "." + p.name
	}
}

// find returns the node at p, or the nearest one above it that exists; whole
// says which.
func (p *keyPath) find(root *yaml.Node) (n *yaml.Node, whole bool) {
	if p == nil {
		return resolve(root), root != nil
	}
	n, whole = p.up.find(root)
	if !whole {
		return n, false
	}
	if p.name == "" {
		if n.Kind == yaml.SequenceNode && p.index < len(n.Content) {
			return resolve(n.Content[p.index]), true
		}
		return n, false
	}
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == p.name {
				return resolve(n.Content[i+1]), true
			}
		}
	}
	return n, false
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
