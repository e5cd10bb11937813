package matchers

import (
	"slices"
	"strings"

	"github.com/markwatch/markwatch/matchers/text"
)

// asserted drops the mentions that the same clause takes back, by a word of
// denial or negation before them (不做高仿, never sell replicas) or by one of
// acting against them on either side (打击盗版, 对A货批量投诉).
func (r *reading) asserted(ms []mention) []mention {
	if len(ms) == 0 {
		return nil
	}
	if !r.denied {
		r.negations, r.against, r.denied = r.all("negation", "denial"), r.all("against"), true
	}
	out := make([]mention, 0, len(ms))
	for _, m := range ms {
		if !r.negated(m, r.negations) && !r.opposed(m, r.against) {
			out = append(out, m)
		}
	}
	return out
}

// opposed says that a word of acting against something stands in the clause of
// the mention, before or behind it.
func (r *reading) opposed(m mention, against []mention) bool {
	for _, n := range against {
		switch {
		case n.field != m.field:
		case n.hit.To <= m.hit.At:
			if m.hit.At-n.hit.To <= negationReach && r.sameClause(m.field, n.hit.To, m.hit.At) {
				return true
			}
		case n.hit.At >= m.hit.To:
			if n.hit.At-m.hit.To <= negationReach && r.sameClause(m.field, m.hit.To, n.hit.At) {
				return true
			}
		}
	}
	return false
}

// topicReach is how many letters may stand between a word and the one that
// makes it a topic.
const topicReach = 6

// notTopic drops the mentions that are only what something is about: a word of
// explaining or of vouchers follows (直邮模式详解, 免税店优惠券).
func (r *reading) notTopic(ms []mention) []mention {
	topics := r.all("topic")
	if len(topics) == 0 {
		return ms
	}
	var out []mention
	for _, m := range ms {
		if !slices.ContainsFunc(topics, func(n mention) bool {
			return n.field == m.field && n.hit.At >= m.hit.To && n.hit.At-m.hit.To <= topicReach && r.sameClause(m.field, m.hit.To, n.hit.At)
		}) {
			out = append(out, m)
		}
	}
	return out
}

// negationReach is how many letters may stand between a negation and what it
// denies.
const negationReach = 12

func (r *reading) negated(m mention, negations []mention) bool {
	for _, n := range negations {
		if n.field != m.field || n.hit.At > m.hit.At || n.hit.To > m.hit.To {
			continue
		}
		if n.hit.At <= m.hit.At && n.hit.To >= m.hit.To {
			return true
		}
		reach := negationReach
		if n.entry.text[0] < 0x80 {
			reach = 2 * negationReach
		}
		if m.hit.At-n.hit.To <= reach && n.hit.To <= m.hit.At && r.sameClause(m.field, n.hit.To, m.hit.At) {
			return true
		}
	}
	return false
}

// withinClause are the marks that end no clause: those of enumeration and
// quotation. A colon ends one, but what a label says stands behind it.
const (
	withinClause    = "、\"“”「」(（"
	withinStatement = withinClause + ":："
)

// sameClause says that no punctuation that ends a clause stands between two
// folded letters of a field.
func (r *reading) sameClause(f, at, to int) bool { return r.uncut(f, at, to, withinClause) }

// uncut is sameClause with the marks that end nothing.
func (r *reading) uncut(f, at, to int, within string) bool {
	t := &r.fields[f].folded
	for i := at; i <= to && i < t.Len(); i++ {
		if i == 0 {
			continue
		}
		switch t.Gap(i) &^ text.GapHidden {
		case text.GapLine:
			return false
		case text.GapStop:
			if !strings.ContainsRune(within, t.Mark(i)) {
				return false
			}
		}
	}
	return true
}
