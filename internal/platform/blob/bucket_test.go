package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"broadsheet/internal/platform/blob"
)

// cloud is an S3 server with a bucket, and with whatever a test puts before it.
type cloud struct {
	t       testing.TB
	files   *s3mem.Backend
	server  *httptest.Server
	between atomic.Pointer[func(w http.ResponseWriter, r *http.Request, next http.Handler)]
	asked   atomic.Int64 // requests
	given   atomic.Int64 // bytes of bodies
}

const bucketName = "paper"

// clean takes the settings of this machine out of a test.
func clean(t testing.TB) {
	t.Helper()
	none := t.TempDir() + "/none"
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "", "AWS_REGION": "",
		"AWS_DEFAULT_REGION": "", "AWS_PROFILE": "", "AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
}

func newCloud(t testing.TB) *cloud {
	t.Helper()
	clean(t)
	c := &cloud{t: t, files: s3mem.New()}
	if err := c.files.CreateBucket(bucketName); err != nil {
		t.Fatal(err)
	}
	c.through()
	s3 := gofakes3.New(c.files).Server()
	c.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.asked.Add(1)
		(*c.between.Load())(counted{w, &c.given}, r, s3)
	}))
	t.Cleanup(c.server.Close)
	return c
}

// before has every request go through something first.
func (c *cloud) before(do func(w http.ResponseWriter, r *http.Request, next http.Handler)) {
	c.between.Store(&do)
}

// through takes away what was before.
func (c *cloud) through() {
	c.before(func(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) })
}

func (c *cloud) open(more string) *blob.Store {
	c.t.Helper()
	return open(c.t, "s3://"+bucketName+"?endpoint="+url.QueryEscape(c.server.URL)+more)
}

type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.n.Add(int64(n))
	return n, err
}

func (c counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// all are what a store can be asked to do.
func all(s *blob.Store) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"put": func(ctx context.Context) error { return s.Put(ctx, "new", []byte("x")) },
		"get": func(ctx context.Context) error {
			file, err := s.Get(ctx, "old")
			if err == nil {
				file.Close()
			}
			return err
		},
		"stat":   func(ctx context.Context) error { _, err := s.Stat(ctx, "old"); return err },
		"delete": func(ctx context.Context) error { return s.Delete(ctx, "old") },
		"each":   func(ctx context.Context) error { return s.Each(ctx, "", func(blob.Info) error { return nil }) },
		"ping":   s.Ping,
	}
}

func TestAPictureIsOneQuestion(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	put(t, s, "picture", noise(1, 300<<10))
	for _, asked := range []string{"", "bytes=1000-1999", "bytes=-10"} {
		c.asked.Store(0)
		file, err := s.Get(t.Context(), "picture")
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("GET", "/picture", nil)
		r.Header.Set("Range", asked)
		http.ServeContent(httptest.NewRecorder(), r, "", file.Changed, file)
		file.Close()
		if got := c.asked.Load(); got != 1 {
			t.Errorf("%q: %d questions, want 1", asked, got)
		}
	}
}

func TestAFilmIsNotFetchedTwice(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	const size = 8 << 20
	want := noise(1, size)
	put(t, s, "film", want)
	c.asked.Store(0)
	c.given.Store(0)
	if got := read(t, s, "film"); !bytes.Equal(got, want) {
		t.Fatal("it is another film")
	}
	if asked, given := c.asked.Load(), c.given.Load(); asked != 2 || given != size {
		t.Errorf("%d questions and %d bytes, want 2 and %d", asked, given, size)
	}
	// The last hundred bytes: the start, and what is asked for.
	c.asked.Store(0)
	c.given.Store(0)
	file, err := s.Get(t.Context(), "film")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := httptest.NewRequest("GET", "/film", nil)
	r.Header.Set("Range", "bytes=-100")
	w := httptest.NewRecorder()
	http.ServeContent(w, r, "", file.Changed, file)
	if !bytes.Equal(w.Body.Bytes(), want[size-100:]) {
		t.Error("it is another end")
	}
	if asked, given := c.asked.Load(), c.given.Load(); asked != 2 || given != 512<<10+100 {
		t.Errorf("%d questions and %d bytes, want 2 and %d", asked, given, 512<<10+100)
	}
}

