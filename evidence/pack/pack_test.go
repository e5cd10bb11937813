package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/emmansun/gmsm/sm2"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/evidence/pack"
)

var made = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// authority is a time-stamp authority of the test's own.
type authority struct {
	key      *ecdsa.PrivateKey
	cert, ca *x509.Certificate
	now      time.Time
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	issue := func(template, parent *x509.Certificate) *x509.Certificate {
		template.SerialNumber, template.NotBefore, template.NotAfter = big.NewInt(7), made.AddDate(-1, 0, 0), made.AddDate(30, 0, 0)
		if parent == nil {
			parent = template
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert
	}
	ca := issue(&x509.Certificate{Subject: pkix.Name{CommonName: "Test CA"}, KeyUsage: x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true}, nil)
	// RFC 3161 asks for the one key usage, and for it to be critical.
	usage := pkix.Extension{Id: []int{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}}
	cert := issue(&x509.Certificate{Subject: pkix.Name{CommonName: "Test TSA"}, KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{usage}}, ca)
	return &authority{key, cert, ca, made.Add(time.Second)}
}

func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	ask, err := timestamp.ParseRequest(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	token := timestamp.Timestamp{HashAlgorithm: ask.HashAlgorithm, HashedMessage: ask.HashedMessage, Time: a.now, Nonce: ask.Nonce, Policy: []int{1, 2, 3}, AddTSACertificate: true}
	answer, err := token.CreateResponseWithOpts(a.cert, a.key, crypto.SHA256)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Write(answer)
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.ca)
	return pool
}

func (a *authority) stamp(t testing.TB) func(context.Context, []byte) ([]byte, error) {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return pack.Authority{URL: server.URL, Client: server.Client()}.Stamp
}

