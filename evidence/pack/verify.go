package pack

import (
	"archive/zip"
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"

	"github.com/markwatch/markwatch"
)

// Trust is what a verifier knows from elsewhere than the package.
type Trust struct {
	// Key is the sender's public key (PEM); empty where the verifier has none,
	// and then the fingerprint is told so that people compare it.
	Key []byte
	// Authorities are the certificates of time-stamp authorities; nil where the
	// verifier has none.
	Authorities *x509.CertPool
	// Now is the verifier's clock.
	Now time.Time
}

// Mark says what a statement is.
type Mark string

// The marks.
const (
	Holds Mark = "holds"
	Fault Mark = "fault"
	Note  Mark = "note" // neither: what people should know or do
)

// Statement is one thing that was checked.
type Statement struct {
	Mark Mark `json:"mark"`
	// Check is what was checked: container, files, order, manifest, signature,
	// key, timestamp, clock, log.
	Check string `json:"check"`
	Text
}

// Report is the outcome of a check.
type Report struct {
	File       string      `json:"file"`
	Intact     bool        `json:"intact"`
	Manifest   *Manifest   `json:"manifest,omitempty"`
	Statements []Statement `json:"statements"`
}

func (r *Report) say(mark Mark, check, zh, en string) {
	r.Statements = append(r.Statements, Statement{mark, check, Text{zh, en}})
	if mark == Fault {
		r.Intact = false
	}
}

// clockSlack is how far two clocks may be apart.
const clockSlack = 5 * time.Minute

// Verify checks a package offline. The error is only for a file that cannot be
// opened at all (markwatch.CodeNotFound, CodeUnavailable); whatever is wrong
// with what is in it is a fault of the report.
func Verify(path string, trust Trust) (Report, error) {
	r := Report{File: filepath.Base(path), Intact: true}
	z, err := zip.OpenReader(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return r, markwatch.WrapError(markwatch.CodeNotFound, err, "没有这个文件 there is no such file")
	case errors.Is(err, fs.ErrPermission):
		return r, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取文件 the file cannot be read")
	case err != nil:
		r.say(Fault, "container", "文件不是完整的 ZIP:"+err.Error(), "the file is no whole ZIP file: "+err.Error())
		return r, nil
	}
	defer func() { _ = z.Close() }() // it was only read
	files, ok := r.list(&z.Reader)
	if !ok {
		return r, nil
	}
	small := func(name string) []byte {
		f, there := files[name]
		if !there {
			return nil
		}
		data, err := readSmall(f)
		if err != nil {
			r.say(Fault, "files", fmt.Sprintf("%s 不能读取,已损坏或被改动:%v", name, err), fmt.Sprintf("%s cannot be read; it was damaged or changed: %v", name, err))
		}
		return data
	}
	manifest := small(ManifestFile)
	if manifest == nil {
		r.say(Fault, "manifest", "没有清单 "+ManifestFile, "there is no "+ManifestFile)
		return r, nil
	}
	var m Manifest
	if err := json.Unmarshal(manifest, &m); err != nil || m.Format < 1 {
		r.say(Fault, "manifest", "清单不能读取", "the manifest cannot be read")
		return r, nil
	}
	if m.Format > Format {
		r.say(Fault, "manifest", fmt.Sprintf("清单的格式版本是 %d,本程序只认到 %d,请用新版核验", m.Format, Format), fmt.Sprintf("the manifest is of format %d and this program knows them up to %d: use a newer one", m.Format, Format))
		return r, nil
	}
	r.Manifest = &m
	r.checkFiles(&z.Reader, files, m)
	r.checkSignature(manifest, small(SignatureFile), small(PublicKeyFile), trust)
	r.checkLog(small(AccessLogFile), m)
	r.checkToken(manifest, small(TokenFile), m, trust)
	r.checkClock(m, trust)
	return r, nil
}

