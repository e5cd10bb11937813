package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/store"
)

func TestBlacklistTables(t *testing.T) {
	sellers, problems, err := readSellers([]byte("\ufeffplatform,id,name,accounts,reason,since\nmall,7,一家店,wechat:abc;phone:13800000000,'=售假,2026-01-31\n"))
	if err != nil || len(problems) > 0 || len(sellers) != 1 {
		t.Fatal(sellers, problems, err)
	}
	s := sellers[0]
	if s.ID != "7" || len(s.Accounts) != 2 || s.Accounts[1].Kind != "phone" || s.Reason != "=售假" || s.Since.Day() != 31 {
		t.Errorf("read %+v", s)
	}
	for text, want := range map[string]string{
		"name\n只有名字\nx\n":                                 "2 nothing recognises",
		"platform,id,since\nmall,7,昨天\nmall,8,\n":         "2 ",
		"platform,id,accounts\nmall,8,\nmall,7,abc":       "3 accounts are written kind:value",
		"{\"platform\":\"mall\",\"id\":\"7\"}\n{broken\n": "2 cannot be read",
		"{\"name\":\"只有名字\"}\n":                           "1 nothing recognises",
	} {
		_, problems, err := readSellers([]byte(text))
		if err != nil || len(problems) == 0 || !strings.HasPrefix(string('0'+rune(problems[0].Line))+" "+problems[0].Message.EN, want) {
			t.Errorf("%q: %v %v, want %q", text, problems, err, want)
		}
	}
}

// One wrong row is named and keeps nobody off the list who asks for the rest.
func TestImportingTheBlacklist(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "watch")
	must(t, "init", dir)
	table := write(t, filepath.Join(t.TempDir(), "卖家.csv"), "平台,卖家编号,店名,账号\nmall,7,一家店,wechat:abc\n,,只有名字,\n")
	list := func() []store.BlacklistEntry {
		return rows[store.BlacklistEntry](t, must(t, "blacklist", "list", "--config", dir, "--json"))
	}
	for _, flag := range []string{"--config", "--preview"} {
		args := []string{"blacklist", "import", "--config", dir, table}
		if flag == "--preview" {
			args = append(args, flag)
		}
		o := program(t, args...)
		if (o.code == exitOK) != (flag == "--preview") || !strings.Contains(o.out+o.err, "row 3") || len(list()) > 0 {
			t.Errorf("%v: code %d, %q, %v", args, o.code, o.err, list())
		}
	}
	must(t, "blacklist", "import", "--config", dir, "--partly", table)
	if got := list(); len(got) != 1 || got[0].Seller.ID != "7" {
		t.Fatalf("%+v", got)
	}
	out := must(t, "blacklist", "export", "--config", dir, "--format", "csv")
	again, problems, err := readSellers([]byte(out))
	if err != nil || len(problems) > 0 || len(again) != 1 || again[0].Accounts[0] != (markwatch.Account{Kind: "wechat", Value: "abc"}) {
		t.Errorf("exported %q, read %+v %v %v", out, again, problems, err)
	}
}
