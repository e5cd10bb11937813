// Package intake reads what comes back from units and hotlines: receipts and
// outcomes, complaints; as CSV or XLSX with headers as people write them. A
// broken row is reported with its number, and the rest goes in.
package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads"
)

// The bounds of a file.
const (
	maxBytes = 64 << 20
	maxRows  = 200_000
)

// RowError is a row that could not be read.
type RowError struct {
	Row int // as a spreadsheet counts, the headers being row 1
	Err error
}

// Error names the row.
func (e RowError) Error() string { return fmt.Sprintf("第 %d 行 row %d: %v", e.Row, e.Row, e.Err) }

// Unwrap returns the cause.
func (e RowError) Unwrap() error { return e.Err }

// Feedback is a row of receipts and outcomes.
type Feedback struct {
	Row int
	// Lead is a lead's number.
	Lead    string
	Receipt *markwatch.Receipt
	Outcome *markwatch.Outcome
}

// Complaint is a hotline's record.
type Complaint struct {
	Row int `json:"-"`
	// Number is the hotline's own, Hotline 12315, 12330, 12390 and so on.
	Number  string    `json:"number"`
	Hotline string    `json:"hotline,omitempty"`
	At      time.Time `json:"at,omitzero"`
	URL     string    `json:"url,omitempty"`
	Title   string    `json:"title,omitempty"`
	Seller  string    `json:"seller,omitempty"`
	Region  string    `json:"region,omitempty"`
	Text    string    `json:"text,omitempty"`
	// Violation is what the record says it is about; empty where it does not.
	Violation markwatch.Violation `json:"violation,omitempty"`
	Lead      string              `json:"lead,omitempty"`
}

// feedbackHeads and complaintHeads are the headers of each field, as files
// write them.
var feedbackHeads = map[string][]string{
	"lead":     {"线索编号", "编号", "线索号", "lead", "number"},
	"by":       {"签收人", "签收单位", "received_by"},
	"received": {"签收时间", "签收日期", "received_at"},
	"receipt":  {"回执编号", "签收编号", "receipt"},
	"outcome":  {"办理结果", "结果", "处理结果", "outcome"},
	"at":       {"办理时间", "办结时间", "结果日期", "反馈时间", "outcome_at"},
	"unit":     {"办理单位", "承办单位", "unit"},
	"document": {"文书号", "案号", "立案文号", "处罚决定书文号", "document"},
	"amount":   {"涉案金额", "案值", "amount"},
	"penalty":  {"罚没金额", "罚款", "罚款金额", "penalty"},
	"to":       {"移送至", "转办单位", "to"},
	"note":     {"备注", "说明", "note"},
}

var complaintHeads = map[string][]string{
	"number":    {"工单编号", "工单号", "投诉编号", "举报编号", "登记编号", "编号", "number"},
	"hotline":   {"来源", "热线", "渠道", "hotline"},
	"at":        {"登记时间", "投诉时间", "举报时间", "时间", "at"},
	"url":       {"网址", "链接", "商品链接", "url"},
	"title":     {"商品", "商品名称", "涉诉商品", "title"},
	"seller":    {"店铺", "店铺名称", "被投诉主体", "被举报主体", "商家", "seller"},
	"region":    {"地区", "所在地", "属地", "region"},
	"text":      {"内容", "投诉内容", "举报内容", "诉求", "text"},
	"violation": {"类型", "违法类型", "类别", "violation"},
}

// ReadFeedback reads receipts and outcomes. The errors are RowErrors; a file
// that cannot be read at all is an error with markwatch.CodeInvalid or
// CodeNotFound.
func ReadFeedback(path string, zone *time.Location) ([]Feedback, []RowError, error) {
	data, err := load(path)
	if err != nil {
		return nil, nil, err
	}
	return ParseFeedback(filepath.Base(path), data, zone)
}

// ParseFeedback is ReadFeedback of a file that is in memory; name is for
// messages.
func ParseFeedback(name string, data []byte, zone *time.Location) ([]Feedback, []RowError, error) {
	t, err := parse(name, data, feedbackHeads, "lead")
	if err != nil {
		return nil, nil, err
	}
	var list []Feedback
	var broken []RowError
	for t.next() {
		f, err := t.feedback(zone)
		if err != nil {
			broken = append(broken, RowError{t.row, err})
			continue
		}
		list = append(list, f)
	}
	return list, broken, nil
}

