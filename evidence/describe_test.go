package evidence_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence"
)

// chainA and chainB are two chains of a leaf and a root.
var chainA, chainB = chainFor("market.example"), chainFor("other.example")

func chainFor(name string) [][]byte {
	root, rootKey := certificate(1, "Test Root", nil, nil)
	leaf, _ := certificate(2, name, root, rootKey)
	return [][]byte{leaf.Raw, root.Raw}
}

func certificate(serial int64, name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: clock.Add(-time.Hour), NotAfter: clock.Add(time.Hour),
	}
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		panic(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return parsed, key
}

// secure is an exchange over TLS.
func secure(n int, chain [][]byte) *markwatch.Exchange {
	ex := exchange(n)
	ex.Protocol, ex.TLSVersion, ex.CipherSuite, ex.Certificates = "http/1.1", "TLS 1.3", "TLS_AES_128_GCM_SHA256", chain
	return ex
}

func TestChainsAreWrittenOnce(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	for n := range 5 {
		keep(t, a, secure(n, chainA))
		keep(t, a, secure(n, chainB))
	}
	a.Close()
	chains := map[string][][]byte{}
	named := map[string]int{}
	for _, rec := range readFile(t, filepath.Join(dir, filesOf(t, a)[0])) {
		if chain := rec.Chain(); chain != nil {
			if chains[rec.TargetURI] != nil || rec.IsPage() {
				t.Errorf("chain %s is written again, or a page", rec.TargetURI)
			}
			chains[rec.TargetURI] = chain
		}
		if rec.Type == "metadata" {
			named[rec.Fields()["tls-chain"][0]]++
		}
	}
	var got [][][]byte
	for uri, chain := range chains {
		got = append(got, chain)
		if named[uri] != 5 {
			t.Errorf("%s is named %d times, want 5", uri, named[uri])
		}
	}
	inOrder := len(got) == 2 && cmp.Equal(got[0], chainA) && cmp.Equal(got[1], chainB)
	swapped := len(got) == 2 && cmp.Equal(got[0], chainB) && cmp.Equal(got[1], chainA)
	if !inOrder && !swapped {
		t.Errorf("%d chains, want both as they were sent", len(got))
	}
}

func TestDescribe(t *testing.T) {
	a, dir := openArchive(t, evidence.ArchiveOptions{})
	hop := func(n int, location string) *markwatch.Exchange {
		ex := secure(n, chainA)
		ex.At = clock
		ex.Response = []byte("HTTP/1.1 302 Found\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n")
		return ex
	}
	elsewhere := hop(1, "https://login.example/")
	elsewhere.At = clock.Add(time.Second)
	first, second, last := hop(1, "/item/2.html"), hop(2, "https://market.example/item/3.html#top"), secure(3, chainA)
	second.Via, last.Via = first.URL, second.URL
	one, two, three := keep(t, a, first), keep(t, a, second), keep(t, a, last)
	keep(t, a, elsewhere) // the same address led elsewhere a second later
	shot, err := a.Resource(t.Context(), &markwatch.Resource{
		URL: "urn:view:" + last.URL, Source: last.Source, At: last.At, ContentType: "image/png", Body: []byte("png"), RefersTo: three,
	})
	if err != nil {
		t.Fatal(err)
	}

	d, err := a.Describe(t.Context(), three)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := json.Marshal(d); err != nil {
		t.Fatal(err)
	}
	hops := []string{}
	for _, e := range d.Redirects {
		hops = append(hops, e.Snapshot())
	}
	if diff := cmp.Diff([]string{one, two}, hops); diff != "" {
		t.Errorf("redirects (-want +got):\n%s", diff)
	}
	if len(d.Made) != 1 || d.Made[0].Snapshot() != shot {
		t.Errorf("made of it: %+v", d.Made)
	}
	if len(d.Certificates) != 2 || d.Certificates[0].Subject != "CN=market.example" || d.Certificates[0].Issuer != "CN=Test Root" ||
		!d.Certificates[0].Valid || len(d.Certificates[0].SHA256) != 64 || d.Certificates[0].Names[0] != "market.example" {
		t.Errorf("certificates %+v", d.Certificates)
	}
	head, body, _ := bytes.Cut(last.Response, []byte("\r\n\r\n"))
	got := []any{d.Intact, d.Type, d.Source, d.URL, d.Status, d.IP, d.Protocol, d.TLSVersion, d.CipherSuite, d.BodyBytes, d.RequestHead, d.ResponseHead, len(d.Checks)}
	want := []any{true, "response", last.Source, last.URL, 200, last.IP, "http/1.1", "TLS 1.3", "TLS_AES_128_GCM_SHA256", len(body), string(last.Request), string(head) + "\r\n\r\n", 4}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}

	// A revisit, and then one whose original was tampered with.
	prior := capture(t, a, secure(7, chainB))
	again := notModified(secure(7, chainB), prior)
	revisit := keep(t, a, again)
	if d, err = a.Describe(t.Context(), revisit); err != nil || !d.Intact || !d.Original.Found || d.Original.Snapshot != prior.Snapshot ||
		d.Original.Profile != "server-not-modified" || d.BodyBytes == 0 || d.Certificates[0].Valid {
		t.Errorf("revisit %+v, %v", d, err)
	}
	a.Close()
	file, _, _ := strings.Cut(one, "#")
	path := filepath.Join(dir, file)
	var plain bytes.Buffer
	for _, rec := range readFile(t, path) {
		block := bytes.Replace(rec.Block, []byte("商品 7"), []byte("商品 8"), 1)
		plain.WriteString("WARC/1.1\r\n")
		for name, values := range rec.Header {
			plain.WriteString(name + ": " + values[0] + "\r\n")
		}
		plain.WriteString("\r\n" + string(block) + "\r\n\r\n")
	}
	os.WriteFile(path, plain.Bytes(), 0o644)
	if d, err = a.Describe(t.Context(), revisit); err != nil || d.Intact || len(d.Faults) != 1 || !strings.Contains(d.Faults[0], "digest") {
		t.Errorf("after a change: %v, %v", d.Faults, err)
	}
	if _, err := a.Describe(t.Context(), file+"#urn:uuid:0"); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("no capture: %v", err)
	}
}
