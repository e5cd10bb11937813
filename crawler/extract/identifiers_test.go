package extract

import "testing"

// TestCarriers: the shape of a number names its carrier, a wrong check digit
// names none.
func TestCarriers(t *testing.T) {
	for number, want := range map[string]string{
		"SF1234567890123": "顺丰", "YT1234567890123": "圆通", "JT1234567890123": "极兔", "DPK123456789012": "德邦", "JDVA12345678901": "京东物流", "771234567890123": "申通",
		"RA473124829CN": "邮政 CN", "EA473124829CN": "EMS", "RA473124828CN": "", "1Z5R89390357567127": "UPS", "1Z5R89390357567128": "", "LP00123456789012": "菜鸟", "TBA123456789012": "Amazon Logistics",
		"123456789012": "", "": "",
	} {
		if got := carrierOf(number); got != want {
			t.Errorf("%s: %q, want %q", number, got, want)
		}
	}
}

// TestRights: numbers of patents, trade marks and books are facts of an offer;
// where a check sign is wrong they are none.
func TestRights(t *testing.T) {
	for text, want := range map[string]string{
		"本产品已获专利 ZL 201510123456.9": "",
		"专利号：ZL201020304050.6":      "专利号 ZL201020304050.6",
		"专利号 ZL 2010 2 0304050.8":   "",
		"商标注册号：第1234567号":           "商标注册号 1234567",
		"注册商标 G1023456 假冒必究":        "商标注册号 G1023456",
		"ISBN 978-7-02-004249-4":    "ISBN 9787020042494",
		"ISBN：9787020042495":        "",
		"ISBN 7-5327-0687-7":        "ISBN 7532706877",
		"商标局公告":                     "",
	} {
		var r reading
		rightsIn(text, &r)
		got := ""
		for k, v := range r.Attributes {
			got = k + " " + v
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestCheckDigits(t *testing.T) {
	for code, want := range map[string]bool{"4006381333931": true, "4006381333932": false, "036000291452": true, "96385074": true, "123": false, "40063813339x1": false} {
		if validGTIN(code) != want {
			t.Error("GTIN", code)
		}
	}
	if got := isbn13("7532706877"); !validISBN(got) {
		t.Error(got)
	}
}
