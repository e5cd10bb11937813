package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/accounts"
	"github.com/markwatch/markwatch/store"
)

// colleague adds a person to the deployment of a configuration folder, which no
// process may have open, and returns a file with an access token of theirs.
func colleague(t *testing.T, dir, id string, role markwatch.UserRole) string {
	t.Helper()
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people := accounts.New(s, accounts.Options{})
	u := markwatch.User{ID: id, Role: role}
	if err := people.Add(t.Context(), u, ""); err != nil {
		t.Fatal(err)
	}
	scopes := []accounts.Permission{accounts.See, accounts.Decide}
	if accounts.May(role, accounts.Approve) {
		scopes = append(scopes, accounts.Approve)
	}
	secret, _, err := people.NewToken(t.Context(), u, "test", scopes, 0)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(t.TempDir(), id+".token"), secret)
}

// newcomer is colleague by the commands for it: the person makes the token by
// their own password.
func newcomer(t *testing.T, dir, id string, role markwatch.UserRole, more ...string) string {
	t.Helper()
	must(t, append([]string{"user", "add", id, "--config", dir, "--role", string(role)}, more...)...)
	if o := programIn(t.Context(), longPassword+"\n", "user", "password", id, "--config", dir); o.code != exitOK {
		t.Fatalf("setting a password: %s", o.err)
	}
	scopes := "see,decide"
	if role == markwatch.RoleApprover || role == markwatch.RoleAdministrator {
		scopes = "see,decide,approve"
	}
	return tokenFile(t, dir, id, scopes)
}

func tokenFile(t *testing.T, dir, id, scopes string) string {
	t.Helper()
	o := programIn(t.Context(), longPassword+"\n", "user", "token", id, "--config", dir, "--scope", scopes)
	if o.code != exitOK || !strings.HasPrefix(o.out, "mwt_") {
		t.Fatalf("making a token: code %d %s", o.code, o.err)
	}
	return write(t, filepath.Join(t.TempDir(), id+".token"), o.out)
}