func TestABucketThatIsAwayIsUnavailable(t *testing.T) {
	var asking sync.WaitGroup
	clouds := map[*cloud]*blob.Store{}
	for name, fault := range map[string]func(w http.ResponseWriter){
		"cut":     func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"500":     func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"503":     func(w http.ResponseWriter) { refuse(w, 503, "SlowDown") },
		"429":     func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"none":    func(w http.ResponseWriter) { refuse(w, 404, "NoSuchBucket") },
		"refused": nil,
	} {
		c := newCloud(t)
		s := c.open("")
		put(t, s, "old", []byte("x"))
		if fault == nil {
			c.server.Close()
		} else {
			c.before(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { fault(w) })
			clouds[c] = s
		}
		for what, do := range all(s) {
			if name == "none" && what == "stat" {
				continue // the answer to HEAD has no room to say why
			}
			asking.Go(func() {
				if err := do(t.Context()); !errors.Is(err, blob.ErrUnavailable) || errors.Is(err, blob.ErrNotFound) {
					t.Errorf("%s, %s: got %v, want %v", name, what, err, blob.ErrUnavailable)
				}
			})
		}
	}
	asking.Wait()
	for c, s := range clouds {
		c.through()
		if got := string(read(t, s, "old")); got != "x" {
			t.Errorf("got %q after all was well again", got)
		}
	}
}

