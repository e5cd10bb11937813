package meili

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	ms "github.com/meilisearch/meilisearch-go"

	"github.com/markwatch/markwatch"
	"github.com/markwatch/markwatch/index"
)

// Options say where the server is and how texts are folded.
type Options struct {
	// URL is the server's address, http or https. A password in it is taken
	// for Key where that is empty.
	URL string
	// Key is an API key that may search, add and delete documents and indexes,
	// read and set settings, and read tasks and the version.
	Key string
	// Name begins the uid of the index; "" is "markwatch". Deployments that
	// share a server need a name each.
	Name string
	// Fold is the folding of texts and queries, called by several goroutines
	// at once; nil is lower case.
	Fold func(string) string
	// FoldVersion names Fold's present behaviour; another one is another index.
	FoldVersion string
	// Timeout bounds one request; 0 is one minute.
	Timeout time.Duration
	Log     *slog.Logger
}

// Index is an index.Index on a Meilisearch server. Nothing is asked of the
// server before the first call, and a server that is away then is no fault of
// New: the call fails with markwatch.CodeUnavailable, and the next tries again.
type Index struct {
	options Options
	server  ms.ServiceManager
	uid     string

	preparing sync.Mutex
	prepared  bool
	fresh     bool

	// writes: Put, Delete and the swap hold it alone; what reads the whole
	// result of a query, and a batch of a rebuild, hold it shared.
	writes sync.RWMutex
	next   *rebuild

	verified verified
}

var _ index.Index = (*Index)(nil)

// New returns the index on a server. The error has markwatch.CodeInvalid where
// the address or the name cannot be used; it never quotes the key.
func New(o Options) (*Index, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "the search engine's address must be http://host:port or https://host:port")
	}
	if password, ok := u.User.Password(); ok && o.Key == "" {
		o.Key = password
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	if o.Name == "" {
		o.Name = "markwatch"
	}
	if strings.Trim(o.Name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" || len(o.Name) > 200 {
		return nil, markwatch.Errorf(markwatch.CodeInvalid, "an index's name has letters, digits, - and _ only: %q", o.Name)
	}
	if o.Fold == nil {
		o.Fold = strings.ToLower
	}
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	version := sha256.Sum256([]byte(mapping + "\n" + o.FoldVersion))
	return &Index{
		options: o,
		server: ms.New(strings.TrimSuffix(u.String(), "/"), ms.WithAPIKey(o.Key),
			ms.WithCustomClient(&http.Client{Timeout: o.Timeout}), ms.WithCustomRetries([]int{502, 503, 504}, 3)),
		uid: o.Name + "-" + hex.EncodeToString(version[:versionDigits/2]),
	}, nil
}

// Prepare makes the index on the server where it is missing, and brings its
// settings to what they must be. Every other method does so first; it is done
// once.
func (x *Index) Prepare(ctx context.Context) error {
	x.preparing.Lock()
	defer x.preparing.Unlock()
	if x.prepared {
		return nil
	}
	version, err := x.server.Version(ctx)
	if err != nil {
		return x.fault(ctx, err, "asking for the version")
	}
	if !supported(version.PkgVersion) {
		return markwatch.Errorf(markwatch.CodeUnavailable, "需要 Meilisearch 1.18 或更新版本 Meilisearch 1.18 or newer is needed, not %.20q", version.PkgVersion)
	}
	made, err := x.create(ctx, x.uid)
	if err != nil {
		return err
	}
	drift, err := x.applySettings(ctx, x.uid)
	if err != nil {
		return err
	}
	if len(drift) > 0 && !made {
		x.options.Log.WarnContext(ctx, "settings of the search index were not what they must be and are set again", "index", x.uid, "settings", drift)
	}
	if err := x.sweep(ctx); err != nil {
		return err
	}
	x.fresh = made
	if !made {
		n, err := x.total(ctx, "")
		if err != nil {
			return err
		}
		x.fresh = n == 0
	}
	x.prepared = true
	return nil
}

// Fresh is true where Prepare found an empty index, which Rebuild should fill.
func (x *Index) Fresh() bool {
	x.preparing.Lock()
	defer x.preparing.Unlock()
	return x.fresh
}

// supported is true from 1.18 on: rules of filterable attributes came with 1.14,
// and the client swaps indexes in the form of 1.18.
func supported(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, err := strconv.Atoi(major)
	if err != nil {
		return true // a build without a number; its settings tell soon enough
	}
	b, _ := strconv.Atoi(minor)
	return a > 1 || a == 1 && b >= 18
}

// create makes an index, and says whether it was missing.
func (x *Index) create(ctx context.Context, uid string) (made bool, err error) {
	_, err = x.server.GetIndex(ctx, uid)
	if err == nil {
		return false, nil
	}
	if !hasCode(err, "index_not_found") {
		return false, x.fault(ctx, err, "looking for the index")
	}
	task, err := x.server.CreateIndex(ctx, &ms.IndexConfig{Uid: uid, PrimaryKey: attrKey})
	if err != nil {
		return false, x.fault(ctx, err, "making the index")
	}
	if err := x.wait(ctx, "making the index", task); err != nil {
		// Another process, or documents that came meanwhile, may have made it.
		if _, now := x.server.GetIndex(ctx, uid); now != nil {
			return false, err
		}
	}
	return true, nil
}

// nextMark stands in the uid of an index that is being filled.
const nextMark = "-next-"

// longestRebuild is the age from which an index that is being filled is taken
// for one that nobody fills any more. A younger one may be another process's.
const longestRebuild = 24 * time.Hour

