package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// AuditAction names what was done.
type AuditAction string

// The acts that are written to the audit log.
const (
	AuditLogin        AuditAction = "login"
	AuditLoginFailed  AuditAction = "login-failed"
	AuditLogout       AuditAction = "logout"
	AuditRefused      AuditAction = "refused" // a page or act that the role does not allow
	AuditSearch       AuditAction = "search"
	AuditLeadView     AuditAction = "lead-view"
	AuditLeadChange   AuditAction = "lead-change"
	AuditLeadRefused  AuditAction = "lead-change-refused"
	AuditCaptureView  AuditAction = "capture-view"
	AuditPageView     AuditAction = "page-view"
	AuditExport       AuditAction = "export"
	AuditUserAdd      AuditAction = "user-add"
	AuditUserChange   AuditAction = "user-change"
	AuditUserLink     AuditAction = "user-link"
	AuditPassword     AuditAction = "password"
	AuditTokenAdd     AuditAction = "token-add"
	AuditTokenRevoke  AuditAction = "token-revoke"
	AuditAPI          AuditAction = "api"
	AuditListChange   AuditAction = "list-change"
	AuditTryExtracted AuditAction = "try-extraction"
	AuditTryRule      AuditAction = "try-rule"
	AuditSaveSearch   AuditAction = "saved-search"
	AuditDropSearch   AuditAction = "saved-search-drop"
	AuditBatch        AuditAction = "batch-make"
	AuditBatchView    AuditAction = "batch-view"
	AuditDeliver      AuditAction = "batch-deliver"
	AuditIntake       AuditAction = "intake"
	AuditReport       AuditAction = "report-view"

	// These are written by what sends leads and takes in replies, when it did.
	AuditBatchMade     AuditAction = "batch"
	AuditLeadOutcome   AuditAction = "lead-outcome"
	AuditLeadComplaint AuditAction = "lead-complaint"
	AuditLeadMerge     AuditAction = "lead-merge"
	AuditLeadSplit     AuditAction = "lead-split"
	AuditRequest       AuditAction = "platform-request"
	AuditAnswer        AuditAction = "platform-answer"
)

// auditActions are those that the page of the log offers to choose from, also
// those of the command line.
var auditActions = [...]AuditAction{
	AuditLogin, AuditLoginFailed, AuditLogout, AuditRefused, AuditSearch, AuditLeadView, AuditLeadChange, AuditLeadRefused, AuditCaptureView,
	AuditPageView, AuditExport, AuditUserAdd, AuditUserChange, AuditUserLink, AuditPassword, AuditTokenAdd, AuditTokenRevoke, AuditAPI,
	AuditListChange, AuditTryExtracted, AuditTryRule, AuditSaveSearch, AuditDropSearch,
	AuditBatch, AuditBatchMade, AuditBatchView, AuditDeliver, AuditIntake, AuditLeadOutcome, AuditLeadComplaint, AuditLeadMerge, AuditLeadSplit,
	AuditRequest, AuditAnswer, AuditReport,
}

// auditPage is the number of lines on a page.
const auditPage = 100

// auditView is the page of the audit log.
type auditView struct {
	Actor, Action, Text, Since, Until string
	Actions                           []option
	Entries                           []auditRow
	Older                             string
}

type option struct {
	Value, Name string
	On          bool
}

type auditRow struct {
	markwatch.AuditEntry
	Name   string
	ByName string
	Object string
	Link   string
}

func (d *desk) auditLog(w http.ResponseWriter, r *http.Request) {
	l := language(r)
	if d.cfg.AuditLog == nil {
		d.fail(w, r, markwatch.Errorf(markwatch.CodeNotFound, "%s", r.URL.Path))
		return
	}
	q := r.URL.Query()
	v := auditView{Actor: strings.TrimSpace(q.Get("who")), Action: q.Get("what"), Text: strings.TrimSpace(q.Get("text")), Since: q.Get("since"), Until: q.Get("until")}
	f := markwatch.AuditFilter{Actor: v.Actor, Action: v.Action, Text: v.Text, Limit: auditPage + 1}
	var err error
	if f.Since, err = d.dayOf(v.Since, 0); err == nil {
		f.Until, err = d.dayOf(v.Until, 1)
	}
	if before := q.Get("before"); err == nil && before != "" {
		if f.Before, err = strconv.ParseInt(before, 10, 64); err != nil {
			err = markwatch.Errorf(markwatch.CodeInvalid, "before: %q", before)
		}
	}
	if err == nil {
		err = d.audit(r, actorOf(r), AuditPageView, "/audit", q.Encode())
	}
	var entries []markwatch.AuditEntry
	if err == nil {
		entries, err = d.cfg.AuditLog.AuditLog(r.Context(), f)
	}
	if err != nil {
		d.fail(w, r, err)
		return
	}
	if len(entries) > auditPage {
		entries = entries[:auditPage]
		q.Set("before", strconv.FormatInt(entries[auditPage-1].Seq, 10))
		v.Older = "/audit?" + q.Encode()
	}
	for _, a := range auditActions {
		v.Actions = append(v.Actions, option{Value: string(a), Name: d.cat.word(l, "audit", string(a)), On: v.Action == string(a)})
	}
	if v.Action != "" && !slices.ContainsFunc(v.Actions, func(o option) bool { return o.On }) {
		v.Actions = append(v.Actions, option{Value: v.Action, Name: v.Action, On: true})
	}
	for _, e := range entries {
		v.Entries = append(v.Entries, d.auditRow(l, e))
	}
	d.render(w, r, http.StatusOK, "audit", d.cat.text(l, "audit.title"), v)
}

func (d *desk) auditRow(l lang, e markwatch.AuditEntry) auditRow {
	row := auditRow{AuditEntry: e, Name: d.cat.word(l, "audit", e.Action), Object: e.Object}
	switch AuditAction(e.Action) {
	case AuditSearch:
		// The address of a search reads better decoded.
		if u, err := url.Parse(e.Object); err == nil {
			row.Link = localPath(e.Object)
			if text, err := url.QueryUnescape(u.RawQuery); err == nil && text != "" {
				row.Object = text
			}
		}
	case AuditBatchMade, AuditBatchView, AuditDeliver:
		row.Link = batchURL(e.Object)
	case AuditLeadView, AuditLeadChange, AuditLeadRefused, AuditCaptureView, AuditLeadOutcome, AuditLeadComplaint, AuditLeadMerge, AuditLeadSplit, AuditRequest, AuditAnswer:
		row.Link = leadURL(e.Object)
	}
	row.Object, _ = clip(row.Object, quoteText)
	row.Detail, _ = clip(row.Detail, quoteText)
	return row
}

// dayOf reads a day in the deployment's zone, and so many days more.
func (d *desk) dayOf(s string, more int) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, s, d.cfg.Location)
	if err != nil {
		return t, markwatch.WrapError(markwatch.CodeInvalid, err, "%q 不是日期,应为 2026-11-20 / %q is no day such as 2026-11-20", s, s)
	}
	return t.AddDate(0, 0, more), nil
}