// TestActsOnLeadsAreDoneByPeople holds that the command line knows people by
// their tokens, within the same scopes, role and bounds as the API, and that
// histories and the audit log name them.
func TestActsOnLeadsAreDoneByPeople(t *testing.T) {
	m := startSample(t, 100)
	dir := m.config(t)
	write(t, filepath.Join(dir, "units.yaml"), "version: 1\nunits:\n  - {id: u, name: 某局, authority: market}\n  - {id: other, name: 另一局, authority: market}\nroutes:\n  - {violation: counterfeit, to: {unit: u}}\n  - {violation: piracy, to: {unit: u}}\n  - {violation: fake-overseas, to: {unit: u}}\n")
	write(t, filepath.Join(dir, "gates.yaml"), "version: 1\ngates: []\n")
	must(t, "scan", "--config", dir, "--json")
	all := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))
	number := all[0].Number
	zhang := newcomer(t, dir, "zhangmin", markwatch.RoleApprover)
	narrow := tokenFile(t, dir, "zhangmin", "see")
	second := tokenFile(t, dir, "zhangmin", "see,decide,approve")
	li := newcomer(t, dir, "liqiang", markwatch.RoleApprover)
	wang := newcomer(t, dir, "wangfang", markwatch.RoleInvestigator)
	bound := newcomer(t, dir, "zhaolei", markwatch.RoleApprover, "--unit", "other")

	act := func(args ...string) outcome { return program(t, append([]string{"leads"}, args...)...) }
	refused := func(o outcome, code int, want string) {
		t.Helper()
		if o.code != code || !strings.Contains(o.err, want) {
			t.Errorf("code %d %q; want %d with %q", o.code, o.err, code, want)
		}
	}
	for _, args := range [][]string{
		{"act", "confirm", number}, {"set", number, "--status", "confirmed"}, {"check", number, "--set", "reason=x"}, {"approve", number}, {"send"},
		{"merge", number, all[1].Number, "--reason", "x"}, {"route", number, "--unit", "u", "--reason", "x"}, {"cut", "a", "b", "--reason", "x"}, {"request", number, "--platform", "x"},
		{"outcomes", os.DevNull},
	} {
		refused(act(append(args, "--config", dir)...), exitInvalid, tokenVariable)
		refused(act(append(args, "--config", dir, "--as", "张敏")...), exitInvalid, "--as 已停用")
	}
	refused(act("act", "confirm", "--config", dir, "--token", "mwt_wrong", number), exitInvalid, "访问令牌无效")
	refused(act("act", "confirm", "--config", dir, "--token-file", narrow, number), exitConflict, "decide")
	refused(act("act", "confirm", "--config", dir, "--token-file", bound, number), exitNotFound, number)
	must(t, "leads", "act", "confirm", "--config", dir, "--token-file", zhang, number)
	// One person is one person, whatever the token; an investigator is no approver.
	refused(act("approve", "--config", dir, "--token-file", second, number), exitConflict, "以外的人")
	refused(act("approve", "--config", dir, "--token-file", wang, number), exitConflict, "approve")
	refused(act("approve", "--config", dir, "--token-file", bound, number), exitNotFound, number)
	t.Setenv(tokenVariable, strings.TrimSpace(read(t, li)))
	must(t, "leads", "approve", "--config", dir, number)

	lead := rows[struct {
		markwatch.Lead
		Events []markwatch.LeadEvent
	}](t, must(t, "leads", "show", "--config", dir, "--json", number))[0]
	if h := lead.Handling; h.ConfirmedBy != "zhangmin" || h.ApprovedBy != "liqiang" {
		t.Errorf("confirmed by %q, approved by %q", h.ConfirmedBy, h.ApprovedBy)
	}
	logged := map[string]bool{}
	for _, e := range rows[store.AuditEntry](t, must(t, "audit", "list", "--config", dir, "--json")) {
		logged[e.Actor+" "+e.Action] = true
	}
	for _, want := range []string{"zhangmin lead-confirm", "liqiang lead-approve", "zhangmin refused", "wangfang refused", "zhangmin lead-change-refused", "zhaolei lead-change-refused", "zhangmin token-add"} {
		if !logged[want] {
			t.Errorf("the audit log lacks %q: %v", want, logged)
		}
	}
	// A token that was taken back, or whose person is kept out, does nothing.
	must(t, "user", "set", "wangfang", "--config", dir, "--disable")
	refused(act("act", "confirm", "--config", dir, "--token-file", wang, all[1].Number), exitInvalid, "访问令牌无效")
	if o := programIn(t.Context(), "not the password\n", "user", "token", "zhangmin", "--config", dir); o.code != exitInvalid || o.out != "" {
		t.Errorf("a token by a wrong password: code %d", o.code)
	}
	if o := programIn(t.Context(), longPassword+"\n", "user", "token", "liqiang", "--config", dir, "--scope", "administer"); o.code != exitInvalid || o.out != "" {
		t.Errorf("a token beyond the role: code %d", o.code)
	}
}

// TestActsBesideServe holds that a command that the serving process carries out
// works in the name of who gave it, not of who serves.
func TestActsBesideServe(t *testing.T) {
	m := startSample(t, 60)
	dir := m.config(t)
	must(t, "scan", "--config", dir)
	number := rows[markwatch.Lead](t, must(t, "leads", "list", "--config", dir, "--json"))[0].Number
	startServe(t, dir)
	zhang := newcomer(t, dir, "zhangmin", markwatch.RoleInvestigator)
	if o := program(t, "leads", "act", "confirm", "--config", dir, number); o.code != exitInvalid || !strings.Contains(o.err, tokenVariable) {
		t.Errorf("without a token: code %d %s", o.code, o.err)
	}
	must(t, "leads", "act", "confirm", "--config", dir, "--token-file", zhang, number)
	lead := rows[markwatch.Lead](t, must(t, "leads", "show", "--config", dir, "--json", number))[0]
	if lead.Handling.ConfirmedBy != "zhangmin" {
		t.Errorf("confirmed by %q", lead.Handling.ConfirmedBy)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
