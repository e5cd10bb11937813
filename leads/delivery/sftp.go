package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"path/filepath"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/markwatch/markwatch"
)

// SFTP is a folder of an SFTP server.
type SFTP struct {
	// Host has its port, Path is the folder.
	Host, User, Path string
	// HostKey is the server's public key as in known_hosts, without host:
	// "ssh-ed25519 AAAA…".
	HostKey string
	// Password or Key (a PEM file's content) lets us in.
	Password string
	Key      []byte
}

// dialTime bounds how long a server may take to answer.
const dialTime = 30 * time.Second

// Name implements Target.
func (s SFTP) Name() string { return "sftp:" + s.User + "@" + s.Host + "/" + s.Path }

// Deliver writes the files into a folder beside and names it at the end.
func (s SFTP) Deliver(ctx context.Context, p Parcel) (string, error) {
	conn, err := s.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // what waits for it fails then
	defer stop()
	client, err := sftp.NewClient(conn)
	if err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "%s 不提供 SFTP offers no SFTP", s.Host)
	}
	// Closing the connection ends the client; closing the client would wait for
	// the server.
	final := path.Join(s.Path, keyName(p.Number))
	there, err := readRemote(client, path.Join(final, p.Manifest))
	if err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能读取 cannot look into %s", s.Name())
	}
	if there != nil {
		return already, p.same(there)
	}
	part := path.Join(s.Path, ".part-"+keyName(p.Number))
	names, err := p.files()
	if err != nil {
		return "", err
	}
	// What a killed delivery left is written over.
	for _, name := range names {
		if err := s.put(client, path.Join(part, name), filepath.Join(p.Dir, filepath.FromSlash(name))); err != nil {
			return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能写入 cannot write %s to %s", name, s.Name())
		}
	}
	if err := client.Rename(part, final); err != nil {
		return "", markwatch.WrapError(markwatch.CodeUnavailable, err, "不能命名 cannot name %s", final)
	}
	return final, nil
}

func (s SFTP) dial(ctx context.Context) (*ssh.Client, error) {
	hostKey, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.HostKey))
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "host_key 有误,应如 ssh-ed25519 AAAA… / host_key is wrong")
	}
	config := &ssh.ClientConfig{User: s.User, HostKeyCallback: ssh.FixedHostKey(hostKey), HostKeyAlgorithms: []string{hostKey.Type()}, Timeout: dialTime}
	if hostKey.Type() == ssh.KeyAlgoRSA {
		config.HostKeyAlgorithms = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	if len(s.Key) > 0 {
		signer, err := ssh.ParsePrivateKey(s.Key)
		if err != nil {
			return nil, markwatch.WrapError(markwatch.CodeInvalid, err, "SSH 私钥不能读取 the SSH key cannot be read")
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if s.Password != "" {
		config.Auth = append(config.Auth, ssh.Password(s.Password))
	}
	raw, err := (&net.Dialer{Timeout: dialTime}).DialContext(ctx, "tcp", s.Host)
	if err != nil {
		return nil, markwatch.WrapError(markwatch.CodeUnavailable, err, "不能连接 cannot reach %s", s.Host)
	}
	conn, channels, requests, err := ssh.NewClientConn(raw, s.Host, config)
	if err != nil {
		return nil, errors.Join(markwatch.WrapError(markwatch.CodeUnavailable, err, "%s 拒绝登录或主机密钥不符 refuses us, or has another host key", s.Host), raw.Close())
	}
	return ssh.NewClient(conn, channels, requests), nil
}

func (s SFTP) put(client *sftp.Client, to, from string) (err error) {
	if err := client.MkdirAll(path.Dir(to)); err != nil {
		return fmt.Errorf("making %s: %w", path.Dir(to), err)
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := client.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	return errors.Join(err, out.Close())
}

func readRemote(client *sftp.Client, name string) ([]byte, error) {
	f, err := client.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxManifest))
}
