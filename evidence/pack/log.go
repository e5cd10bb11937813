package pack

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// LogEntry is one line of the access log: who did what when. Hash is SHA-256
// over the entry without it, as it stands in its line, so that each entry
// holds all before it; Prior is the hash of the one before, empty on the first.
type LogEntry struct {
	At     time.Time `json:"at"`
	Actor  string    `json:"actor"`
	Action string    `json:"action"`
	Note   string    `json:"note,omitempty"`
	Prior  string    `json:"prior"`
	Hash   string    `json:"hash"`
}

func (e LogEntry) digest() (string, error) {
	e.Hash = ""
	b, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// chainLog writes entries as lines, each chained to the one before, and returns
// the last hash.
func chainLog(entries []LogEntry) (lines []byte, last string, err error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, e := range entries {
		e.At, e.Prior = e.At.UTC().Truncate(time.Millisecond), last
		if e.Hash, err = e.digest(); err != nil {
			return nil, "", fmt.Errorf("chaining the access log: %w", err)
		}
		last = e.Hash
		if err := enc.Encode(e); err != nil {
			return nil, "", fmt.Errorf("writing the access log: %w", err)
		}
	}
	return b.Bytes(), last, nil
}

// checkLog computes the chain again. fault says where it breaks.
func checkLog(lines []byte) (entries []LogEntry, fault Text) {
	prior := ""
	scanner := bufio.NewScanner(bytes.NewReader(lines))
	scanner.Buffer(nil, 1<<20)
	for n := 1; scanner.Scan(); n++ {
		var e LogEntry
		dec := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			return entries, Text{fmt.Sprintf("第 %d 行不能读取", n), fmt.Sprintf("line %d cannot be read", n)}
		}
		digest, err := e.digest()
		switch {
		case err != nil || digest != e.Hash:
			return entries, Text{fmt.Sprintf("第 %d 行与其哈希不符", n), fmt.Sprintf("line %d does not fit its hash", n)}
		case e.Prior != prior:
			return entries, Text{fmt.Sprintf("第 %d 行没有接上前一行", n), fmt.Sprintf("line %d does not follow the one before", n)}
		case len(entries) > 0 && e.At.Before(entries[len(entries)-1].At):
			return entries, Text{fmt.Sprintf("第 %d 行的时间早于前一行", n), fmt.Sprintf("line %d is older than the one before", n)}
		}
		prior = e.Hash
		entries = append(entries, e)
	}
	if scanner.Err() != nil {
		return entries, Text{"记录过长", "a line is too long"}
	}
	return entries, Text{}
}