// list looks at the names in the file: each once, and none that leads out of
// a folder.
func (r *Report) list(z *zip.Reader) (files map[string]*zip.File, ok bool) {
	if len(z.File) > maxFiles {
		r.say(Fault, "container", fmt.Sprintf("文件多于 %d 个", maxFiles), fmt.Sprintf("there are more than %d files", maxFiles))
		return nil, false
	}
	files, ok = map[string]*zip.File{}, true
	total := uint64(0)
	for _, f := range z.File {
		if !localName(f.Name) {
			r.say(Fault, "container", fmt.Sprintf("文件名 %q 不合规", f.Name), fmt.Sprintf("%q is no proper name of a file", f.Name))
			ok = false
			continue
		}
		if _, twice := files[f.Name]; twice {
			r.say(Fault, "container", fmt.Sprintf("有两个名为 %s 的文件", f.Name), fmt.Sprintf("two files are called %s", f.Name))
			ok = false
		}
		if total += f.UncompressedSize64; f.UncompressedSize64 > maxFile || total > maxTotal {
			r.say(Fault, "container", "解压后过大,不予核验", "it is too large when unpacked and was not checked")
			return nil, false
		}
		files[f.Name] = f
	}
	return files, ok
}

// checkFiles compares the files with the manifest, and tells a renamed file
// from one that was removed and another that was added.
func (r *Report) checkFiles(z *zip.Reader, files map[string]*zip.File, m Manifest) {
	listed := map[string]File{}
	for _, f := range m.Files {
		listed[f.Name] = f
	}
	added := map[string]string{} // by its SHA-256
	for name, f := range files {
		if _, ok := listed[name]; ok || name == ManifestFile || strings.HasPrefix(name, sealsDir) {
			continue
		}
		got, err := sumOf(f)
		if err != nil {
			got.SHA256 = name
		}
		added[got.SHA256] = name
	}
	bad := 0
	for _, want := range m.Files {
		f, there := files[want.Name]
		if !there {
			bad++
			if other, ok := added[want.SHA256]; ok {
				r.say(Fault, "files", fmt.Sprintf("文件被改名:%s → %s", want.Name, other), fmt.Sprintf("a file was renamed: %s → %s", want.Name, other))
				delete(added, want.SHA256)
				continue
			}
			r.say(Fault, "files", "清单所列文件缺失:"+want.Name, "a file that the manifest lists is missing: "+want.Name)
			continue
		}
		got, err := sumOf(f)
		switch {
		case err != nil:
			bad++
			r.say(Fault, "files", fmt.Sprintf("文件被改动或损坏:%s(%v)", want.Name, err), fmt.Sprintf("a file was changed or damaged: %s (%v)", want.Name, err))
		case got.SHA256 != want.SHA256 || got.SM3 != want.SM3 || got.Bytes != want.Bytes:
			bad++
			r.say(Fault, "files", fmt.Sprintf("文件被改动:%s(%s 与清单不符)", want.Name, differing(got, want, "、")), fmt.Sprintf("a file was changed: %s (%s differ from the manifest)", want.Name, differing(got, want, ", ")))
		}
	}
	for _, name := range slices.Sorted(valuesOf(added)) {
		bad++
		r.say(Fault, "files", "文件不在清单内,系后来加入:"+name, "a file is not in the manifest and was added: "+name)
	}
	for name := range files {
		if strings.HasPrefix(name, sealsDir) && name != SignatureFile && name != PublicKeyFile && name != TokenFile {
			bad++
			r.say(Fault, "files", "文件不在清单内,系后来加入:"+name, "a file is not in the manifest and was added: "+name)
		}
	}
	if bad == 0 {
		r.say(Holds, "files", fmt.Sprintf("%d 个文件的 SHA-256 与 SM3 均与清单一致", len(m.Files)), fmt.Sprintf("SHA-256 and SM3 of %d files are those of the manifest", len(m.Files)))
		r.checkOrder(z, m)
	}
}

// checkOrder: the files stand in the order of the manifest, then the manifest,
// then the seals.
func (r *Report) checkOrder(z *zip.Reader, m Manifest) {
	var want, got []string
	for _, f := range m.Files {
		want = append(want, f.Name)
	}
	want = append(want, ManifestFile)
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, sealsDir) {
			got = append(got, f.Name)
		}
	}
	if !slices.Equal(want, got) {
		r.say(Fault, "order", "文件次序与清单不同,包被重新打过", "the files stand in another order than in the manifest: the package was packed again")
	}
}

