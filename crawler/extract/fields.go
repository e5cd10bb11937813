package extract

import "github.com/markwatch/markwatch"

type fields struct{ items any }

func (d *Document) compileFields(*markwatch.Source) *fields { return nil }
func (d *Document) selectedItems(*fields) []reading         { return nil }
func (d *Document) selected(*fields) *reading               { return nil }
func (d *Document) state() *reading                         { return nil }
func (d *Document) breadcrumbs() string                     { return "" }
func (d *Document) visibleFacts(*reading)                   {}
