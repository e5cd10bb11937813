package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func TestPeopleAndTheAuditLogFromTheCommandLine(t *testing.T) {
	dir := t.TempDir()
	must(t, "init", dir)
	link := must(t, "user", "add", "boss", "--name", "张敏", "--role", "administrator", "--config", dir)
	if !strings.Contains(link, "/login?token=") {
		t.Errorf("adding prints %q", link)
	}
	must(t, "user", "add", "lili", "--role", "viewer", "--region", "福建省", "--config", dir)
	must(t, "user", "set", "lili", "--role", "investigator", "--disable", "--config", dir)
	users := rows[markwatch.User](t, must(t, "user", "list", "--json", "--config", dir))
	if len(users) != 2 || users[1].Role != markwatch.RoleInvestigator || !users[1].Disabled || strings.Join(users[1].Regions, "") != "福建" {
		t.Errorf("%+v", users)
	}
	for _, c := range []struct {
		args []string
		code int
	}{
		{[]string{"user", "add", "lili"}, exitConflict}, {[]string{"user", "add", "李丽"}, exitInvalid}, {[]string{"user", "link", "none"}, exitNotFound},
		{[]string{"user", "set", "boss", "--role", "viewer"}, exitConflict}, {[]string{"user", "set", "lili", "--role", "root"}, exitInvalid},
	} {
		if o := program(t, append(c.args, "--config", dir)...); o.code != c.code {
			t.Errorf("%v ends with %d, want %d: %s", c.args, o.code, c.code, o.err)
		}
	}
	checked := rows[store.AuditChecked](t, must(t, "audit", "verify", "--json", "--config", dir))
	if len(checked) != 1 || checked[0].Entries < 4 || checked[0].Head == "" {
		t.Fatalf("%+v", checked)
	}
	must(t, "user", "set", "lili", "--enable", "--config", dir)
	must(t, "audit", "verify", "--head", checked[0].Head, "--config", dir)
	if o := program(t, "audit", "verify", "--head", "0123", "--config", dir); o.code != exitConflict {
		t.Errorf("a head that was never there: %d", o.code)
	}
	// Beside a process that holds the folder, people can be managed all the same.
	lock, err := lockData(filepath.Join(dir, "data"), "serve", users[0].Created)
	if err != nil {
		t.Fatal(err)
	}
	must(t, "user", "link", "lili", "--login", "--config", dir)
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), filepath.Join(dir, "data", "markwatch.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{`DROP TRIGGER audit_keeps_lines`, `UPDATE audit SET actor = 'nobody' WHERE seq = 2`} {
		if _, err := s.DB().ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if o := program(t, "audit", "verify", "--config", dir); o.code != exitConflict || !strings.Contains(o.err, "第 2 条") {
		t.Errorf("a changed line: %d %s", o.code, o.err)
	}
	if listed := must(t, "audit", "list", "--action", "user-link", "--config", dir); !strings.Contains(listed, "lili") {
		t.Errorf("the log lists %q", listed)
	}
}