func (t *table) feedback(zone *time.Location) (Feedback, error) {
	f := Feedback{Row: t.row, Lead: t.get("lead")}
	if f.Lead == "" {
		return f, errors.New("没有线索编号 there is no number of a lead")
	}
	received, err := t.time("received", zone)
	if err != nil {
		return f, err
	}
	if by := t.get("by"); by != "" || !received.IsZero() || t.get("receipt") != "" {
		f.Receipt = &markwatch.Receipt{By: by, At: received, Number: t.get("receipt")}
	}
	word := t.get("outcome")
	if word == "" {
		if f.Receipt == nil {
			return f, errors.New("既无签收也无结果 there is neither a receipt nor an outcome")
		}
		return f, nil
	}
	o := markwatch.Outcome{Unit: t.get("unit"), Document: t.get("document"), To: t.get("to"), Note: t.get("note")}
	if o.Code, err = leads.OutcomeByName(word); err != nil {
		return f, err
	}
	if o.At, err = t.time("at", zone); err != nil {
		return f, err
	}
	if o.Amount, err = t.money("amount"); err != nil {
		return f, err
	}
	if o.Penalty, err = t.money("penalty"); err != nil {
		return f, err
	}
	f.Outcome = &o
	return f, nil
}

// ReadComplaints reads hotline records, with errors as ReadFeedback.
func ReadComplaints(path string, zone *time.Location) ([]Complaint, []RowError, error) {
	data, err := load(path)
	if err != nil {
		return nil, nil, err
	}
	return ParseComplaints(filepath.Base(path), data, zone)
}

// ParseComplaints is ReadComplaints of a file that is in memory.
func ParseComplaints(name string, data []byte, zone *time.Location) ([]Complaint, []RowError, error) {
	t, err := parse(name, data, complaintHeads, "number")
	if err != nil {
		return nil, nil, err
	}
	var list []Complaint
	var broken []RowError
	for t.next() {
		c := Complaint{Row: t.row, Number: t.get("number"), Hotline: t.get("hotline"), URL: t.get("url"), Title: t.get("title"),
			Seller: t.get("seller"), Region: t.get("region"), Text: t.get("text")}
		var err error
		if c.At, err = t.time("at", zone); err == nil && c.Number == "" {
			err = errors.New("没有工单编号 there is no number")
		}
		if err == nil && c.URL == "" && c.Title == "" && c.Seller == "" && c.Text == "" {
			err = errors.New("没有网址、商品、店铺或内容 there is neither an address nor goods, a seller or a text")
		}
		c.Violation = violation(t.get("violation"))
		if err != nil {
			broken = append(broken, RowError{t.row, err})
			continue
		}
		list = append(list, c)
	}
	return list, broken, nil
}

// violation reads a violation by its id or Chinese name; other words are left
// to people.
func violation(word string) markwatch.Violation {
	for _, v := range []markwatch.Violation{markwatch.Counterfeit, markwatch.FakeOverseas, markwatch.Piracy, "tobacco", "medicine", "agri-input",
		"geographic-indication", "certification-mark", "patent-marking", "false-advertising"} {
		if word == string(v) || word == leads.ViolationName(v).ZH {
			return v
		}
	}
	return ""
}

// table is a file's rows by field.
type table struct {
	rows    [][]string
	lines   []int // where each row stands in a text file; nil in a workbook
	columns map[string]int
	at, row int // the present row: its index, and its number for people
}

func load(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, markwatch.WrapError(markwatch.CodeNotFound, err, "没有这个文件 there is no such file")
	case err != nil:
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 the file cannot be read")
	case info.Size() > maxBytes:
		return nil, tooLarge(filepath.Base(path))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 the file cannot be read")
	}
	return data, nil
}

func tooLarge(name string) error {
	return markwatch.Errorf(markwatch.CodeInvalid, "%s 大于 64 MiB / is larger than 64 MiB", name)
}

