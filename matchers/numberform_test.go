package matchers

import (
	"testing"
	"time"
)

func TestPatentNumbers(t *testing.T) {
	at := time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)
	for number, want := range map[string]string{
		"ZL201210345678.4": "", "ZL202121345678.5": "", "ZL202030654321.X": "",
		"ZL201210345678.5": faultCheck, "ZL20121034567.4": faultForm, "ZL2012": faultForm, "ZL202150123456.Y": faultForm,
		"ZL203020123456.1": faultFuture, "ZL198410345678.1": faultForm, "ZL": faultForm, "ZL202142345678.5": faultForm,
		"ZL201220318764.1": faultExpired, // a utility model of 2012 ended in 2022
		"ZL85100001.X":     faultCheck, "ZL85100001.0": faultExpired,
	} {
		if got := checkPatent(number, at).kind; got != want && (want != faultForm || got == "") {
			t.Errorf("%s: %q, want %q", number, got, want)
		}
	}
}

// Whatever one digit of a number is misread as, the check digit tells.
func TestPatentCheckDigitFindsOneWrongDigit(t *testing.T) {
	const right = "ZL201210345678.4"
	for i := 7; i < 14; i++ {
		for d := byte('0'); d <= '9'; d++ {
			wrong := []byte(right)
			if wrong[i] == d {
				continue
			}
			wrong[i] = d
			if checkPatent(string(wrong), time.Time{}).kind == "" {
				t.Errorf("%s passes", wrong)
			}
		}
	}
}

func TestCreditCodes(t *testing.T) {
	for code, want := range map[string]string{
		"91110000600037341L": "", "91330100799655058B": "", "91110000600037341M": faultCheck,
		"9111000060003734IL": faultForm, "123": faultForm,
	} {
		if got := checkCreditCode(code).kind; got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}
