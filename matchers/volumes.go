package matchers

import (
	"regexp"
	"strconv"
)

// volumeRange and volumeCount are how offers of prints say how many volumes
// they hold: 1-14册, 全23巻, 31冊.
var (
	volumeRange = regexp.MustCompile(`(?i)(\d{1,3})\s?[-–—~至到]\s?(\d{1,3})\s?(?:册|冊|卷|巻|本|권|vols?\b|volumes?\b)|\bvol(?:ume)?s?\.?\s?(\d{1,3})\s?[-–—~]\s?(\d{1,3})\b`)
	volumeCount = regexp.MustCompile(`(?i)(\d{1,3})\s?(?:册|冊|巻|권|volumes\b|vols\b)`)
)

// leastSet is how many volumes make a set whose price is not that of one.
const leastSet = 3

// setOf is how many volumes the offer holds; 1 where it does not say.
func (r *reading) setOf() int {
	for _, s := range [...]string{r.listing.Title, r.listing.Quantity} {
		plain := narrow(s)
		if m := volumeRange.FindStringSubmatch(plain); m != nil {
			from, to := countOf(m[1]+m[3]), countOf(m[2]+m[4])
			if to > from {
				return to - from + 1
			}
		}
		if m := volumeCount.FindStringSubmatch(plain); m != nil {
			return max(1, countOf(m[1]))
		}
	}
	return 1
}

// countOf reads a count of at most three digits, which the patterns see to.
func countOf(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// aboveOne is the multiple of a work's price above which the price of a set
// shows that the list's price is that of one volume.
const aboveOne = 1.5
