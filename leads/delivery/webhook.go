package delivery

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/markwatch/markwatch"
)

// Webhook is an address that takes a batch as one ZIP file.
type Webhook struct {
	URL string
	// Secret is what requests are signed with.
	Secret string
	Client *http.Client
	Now    func() time.Time
}

// The header of a webhook's requests.
const (
	HeaderBatch     = "Markwatch-Batch"     // the number, percent-encoded
	HeaderTimestamp = "Markwatch-Timestamp" // seconds since 1970
	HeaderSignature = "Markwatch-Signature" // v1=, HMAC-SHA256 over timestamp "." number "." body, in base 16
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 10

// Name implements Target. What stands behind the address's path may be secret.
func (w Webhook) Name() string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return "webhook"
	}
	return "webhook:" + u.Scheme + "://" + u.Host + u.Path
}

// Sign is the signature of a request.
func Sign(secret, timestamp, number string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s.", timestamp, number)
	mac.Write(body)
	return "v1=" + hex.EncodeToString(mac.Sum(nil))
}

// Deliver posts the batch. A receiver that has it already answers 409 or 2xx;
// the Idempotency-Key is the number.
func (w Webhook) Deliver(ctx context.Context, p Parcel) (string, error) {
	var body bytes.Buffer
	if err := p.Zip(&body, p.Dir, p.At); err != nil {
		return "", fmt.Errorf("packing batch %s: %w", p.Number, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(body.Bytes()))
	if err != nil {
		return "", fmt.Errorf("preparing a delivery: %w", err)
	}
	timestamp, number := strconv.FormatInt(w.Now().Unix(), 10), url.QueryEscape(p.Number)
	req.Header.Set("Content-Type", "application/zip")
	req.Header.Set("Idempotency-Key", number)
	req.Header.Set(HeaderBatch, number)
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderSignature, Sign(w.Secret, timestamp, number, body.Bytes()))
	resp, err := w.Client.Do(req)
	if err != nil {
		// The error may quote the address with what is secret in it.
		return "", markwatch.Errorf(markwatch.CodeUnavailable, "对方没有应答 %s did not answer", w.Name())
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "reading the answer of %s", w.Name())
	}
	told := strings.TrimSpace(resp.Status + " " + string(answer))
	switch {
	case resp.StatusCode == http.StatusConflict:
		return already + " " + told, nil
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		return "", markwatch.Errorf(markwatch.CodeUnavailable, "对方拒收 %s refused: %s", w.Name(), told)
	}
	return told, nil
}
