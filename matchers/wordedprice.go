package matchers

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

var (
	// wordedPattern is a price in words behind a word of what is really paid:
	// 私聊两百八, 到手三位数, 群里拿一千二, 微信2个w, 私两张半 (a 张 is a note
	// of a hundred).
	wordedPattern = regexp.MustCompile(`(?:到手|实付|实收|券后|领券|折后|私聊|私信|私下|私|改价|群里拿?|群内|群价|进群|拍下|直播间|粉丝|会员|福利|秒杀|真实|实际|微信|加微|薇信|威信|vx|v信|老客|熟客|内部|暗号|线下|转账|现金|代理|拿货|批发|供货|只要|仅需|算你|给你|价)(?:价|只要|仅需|只|仅|就|才|是|约|大概|不到|左右)*\s*[:：]?\s*(?:([一两二三四五六]位数)|([一二两三四五六七八九十百千万零]{2,8})(?:来|多)?\s*(元|块|大洋|包邮|左右|拿|带走|[，。,;；!！\s)）]|$)|([一两二三四五六七八九]|\d{1,2})张(半)?|(\d{1,2}(?:\.\d)?)个(w|万|k|千))`)
	// writtenPattern is a price that stands in the text of an offer whose price
	// field is empty or holds a number that nobody asks.
	writtenPattern = regexp.MustCompile(`[¥￥]\s*(\d{2,6}(?:\.\d{1,2})?)|(\d{2,6}(?:\.\d{1,2})?)\s*(?:元|块|rmb|包邮|一只|一双|一块|一件|一个|一瓶|一套|一支|/只|/双|/个|/件|/瓶)|([一二两三四五六七八九十百千万零]{2,8})(?:来|多)?(?:元|块|包邮|左右|一只|一双|一件|一个|一套|拿走|带走)|([两三四五六]位数)`)
)

// spokenUnits pass over the texts in which no price in words can be.
const spokenUnits = "百千万位张个十"

// wordedAmount reads a match of wordedPattern.
func wordedAmount(s string, at []int) (decimal.Decimal, bool) {
	group := func(i int) string {
		if at[2*i] < 0 {
			return ""
		}
		return s[at[2*i]:at[2*i+1]]
	}
	if n, ok := roundFigure(group(1)); ok {
		return decimal.NewFromInt(int64(n)), true
	}
	if n, ok := hanNumber(group(2)); ok {
		return decimal.NewFromInt(int64(n)), n >= 10
	}
	if notes := group(4); notes != "" {
		n, ok := hanNumber(notes)
		if !ok {
			n = int(number(notes).IntPart())
		}
		n *= 100
		if group(5) != "" {
			n += 50
		}
		return decimal.NewFromInt(int64(n)), n > 0
	}
	if many := group(6); many != "" {
		amount, err := decimal.NewFromString(many)
		if err != nil {
			return amount, false
		}
		if unit := group(7); unit == "w" || unit == "万" {
			return amount.Mul(decimal.NewFromInt(10_000)), true
		}
		return amount.Mul(decimal.NewFromInt(1000)), true
	}
	return decimal.Zero, false
}

// written finds the price in the offer's own text where the page states none:
// of several the highest, so that a doubt favours the seller.
func (r *reading) written() (m markwatch.Money, evidence markwatch.Evidence, ok bool) {
	for i := range r.fields {
		f := &r.fields[i]
		if f.path != "title" && f.path != "price_text" && f.path != "description" || !strings.ContainsAny(f.text, "¥￥元块包一三两位") {
			continue
		}
		text := strings.ToLower(f.text)
		if len(text) != len(f.text) {
			continue
		}
		for _, at := range writtenPattern.FindAllStringSubmatchIndex(text, -1) {
			amount := decimal.Zero
			switch {
			case at[2] >= 0:
				amount, _ = decimal.NewFromString(text[at[2]:at[3]])
			case at[4] >= 0:
				amount, _ = decimal.NewFromString(text[at[4]:at[5]])
			case at[6] >= 0:
				n, _ := hanNumber(text[at[6]:at[7]])
				amount = decimal.NewFromInt(int64(n))
			case at[8] >= 0:
				n, _ := roundFigure(text[at[8]:at[9]])
				amount = decimal.NewFromInt(int64(n))
			}
			if amount.LessThan(leastWritten) || ok && amount.LessThanOrEqual(m.Amount) {
				continue
			}
			start, end := runeSpan(f.text, at[0], at[1])
			m, evidence, ok = markwatch.Money{Amount: amount, Currency: markwatch.CNY}, r.span(i, start, end, markwatch.RoleFact), true
		}
	}
	return m, evidence, ok
}

// leastWritten is the least amount in a text that is taken for a price: smaller
// ones are postage and deposits.
var leastWritten = decimal.NewFromInt(20)
