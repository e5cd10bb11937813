package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/ndjson"
)

// objects reads one JSON object a line: listings in the product's own form,
// or objects whose keys are mapped as headers are.
type objects struct {
	pull   func() (ndjson.Row[json.RawMessage], error, bool)
	stated map[string]string
	last   int
}

func (r *Reader) openObjects(in io.Reader) {
	pull, stop := iter.Pull2(ndjson.Read[json.RawMessage](in))
	file := r.close
	r.close = func() error {
		stop()
		return file()
	}
	r.rows = &objects{pull: pull, stated: r.src.Columns}
}

func (o *objects) next() (int, func(*Reader) Row, error) {
	line, err, ok := o.pull()
	if !ok {
		return o.last, nil, io.EOF
	}
	var broken *ndjson.LineError
	if err != nil && !errors.As(err, &broken) {
		return o.last, nil, err
	}
	o.last = line.Line
	if broken != nil {
		return line.Line, func(*Reader) Row { //nolint:nilerr // the row says it
			return Row{Err: markwatch.WrapError(markwatch.CodeInvalid, broken.Err, "the line is no JSON object")}
		}, nil
	}
	return line.Line, func(r *Reader) Row { return o.read(r, line.Line, line.Value) }, nil
}

func (o *objects) read(r *Reader, number int, raw json.RawMessage) Row {
	var row Row
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil || object == nil {
		row.Err = markwatch.Errorf(markwatch.CodeInvalid, "the line is no JSON object")
		return row
	}
	if len(object) > maxColumns {
		row.Err = errWideRow
		return row
	}
	if len(o.stated) == 0 {
		if l, ok := o.listing(r, raw, object); ok {
			r.complete(number, &l)
			row.Listing = l
			return row
		}
	}
	keys := slices.Sorted(maps.Keys(object))
	h := mapHeader(keys, o.stated)
	rec := r.record()
	for i, c := range h.columns {
		field := c.field
		switch plain(c.header) {
		case "id":
			if _, mapped := o.stated[c.header]; !mapped {
				field = "id" // the format's own name
			}
		case "source", "snapshot", "origins":
			continue
		}
		v := object[keys[i]]
		if s, ok := v.(string); ok {
			if s = value(s); s == "" || c.auto && !attribute(s) {
				continue
			}
			v = s
		} else if c.auto && !simple(v) || field == "" {
			continue
		}
		if err := rec.SetValue(field, v); err != nil {
			row.Problems = append(row.Problems, "key "+strings.TrimSpace(keys[i])+": "+err.Error())
		}
	}
	r.finish(number, rec, &row)
	if row.Err != nil {
		row.Err = h.blame(texts(object, keys), row.Err)
	}
	return row
}

// listing reads an object in the form of FORMATS: nothing but a listing's own
// keys, of their own types.
func (o *objects) listing(r *Reader, raw json.RawMessage, object map[string]any) (markwatch.Listing, bool) {
	var l markwatch.Listing
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&l); err != nil || strings.TrimSpace(l.Title) == "" {
		return l, false
	}
	rec := r.record()
	for field, text := range map[string]string{"title": l.Title, "id": l.ID, "url": l.URL, "platform": l.Platform, "item_id": l.ItemID, "sku": l.SKU} {
		if rec.Set(field, text) != nil {
			return l, false
		}
	}
	known, err := rec.Listing()
	if err != nil {
		return l, false
	}
	l.ID, l.URL, l.Platform, l.ItemID, l.SKU = known.ID, known.URL, known.Platform, known.ItemID, known.SKU
	l.Origins = map[string]markwatch.Origin{}
	for key := range object {
		switch key {
		case "id", "source", "platform", "origins", "fetched_at", "snapshot", "price_text", "price_max", "sales_text":
		default:
			l.Origins[key] = markwatch.OriginTable
		}
	}
	if l.Seller != nil && len(l.Seller.Contacts) > 0 {
		l.Origins["seller.contacts"] = markwatch.OriginTable
	}
	l.FetchedAt = l.FetchedAt.UTC()
	return l, true
}

func simple(v any) bool {
	switch v.(type) {
	case json.Number, bool:
		return true
	}
	return false
}

// texts are the texts of the values, for saying which one is missing.
func texts(object map[string]any, keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		if s, ok := object[k].(string); ok {
			out[i] = s
		}
	}
	return out
}