func sumOf(f *zip.File) (File, error) {
	in, err := f.Open()
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	s := newSums()
	if _, err := io.Copy(s, io.LimitReader(in, maxFile+1)); err != nil {
		return File{}, err
	}
	return s.file(f.Name, Text{}), nil
}

func differing(got, want File, sep string) string {
	var list []string
	for _, v := range [][3]string{{"SHA-256", got.SHA256, want.SHA256}, {"SM3", got.SM3, want.SM3}, {"bytes", fmt.Sprint(got.Bytes), fmt.Sprint(want.Bytes)}} {
		if v[1] != v[2] {
			list = append(list, v[0])
		}
	}
	return strings.Join(list, sep)
}

// valuesOf are the names of files by their sums.
func valuesOf(m map[string]string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, name := range m {
			if !yield(name) {
				return
			}
		}
	}
}

func (r *Report) checkSignature(manifest, signature, key []byte, trust Trust) {
	if signature == nil || key == nil {
		r.say(Fault, "signature", "没有签名或公钥", "there is no signature or no public key")
		return
	}
	algorithm, valid := verifySignature(manifest, signature, key)
	fingerprint := Fingerprint(key)
	if !valid {
		r.say(Fault, "signature", "签名与清单不符:清单、签名或公钥被改动", "the signature does not fit the manifest: the manifest, the signature or the key was changed")
		return
	}
	r.say(Holds, "signature", "清单的 "+algorithm+" 签名有效", "the "+algorithm+" signature of the manifest is valid")
	switch {
	case len(trust.Key) == 0:
		r.say(Note, "key", "签名公钥指纹 "+fingerprint+",请与移送单位另行告知的核对", "the key's fingerprint is "+fingerprint+": compare it with what the sender told you in another way")
	case Fingerprint(trust.Key) != fingerprint:
		r.say(Fault, "key", "签名公钥不是指定的那一个(指纹 "+fingerprint+")", "it was signed with another key than yours (fingerprint "+fingerprint+")")
	default:
		r.say(Holds, "key", "签名公钥即指定的公钥", "it was signed with the key that you named")
	}
}

func verifySignature(manifest, signature, key []byte) (algorithm string, valid bool) {
	block, _ := pem.Decode(key)
	if block == nil {
		return "", false
	}
	public, err := smx509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return "", false
	}
	switch k := public.(type) {
	case ed25519.PublicKey:
		return "Ed25519", ed25519.Verify(k, manifest, signature)
	case *ecdsa.PublicKey:
		if k.Curve != sm2.P256() {
			return "", false
		}
		return "SM2", sm2.VerifyASN1WithSM2(k, nil, manifest, signature)
	}
	return "", false
}

func (r *Report) checkLog(lines []byte, m Manifest) {
	entries, fault := checkLog(lines)
	last := ""
	if len(entries) > 0 {
		last = entries[len(entries)-1].Hash
	}
	switch {
	case fault.ZH != "":
		r.say(Fault, "log", "访问记录的哈希链断开:"+fault.ZH, "the chain of the access log is broken: "+fault.EN)
	case last != m.Log:
		r.say(Fault, "log", "访问记录的末尾与清单不符,有增删", "the access log does not end as the manifest says: entries were added or removed")
	case len(entries) > 0 && entries[len(entries)-1].At.After(m.At.Add(clockSlack)):
		r.say(Fault, "clock", "访问记录有晚于制作时间的条目", "the access log has entries that are newer than the package")
	default:
		r.say(Holds, "log", fmt.Sprintf("访问记录 %d 条,哈希链完整", len(entries)), fmt.Sprintf("the chain of the access log holds, %d entries", len(entries)))
	}
}

