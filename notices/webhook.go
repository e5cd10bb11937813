package notices

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// webhookVersion is that of the webhook's JSON.
const webhookVersion = 1

// webhookBody is the event as programs read it: texts as they are, in both
// languages, the link whole.
type webhookBody struct {
	Version int `json:"version"`
	Event
}

// sendWebhook posts the event. Where there is a secret, X-Markwatch-Signature
// is "sha256=" and the hex HMAC-SHA256 of the body.
func sendWebhook(ctx context.Context, n *Notices, c Channel, e Event) error {
	e.Link = n.deskLink(e.Link)
	body, err := encode(webhookBody{webhookVersion, e})
	if err != nil {
		return err
	}
	header := map[string]string{"X-Markwatch-Event": string(e.Kind)}
	if c.Secret != "" {
		mac := hmac.New(sha256.New, []byte(c.Secret))
		mac.Write(body)
		header["X-Markwatch-Signature"] = "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	_, err = n.post(ctx, c.URL, body, header)
	return err
}
