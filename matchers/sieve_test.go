package matchers

import (
	"regexp"
	"strings"
	"testing"

	"github.com/markwatch/markwatch/configs"
)

func siftedText(s *sieve, text string) *sifted {
	s.close()
	var in sifted
	s.sift(text, &in)
	return &in
}

func TestPatternsAreTriedOnlyWhereTheyMayMatch(t *testing.T) {
	for _, c := range []struct {
		expr, text string
		possible   bool
	}{
		{`(?i)治愈|治好`, "三天治好", true},
		{`(?i)治愈|治好`, "好治", false},
		{`(?i)(?:降糖|降压)[^，]{0,4}(?:丸|散)`, "降糖小药丸", true},
		{`(?i)(?:降糖|降压)[^，]{0,4}(?:丸|散)`, "降糖茶", false},
		{`(?i)\d{3,5}\s?口`, "8000 口", true},
		{`(?i)\d{3,5}\s?口`, "口红", false},
		{`(?i)k\d`, "\u212a1", true}, // the sign of Kelvin is a k without its case
		{`(?i)usda organic`, "USDA Organic rice", true},
		{`(?i)(?:a|)b?`, "", true},
		{`(?i)\p{Han}{1,4}替尼`, "奥希替尼", true},
		{`(?i)\p{Han}{1,4}替尼`, "替换尼龙", false},
		// Pairs of letters that stand elsewhere are not the word.
		{`(?i)高血压`, "高血糖,血压", false},
		// Every alternative has its own needs.
		{`(?i)养猪[^，]{0,9}催肥|药鱼`, "养猪", false},
		{`(?i)养猪[^，]{0,9}催肥|药鱼`, "养猪场催肥", true},
		{`(?i)养猪[^，]{0,9}催肥|药鱼`, "药鱼催肥", true},
	} {
		s := newSieve()
		p, err := s.compile(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.possible(siftedText(s, c.text)); got != c.possible {
			t.Errorf("%s may match %q: %v", c.expr, c.text, got)
		}
	}
}

// No text that a shipped pattern matches is sieved out.
func TestSieveKeepsWhatPatternsMatch(t *testing.T) {
	cfg, err := configs.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range cfg.Lists.Probes {
		texts = append(texts, p.Example.Title, p.Example.Description, p.Example.Text)
	}
	if len(texts) < 200 {
		t.Fatalf("only %d texts", len(texts))
	}
	matched := 0
	sieve := newSieve()
	var patterns []pattern
	for _, lex := range cfg.Lists.Lexicons {
		for _, expr := range lex.Patterns {
			p, err := sieve.compile("(?i)" + expr)
			if err != nil {
				t.Fatal(err)
			}
			patterns = append(patterns, p)
		}
	}
	sieve.close()
	var in sifted
	for _, text := range texts {
		for _, s := range []string{text, strings.ToUpper(text)} {
			sieve.sift(s, &in)
			for i := range patterns {
				if patterns[i].MatchString(s) {
					matched++
					if !patterns[i].possible(&in) {
						t.Errorf("%s matches %q", &patterns[i], s)
					}
				}
			}
		}
	}
	if matched < 100 {
		t.Errorf("only %d matches", matched)
	}
}

// Whatever the expression, a text that it matches passes the sieve.
func FuzzSieve(f *testing.F) {
	for _, expr := range []string{`a(b|c)*d+`, `[a-f]{2}x?`, `(?:甲|乙丙)\s?丁`, `^$|x`, `(?s).k`, `\bß\w`, `(a|b?)(c|)`} {
		f.Add(expr, "abcd 甲丁 K ſ ẞa")
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		if len(expr) > 80 || len(text) > 400 {
			return
		}
		if _, err := regexp.Compile("(?i)" + expr); err != nil {
			return
		}
		s := newSieve()
		p, err := s.compile("(?i)" + expr)
		if err != nil {
			t.Fatal(err)
		}
		if p.MatchString(text) && !p.possible(siftedText(s, text)) {
			t.Errorf("%q matches %q", expr, text)
		}
	})
}
