package extract

import (
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

// languageSample bounds the runes of visible text that a language is told by.
const languageSample = 6000

// Language is the page's language as a BCP 47 tag: the declared one where the
// writing is one that it is written in, else the one that the text is in; empty
// where neither says it. Templates keep the language of whoever made them, so
// that a declaration alone is not believed.
func (d *Document) Language() string {
	if !d.languageKnown {
		d.languageKnown, d.languageTag = true, d.findLanguage()
	}
	return d.languageTag
}

func (d *Document) findLanguage() string {
	declared := ""
	for _, s := range []string{d.lang, d.metaContent("content-language"), d.metaContent("og:locale")} {
		s, _, _ = strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"), ",")
		if tag, err := language.Parse(s); err == nil && s != "" && tag != language.Und {
			declared = tag.String()
			break
		}
	}
	written := d.writtenLanguage()
	if declared == "" {
		return written
	}
	base, _, _ := strings.Cut(declared, "-")
	if script := scriptOf(written); script != "" && script != "Latn" && script != scriptOf(base) {
		return written
	}
	return declared
}

// scriptOf is the script of a language, as far as it is one of those told apart
// by their letters.
func scriptOf(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	switch base {
	case "":
		return ""
	case "zh", "yue":
		return "Hani"
	case "ja":
		return "Jpan"
	case "ko":
		return "Kore"
	case "th":
		return "Thai"
	case "he", "iw", "yi":
		return "Hebr"
	case "ar", "fa", "ur", "ps", "ku":
		return "Arab"
	case "el":
		return "Grek"
	case "ru", "uk", "bg", "be", "mk", "sr", "kk", "ky", "mn", "tg":
		return "Cyrl"
	case "hi", "mr", "ne":
		return "Deva"
	}
	return "Latn"
}

// writtenLanguage tells the language by the letters of the visible text, and
// among those in Latin letters by their commonest small words.
func (d *Document) writtenLanguage() string {
	var counts struct{ kana, han, hangul, thai, hebrew, arabic, greek, cyrillic, ukrainian, deva, latin, all int }
	small := map[string]int{}
	seen := 0
	for i := range d.texts {
		if seen > languageSample {
			break
		}
		text := d.texts[i].text
		for _, r := range text {
			seen++
			if !unicode.IsLetter(r) {
				continue
			}
			counts.all++
			switch {
			case r < 0x250:
				counts.latin++
			case r >= 0x3041 && r <= 0x30ff:
				counts.kana++
			case unicode.Is(unicode.Han, r):
				counts.han++
			case r >= 0xac00 && r <= 0xd7a3:
				counts.hangul++
			case r >= 0x0e00 && r <= 0x0e7f:
				counts.thai++
			case r >= 0x0590 && r <= 0x05ff:
				counts.hebrew++
			case r >= 0x0600 && r <= 0x06ff:
				counts.arabic++
			case r >= 0x0370 && r <= 0x03ff:
				counts.greek++
			case r >= 0x0400 && r <= 0x04ff:
				counts.cyrillic++
				if strings.ContainsRune("іїєґІЇЄҐ", r) {
					counts.ukrainian++
				}
			case r >= 0x0900 && r <= 0x097f:
				counts.deva++
			}
		}
		if len(text) < 2000 {
			for word := range strings.FieldsSeq(text) {
				if len(word) <= 6 {
					if lang := smallWords[strings.ToLower(word)]; lang != "" {
						small[lang]++
					}
				}
			}
		}
	}
	part := func(n int) bool { return n*5 >= counts.all && n > 0 } // names and models are in Latin letters
	switch {
	case counts.all == 0:
		return ""
	case counts.kana*20 >= counts.all && counts.kana > 0:
		return "ja"
	case part(counts.hangul):
		return "ko"
	case part(counts.han):
		return "zh"
	case part(counts.thai):
		return "th"
	case part(counts.hebrew):
		return "he"
	case part(counts.arabic):
		return "ar"
	case part(counts.greek):
		return "el"
	case part(counts.cyrillic):
		if counts.ukrainian*50 >= counts.cyrillic {
			return "uk"
		}
		return "ru"
	case part(counts.deva):
		return "hi"
	}
	best, lang := 2, ""
	for l, n := range small {
		if n > best || n == best && lang != "" && l < lang {
			best, lang = n, l
		}
	}
	return lang
}

// smallWords are words that one language alone among these uses often.
var smallWords = invertWords(map[string]string{
	"en": "the and with your you this from our are have",
	"de": "und der das mit nicht ist für auf wir sie ein eine",
	"fr": "les des avec vous votre pour dans nous cette est",
	"es": "los las para con más usted este gastos y",
	"it": "gli della per non sono questo più tuo prezzo",
	"pt": "não você com mais para são uma sua ção",
	"nl": "het een van voor niet zijn ook onze jouw",
	"pl": "się nie jest oraz dla przez do na lub",
	"cs": "není jsou pro nebo který jak této",
	"sv": "och för inte är ett dig vår",
	"da": "ikke af til dig vores og",
	"fi": "ja ei on sekä tai mutta",
	"hu": "és nem egy vagy hogy az",
	"ro": "și sau este nu din cu lei",
	"tr": "ve bir için ile veya çok",
	"vi": "của và cho không được với",
	"id": "dan yang untuk dengan tidak dari",
})

// invertWords drops what two languages share.
func invertWords(byLanguage map[string]string) map[string]string {
	out, shared := map[string]string{}, map[string]bool{}
	for lang, list := range byLanguage {
		for word := range strings.FieldsSeq(list) {
			if _, taken := out[word]; taken {
				shared[word] = true
			}
			out[word] = lang
		}
	}
	for word := range shared {
		delete(out, word)
	}
	return out
}