func parse(name string, data []byte, heads map[string][]string, needed string) (_ *table, err error) {
	if len(data) > maxBytes {
		return nil, tooLarge(name)
	}
	t := &table{columns: map[string]int{}}
	if bytes.HasPrefix(data, []byte("PK")) {
		t.rows, err = readXLSX(data)
	} else {
		t.rows, t.lines, err = readCSV(data)
	}
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "%s 不能读取 cannot be read", name)
	}
	if len(t.rows) == 0 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s 是空的 / is empty", name)
	}
	if len(t.rows) > maxRows {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s 多于 %d 行 / has more than %d rows", name, maxRows, maxRows)
	}
	for i, head := range t.rows[0] {
		head = strings.ToLower(clean(head))
		for field, words := range heads {
			for _, word := range words {
				if _, taken := t.columns[field]; head == word && !taken {
					t.columns[field] = i
				}
			}
		}
	}
	if _, ok := t.columns[needed]; !ok {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "%s 没有「%s」一列;表头是:%s / has no such column; its headers are above",
			name, heads[needed][0], strings.Join(t.rows[0], "、"))
	}
	return t, nil
}

// readCSV reads UTF-8 with or without a mark, and GB18030 as Chinese Excel
// saves it; fields are parted by commas, or by tabs where the headers are.
func readCSV(data []byte) (rows [][]string, lines []int, err error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil {
			return nil, nil, fmt.Errorf("neither UTF-8 nor GB18030: %w", err)
		}
		data = decoded
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	if head, _, _ := bytes.Cut(data, []byte("\n")); bytes.Count(head, []byte("\t")) > bytes.Count(head, []byte(",")) {
		r.Comma = '\t'
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) || len(rows) > maxRows {
			return rows, lines, nil
		}
		if err != nil {
			return nil, nil, err
		}
		line, _ := r.FieldPos(0)
		rows, lines = append(rows, row), append(lines, line)
	}
}

func readXLSX(data []byte) (rows [][]string, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: 256 << 20, UnzipXMLSizeLimit: 64 << 20})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return nil, errors.New("no sheet")
	}
	return book.GetRows(sheets[0])
}

func (t *table) next() bool {
	for t.at+1 < len(t.rows) {
		t.at++
		t.row = t.at + 1
		if t.lines != nil {
			t.row = t.lines[t.at]
		}
		if strings.TrimSpace(strings.Join(t.rows[t.at], "")) != "" {
			return true
		}
	}
	return false
}

func (t *table) get(field string) string {
	i, ok := t.columns[field]
	row := t.rows[t.at]
	if !ok || i >= len(row) {
		return ""
	}
	return clean(row[i])
}

// clean takes off what lists for spreadsheets put around texts.
func clean(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(s, "\ufffd"))
	if rest, ok := strings.CutPrefix(s, "'"); ok {
		s = rest
	}
	return s
}

// layouts are the forms of times that people and spreadsheets write.
var layouts = []string{
	time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006/1/2", "2006.1.2",
	"2006年1月2日", "2006年1月2日 15:04", "2006年1月2日15时04分", "01-02-06", "1/2/06 15:04", "20060102",
}

func (t *table) time(field string, zone *time.Location) (time.Time, error) {
	s := t.get(field)
	if s == "" {
		return time.Time{}, nil
	}
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, s, zone); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("时间 %q 不能识别,应如 2026-11-20 is no time", s)
}

// maxMoney bounds an amount's text; arithmetic on 1e999999999 would fill the
// memory.
const maxMoney = 20

func (t *table) money(field string) (*markwatch.Money, error) {
	s := strings.NewReplacer(",", "", ",", "", "¥", "", "¥", "", "元", "", " ", "").Replace(t.get(field))
	if s == "" {
		return nil, nil
	}
	factor := decimal.NewFromInt(1)
	if rest, ok := strings.CutSuffix(s, "万"); ok {
		s, factor = rest, decimal.NewFromInt(10_000)
	}
	if len(s) > maxMoney || strings.ContainsAny(s, "eE") {
		return nil, fmt.Errorf("金额 %q 不能识别 is no amount", t.get(field))
	}
	d, err := decimal.NewFromString(s)
	if err != nil || d.IsNegative() {
		return nil, fmt.Errorf("金额 %q 不能识别 is no amount", t.get(field))
	}
	return &markwatch.Money{Amount: d.Mul(factor), Currency: markwatch.CNY}, nil
}
