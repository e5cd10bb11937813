package indextest

import "github.com/markwatch/markwatch/index"

// queryCase is a query of the language and its hits, in the order of sort
// where that is given, else by id.
type queryCase struct {
	name, query, want string
	sort              index.Sort
}

func queryCases() []queryCase {
	return []queryCase{
		{name: "everything", query: "", want: "abcdefgh"},

		{name: "one character", query: "仿", want: "b"},
		{name: "one common character", query: "克", want: "abc"},
		{name: "one character in a text of two", query: "娃", want: "h"},
		{name: "two characters", query: "莆田", want: "abf"},
		{name: "part of a word", query: "军一", want: "a"},
		{name: "two characters set apart", query: "耐克", want: "abc"},
		{name: "set apart in the query", query: `"耐 克"`, want: "abc"},
		{name: "folded in the query", query: "奈克", want: "abc"},
		{name: "folded in the text", query: "龙年", want: "g"},
		{name: "characters that do not touch", query: "克军", want: ""},
		{name: "punctuation falls away", query: "克耐", want: "c"},
		{name: "pairs that occur, but not in a row", query: "克儿童运鞋", want: ""},
		{name: "three characters", query: "神仙水", want: "d"},
		{name: "five characters", query: "网盘资源", want: "e"},
		{name: "not over the end of a field", query: `"同款支持"`, want: ""},
		{name: "repeated characters", query: "娃套娃套娃", want: "h"},
		{name: "name of the subject alone", query: "美之匙", want: "d"},
		{name: "text of the page", query: "揽收", want: "d"},

		{name: "two words", query: "耐克 高仿", want: "b"},
		{name: "words in any order", query: "高仿 耐克", want: "b"},
		{name: "phrase", query: `"空军一号 莆田"`, want: "a"},
		{name: "phrase in the wrong order", query: `"莆田 空军一号"`, want: ""},
		{name: "Chinese quotes", query: "“空军一号”", want: "a"},

		{name: "exclusion", query: "耐克 -儿童", want: "ab"},
		{name: "exclusion alone", query: "-耐克", want: "defgh"},
		{name: "excluded phrase", query: `耐克 -"官方 授权"`, want: "ab"},
		{name: "exclusion forgives no typo", query: "-nikee", want: "abcdefgh"},
		{name: "two exclusions", query: "-耐克 -莆田", want: "degh"},

		{name: "Latin", query: "nike", want: "abc"},
		{name: "Latin in capitals", query: "NIKE", want: "abc"},
		{name: "full-width Latin", query: "ｎｉｋｅ", want: "abc"},
		{name: "Latin phrase", query: `"air force"`, want: "b"},
		{name: "mixed with Chinese", query: "nike官方", want: "c"},
		{name: "mixed phrase with number", query: `"force 1"`, want: "b"},
		{name: "hyphen falls away", query: "sk-ii", want: "d"},
		{name: "hyphen as space", query: `"sk ii"`, want: "d"},
		{name: "letters and digits", query: "iphone15", want: "f"},
		{name: "letters and digits set apart", query: `"iPhone 15"`, want: "f"},
		{name: "number", query: "230ml", want: "d"},
		{name: "code", query: "x8k2", want: "e"},
		{name: "code is not bent", query: "x8k3", want: ""},
		{name: "number is not bent", query: "305", want: ""},

		{name: "title", query: "title:耐克", want: "abc"},
		{name: "title alone", query: "title:验货", want: ""},
		{name: "seller", query: "seller:鞋坊", want: "a"},
		{name: "seller in Chinese", query: "卖家：仓库", want: "bf"},
		{name: "whole seller", query: "seller:=潮鞋仓库", want: "bf"},
		{name: "part is not the whole", query: "seller:=潮鞋", want: ""},
		{name: "excluded seller", query: "莆田 -seller:潮鞋", want: "a"},
		{name: "brand by subject", query: "brand:耐克", want: "ab"},
		{name: "brand declared", query: "brand:nike", want: "abc"},
		{name: "place", query: "place:东京", want: "d"},
		{name: "url", query: "url:item.example.com", want: "abf"},
		{name: "pasted url", query: "https://jd.example.com/g", want: "g"},
		{name: "url is not searched by default", query: "javascript", want: ""},
		{name: "number of the lead", query: "number:2026-0004", want: "d"},
		{name: "number of the lead by default", query: "2026-0004", want: "d"},
		{name: "reason", query: "reason:低于最低", want: "a"},
		{name: "reason is not searched by default", query: "低于最低", want: ""},

		{name: "violation", query: "violation:counterfeit", want: "abd"},
		{name: "violation in Chinese", query: "违法:假海淘", want: "d"},
		{name: "any of two", query: "status:new,review", want: "ade"},
		{name: "excluded value", query: "lead:true -status:dismissed", want: "abde"},
		{name: "source", query: "source:jd", want: "cg"},
		{name: "rule", query: "rule:pricing/below-floor", want: "ad"},
		{name: "rule by its name", query: "rule:replica", want: "ab"},
		{name: "rule by its matcher", query: "rule:pricing", want: "ad"},
		{name: "region", query: "region:福建", want: "abf"},
		{name: "unit", query: "unit:gy-scjg", want: "ab"},
		{name: "subject", query: "subject:nike,sk-ii", want: "abd"},
		{name: "assignee", query: "assignee:lihua", want: "e"},
		{name: "band", query: "band:0.9", want: "abeh"},
		{name: "flagged", query: "flagged:false", want: "cfg"},
		{name: "id", query: "id:a,h", want: "ah"},
		{name: "unknown value", query: "status:none", want: ""},
		{name: "filters are joined", query: "violation:counterfeit status:new", want: "ad"},

		{name: "price below", query: "price:<199", want: "beh"},
		{name: "price at most", query: "price:<=199", want: "abeh"},
		{name: "price from to", query: "price:159.5..399", want: "abf"},
		{name: "price from", query: "price:499..", want: "cd"},
		{name: "price excluded keeps what has none", query: "-price:<500", want: "cg"},
		{name: "price equal", query: "price:0", want: "h"},
		{name: "score above", query: "score:>0.91", want: "aeh"},
		{name: "score from", query: "score:0.91..", want: "abeh"},
		{name: "sales in ten thousands", query: "sales:>1万", want: "ac"},
		{name: "seen from to", query: "seen:2026-11-18..2026-11-19", want: "df"},
		{name: "seen from", query: "seen:2026-11-20..", want: "abce"},
		{name: "seen on a day", query: "seen:2026-11-21", want: "be"},
		{name: "seen in a month", query: "seen:2026-11", want: "abcdefg"},
		{name: "seen after", query: "seen:>2026-11-20", want: "be"},
		{name: "first before", query: "first:<2026-11-03", want: "cg"},
		{name: "word, filter and range", query: "莆田 violation:counterfeit price:<180", want: "b"},

		{name: "by score", query: "", sort: index.SortScore, want: "heabdfcg"},
		{name: "newest", query: "lead:true", sort: index.SortNewest, want: "edbac"},
		{name: "seen last, equal ones by id", query: "lead:true", sort: index.SortSeen, want: "beacd"},
		{name: "cheap, without a price last", query: "", sort: index.SortCheap, want: "hebafdcg"},
		{name: "dear, without a price last", query: "", sort: index.SortDear, want: "cdfabehg"},
		{name: "by sales", query: "lead:true", sort: index.SortSales, want: "caebd"},
		{name: "relevance: title before name", query: "nike", sort: index.SortRelevance, want: "bac"},
	}
}

