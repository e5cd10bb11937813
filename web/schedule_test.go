package web

import "testing"

func TestScheduleInWords(t *testing.T) {
	cat, err := loadCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{cat: cat}
	for line, want := range map[string][2]string{
		"0 2 * * *":       {"每天 02:00", "daily at 02:00"},
		"5 14,2 * * ?":    {"每天 02:05、14:05", "daily at 02:05, 14:05"},
		" 30  3 * * 1 ":   {"每周一 03:30", "Monday at 03:30"},
		"0 4 * * 1-5":     {"每周一至周五 04:00", "Monday to Friday at 04:00"},
		"0 4 * * sat,SUN": {"每周六、周日 04:00", "Saturday, Sunday at 04:00"},
		"0 1 15 * *":      {"每月 15 日 01:00", "day 15 of the month at 01:00"},
		"*/15 * * * *":    {"每 15 分钟", "every 15 minutes"},
		"20 * * * *":      {"每小时第 20 分", "every hour at minute 20"},
		"10 */6 * * *":    {"每 6 小时,第 10 分", "every 6 hours at minute 10"},
		"@daily":          {"每天 00:00", "daily at 00:00"},
		"@weekly":         {"每周日 00:00", "Sunday at 00:00"},
		"@every 90m":      {"每隔 1 小时 30 分", "every 1 h 30 min"},
	} {
		for i, l := range languages {
			if got, ok := d.scheduleWords(l, line); !ok || got != want[i] {
				t.Errorf("%q is %q, %v, want %q", line, got, ok, want[i])
			}
		}
	}
	// What has no simple words is shown as it stands.
	for _, line := range []string{
		"", "nonsense", "0 2 1 * 1", "0 2 * 6 *", "0 2 1,15 * *", "*/7 * * * *", "0 */5 * * *", "1-5 2 * * *", "61 2 * * *", "0 24 * * *",
		"0 1,2,3,4,5 * * *", "0 2 * * 7", "0 2 * * 1-", "0 2 * * -", "+1 2 * * *", "0 2 32 * *", "CRON_TZ=UTC 0 2 * * *", "@every 5s", "@every x", "@yearly", "0 0 2 * * *",
	} {
		if got, ok := d.scheduleWords(langZH, line); ok {
			t.Errorf("%q is said to be %q", line, got)
		}
	}
}
