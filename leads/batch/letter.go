package batch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch/leads"
)

// maxAnnex bounds the leads of the letter's annex; the list holds all.
const maxAnnex = 500

// letter is the letter of transfer (移送函) as paragraphs and a table.
type letter struct {
	batch      Batch
	title      string
	number     string
	addressee  string
	paragraphs []string
	sender     string
	date       string
	copies     string
	head       []string
	annex      [][]string
	note       string // under the annex
}

// annexKeys are the columns of the annex, as far as they may leave.
var annexKeys = []string{"number", "sent_as", "subjects", "seller", "title", "url"}

func newLetter(b Batch, columns []leads.Column, rows Rows) (letter, error) {
	day := b.At.In(china)
	l := letter{
		batch: b, title: "案件线索移送函", number: b.Number, addressee: b.Name + ":", sender: b.Sender.Name,
		date: fmt.Sprintf("%d年%d月%d日", day.Year(), int(day.Month()), day.Day()), head: []string{"序号"},
	}
	var shown []leads.Column
	for _, c := range columns {
		if slices.Contains(annexKeys, c.Key) {
			shown = append(shown, c)
			l.head = append(l.head, c.Header)
		}
	}
	kinds, bases := map[string]int{}, []string{}
	var order []string
	for row, err := range rows() {
		if err != nil {
			return l, fmt.Errorf("reading the leads of batch %s: %w", b.Number, err)
		}
		kind := leads.ViolationName(leads.Routed(&row.Lead)).ZH
		if kinds[kind]++; kinds[kind] == 1 {
			order = append(order, kind)
		}
		if basis := basisOf(row); basis != "" && !slices.Contains(bases, basis) {
			bases = append(bases, basis)
		}
		if len(l.annex) < maxAnnex {
			cells := []string{strconv.Itoa(len(l.annex) + 1)}
			for _, c := range shown {
				cells = append(cells, c.Value(row))
			}
			l.annex = append(l.annex, cells)
		}
	}
	var counted []string
	for _, kind := range order {
		counted = append(counted, fmt.Sprintf("%s%d条", kind, kinds[kind]))
	}
	l.paragraphs = []string{
		fmt.Sprintf("我单位在网络监测中发现涉嫌违法的线索%d条(%s)。经初步核查并经他人复核,认为属你单位管辖,现予移送。", b.Leads, strings.Join(counted, "、")),
	}
	if len(bases) > 0 {
		l.paragraphs = append(l.paragraphs, "移送依据:"+strings.Join(bases, ";")+"。")
	}
	l.paragraphs = append(l.paragraphs,
		"随函附线索清单及证据包。证据包为监测记录,可用 markwatch evidence verify 离线核验其完整性;请由两名以上执法人员依法重新固定证据。",
		"请在签收后反馈签收情况,并在办理后反馈结果(立案、不予立案、移送、处罚等)。",
	)
	if contact := strings.TrimSpace(b.Sender.Contact + " " + b.Sender.Phone); contact != "" {
		l.paragraphs = append(l.paragraphs, "联系人:"+contact)
	}
	if len(b.Copies) > 0 {
		l.copies = "抄送:" + strings.Join(b.Copies, "、")
	}
	if b.Leads > len(l.annex) {
		l.note = fmt.Sprintf("附件只列前%d条,全部%d条见线索清单(list.*)。", len(l.annex), b.Leads)
	}
	return l, nil
}

func basisOf(row *leads.Row) string {
	a := row.Handling.Addressee
	switch {
	case a.Basis == "":
		return a.Reason
	case a.Since.IsZero():
		return a.Basis
	}
	return fmt.Sprintf("%s(%s起施行)", a.Basis, a.Since.Format(time.DateOnly))
}