// left says whether an index is what a rebuild of ours, of any version, broke
// off. Names of other deployments may begin with ours.
func (x *Index) left(uid string, now time.Time) bool {
	rest, ours := strings.CutPrefix(uid, x.options.Name+"-")
	version, begun, filling := strings.Cut(rest, nextMark)
	if !ours || !filling || !isVersion(version) {
		return false
	}
	at, err := strconv.ParseInt(begun, 36, 64)
	return err == nil && now.Sub(time.UnixMilli(at)) > longestRebuild
}

// versionDigits are those that end the uid of an index.
const versionDigits = 8

func isVersion(s string) bool {
	return len(s) == versionDigits && strings.Trim(s, "0123456789abcdef") == ""
}

// sweep deletes what rebuilds that broke off have left.
func (x *Index) sweep(ctx context.Context) error {
	list, err := x.indexes(ctx)
	if err != nil {
		return err
	}
	for _, uid := range list {
		if x.left(uid, time.Now()) {
			if err := x.drop(ctx, uid); err != nil {
				return err
			}
		}
	}
	return nil
}

// indexes lists the uids of all indexes that the key may see.
func (x *Index) indexes(ctx context.Context) ([]string, error) {
	const page = 100
	var out []string
	for offset := int64(0); ; offset += page {
		list, err := x.server.ListIndexes(ctx, &ms.IndexesQuery{Limit: page, Offset: offset})
		if err != nil {
			return nil, x.fault(ctx, err, "listing the indexes")
		}
		for _, i := range list.Results {
			out = append(out, i.UID)
		}
		if offset+page >= list.Total {
			return out, nil
		}
	}
}

func (x *Index) drop(ctx context.Context, uid string) error {
	task, err := x.server.DeleteIndex(ctx, uid)
	if err != nil {
		return x.fault(ctx, err, "deleting an index")
	}
	return x.wait(ctx, "deleting an index", task)
}

// What one request brings to the server at the most: its own bound is 100 MB,
// and a task that fails should not be a large one.
const (
	batchDocs  = 1000
	batchBytes = 8 << 20
)

// add sends documents and returns the tasks to be waited for.
func (x *Index) add(ctx context.Context, uid string, docs []document) ([]*ms.TaskInfo, error) {
	primary := attrKey
	var tasks []*ms.TaskInfo
	var body []json.RawMessage
	size := 0
	send := func() error {
		task, err := x.server.Index(uid).AddDocuments(ctx, body, &ms.DocumentOptions{PrimaryKey: &primary})
		if err != nil {
			return x.fault(ctx, err, "adding documents")
		}
		tasks = append(tasks, task)
		body, size = nil, 0
		return nil
	}
	for _, d := range docs {
		b, err := json.Marshal(d)
		if err != nil {
			return tasks, fmt.Errorf("writing a document: %w", err)
		}
		if len(body) > 0 && (len(body) == batchDocs || size+len(b) > batchBytes) {
			if err := send(); err != nil {
				return tasks, err
			}
		}
		body, size = append(body, b), size+len(b)
	}
	if len(body) == 0 {
		return tasks, nil
	}
	return tasks, send()
}

// Put implements index.Index.
func (x *Index) Put(ctx context.Context, docs []index.Document) error {
	ready := make([]document, len(docs))
	ids := make([]string, len(docs))
	for i := range docs {
		if err := docs[i].CheckID(); err != nil {
			return err
		}
		ids[i] = docs[i].ID
		ready[i] = newDocument(&docs[i], x.options.Fold)
	}
	return x.write(ctx, ids, "adding documents", func(uid string) ([]*ms.TaskInfo, error) { return x.add(ctx, uid, ready) })
}

// Delete implements index.Index.
func (x *Index) Delete(ctx context.Context, ids []string) error {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = key(id)
	}
	return x.write(ctx, ids, "deleting documents", func(uid string) ([]*ms.TaskInfo, error) {
		task, err := x.server.Index(uid).DeleteDocuments(ctx, keys, nil)
		if err != nil {
			return nil, x.fault(ctx, err, "deleting documents")
		}
		return []*ms.TaskInfo{task}, nil
	})
}

// write sends a change to the index and to the one that is being filled, and
// waits until both have it.
func (x *Index) write(ctx context.Context, ids []string, doing string, send func(uid string) ([]*ms.TaskInfo, error)) error {
	if len(ids) == 0 {
		return ctx.Err()
	}
	if err := x.Prepare(ctx); err != nil {
		return err
	}
	x.writes.Lock()
	defer x.writes.Unlock()
	defer x.verified.forget()
	tasks, err := send(x.uid)
	if err == nil && x.next != nil {
		var more []*ms.TaskInfo
		// Marked first: a batch of the rebuild that comes later is older.
		x.next.touch(ids)
		more, err = send(x.next.uid)
		tasks = append(tasks, more...)
	}
	if err != nil {
		return err
	}
	return x.wait(ctx, doing, tasks...)
}

// Count implements index.Index.
func (x *Index) Count(ctx context.Context) (int, error) {
	if err := x.Prepare(ctx); err != nil {
		return 0, err
	}
	return x.total(ctx, "")
}

// Drop deletes the index from the server, and what rebuilds of it have left. An
// index that is not there is no error.
func (x *Index) Drop(ctx context.Context) error {
	x.writes.Lock()
	defer x.writes.Unlock()
	x.preparing.Lock()
	defer x.preparing.Unlock()
	x.prepared = false
	list, err := x.indexes(ctx)
	if err != nil {
		return err
	}
	for _, uid := range list {
		if uid == x.uid || strings.HasPrefix(uid, x.uid+nextMark) {
			if err := x.drop(ctx, uid); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close implements index.Index. The server keeps what it has.
func (x *Index) Close() error {
	x.server.Close()
	return nil
}