func (r *Report) checkToken(manifest, answer []byte, m Manifest, trust Trust) {
	if answer == nil {
		r.say(Note, "timestamp", "没有可信时间戳:制作时间只凭制作方时钟", "there is no time-stamp token: the time of making rests on the maker's clock alone")
		return
	}
	token, err := timestamp.ParseResponse(answer)
	if err != nil {
		r.say(Fault, "timestamp", "时间戳无效:"+err.Error(), "the time-stamp token is not valid: "+err.Error())
		return
	}
	if err := checkSigningCertificate(token); err != nil {
		r.say(Fault, "timestamp", "时间戳无效:"+err.Error(), "the time-stamp token is not valid: "+err.Error())
		return
	}
	sum := sha256.Sum256(manifest)
	if token.HashAlgorithm != crypto.SHA256 || !bytes.Equal(token.HashedMessage, sum[:]) {
		r.say(Fault, "timestamp", "时间戳不是本清单的:清单被改动,或时间戳取自别处", "the time-stamp token is of something else: the manifest was changed, or the token was taken from elsewhere")
		return
	}
	at := token.Time.UTC()
	r.say(Holds, "timestamp", "时间戳证明清单在 "+at.Format(time.RFC3339)+" 已存在", "the token says that the manifest existed at "+at.Format(time.RFC3339))
	r.checkAuthority(token, trust)
	if m.At.After(at.Add(clockSlack)) {
		r.say(Fault, "clock", fmt.Sprintf("制作方时钟有误:制作时间 %s 晚于时间戳 %s", m.At.Format(time.RFC3339), at.Format(time.RFC3339)), fmt.Sprintf("the maker's clock was wrong: the package says %s, later than its token of %s", m.At.Format(time.RFC3339), at.Format(time.RFC3339)))
	} else if at.After(m.At.Add(clockSlack)) {
		r.say(Note, "clock", fmt.Sprintf("时间戳晚于制作时间 %s:系后来补取,或制作方时钟偏慢", at.Sub(m.At).Round(time.Second)), fmt.Sprintf("the token is %s later than the package: it was added later, or the maker's clock was slow", at.Sub(m.At).Round(time.Second)))
	}
}

func (r *Report) checkAuthority(token *timestamp.Timestamp, trust Trust) {
	if len(token.Certificates) == 0 {
		r.say(Note, "timestamp", "时间戳不含签发方证书", "the token holds no certificate of its authority")
		return
	}
	leaf := token.Certificates[0]
	for _, c := range token.Certificates {
		if slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageTimeStamping) {
			leaf = c
		}
	}
	if trust.Authorities == nil {
		r.say(Note, "timestamp", "时间戳签发方:"+leaf.Subject.String()+"(未对照可信证书,可用 --ca 指定)", "the token is by "+leaf.Subject.String()+" (not held against trusted certificates; name them with --ca)")
		return
	}
	others := x509.NewCertPool()
	for _, c := range token.Certificates {
		others.AddCert(c)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: trust.Authorities, Intermediates: others, CurrentTime: token.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	if err != nil {
		r.say(Fault, "timestamp", "时间戳签发方不可信:"+err.Error(), "the token is by an authority that you do not trust: "+err.Error())
		return
	}
	r.say(Holds, "timestamp", "时间戳签发方可信:"+leaf.Subject.String(), "the token is by an authority that you trust: "+leaf.Subject.String())
}

func (r *Report) checkClock(m Manifest, trust Trust) {
	if !trust.Now.IsZero() && m.At.After(trust.Now.Add(clockSlack)) {
		r.say(Fault, "clock", "制作时间 "+m.At.Format(time.RFC3339)+" 晚于本机时间:制作方或本机时钟有误", "the package says that it was made at "+m.At.Format(time.RFC3339)+", later than this machine's time: one of the clocks is wrong")
	}
	if m.Clock.Checked == "" {
		r.say(Note, "clock", strings.TrimSpace("制作时的时钟偏差未知,未作核对 "+m.Clock.Unknown), strings.TrimSpace("how far the maker's clock was off is unknown, it was not checked "+m.Clock.Unknown))
	} else {
		r.say(Note, "clock", "制作时对照 "+m.Clock.Checked+",时钟偏差 "+m.Clock.Offset+"(正为快)"+slack(m.Clock), "against "+m.Clock.Checked+" the maker's clock was ahead by "+m.Clock.Offset+slack(m.Clock))
	}
}

func slack(c Clock) string {
	if c.Margin == "" {
		return ""
	}
	return " ±" + c.Margin
}
