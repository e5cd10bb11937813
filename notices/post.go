package notices

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

const (
	// answerTime bounds a request and its answer.
	answerTime = 15 * time.Second
	// maxAnswer bounds what is read of an answer.
	maxAnswer = 64 << 10
)

// newHTTP is the client of webhooks and robots. Addresses of an intranet are
// fine, since an operator wrote them; a redirect could lead to one that nobody
// wrote, and is not followed.
func newHTTP(config *tls.Config) *http.Client {
	return &http.Client{
		Timeout:       answerTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: answerTime}).DialContext,
			TLSClientConfig:        config,
			TLSHandshakeTimeout:    answerTime,
			MaxResponseHeaderBytes: maxAnswer,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        time.Minute,
			ForceAttemptHTTP2:      true,
		},
	}
}

// encode is JSON in which <, > and & stand as they are.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("writing the message: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// post sends JSON and returns the answer to a 2xx; its errors name no address.
func (n *Notices) post(ctx context.Context, address string, body []byte, header map[string]string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the address is wrong")
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "markwatch")
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := n.http.Do(req)
	if err != nil {
		var addressed *url.Error
		if errors.As(err, &addressed) {
			err = addressed.Err
		}
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case resp.StatusCode/100 == 3:
		return nil, fmt.Errorf("the server answered with a redirect (%d), which is not followed", resp.StatusCode)
	case resp.StatusCode/100 != 2:
		return nil, fmt.Errorf("the server answered %d: %s", resp.StatusCode, line(string(answer), 200))
	case err != nil:
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	return answer, nil
}

// robot posts to a group robot, all of which answer 200 to what they refuse
// too, with a code that is not 0.
func (n *Notices) robot(ctx context.Context, address string, message any) error {
	body, err := encode(message)
	if err != nil {
		return err
	}
	answer, err := n.post(ctx, address, body, nil)
	if err != nil {
		return err
	}
	var result struct {
		ErrCode    *int   `json:"errcode"` // WeCom, DingTalk
		ErrMsg     string `json:"errmsg"`
		Code       *int   `json:"code"` // Feishu
		Msg        string `json:"msg"`
		StatusCode *int   `json:"StatusCode"` // Feishu, of old
	}
	if err := json.Unmarshal(answer, &result); err != nil {
		return errors.New("the server answered something that is no robot's: " + line(string(answer), 200))
	}
	known := false
	for _, code := range []*int{result.ErrCode, result.Code, result.StatusCode} {
		if code == nil {
			continue
		}
		if known = true; *code != 0 {
			return fmt.Errorf("the robot refused the message, code %d: %s", *code, line(result.ErrMsg+result.Msg, 200))
		}
	}
	if !known {
		return errors.New("the server answered without a code, so it is no robot's")
	}
	return nil
}
