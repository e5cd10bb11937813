package evidence_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch/evidence"
)

// record is one plain WARC record.
func record(id, block string) string {
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: resource\r\nWARC-Record-ID: <urn:%s>\r\nWARC-Target-URI: http://a.example/%s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n", id, id, len(block), block)
}

func zipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(s))
	w.Close()
	return b.String()
}

// broken flips bytes in the middle of s.
func broken(s string) string {
	b := []byte(s)
	for i := len(b) / 2; i < len(b)/2+8; i++ {
		b[i] ^= 0xa5
	}
	return string(b)
}

func TestDamage(t *testing.T) {
	a, b, c := record("a", "alpha"), record("b", strings.Repeat("beta ", 300)), record("c", "gamma")
	long := strings.Replace(b, "Content-Length: 1500", "Content-Length: 1700", 1)
	longer := strings.Replace(b, "Content-Length: 1500", "Content-Length: 99999999999", 1)
	short := strings.Replace(b, "Content-Length: 1500", "Content-Length: 1400", 1)
	tests := []struct {
		name   string
		file   string
		ids    string // of the records that are read
		faults int
	}{
		{"plain", a + b + c, "abc", 0},
		{"a member a record", zipped(a) + zipped(b) + zipped(c), "abc", 0},
		{"whole file in one member", zipped(a + b + c), "abc", 0},
		{"members of several records", zipped(a+b) + zipped(c), "abc", 0},
		{"plain, then members", a + zipped(b) + zipped(c), "abc", 0},
		{"empty", "", "", 0},
		{"lines end with LF", strings.ReplaceAll(a+b+c, "\r\n", "\n"), "abc", 0},
		{"no line ends behind blocks", strings.TrimRight(a, "\r\n") + strings.TrimRight(b, "\r\n") + c, "abc", 0},
		{"extra line ends", a + "\r\n\r\n" + b + "\n" + c, "abc", 0},
		{"zeros behind the last member", zipped(a) + zipped(b) + strings.Repeat("\x00", 512), "ab", 1},

		{"length too large", a + long + c, "ac", 1},
		{"length too large, members", zipped(a) + zipped(long) + zipped(c), "ac", 1},
		{"length too large, one member", zipped(a + long + c), "ac", 1},
		{"length absurd", a + longer + c, "ac", 1},
		{"length absurd, members", zipped(a) + zipped(longer) + zipped(c), "ac", 1},
		{"length absurd in the first member", zipped(longer) + zipped(a) + zipped(c), "ac", 1},
		{"length too small", a + short + c, "ac", 1},
		{"length too small, members", zipped(a) + zipped(short) + zipped(c), "ac", 1},
		{"length negative", a + strings.Replace(b, "Content-Length: 1500", "Content-Length: -5", 1) + c, "ac", 1},
		{"no length", a + strings.Replace(b, "Content-Length: 1500\r\n", "", 1) + c, "ac", 1},
		{"no type", a + strings.Replace(b, "WARC-Type: resource\r\n", "", 1) + c, "ac", 1},
		{"header without end", a + "WARC/1.0\r\nWARC-Type: resource\r\n" + strings.Repeat("X: y\r\n", 20_000) + "\r\n" + c, "ac", 1},
		{"bad line in a header", strings.Replace(a, "WARC-Type", "what is this\r\nWARC-Type", 1) + c, "ac", 0},
		{"continued line in a header", strings.Replace(a, "text/html", "text/html;\r\n\tcharset=gbk", 1) + c, "ac", 0},
		{"garbage before", "garbage\r\nWARC/not\r\n" + a + c, "ac", 1},
		{"garbage between", a + "garbage of some length" + c, "a", 1},
		{"garbage between, on lines", a + "garbage of some length\r\n" + c, "ac", 1},
		{"garbage between members", zipped(a) + "garbage" + zipped(c), "ac", 1},
		{"damaged member", zipped(a) + broken(zipped(b)) + zipped(c), "ac", 1},
		{"damaged first member", broken(zipped(b)) + zipped(a) + zipped(c), "ac", 1},
		{"damaged magic", zipped(a) + "\x00\x00" + zipped(b)[2:] + zipped(c), "ac", 1},
		{"damaged first magic", "\x00\x00" + zipped(b)[2:] + zipped(a) + zipped(c), "ac", 1},
		{"damaged checksum", zipped(a) + zipped(b)[:len(zipped(b))-8] + "12345678" + zipped(c), "ac", 1},
		{"member cut short, others behind", zipped(a) + zipped(b)[:60] + zipped(c), "ac", 1},
		{"two members cut short", zipped(a) + zipped(b)[:60] + zipped(b)[:60] + zipped(c), "ac", 2},
		{"member of something else", zipped(a) + zipped("not a record at all") + zipped(c), "ac", 1},
		{"empty member", zipped(a) + zipped("") + zipped(c), "ac", 0},
		{"tail of a plain file", a + b[:700], "a", 1},
		{"tail of a header", a + b[:30], "a", 1},
		{"one byte of a member", zipped(a) + "\x1f", "a", 1},

		// A page that shows a record must not become one where its own record
		// is damaged.
		{"forged record in a damaged one", zipped(a) + zipped(strings.Replace(record("b", "x\r\n"+record("f", "forged")), "Content-Length: ", "Content-Length: 9", 1)) + zipped(c), "ac", 1},
		{"record within a record", a + record("b", "x\r\n"+record("f", "quoted")) + c, "abc", 0},
		{"gzip within a record", zipped(a) + zipped(record("b", zipped(record("f", "quoted")))) + zipped(c), "abc", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			recs, faults := readAll(t, strings.NewReader(test.file), evidence.ReaderOptions{})
			ids := ""
			for _, rec := range recs {
				ids += strings.TrimPrefix(rec.ID, "urn:")
			}
			if ids != test.ids || len(faults) != test.faults {
				t.Errorf("records %q and %d faults, want %q and %d: %v", ids, len(faults), test.ids, test.faults, faults)
			}
			// The same, byte by byte, as from a slow pipe.
			slow, slowFaults := readAll(t, oneByte{strings.NewReader(test.file)}, evidence.ReaderOptions{})
			if len(slow) != len(recs) || len(slowFaults) != len(faults) {
				t.Errorf("byte by byte: %d records and %d faults, want %d and %d", len(slow), len(slowFaults), len(recs), len(faults))
			}
		})
	}
}

