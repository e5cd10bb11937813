package matchers

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/markwatch/markwatch"
)

var (
	// promisedPattern is how sellers write what is really paid: 到手价 199,
	// 实付36, 私聊¥36, 领券后89.9. What counts other things than money (3件,
	// 9折, 48小时) is no price.
	promisedPattern = regexp.MustCompile(`(?:到手价?|实付(?:款)?|实收|券后价?|领券后?价?|用券后|折后价?|优惠后|补贴后|私聊价?|私信价?|私下价?|改价(?:到|为)?|群价|群内价?|进群价?|拍下(?:改|立减到|自动变)?|下单(?:改|立减到)|直播间价?|粉丝价|会员价|福利价|秒杀价|真实价格?|实际价格?|(?:红包|返现|返利|返券|抵扣|抵用|膨胀金?|国补|叠加|核销|折算|返款)后价?|(?:微信|加微|薇信|威信|vx|v信|老客|熟客|老粉|内部|暗号|口令|线下|转账|现金|代理|拿货|批发|供货)价|只要|仅需|after coupon|with coupon|private price|dm price|pay only)\s*(?:[:：为是仅只需]\s*)?(?:rmb|cny|[¥￥])?\s*(\d{1,6}(?:\.\d{1,2})?)\s*(元|块|rmb|r|w|万|千|k|%|折|件|个|双|瓶|盒|支|包|天|日|号|点|小时|分钟|年|月|人|次|倍|款|色|码|gb?|tb?|ml|mm|cm|kg|寸)?`)
	// besidePattern is a second price in the text of the shown price, with the
	// way to pay or the buyer that it holds for: ¥309 微信¥129.
	besidePattern = regexp.MustCompile(`(?:微信|加微|薇信|威信|vx|v信|私聊|私信|私下|群里|群内|老客|熟客|粉丝|线下|转账|现金|暗号|口令|内部)[^\d，。,;；]{0,4}(?:[¥￥]\s*(\d{1,6}(?:\.\d{1,2})?)|(\d{1,6}(?:\.\d{1,2})?)\s*[元块])`)
	// reducedPattern is 满300减200; cutPattern is 立减100, 领100元券.
	reducedPattern = regexp.MustCompile(`满\s*(\d{1,6})\s*(?:元)?\s*(?:立)?[减省]\s*(\d{1,6})`)
	cutPattern     = regexp.MustCompile(`(?:立减|直减|券减|下单减|领券减)\s*(\d{1,6})|领\s*(\d{1,6})\s*元\s*(?:优惠|大额|专属|隐藏|内部)?券`)
)

// couponWords pass over the texts in which no pattern can be.
var couponWords = [...]string{"到手", "实付", "实收", "券", "折后", "优惠后", "补贴后", "私聊", "私信", "私下", "改价", "群", "拍下", "下单", "直播间", "粉丝价", "会员价", "福利价", "秒杀价", "真实价", "实际价", "只要", "仅需", "减", "红包", "返", "抵", "膨胀", "国补", "叠加", "核销", "折算", "微", "薇", "威信", "vx", "v信", "价", "老客", "熟客", "暗号", "线下", "转账", "现金", "内部", "代理", "拿货", "算你", "给你", "coupon", "private price", "dm price", "pay only"}

// leastShare is the fraction of the shown price below which a number behind
// such a word is taken for something else than the price.
const leastShare = 0.02

// promised finds the lowest price that the words of the offer promise below the
// one that is shown.
func (r *reading) promised(shown markwatch.Money) (m markwatch.Money, evidence markwatch.Evidence, ok bool) {
	if shown.Amount.IsZero() {
		return m, evidence, false
	}
	for i := range r.fields {
		f := &r.fields[i]
		if f.path != "title" && f.path != "price_text" && f.path != "description" || !mayPromise(f.text) {
			continue
		}
		text := strings.ToLower(f.text)
		if len(text) != len(f.text) {
			continue
		}
		take := func(amount decimal.Decimal, at []int) {
			share, _ := amount.Div(shown.Amount).Float64()
			if amount.IsPositive() && share >= leastShare && share < 1 && (!ok || amount.LessThan(m.Amount)) {
				start, end := runeSpan(f.text, at[0], at[1])
				m, evidence, ok = markwatch.Money{Amount: amount, Currency: shown.Currency}, r.span(i, start, end, markwatch.RoleFact), true
			}
		}
		for _, at := range promisedPattern.FindAllStringSubmatchIndex(text, -1) {
			unit := ""
			if at[4] >= 0 {
				unit = text[at[4]:at[5]]
			}
			amount, err := decimal.NewFromString(text[at[2]:at[3]])
			if err != nil {
				continue
			}
			switch unit {
			case "", "元", "块", "rmb", "r":
			case "w", "万":
				amount = amount.Mul(decimal.NewFromInt(10_000))
			case "千", "k":
				amount = amount.Mul(decimal.NewFromInt(1000))
			default:
				continue
			}
			take(amount, at)
		}
		if strings.ContainsAny(text, spokenUnits) {
			for _, at := range wordedPattern.FindAllStringSubmatchIndex(text, -1) {
				if amount, read := wordedAmount(text, at); read {
					take(amount, at)
				}
			}
		}
		for _, at := range besidePattern.FindAllStringSubmatchIndex(text, -1) {
			digits := 2
			if at[2] < 0 {
				digits = 4
			}
			if amount, err := decimal.NewFromString(text[at[digits]:at[digits+1]]); err == nil {
				take(amount, at)
			}
		}
		if at := reducedPattern.FindStringSubmatchIndex(text); at != nil {
			from, less := number(text[at[2]:at[3]]), number(text[at[4]:at[5]])
			if shown.Amount.GreaterThanOrEqual(from) {
				take(shown.Amount.Sub(less), at)
			}
		}
		if at := cutPattern.FindStringSubmatchIndex(text); at != nil {
			less := 2
			if at[2] < 0 {
				less = 4
			}
			take(shown.Amount.Sub(number(text[at[less]:at[less+1]])), at)
		}
	}
	return m, evidence, ok
}

func mayPromise(s string) bool {
	for _, w := range couponWords {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

func number(digits string) decimal.Decimal {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return decimal.Zero
	}
	return decimal.NewFromInt(n)
}