// refuse answers as a bucket does that has a reason.
func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>no</Message></Error>`, code)
}

func TestABucketThatHangsIsGivenUpWhenTheAskerSays(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	put(t, s, "old", []byte("x"))
	free := make(chan struct{})
	c.before(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		io.Copy(io.Discard, r.Body)
		select {
		case <-free:
		case <-r.Context().Done():
		}
	})
	for what, do := range all(s) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		if err := do(ctx); !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("%s: got %v, want %v", what, err, blob.ErrUnavailable)
		}
		cancel()
	}
	close(free)
}

func TestABucketWithoutRoomIsFull(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	for name, fault := range map[string]func(w http.ResponseWriter){
		"507": func(w http.ResponseWriter) { w.WriteHeader(http.StatusInsufficientStorage) },
		"403": func(w http.ResponseWriter) { refuse(w, 403, "QuotaExceeded") },
	} {
		c.before(func(w http.ResponseWriter, r *http.Request, _ http.Handler) { fault(w) })
		if err := s.Put(t.Context(), "a", []byte("x")); !errors.Is(err, blob.ErrFull) {
			t.Errorf("%s: got %v, want %v", name, err, blob.ErrFull)
		}
	}
}

func TestABucketThatRefusesIsNeitherAwayNorEmpty(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	c.before(func(w http.ResponseWriter, r *http.Request, _ http.Handler) { refuse(w, 403, "AccessDenied") })
	for what, do := range all(s) {
		err := do(t.Context())
		if err == nil || errors.Is(err, blob.ErrUnavailable) || errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s: got %v, want that it is denied", what, err)
		}
	}
}

func TestAPictureThatCameBackWrongIsNeverShown(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	put(t, s, "picture", noise(1, 1000))
	c.rot("picture", 500)
	if _, err := s.Get(t.Context(), "picture"); !errors.Is(err, blob.ErrDamaged) {
		t.Errorf("got %v, want %v", err, blob.ErrDamaged)
	}
	if _, err := c.files.PutObject(bucketName, "foreign", map[string]string{}, strings.NewReader("put by hand"), 11, nil); err != nil {
		t.Fatal(err)
	}
	if got := string(read(t, s, "foreign")); got != "put by hand" {
		t.Errorf("got %q: a file that another program kept has no sum, and is read", got)
	}
}

func TestAFilmThatIsReplacedWhileItIsReadIsNotMixed(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	put(t, s, "film", noise(1, 2<<20))
	file, err := s.Get(t.Context(), "film")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	put(t, s, "film", noise(2, 2<<20))
	if _, err := io.Copy(io.Discard, file); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, blob.ErrUnavailable)
	}
}

// rot changes a bit of a file in the bucket, and not its checksum.
func (c *cloud) rot(key string, at int) {
	c.t.Helper()
	kept, err := c.files.GetObject(bucketName, key, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	content, err := io.ReadAll(kept.Contents)
	if err != nil {
		c.t.Fatal(err)
	}
	content[at] ^= 1
	if _, err := c.files.PutObject(bucketName, key, kept.Metadata, bytes.NewReader(content), int64(len(content)), nil); err != nil {
		c.t.Fatal(err)
	}
}

func TestAFilmThatCameBackWrongIsNeverWhole(t *testing.T) {
	for _, at := range []int{0, 512<<10 - 1, 512 << 10, 2<<20 - 1} {
		c := newCloud(t)
		s := c.open("")
		put(t, s, "film", noise(1, 2<<20))
		c.rot("film", at)
		file, err := s.Get(t.Context(), "film")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if n, err := io.Copy(io.Discard, file); !errors.Is(err, blob.ErrDamaged) || n >= 2<<20 {
			t.Errorf("byte %d: got %v after %d bytes, want %v before the last", at, err, n, blob.ErrDamaged)
		}
		if n, err := file.Read(make([]byte, 1)); n != 0 || !errors.Is(err, blob.ErrDamaged) {
			t.Errorf("byte %d: and then %d bytes, %v", at, n, err)
		}
	}
}

func TestAFilmThatIsReadInPiecesIsStillWhole(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	want := noise(1, 3<<20)
	put(t, s, "film", want)
	file, err := s.Get(t.Context(), "film")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, at := range []int64{0, 2 << 20, 100, 1 << 20, 0} {
		if _, err := file.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(file)
		if err != nil || !bytes.Equal(got, want[at:]) {
			t.Errorf("from %d on: got %d bytes, %v", at, len(got), err)
		}
	}
}

func TestWhoReadsOnGetsNothingOfTheOtherFilm(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	put(t, s, "film", noise(1, 2<<20))
	file, err := s.Get(t.Context(), "film")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	put(t, s, "film", noise(2, 2<<20))
	if _, err := file.Seek(1<<20, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if n, err := file.Read(make([]byte, 1000)); n != 0 || !errors.Is(err, blob.ErrUnavailable) {
			t.Errorf("got %d bytes, %v, want %v", n, err, blob.ErrUnavailable)
		}
	}
}

func TestAFilmThatIsCutOffIsNotAtItsEnd(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	put(t, s, "film", noise(1, 2<<20))
	for name, fault := range map[string]func(w http.ResponseWriter, r *http.Request, next http.Handler){
		"torn": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			next.ServeHTTP(&cutAfter{w, 1000}, r)
		},
		"short": func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			r.Header.Set("Range", r.Header.Get("Range")+"600000")
			next.ServeHTTP(w, r)
		},
	} {
		file, err := s.Get(t.Context(), "film")
		if err != nil {
			t.Fatal(err)
		}
		c.before(fault)
		n, err := io.Copy(io.Discard, file)
		if !errors.Is(err, blob.ErrUnavailable) || n >= 2<<20 {
			t.Errorf("%s: got %v after %d bytes, want %v", name, err, n, blob.ErrUnavailable)
		}
		c.through()
		file.Close()
	}
	// Where what is cut off was only to be read over.
	file, err := s.Get(t.Context(), "film")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c.before(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		r.Header.Set("Range", r.Header.Get("Range")+"600000")
		next.ServeHTTP(w, r)
	})
	if _, err := io.CopyN(io.Discard, file, 512<<10+1); err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(900_000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if n, err := file.Read(make([]byte, 1)); n != 0 || !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("got %d bytes, %v, want %v", n, err, blob.ErrUnavailable)
	}
}

// cutAfter ends the connection after so many bytes of a body.
type cutAfter struct {
	http.ResponseWriter
	left int
}

func (c *cutAfter) Write(p []byte) (int, error) {
	if len(p) > c.left {
		c.ResponseWriter.Write(p[:c.left])
		http.NewResponseController(c.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

func TestAnUploadThatIsGivenUpLeavesNothing(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	ctx, gone := context.WithCancel(t.Context())
	var parts atomic.Int64
	c.before(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if q := r.URL.Query(); q.Has("uploads") || q.Has("uploadId") {
			parts.Add(1)
		}
		if _, err := io.CopyN(io.Discard, r.Body, 1<<20); err != nil {
			t.Error(err)
		}
		gone()
		next.ServeHTTP(w, r)
	})
	if err := s.Put(ctx, "film", noise(1, 40<<20)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	c.server.CloseClientConnections()
	c.through()
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("kept %q", got)
	}
	if parts.Load() != 0 {
		t.Error("it was sent in parts, and those can be left")
	}
}

func TestTwoPrefixesOfABucketAreTwoStores(t *testing.T) {
	c := newCloud(t)
	one, two, whole := c.open("&prefix=one"), c.open("&prefix=one-more/"), c.open("")
	put(t, one, "a", []byte("1"))
	put(t, two, "a", []byte("2"))
	put(t, whole, "folder", nil)
	for s, want := range map[*blob.Store][]string{one: {"a"}, two: {"a"}, whole: {"folder", "one-more/a", "one/a"}} {
		if got := keys(t, s, ""); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if got := string(read(t, one, "a")) + string(read(t, two, "a")); got != "12" {
		t.Errorf("got %q, want 12", got)
	}
}

func TestAFoldersMarkInABucketIsNoFile(t *testing.T) {
	c := newCloud(t)
	s := c.open("")
	for _, key := range []string{"folder/", "a//b"} {
		if _, err := c.files.PutObject(bucketName, key, map[string]string{}, strings.NewReader(""), 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, "folder/file", nil)
	if got := keys(t, s, ""); !slices.Equal(got, []string{"folder/file"}) {
		t.Errorf("got %q, want the file alone", got)
	}
}
