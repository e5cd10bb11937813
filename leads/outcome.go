package leads

import (
	"slices"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// OutcomeKind is one kind of outcome.
type OutcomeKind struct {
	Code markwatch.OutcomeCode
	Name markwatch.Text
	// Words are other ways in which units write it.
	Words []string
	// Then are the outcomes that may follow it.
	Then []markwatch.OutcomeCode
	// Confirms says that the suspicion was right, Refutes that it was wrong;
	// an outcome that is neither says nothing of the rules.
	Confirms, Refutes bool
}

// Outcomes returns the kinds of outcome in the order of a case.
func Outcomes() []OutcomeKind {
	type c = []markwatch.OutcomeCode
	const (
		opened, notOpened, referred = markwatch.OutcomeOpened, markwatch.OutcomeNotOpen, markwatch.OutcomeReferred
		criminal, penalty, notFound = markwatch.OutcomeCriminal, markwatch.OutcomePenalty, markwatch.OutcomeNotFound
	)
	return []OutcomeKind{
		{Code: opened, Name: markwatch.Text{ZH: "立案", EN: "case opened"}, Words: []string{"已立案", "予以立案"}, Then: c{referred, criminal, penalty, notFound}, Confirms: true},
		{Code: notOpened, Name: markwatch.Text{ZH: "不予立案", EN: "not opened"}, Words: []string{"不立案", "未立案"}, Then: c{opened}, Refutes: true},
		{Code: referred, Name: markwatch.Text{ZH: "移送其他单位", EN: "transferred"}, Words: []string{"移送", "转办", "移交", "转送"}, Then: c{opened, notOpened, referred, criminal, penalty, notFound}},
		{Code: criminal, Name: markwatch.Text{ZH: "移送公安", EN: "criminal transfer"}, Words: []string{"移送公安机关", "涉刑移送", "刑事移送", "移送司法"}, Then: c{opened, penalty}, Confirms: true},
		{Code: penalty, Name: markwatch.Text{ZH: "行政处罚", EN: "penalty"}, Words: []string{"处罚", "已处罚", "作出处罚", "结案处罚"}, Then: c{criminal}, Confirms: true},
		{Code: notFound, Name: markwatch.Text{ZH: "查无", EN: "not found"}, Words: []string{"查无此人", "查无实据", "未查到", "查无下落"}, Then: c{opened}},
	}
}

// OutcomeByName reads an outcome as units write it: its code, its name or
// another of its words. The error has markwatch.CodeInvalid and names them.
func OutcomeByName(word string) (markwatch.OutcomeCode, error) {
	word = strings.TrimSpace(word)
	var names []string
	for _, k := range Outcomes() {
		if strings.EqualFold(word, string(k.Code)) || word == k.Name.ZH || strings.EqualFold(word, k.Name.EN) || slices.Contains(k.Words, word) {
			return k.Code, nil
		}
		names = append(names, k.Name.ZH+" "+string(k.Code))
	}
	list := strings.Join(names, "、")
	return "", markwatch.Errorf(markwatch.CodeInvalid, "没有办理结果 %q,可用:%s / there is no outcome %q, only %s", word, list, word, list)
}

// OutcomeName is an outcome's name for people; an unknown one goes by its code.
func OutcomeName(code markwatch.OutcomeCode) markwatch.Text {
	if k, ok := outcomeOf(code); ok {
		return k.Name
	}
	return markwatch.Text{ZH: string(code), EN: string(code)}
}

func outcomeOf(code markwatch.OutcomeCode) (OutcomeKind, bool) {
	kinds := Outcomes()
	i := slices.IndexFunc(kinds, func(k OutcomeKind) bool { return k.Code == code })
	if i < 0 {
		return OutcomeKind{}, false
	}
	return kinds[i], true
}

// addOutcome adds an outcome that may follow the last one.
func addOutcome(h *markwatch.Handling, o markwatch.Outcome, at time.Time) error {
	if _, ok := outcomeOf(o.Code); !ok {
		_, err := OutcomeByName(string(o.Code))
		return err
	}
	if last, ok := h.LastOutcome(); ok {
		kind, _ := outcomeOf(last.Code)
		if !slices.Contains(kind.Then, o.Code) {
			return markwatch.Errorf(markwatch.CodeConflict, "%s之后不能是%s / after %s there cannot be %s",
				OutcomeName(last.Code).ZH, OutcomeName(o.Code).ZH, last.Code, o.Code)
		}
	}
	if o.At.IsZero() {
		o.At = at.UTC()
	}
	h.Outcomes = append(h.Outcomes, o)
	return nil
}

// Says tells what the outcomes of a lead say of the suspicion: 1 where it was
// right, -1 where it was wrong, 0 where they say nothing. The last word counts;
// a dismissal after the fact is no outcome.
func Says(lead *markwatch.Lead) int {
	for _, o := range slices.Backward(lead.Handling.Outcomes) {
		kind, _ := outcomeOf(o.Code)
		switch {
		case kind.Confirms:
			return 1
		case kind.Refutes:
			return -1
		}
	}
	return 0
}
