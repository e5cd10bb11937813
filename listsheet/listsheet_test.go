package listsheet_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/configs"
	"github.com/markwatch/markwatch/listsheet"
)

// The shipped lists come back as they were, by either format.
func TestThereAndBack(t *testing.T) {
	cfg, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	cfg.Lists.Brands = append(cfg.Lists.Brands, markwatch.Brand{ID: "x", Names: map[string]string{"zh": "=1+1", "ja": "ナイキ"}, Holder: "-乙", Aliases: []string{"@a", "+b"}})
	for _, format := range listsheet.Formats() {
		var b bytes.Buffer
		if err := listsheet.Write(&b, format, listsheet.BrandColumns(), listsheet.BrandRows(cfg.Lists.Brands)); err != nil {
			t.Fatal(err)
		}
		rows, err := listsheet.Read(b.Bytes(), listsheet.BrandColumns())
		if err != nil {
			t.Fatal(err)
		}
		brands, problems := listsheet.Brands(rows, cfg.Lists.Brands)
		if d := cmp.Diff(cfg.Lists.Brands, brands, cmpopts.EquateEmpty()); d != "" || len(problems) > 0 {
			t.Errorf("%s: %v %s", format, problems, d)
		}
		b.Reset()
		if err := listsheet.Write(&b, format, listsheet.WorkColumns(), listsheet.WorkRows(cfg.Lists.Works)); err != nil {
			t.Fatal(err)
		}
		if rows, err = listsheet.Read(b.Bytes(), listsheet.WorkColumns()); err != nil {
			t.Fatal(err)
		}
		works, problems := listsheet.Works(rows, cfg.Lists.Works)
		if d := cmp.Diff(cfg.Lists.Works, works, cmpopts.EquateEmpty()); d != "" || len(problems) > 0 {
			t.Errorf("%s: %v %s", format, problems, d)
		}
	}
}

// A table that people typed: heads in Chinese, GB 18030, semicolons of either
// kind, percentages; every broken row is named and the rest goes in.
func TestTypedTable(t *testing.T) {
	text := "编号,中文名,别名,最低折扣,产品,官方价\nnike,耐克,nike;奈克,50%,空军一号,¥799\nnike,,,,空军二号,abc\n,无编号,,,,\nadidas,阿迪达斯,,x,,\nnike,,,,,\n"
	gbk, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := listsheet.Read(gbk, listsheet.BrandColumns())
	if err != nil {
		t.Fatal(err)
	}
	brands, problems := listsheet.Brands(rows, nil)
	if len(brands) != 2 || len(brands[0].Products) != 2 || brands[0].Floor.String() != "0.5" || brands[0].Products[0].Price.Amount.String() != "799" || len(brands[0].Aliases) != 2 {
		t.Errorf("%+v", brands)
	}
	var at []string
	for _, p := range problems {
		at = append(at, p.Column)
		if p.Line < 3 || p.Message.ZH == "" || p.Message.EN == "" {
			t.Errorf("%+v", p)
		}
	}
	if got := strings.Join(at, " "); got != "price id floor product" {
		t.Errorf("problems in %s", got)
	}
}

func TestWhatIsNoTable(t *testing.T) {
	for name, data := range map[string]string{
		"empty": "", "no id": "a,b\n1,2\n", "binary": "\x00\x01\x02", "a broken workbook": "PK\x03\x04rubbish", "a page": "<html><body>",
	} {
		if _, err := listsheet.Read([]byte(data), listsheet.BrandColumns()); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("id,name_zh\nnike,耐克\n"))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := listsheet.Read(data, listsheet.BrandColumns())
		if err != nil {
			return
		}
		brands, _ := listsheet.Brands(rows, nil)
		var b bytes.Buffer
		if err := listsheet.Write(&b, "csv", listsheet.BrandColumns(), listsheet.BrandRows(brands)); err != nil {
			t.Fatal(err)
		}
	})
}