// typoCase is a word with letters wrong. Every engine finds must, and nothing
// outside must and may: engines count typos a little differently.
type typoCase struct{ query, must, may string }

func typoCases() []typoCase {
	return []typoCase{
		{"addidas", "f", ""},    // a letter too many
		{"adidsa", "f", ""},     // two letters changed round
		{"adids", "f", ""},      // a letter too few
		{"addiads", "", "f"},    // two typos in seven letters
		{"superstra", "f", ""},  // nine letters
		{"superztarr", "f", ""}, // two typos in ten letters
		{"photoshp", "e", ""},
		{"phtoshopp", "e", ""},
		{"nikee", "abc", ""},
		{"nkie", "abc", ""},
		{"bike", "", "abc"},       // the first letter is wrong
		{`"addidas"`, "", ""},     // a phrase is exact
		{"nik", "", "abc"},        // too short for typos; an engine may take a beginning
		{"seller:nikee", "c", ""}, // in a field
	}
}

// hostileQueries must be answered or refused, never more.
func hostileQueries() []string {
	return []string{
		`"`, `"""`, `-`, `--`, `-"`, `:`, `seller:`, `seller:""`, `price:`, `price:<`, `price:..`, `price:1..0`, `price:NaN`, `price:1e999`,
		`seen:0000-00-00`, `seen:9999-12-31..`, `"\`, "\x00", "\xff\xfe", "💥", "*", "?", "a*", "/.*/", "+a", "a~9", "a^5", "(", "((((", "AND OR NOT", "!", "$where",
		"' OR 1=1 --", `{"q":1}`, "<script>", "%00%0a", "status:=", "status:,", "violation:a,,b", "id:../../etc/passwd", "\u202e克耐", "ａ：ｂ",
		"seller:=\"", "rule:" + string(make([]byte, 300)), "score:0.99999999999999999999999999",
	}
}
