package matchers

import (
	"net/url"
	"regexp"
	"strings"
)

// carrier is what tells a carrier's own numbers and pages from others. Names are
// how pages write it, folded to lower case. Numbers are the formats that it
// gives out, as its own pages describe them; postal services use S10 of the
// Universal Postal Union: two letters, nine digits, the country.
type carrier struct {
	names   []string
	numbers *regexp.Regexp
	domains []string
}

var carriers = []carrier{
	{[]string{"顺丰", "sf express", "sf-express"}, regexp.MustCompile(`^(SF\d{12,13}|\d{12}|\d{15})$`), []string{"sf-express.com", "sf-international.com"}},
	{[]string{"圆通", "yto"}, regexp.MustCompile(`^(YT\d{13}|[A-Z]?\d{10,18})$`), []string{"yto.net.cn"}},
	{[]string{"中通", "zto"}, regexp.MustCompile(`^(ZT)?\d{12,15}$`), []string{"zto.com", "zto.cn"}},
	{[]string{"申通", "sto express"}, regexp.MustCompile(`^(STO)?\d{12,15}$`), []string{"sto.cn", "sto-express.com"}},
	{[]string{"韵达", "yunda"}, regexp.MustCompile(`^(YD)?\d{13,15}$`), []string{"yundaex.com"}},
	{[]string{"极兔", "j&t", "jtexpress"}, regexp.MustCompile(`^JT\w?\d{12,13}$`), []string{"jtexpress.cn", "jtexpress.com", "jtexpress.com.cn"}},
	{[]string{"京东", "jd logistics"}, regexp.MustCompile(`^JD\w{11,16}(-\d+-\d+-?)?$`), []string{"jd.com", "jdl.com"}},
	{[]string{"德邦", "deppon"}, regexp.MustCompile(`^(DP)?K?\d{9,12}$`), []string{"deppon.com"}},
	{[]string{"fedex", "联邦快递"}, regexp.MustCompile(`^(\d{12}|\d{15}|\d{20}|\d{22})$`), []string{"fedex.com"}},
	{[]string{"ups"}, regexp.MustCompile(`^(1Z[0-9A-Z]{16}|\d{9}|\d{12}|T\d{10})$`), []string{"ups.com"}},
	{[]string{"usps", "美国邮政"}, regexp.MustCompile(`^(9\d{21}|\d{20}|[A-Z]{2}\d{9}US)$`), []string{"usps.com"}},
	{[]string{"royal mail", "英国皇家邮政"}, regexp.MustCompile(`^[A-Z]{2}\d{9}GB$`), []string{"royalmail.com"}},
	{[]string{"japan post", "日本邮政", "日本郵便", "日本邮便"}, regexp.MustCompile(`^([A-Z]{2}\d{9}JP|\d{11,12})$`), []string{"japanpost.jp"}},
	{[]string{"korea post", "韩国邮政", "우체국"}, regexp.MustCompile(`^([A-Z]{2}\d{9}KR|\d{13})$`), []string{"epost.go.kr", "epost.kr"}},
	{[]string{"australia post", "auspost", "澳洲邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}AU|\w{12,23})$`), []string{"auspost.com.au"}},
	{[]string{"nz post", "新西兰邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}NZ|\d{16,22})$`), []string{"nzpost.co.nz"}},
	{[]string{"canada post", "加拿大邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}CA|\d{16})$`), []string{"canadapost.ca", "canadapost-postescanada.ca"}},
	{[]string{"la poste", "colissimo", "法国邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}FR|\d[A-Z]\d{11})$`), []string{"laposte.fr"}},
	{[]string{"deutsche post", "德国邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}DE|\d{12}|\d{20}|JJD\d{16,18})$`), []string{"deutschepost.de", "dhl.de", "dhl.com"}},
	{[]string{"postnl", "荷兰邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}NL|3S[A-Z0-9]{9,13})$`), []string{"postnl.nl", "postnl.com"}},
	{[]string{"poste italiane", "意大利邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}IT|[0-9A-Z]{13})$`), []string{"poste.it"}},
	{[]string{"correos", "西班牙邮政"}, regexp.MustCompile(`^([A-Z]{2}\d{9}ES|\w{23})$`), []string{"correos.es"}},
	{[]string{"hongkong post", "hong kong post", "香港邮政"}, regexp.MustCompile(`^[A-Z]{2}\d{9}HK$`), []string{"hongkongpost.hk"}},
}

// gatherers follow the parcels of all carriers; their pages prove nothing.
var gatherers = [...]string{"kuaidi100.com", "17track.net", "cainiao.com", "aftership.com", "parcelsapp.com", "track718.com", "ckd8.com"}

// carrierOf finds the one carrier that a name means, nil where it is not known
// or several are named.
func carrierOf(name string) *carrier {
	name = strings.ToLower(name)
	var found *carrier
	for i := range carriers {
		for _, n := range carriers[i].names {
			if !hasWord(name, n) {
				continue
			}
			if found != nil && found != &carriers[i] {
				return nil
			}
			found = &carriers[i]
		}
	}
	return found
}

// hasWord says that s holds a word; Latin ones stand alone.
func hasWord(s, word string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], word)
		if i < 0 {
			return false
		}
		at, end := from+i, from+i+len(word)
		if word[0] >= 0x80 || (at == 0 || !isLetter(s[at-1])) && (end == len(s) || !isLetter(s[end])) {
			return true
		}
		from = end
	}
}

// ownPage says that an address is on one of the carrier's own domains. ok is
// false where it says nothing: no web address, or that of a gatherer.
func (c *carrier) ownPage(address string) (own, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false, false
	}
	host := strings.ToLower(u.Hostname())
	for _, g := range gatherers {
		if onDomain(host, g) {
			return false, false
		}
	}
	for _, d := range c.domains {
		if onDomain(host, d) {
			return true, true
		}
	}
	return false, true
}

func onDomain(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}