func signers(t testing.TB) map[string]*pack.Signer {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sm, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*pack.Signer{}
	for name, key := range map[string]any{"Ed25519": ed, "SM2": sm} {
		if all[name], err = pack.NewSigner(key); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func parts() []pack.Part {
	what := pack.Text{ZH: "文件", EN: "file"}
	return []pack.Part{
		pack.Bytes("capture/page.warc.gz", what, bytes.Repeat([]byte("warc"), 100)), pack.Bytes("capture/text.txt", what, []byte("耐克 Air Force 1 ¥199")),
		pack.Bytes("record/verdict.json", what, []byte(`{"score":0.9}`)), pack.Bytes("screenshot/page.png", what, []byte("\x89PNG")),
	}
}

var log = []pack.LogEntry{
	{At: made.Add(-time.Hour), Actor: "张敏", Action: "confirm"}, {At: made.Add(-time.Minute), Actor: "李强", Action: "approve", Note: "→ samr"},
}

// write makes a package.
func write(t testing.TB, signer *pack.Signer, stamp func(context.Context, []byte) ([]byte, error)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "2026-0001.zip")
	m := pack.Manifest{ID: "2026-0001-x", Lead: "2026-0001", At: made, By: "李强"}
	if _, stampErr, err := pack.Write(t.Context(), path, m, parts(), log, signer, stamp); err != nil || stampErr != nil {
		t.Fatal(err, stampErr)
	}
	return path
}

// file is one file of a ZIP file.
type file struct {
	name string
	data []byte
}

// rewrite makes another ZIP file of what change makes of the files.
func rewrite(t *testing.T, path string, change func([]file) []file) string {
	t.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var files []file
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file{f.Name, data})
	}
	out := filepath.Join(t.TempDir(), "changed.zip")
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := zip.NewWriter(f)
	for _, file := range change(files) {
		e, err := w.Create(file.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(file.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

func verify(t *testing.T, path string, trust pack.Trust) (r pack.Report, faults string) {
	t.Helper()
	if trust.Now.IsZero() {
		trust.Now = made.Add(time.Hour)
	}
	r, err := pack.Verify(path, trust)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range r.Statements {
		if s.ZH == "" || s.EN == "" {
			t.Errorf("%s is said in one language only: %+v", s.Check, s)
		}
		if s.Mark == pack.Fault {
			faults += s.Check + ": " + s.EN + "\n"
		}
	}
	if r.Intact != (faults == "") {
		t.Errorf("intact %v with the faults %q", r.Intact, faults)
	}
	return r, faults
}

func TestAWholePackageHolds(t *testing.T) {
	tsa := newAuthority(t)
	for name, signer := range signers(t) {
		path := write(t, signer, tsa.stamp(t))
		public, err := signer.PublicPEM()
		if err != nil {
			t.Fatal(err)
		}
		r, faults := verify(t, path, pack.Trust{Key: public, Authorities: tsa.pool()})
		if faults != "" {
			t.Errorf("%s: %s", name, faults)
		}
		told := ""
		for _, s := range r.Statements {
			told += s.ZH + "\n" + s.EN + "\n"
		}
		for _, want := range []string{"5 个文件", name, "签名公钥即指定的公钥", "哈希链完整", "2026-11-20T12:00:01Z", "Test TSA", "trust"} {
			if !strings.Contains(told, want) {
				t.Errorf("%s: nothing is said of %q:\n%s", name, want, told)
			}
		}
	}
}

// TestEveryChangeOfAFileIsNamed changes, removes, adds, renames and reorders
// each file.
func TestEveryChangeOfAFileIsNamed(t *testing.T) {
	tsa := newAuthority(t)
	path := write(t, signers(t)["Ed25519"], tsa.stamp(t))
	var names []string
	rewrite(t, path, func(files []file) []file {
		for _, f := range files {
			names = append(names, f.name)
		}
		return files
	})
	if len(names) != 9 {
		t.Fatalf("files %v", names)
	}
	at := func(files []file, name string) int {
		return slices.IndexFunc(files, func(f file) bool { return f.name == name })
	}
	special := map[string][2]string{ // what is said where the file is no listed one: changed, removed
		pack.ManifestFile: {"", "there is no manifest.json"}, pack.SignatureFile: {"signature: the signature does not fit", "signature: there is no signature"},
		pack.PublicKeyFile: {"signature: the signature does not fit", "signature: there is no signature"}, pack.TokenFile: {"timestamp: ", ""},
	}
	for _, name := range names {
		changed, removed := "files: a file was changed: "+name, "files: a file that the manifest lists is missing: "+name
		if s, ok := special[name]; ok {
			changed, removed = s[0], s[1]
		}
		_, faults := verify(t, rewrite(t, path, func(files []file) []file {
			data := slices.Clone(files[at(files, name)].data)
			data[len(data)/2] ^= 1
			files[at(files, name)].data = data
			return files
		}), pack.Trust{})
		if !strings.Contains(faults, changed) || faults == "" {
			t.Errorf("%s changed: %q, want %q", name, faults, changed)
		}
		r, faults := verify(t, rewrite(t, path, func(files []file) []file { return slices.Delete(files, at(files, name), at(files, name)+1) }), pack.Trust{})
		if !strings.Contains(faults, removed) || faults == "" && name != pack.TokenFile {
			t.Errorf("%s removed: %q, want %q", name, faults, removed)
		}
		if name == pack.TokenFile && !slices.ContainsFunc(r.Statements, func(s pack.Statement) bool { return s.Check == "timestamp" && s.Mark == pack.Note }) {
			t.Error("that there is no token is not told")
		}
		renamed := "files: a file was renamed: " + name + " → other.bin"
		if _, ok := special[name]; ok {
			renamed = "other.bin"
		}
		_, faults = verify(t, rewrite(t, path, func(files []file) []file { files[at(files, name)].name = "other.bin"; return files }), pack.Trust{})
		if !strings.Contains(faults, renamed) && name != pack.ManifestFile || faults == "" {
			t.Errorf("%s renamed: %q, want %q", name, faults, renamed)
		}
	}
	for _, added := range []string{"extra.txt", "seals/extra.txt", "capture/page2.png"} {
		_, faults := verify(t, rewrite(t, path, func(files []file) []file { return append(files, file{added, []byte("x")}) }), pack.Trust{})
		if !strings.Contains(faults, "files: a file is not in the manifest and was added: "+added) {
			t.Errorf("%s added: %q", added, faults)
		}
	}
	for i := range 5 {
		_, faults := verify(t, rewrite(t, path, func(files []file) []file { files[i], files[i+1] = files[i+1], files[i]; return files }), pack.Trust{})
		if !strings.Contains(faults, "order: ") {
			t.Errorf("files %d and %d exchanged: %q", i, i+1, faults)
		}
	}
}

func TestEveryForgeryIsNamed(t *testing.T) {
	tsa := newAuthority(t)
	all := signers(t)
	stamp := tsa.stamp(t)
	path := write(t, all["Ed25519"], stamp)
	public, err := all["Ed25519"].PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	get := func(path, name string) (data []byte) {
		rewrite(t, path, func(files []file) []file {
			for _, f := range files {
				if f.name == name {
					data = f.data
				}
			}
			return files
		})
		return data
	}
	put := func(path, name string, data []byte) string {
		return rewrite(t, path, func(files []file) []file {
			for i := range files {
				if files[i].name == name {
					files[i].data = data
				}
			}
			return files
		})
	}
	// Another hand packs other files, with a manifest and a signature of its own.
	forged := write(t, signers(t)["Ed25519"], nil)
	other := filepath.Join(t.TempDir(), "other.zip")
	m := pack.Manifest{ID: "2026-0002-y", Lead: "2026-0002", At: made}
	if _, _, err := pack.Write(t.Context(), other, m, parts()[:1], log, all["Ed25519"], stamp); err != nil {
		t.Fatal(err)
	}
	lateTSA := newAuthority(t)
	lateTSA.now = made.Add(-48 * time.Hour)
	clock := write(t, all["Ed25519"], lateTSA.stamp(t))
	rewritten := bytes.Replace(get(path, pack.ManifestFile), []byte(`"lead": "2026-0001"`), []byte(`"lead": "2026-0009"`), 1)
	lines := get(path, pack.AccessLogFile)
	first, _, _ := bytes.Cut(lines, []byte("\n"))
	for name, c := range map[string]struct {
		path  string
		trust pack.Trust
		want  []string
	}{
		"the manifest rewritten":                    {put(path, pack.ManifestFile, rewritten), pack.Trust{}, []string{"signature: the signature does not fit", "timestamp: the time-stamp token is of something else"}},
		"the manifest cut":                          {put(path, pack.ManifestFile, rewritten[:100]), pack.Trust{}, []string{"manifest: the manifest cannot be read"}},
		"signed by another":                         {forged, pack.Trust{Key: public}, []string{"key: it was signed with another key than yours"}},
		"a token from another package":              {put(path, pack.TokenFile, get(other, pack.TokenFile)), pack.Trust{}, []string{"timestamp: the time-stamp token is of something else"}},
		"a signature from another package":          {put(path, pack.SignatureFile, get(other, pack.SignatureFile)), pack.Trust{}, []string{"signature: the signature does not fit"}},
		"a token by an authority nobody trusts":     {path, pack.Trust{Authorities: newAuthority(t).pool()}, []string{"timestamp: the token is by an authority that you do not trust"}},
		"the maker's clock ahead of the token":      {clock, pack.Trust{}, []string{"clock: the maker's clock was wrong"}},
		"the maker's clock ahead of the verifier's": {path, pack.Trust{Now: made.Add(-24 * time.Hour)}, []string{"clock: the package says"}},
		"an entry of the access log removed":        {put(path, pack.AccessLogFile, append(first, '\n')), pack.Trust{}, []string{"files: a file was changed: access-log.ndjson", "log: the access log does not end as the manifest says"}},
		"an entry of the access log rewritten":      {put(path, pack.AccessLogFile, bytes.Replace(lines, []byte("confirm"), []byte("dismiss"), 1)), pack.Trust{}, []string{"log: the chain of the access log is broken: line 1"}},
		"entries of the access log exchanged":       {put(path, pack.AccessLogFile, append(bytes.TrimPrefix(lines, append(first, '\n')), append(first, '\n')...)), pack.Trust{}, []string{"log: the chain of the access log is broken"}},
	} {
		_, faults := verify(t, c.path, c.trust)
		for _, want := range c.want {
			if !strings.Contains(faults, want) {
				t.Errorf("%s: %q, want %q", name, faults, want)
			}
		}
	}
}

func TestHostilePackages(t *testing.T) {
	path := write(t, signers(t)["Ed25519"], nil)
	for name, c := range map[string]struct {
		change func([]file) []file
		want   string
	}{
		"a name that leads out": {func(f []file) []file { return append(f, file{"../../etc/passwd", nil}) }, "no proper name"},
		"an absolute name":      {func(f []file) []file { return append(f, file{"/etc/passwd", nil}) }, "no proper name"},
		"two of one name":       {func(f []file) []file { return append(f, f[0]) }, "two files are called"},
		"nothing in it":         {func([]file) []file { return nil }, "there is no manifest.json"},
	} {
		if _, faults := verify(t, rewrite(t, path, c.change), pack.Trust{}); !strings.Contains(faults, c.want) {
			t.Errorf("%s: %q", name, faults)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "cut.zip")
	if err := os.WriteFile(cut, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, faults := verify(t, cut, pack.Trust{}); !strings.Contains(faults, "no whole ZIP file") {
		t.Errorf("cut: %q", faults)
	}
	if _, err := pack.Verify(filepath.Join(t.TempDir(), "none.zip"), pack.Trust{}); markwatch.ErrorCode(err) != markwatch.CodeNotFound {
		t.Errorf("no file: %v", err)
	}
	for _, bad := range []string{"../x", "seals/x", "manifest.json", "/x", ""} {
		_, _, err := pack.Write(t.Context(), filepath.Join(t.TempDir(), "p.zip"), pack.Manifest{}, []pack.Part{pack.Bytes(bad, pack.Text{}, nil)}, nil, signers(t)["SM2"], nil)
		if markwatch.ErrorCode(err) != markwatch.CodeInvalid {
			t.Errorf("a part called %q: %v", bad, err)
		}
	}
}

func TestATokenIsAddedLater(t *testing.T) {
	tsa := newAuthority(t)
	down := httptest.NewServer(http.NotFoundHandler())
	out := pack.Authority{URL: down.URL, Client: down.Client()}
	path := filepath.Join(t.TempDir(), "p.zip")
	_, stampErr, err := pack.Write(t.Context(), path, pack.Manifest{Lead: "2026-0001", At: made}, parts(), log, signers(t)["SM2"], out.Stamp)
	down.Close()
	if err != nil || markwatch.ErrorCode(stampErr) != markwatch.CodeUnavailable {
		t.Fatal(err, stampErr)
	}
	if _, err := pack.Stamp(t.Context(), path, path, out.Stamp); markwatch.ErrorCode(err) != markwatch.CodeUnavailable {
		t.Errorf("nobody there: %v", err)
	}
	tsa.now = made.Add(3 * time.Hour)
	for _, want := range []bool{true, false} {
		if added, err := pack.Stamp(t.Context(), path, path, tsa.stamp(t)); err != nil || added != want {
			t.Errorf("added %v, %v", added, err)
		}
	}
	r, faults := verify(t, path, pack.Trust{Authorities: tsa.pool(), Now: made.Add(4 * time.Hour)})
	if faults != "" || !slices.ContainsFunc(r.Statements, func(s pack.Statement) bool { return strings.Contains(s.EN, "it was added later") }) {
		t.Errorf("faults %q, %+v", faults, r.Statements)
	}
}

// TestOpenSSLSaysTheSame compares SM3, SHA-256 and the token with openssl.
func TestOpenSSLSaysTheSame(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("there is no openssl to compare with")
	}
	tsa := newAuthority(t)
	path := write(t, signers(t)["Ed25519"], tsa.stamp(t))
	dir := t.TempDir()
	content := map[string][]byte{}
	rewrite(t, path, func(files []file) []file {
		for _, f := range files {
			content[f.name] = f.data
		}
		return files
	})
	save := func(name string, data []byte) string {
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	var m pack.Manifest
	if err := json.Unmarshal(content[pack.ManifestFile], &m); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		file := save(f.Name, content[f.Name])
		for algorithm, want := range map[string]string{"-sha256": f.SHA256, "-sm3": f.SM3} {
			out, err := exec.Command(openssl, "dgst", algorithm, file).CombinedOutput()
			if err != nil && algorithm == "-sm3" {
				t.Log("this openssl knows no SM3")
				continue
			}
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("openssl dgst %s %s: %s %v, want %s", algorithm, f.Name, out, err, want)
			}
		}
	}
	ca := save("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tsa.ca.Raw}))
	out, err := exec.Command(openssl, "ts", "-verify", "-data", save("manifest.json", content[pack.ManifestFile]), "-in", save("token.tsr", content[pack.TokenFile]), "-CAfile", ca).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Verification: OK") {
		t.Errorf("openssl ts -verify: %s %v", out, err)
	}
	out, err = exec.Command(openssl, "pkeyutl", "-verify", "-pubin", "-inkey", save("key.pem", content[pack.PublicKeyFile]), "-rawin",
		"-in", filepath.Join(dir, "manifest.json"), "-sigfile", save("sig", content[pack.SignatureFile])).CombinedOutput()
	if err != nil {
		t.Errorf("openssl pkeyutl -verify: %s %v", out, err)
	}
}

func TestKeysOfTheDeployment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys", "own.pem")
	var prints [2]string
	for i := range prints {
		s, err := pack.OwnSigner(file)
		if err != nil {
			t.Fatal(err)
		}
		public, err := s.PublicPEM()
		if err != nil {
			t.Fatal(err)
		}
		prints[i] = pack.Fingerprint(public)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 || prints[0] != prints[1] || prints[0] == "" {
		t.Errorf("%v %v %v", info.Mode(), prints, err)
	}
	if err := os.WriteFile(file, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pack.OwnSigner(file); markwatch.ErrorCode(err) != markwatch.CodeInvalid {
		t.Error(err)
	}
}

// Several batches that are made at once ask for the key of a new deployment
// together.
func TestOneKeyForAllWhoAskAtOnce(t *testing.T) {
	for range 20 {
		dir := filepath.Join(t.TempDir(), "keys")
		prints := make(chan string, 8)
		for range cap(prints) {
			go func() {
				s, err := pack.OwnSigner(filepath.Join(dir, "own.pem"))
				if err != nil {
					prints <- err.Error()
					return
				}
				public, err := s.PublicPEM()
				if err != nil {
					prints <- err.Error()
					return
				}
				prints <- pack.Fingerprint(public)
			}()
		}
		first := <-prints
		for range cap(prints) - 1 {
			if next := <-prints; next != first || len(next) != 64 {
				t.Fatalf("two keys: %s and %s", first, next)
			}
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Fatalf("left beside the key: %v %v", left, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	path := filepath.Join(f.TempDir(), "p.zip")
	s := signers(f)["Ed25519"]
	if _, _, err := pack.Write(f.Context(), path, pack.Manifest{At: made}, parts()[1:3], log, s, nil); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(data[:len(data)-10])
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "x.zip")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := pack.Verify(path, pack.Trust{}); err != nil || len(r.Statements) == 0 {
			t.Errorf("%v, %d statements", err, len(r.Statements))
		}
	})
}
