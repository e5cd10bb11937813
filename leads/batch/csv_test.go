package batch_test

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/leads/batch"
)

// TestPythonReadsTheCSV reads the list with Python's csv module: every text is
// there but for the marks that keep spreadsheets from reckoning, on its own row.
func TestPythonReadsTheCSV(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to read the list with")
	}
	n := len(hostile)
	dir := filepath.Join(t.TempDir(), "b")
	if _, err := batch.Write(dir, sample(n), rows(n), nil); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, "-c", `import csv,json,sys
with open(sys.argv[1], encoding="utf-8-sig", newline="") as f:
    rows=list(csv.reader(f, strict=True))
i,j=rows[0].index("标题"),rows[0].index("商品编号")
print(json.dumps([[r[i],r[j],len(r)] for r in rows]))`, filepath.Join(dir, "list.csv")).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var read [][3]any
	if err := json.Unmarshal(out, &read); err != nil || len(read) != n+1 {
		t.Fatalf("%d rows, %v", len(read), err)
	}
	marks := map[string]string{
		"007": "007\t", "123456789012345678": "123456789012345678\t", "=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)",
		"耐克😀Air": "耐克😀Air", "两行\n第二行": "两行\n第二行", "a,b;\"c\"": "a,b;\"c\"", "1.10": "1.10\t", "1e5": "1e5\t", "91350304MA2XXXXX0X": "91350304MA2XXXXX0X", "𠮷野家": "𠮷野家",
	}
	seen := 0
	for i, text := range hostile {
		if read[i+1][2] != read[0][2] || strings.TrimRight(read[i+1][1].(string), "\t") != "0001234567890123456" {
			t.Errorf("row %d is not whole: %v", i+1, read[i+1])
		}
		if want, ok := marks[text]; ok {
			seen++
			if read[i+1][0] != want {
				t.Errorf("%q came back as %q, want %q", text, read[i+1][0], want)
			}
		}
	}
	if seen != len(marks) {
		t.Errorf("%d of %d texts were looked at", seen, len(marks))
	}
}
