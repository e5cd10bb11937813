package extract

import (
	"regexp"
	"strings"
)

// carrierShape is how a carrier writes its parcels' numbers.
type carrierShape struct {
	carrier string
	shape   *regexp.Regexp
	check   func(number string) bool
}

// carrierShapes are shapes that belong to one carrier or one kind of service;
// plain digits of a common length, which several use, are not among them.
var carrierShapes = []carrierShape{
	{"顺丰", regexp.MustCompile(`^SF\d{12,15}$`), nil},
	{"圆通", regexp.MustCompile(`^YT\d{13,15}$`), nil},
	{"京东物流", regexp.MustCompile(`^(?:JD[A-Z]{0,2}|JDV)\d{10,15}(?:-\d+-\d+-?)?$`), nil},
	{"极兔", regexp.MustCompile(`^JT\d{13}$`), nil},
	{"德邦", regexp.MustCompile(`^DPK\d{12}$`), nil},
	{"中通", regexp.MustCompile(`^7[3568]\d{12}$`), nil},
	{"申通", regexp.MustCompile(`^77\d{13}$`), nil},
	{"韵达", regexp.MustCompile(`^(?:43|46|31)\d{13}$`), nil},
	{"菜鸟", regexp.MustCompile(`^(?:LP\d{14,17}|CN\d{12,14})$`), nil},
	{"云途", regexp.MustCompile(`^YT\d{16}$`), nil},
	{"UPS", regexp.MustCompile(`^1Z[0-9A-Z]{16}$`), validUPS},
	{"Amazon Logistics", regexp.MustCompile(`^TBA\d{12}$`), nil},
	{"USPS", regexp.MustCompile(`^9[1-5]\d{20}$`), nil},
	{"邮政", regexp.MustCompile(`^[A-Z]{2}\d{9}[A-Z]{2}$`), validPostal},
}

// carrierOf names the carrier whose shape a parcel's number has; "" where none
// has it or its check digit is wrong. Posts are named with the country that
// ends the number (UPU S10).
func carrierOf(number string) string {
	number = strings.ToUpper(number)
	for _, c := range carrierShapes {
		if !c.shape.MatchString(number) || c.check != nil && !c.check(number) {
			continue
		}
		if c.carrier == "邮政" {
			if number[0] == 'E' && strings.HasSuffix(number, "CN") {
				return "EMS"
			}
			return c.carrier + " " + number[11:]
		}
		return c.carrier
	}
	return ""
}

// validPostal checks the ninth digit of a postal number (UPU S10): the eight
// before it weighted, modulo 11.
func validPostal(number string) bool {
	sum := 0
	for i, w := range [8]int{8, 6, 4, 2, 3, 5, 9, 7} {
		sum += int(number[2+i]-'0') * w
	}
	check := 11 - sum%11
	switch check {
	case 10:
		check = 0
	case 11:
		check = 5
	}
	return int(number[10]-'0') == check
}

// validUPS checks the last digit of a UPS number: letters count as their place
// in the alphabet plus two, modulo ten, and signs at even places twice.
func validUPS(number string) bool {
	sum := 0
	body := number[2:]
	for i := range 15 {
		v := int(body[i]) - '0'
		if body[i] >= 'A' {
			v = (int(body[i]) - 'A' + 2) % 10
		}
		if i%2 == 1 {
			v *= 2
		}
		sum += v
	}
	last := body[15]
	return digit(last) && int(last-'0') == (10-sum%10)%10
}

// sureNumber finds a parcel's number in a line that speaks of parcels but has no
// label for it, where its shape is one carrier's own.
var sureNumber = regexp.MustCompile(`\b(?:SF\d{12,15}|YT\d{13,15}|JT\d{13}|DPK\d{12}|JD[A-Z]{0,2}\d{11,15}|1Z[0-9A-Z]{16}|[A-Z]{2}\d{9}[A-Z]{2})\b`)

// carrierWords are names under which a carrier may stand before a number.
var carrierWords = newWords("顺丰", "圆通", "中通", "申通", "韵达", "极兔", "京东", "德邦", "邮政", "ems", "百世", "天天", "菜鸟", "dhl", "fedex", "ups", "usps", "tnt", "快递", "物流", "速运", "parcel", "shipped", "包裹", "单号", "发货")
