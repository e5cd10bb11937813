package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// apiDocs is the readable page of the API, made of the same description that
// programs read.
type apiDocs struct {
	Title, About string
	Groups       []apiGroup
}

type apiGroup struct {
	Name  string
	Calls []apiCall
}

type apiCall struct {
	ID, Method, Path, Summary, Scope string
	Params, Fields, Result           []apiField
}

type apiField struct {
	Name, In, Type, About string
	Required              bool
}

// description serves the API's description in OpenAPI 3.1.
func (a *api) description(asYAML bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var b []byte
		var err error
		if asYAML {
			b, err = a.huma.OpenAPI().YAML()
			w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
		} else {
			b, err = json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		}
		if err != nil {
			a.d.fail(w, r, err)
			return
		}
		w.Write(b)
	}
}

// docs shows the page.
func (a *api) docs(w http.ResponseWriter, r *http.Request) {
	l, doc := language(r), a.huma.OpenAPI()
	v := apiDocs{Title: a.d.cat.text(l, "api.title"), About: half(l, doc.Info.Description)}
	for path, item := range doc.Paths {
		for method, op := range map[string]*huma.Operation{
			http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
		} {
			if op == nil {
				continue
			}
			call := apiCall{ID: op.OperationID, Method: method, Path: path, Summary: half(l, op.Summary), Scope: a.d.cat.word(l, "scope", string(a.needs[op.OperationID]))}
			for _, p := range op.Parameters {
				call.Params = append(call.Params, apiField{Name: p.Name, In: p.In, Type: typeOf(p.Schema), About: half(l, p.Description), Required: p.Required})
			}
			if op.RequestBody != nil {
				call.Fields = a.fields(l, bodyOf(op.RequestBody.Content))
			}
			for code, res := range op.Responses {
				if strings.HasPrefix(code, "2") {
					call.Result = a.fields(l, bodyOf(res.Content))
				}
			}
			i := slices.IndexFunc(v.Groups, func(g apiGroup) bool { return g.Name == op.Tags[0] })
			if i < 0 {
				i = len(v.Groups)
				v.Groups = append(v.Groups, apiGroup{Name: op.Tags[0]})
			}
			v.Groups[i].Calls = append(v.Groups[i].Calls, call)
		}
	}
	slices.SortFunc(v.Groups, func(a, b apiGroup) int { return cmp.Compare(a.Name, b.Name) })
	for _, g := range v.Groups {
		slices.SortFunc(g.Calls, func(a, b apiCall) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
	}
	for i := range v.Groups {
		v.Groups[i].Name = a.d.cat.text(l, "api.group-"+v.Groups[i].Name)
	}
	a.d.render(w, r, http.StatusOK, "apidocs", v.Title, v)
}

func bodyOf(content map[string]*huma.MediaType) *huma.Schema {
	if m := content["application/json"]; m != nil {
		return m.Schema
	}
	return nil
}

// fields are those of an object, or of what a list holds.
func (a *api) fields(l lang, s *huma.Schema) []apiField {
	for s != nil && (s.Ref != "" || s.Items != nil) {
		if s.Ref != "" {
			s = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
		} else {
			s = s.Items
		}
	}
	if s == nil {
		return nil
	}
	var out []apiField
	for name, p := range s.Properties {
		out = append(out, apiField{Name: name, Type: typeOf(p), About: half(l, p.Description), Required: slices.Contains(s.Required, name)})
	}
	slices.SortFunc(out, func(a, b apiField) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// typeOf is a schema's type in a few words.
func typeOf(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Items != nil:
		return "[" + typeOf(s.Items) + "]"
	case len(s.Enum) > 0:
		var words []string
		for _, e := range s.Enum {
			if word, ok := e.(string); ok {
				words = append(words, word)
			}
		}
		return strings.Join(words, " | ")
	case s.Format != "":
		return s.Type + " " + s.Format
	}
	return s.Type
}
