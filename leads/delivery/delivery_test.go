package delivery_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/leads/batch"
	"github.com/markwatch/markwatch/leads/delivery"
)

const number = "标移〔2026〕1号"

// parcel makes a batch's folder with a manifest of the given text.
func parcel(t *testing.T, manifest string) delivery.Parcel {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"list.csv": "a", "evidence/2026-0001.zip": "b", "batch.json": manifest} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return delivery.Parcel{Number: number, Dir: dir, Manifest: batch.ManifestName, At: time.Unix(1_790_000_000, 0), Zip: batch.Zip}
}

// deliverThrice is what every target must do: take a batch, take it again
// without harm, refuse another one of the same number.
func deliverThrice(t *testing.T, target delivery.Target) {
	t.Helper()
	p := parcel(t, "one")
	for i := range 2 {
		answer, err := target.Deliver(t.Context(), p)
		if err != nil || (i == 1) != strings.HasPrefix(answer, "已在") {
			t.Fatalf("delivery %d: %q, %v", i, answer, err)
		}
	}
	if _, err := target.Deliver(t.Context(), parcel(t, "two")); markwatch.ErrorCode(err) != markwatch.CodeConflict {
		t.Errorf("another batch of the number: %v", err)
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	deliverThrice(t, delivery.Folder{Path: dir})
	got, err := os.ReadFile(filepath.Join(dir, number, "evidence", "2026-0001.zip"))
	if err != nil || string(got) != "b" {
		t.Errorf("%q %v", got, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v", left, err)
	}
}

func TestSFTP(t *testing.T) {
	root := t.TempDir()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go serveSSH(listener, signer)
	target := delivery.SFTP{
		Host: listener.Addr().String(), User: "leads", Password: "secret", Path: root, HostKey: string(ssh.MarshalAuthorizedKey(signer.PublicKey())),
	}
	deliverThrice(t, target)
	if got, err := os.ReadFile(filepath.Join(root, number, "list.csv")); err != nil || string(got) != "a" {
		t.Errorf("%q %v", got, err)
	}
	if strings.Contains(target.Name(), "secret") {
		t.Error("the name holds the password")
	}
	wrong := target
	wrong.Password = "other"
	_, other, _ := ed25519.GenerateKey(rand.Reader)
	otherSigner, err := ssh.NewSignerFromKey(other)
	if err != nil {
		t.Fatal(err)
	}
	stranger := target
	stranger.HostKey = string(ssh.MarshalAuthorizedKey(otherSigner.PublicKey()))
	for name, target := range map[string]delivery.SFTP{"a wrong password": wrong, "another server's key": stranger} {
		if _, err := target.Deliver(t.Context(), parcel(t, "one")); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func serveSSH(listener net.Listener, signer ssh.Signer) {
	config := &ssh.ServerConfig{PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
		if string(password) != "secret" {
			return nil, fmt.Errorf("wrong password")
		}
		return nil, nil
	}}
	config.AddHostKey(signer)
	for {
		raw, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			_, channels, requests, err := ssh.NewServerConn(raw, config)
			if err != nil {
				return
			}
			go ssh.DiscardRequests(requests)
			for c := range channels {
				channel, requests, err := c.Accept()
				if err != nil {
					return
				}
				go func() {
					for r := range requests {
						_ = r.Reply(r.Type == "subsystem", nil)
					}
				}()
				server, err := sftp.NewServer(channel)
				if err != nil {
					return
				}
				go func() { _ = server.Serve() }()
			}
		}()
	}
}

// bucket is as much of an S3 service as a delivery needs.
type bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
	order   []string
}

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !strings.Contains(r.Header.Get("Authorization"), "Credential=access/") {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	switch r.Method {
	case http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
			body = unchunked(body)
		}
		b.objects[r.URL.Path] = body
		b.order = append(b.order, r.URL.Path)
		w.Header().Set("ETag", `"x"`)
	case http.MethodGet, http.MethodHead:
		body, ok := b.objects[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>`)
			return
		}
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
		http.ServeContent(w, r, "", time.Unix(0, 0), bytes.NewReader(body))
	}
}

// unchunked takes off the signed chunks in which bodies come without TLS:
// <size in base 16>;chunk-signature=…\r\n<bytes>\r\n.
func unchunked(body []byte) []byte {
	var plain []byte
	for {
		head, rest, ok := bytes.Cut(body, []byte("\r\n"))
		size, _, _ := strings.Cut(string(head), ";")
		n, err := strconv.ParseInt(size, 16, 32)
		if !ok || err != nil || n == 0 || int(n)+2 > len(rest) {
			return plain
		}
		plain, body = append(plain, rest[:n]...), rest[n+2:]
	}
}

func TestS3(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	deliverThrice(t, delivery.S3{URL: server.URL, Bucket: "leads", Region: "cn-1", Prefix: "in", AccessKey: "access", SecretKey: "secret"})
	if len(b.order) != 3 || b.order[2] != "/leads/in/"+number+"/batch.json" {
		t.Errorf("put in this order: %v", b.order)
	}
}

func TestWebhook(t *testing.T) {
	now := time.Unix(1_790_000_123, 0)
	seen := map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if want := delivery.Sign("key", r.Header.Get(delivery.HeaderTimestamp), r.Header.Get(delivery.HeaderBatch), body); r.Header.Get(delivery.HeaderSignature) != want {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if n, err := url.QueryUnescape(r.Header.Get(delivery.HeaderBatch)); err != nil || n != number || r.Header.Get(delivery.HeaderTimestamp) != "1790000123" {
			t.Errorf("headers %v", r.Header)
		}
		if _, twice := seen[r.Header.Get("Idempotency-Key")]; twice {
			w.WriteHeader(http.StatusConflict)
			return
		}
		seen[r.Header.Get("Idempotency-Key")] = body
		fmt.Fprint(w, "收到")
	}))
	t.Cleanup(server.Close)
	hook := delivery.Webhook{URL: server.URL + "/in?token=hidden", Secret: "key", Client: server.Client(), Now: func() time.Time { return now }}
	for i, want := range []string{"200 OK 收到", "已在"} {
		if answer, err := hook.Deliver(t.Context(), parcel(t, "one")); err != nil || !strings.HasPrefix(answer, want) {
			t.Errorf("delivery %d: %q %v", i, answer, err)
		}
	}
	for _, body := range seen {
		z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
		if err != nil || len(z.File) != 3 {
			t.Errorf("the body is no batch: %v", err)
		}
	}
	hook.Secret = "other"
	_, err := hook.Deliver(t.Context(), parcel(t, "one"))
	if markwatch.ErrorCode(err) != markwatch.CodeUnavailable || strings.Contains(err.Error(), "hidden") {
		t.Errorf("a wrong signature: %v", err)
	}
	server.Close()
	if _, err := hook.Deliver(t.Context(), parcel(t, "one")); markwatch.ErrorCode(err) != markwatch.CodeUnavailable || strings.Contains(err.Error(), "hidden") {
		t.Errorf("nobody there: %v", err)
	}
}