type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1)]) }

func TestOffsets(t *testing.T) {
	a, b, c := record("a", "alpha"), record("b", "beta"), record("c", "gamma")
	za, zb := zipped(a), zipped(b)
	recs, faults := readAll(t, strings.NewReader(za+broken(zb)+zipped(c)), evidence.ReaderOptions{})
	got := []int64{recs[0].Offset, faults[0].Offset, recs[1].Offset}
	if diff := cmp.Diff([]int64{0, int64(len(za)), int64(len(za + zb))}, got); diff != "" {
		t.Error(diff)
	}
	recs, _ = readAll(t, strings.NewReader(a+b+c), evidence.ReaderOptions{})
	if recs[1].Offset != int64(len(a)) || recs[2].Offset != int64(len(a+b)) {
		t.Errorf("offsets %d and %d in a plain file", recs[1].Offset, recs[2].Offset)
	}
}

func TestLimits(t *testing.T) {
	small := evidence.ReaderOptions{MaxRecord: 1 << 20, MaxHeader: 2048, MaxRatio: 50}
	large := record("b", strings.Repeat("x", 1<<20+1))
	bomb := record("b", "") + strings.Repeat("\r\n", 32<<20)
	for name, file := range map[string]string{
		"large record":          record("a", "1") + large + record("c", "1"),
		"large record, members": zipped(record("a", "1")) + zipped(large) + zipped(record("c", "1")),
		"large header":          record("a", "1") + strings.Replace(record("b", "1"), "WARC-Type", "X: "+strings.Repeat("y", 3000)+"\r\nWARC-Type", 1) + record("c", "1"),
		"bomb":                  zipped(record("a", "1")) + zipped(bomb[8:]) + zipped(record("c", "1")),
	} {
		recs, faults := readAll(t, strings.NewReader(file), small)
		if len(recs) != 2 || len(faults) != 1 {
			t.Errorf("%s: %d records, faults %v; want 2 and one", name, len(recs), faults)
		}
	}
}

// TestCutAnywhere is a process killed, or a disk full, at any byte.
func TestCutAnywhere(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	for i := range 6 {
		if _, err := a.Record(context.Background(), exchange(i)); err != nil {
			t.Fatal(err)
		}
	}
	a.Close()
	files, _ := filepath.Glob(filepath.Join(dir, "*.gz"))
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	whole, _ := readAll(t, bytes.NewReader(data), evidence.ReaderOptions{})
	ends := map[int]bool{0: true, len(data): true}
	for _, rec := range whole {
		ends[int(rec.Offset)] = true
	}
	for cut := range len(data) {
		recs, faults := readAll(t, bytes.NewReader(data[:cut]), evidence.ReaderOptions{})
		want := 0
		for want+1 < len(whole) && int(whole[want+1].Offset) <= cut {
			want++
		}
		wantFaults := 1
		if ends[cut] {
			wantFaults = 0
		}
		if len(recs) != want || len(faults) != wantFaults {
			t.Fatalf("cut at %d of %d: %d records and faults %v, want %d and %d", cut, len(data), len(recs), faults, want, wantFaults)
		}
	}
}

func TestFileErrorIsFinal(t *testing.T) {
	disk := errors.New("input/output error")
	r := evidence.NewReader(io.MultiReader(strings.NewReader(record("a", "1")+record("b", "2")[:50]), failing{disk}), evidence.ReaderOptions{})
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, disk) {
			t.Errorf("%v, want the file's error", err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
