package blob_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"go.uber.org/goleak"

	"broadsheet/internal/platform/blob"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// eachStore runs a test on every kind of store.
func eachStore(t *testing.T, test func(t *testing.T, s *blob.Store)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) { test(t, open(t, "file://"+t.TempDir()+"/media")) })
	t.Run("s3", func(t *testing.T) { test(t, newCloud(t).open("")) })
}

func open(t testing.TB, address string) *blob.Store {
	t.Helper()
	s, err := blob.OpenURL(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// noise is n bytes that look like nothing, the same for the same seed.
func noise(seed byte, n int) []byte {
	all := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(all)
	return all
}

func put(t testing.TB, s *blob.Store, key string, content []byte) {
	t.Helper()
	if err := s.Put(context.Background(), key, content); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, s *blob.Store, key string) []byte {
	t.Helper()
	file, err := s.Get(context.Background(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	all, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func keys(t testing.TB, s *blob.Store, prefix string) (all []string) {
	t.Helper()
	err := s.Each(context.Background(), prefix, func(info blob.Info) error {
		all = append(all, info.Key)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAFileComesBackAsItWasKept(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		// Shorter than what is asked for at once, just that, longer; and in parts.
		for n, size := range []int{0, 1, 511, 512 << 10, 512<<10 + 1, 3 << 20, 20 << 20} {
			want := noise(byte(n), size)
			put(t, s, "ab/cd.jpg", want) // in place of the one before
			if got := read(t, s, "ab/cd.jpg"); !bytes.Equal(got, want) {
				t.Errorf("%d bytes came back as %d others", len(want), len(got))
			}
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAFilesSizeAndTimeAreKnown(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		began := time.Now().Add(-time.Second)
		put(t, s, "a/b", noise(1, 700_000))
		file, err := s.Get(t.Context(), "a/b")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		stat, err := s.Stat(t.Context(), "a/b")
		if err != nil {
			t.Fatal(err)
		}
		var listed blob.Info
		s.Each(t.Context(), "a/", func(info blob.Info) error { listed = info; return nil })
		for _, got := range []blob.Info{file.Info, stat, listed} {
			if got.Key != "a/b" || got.Size != 700_000 || got.Changed.Before(began) || got.Changed.After(time.Now().Add(time.Second)) || got.Changed.Location() != time.UTC {
				t.Errorf("got %+v, want 700000 bytes from now", got)
			}
		}
	})
}

func TestAnyPartOfAFileCanBeRead(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		want := noise(1, 2_000_000)
		put(t, s, "film", want)
		file, err := s.Get(t.Context(), "film")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		random := rand.New(rand.NewPCG(1, 2))
		for range 60 {
			at, n := random.IntN(len(want)), random.IntN(300_000)
			whence := random.IntN(3)
			if _, err := file.Seek(int64(at), io.SeekStart); err != nil {
				t.Fatal(err)
			}
			switch whence {
			case io.SeekCurrent:
				_, err = file.Seek(0, io.SeekCurrent)
			case io.SeekEnd:
				_, err = file.Seek(int64(at-len(want)), io.SeekEnd)
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(io.LimitReader(file, int64(n)))
			if err != nil || !bytes.Equal(got, want[at:min(at+n, len(want))]) {
				t.Fatalf("%d bytes from %d on came back as %d others, %v", n, at, len(got), err)
			}
		}
		if _, err := file.Seek(-1, io.SeekStart); err == nil {
			t.Error("there is something before the start")
		}
		if _, err := file.Seek(10, io.SeekEnd); err != nil {
			t.Error(err)
		}
		if n, err := file.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("after the end: got %d, %v, want %v", n, err, io.EOF)
		}
	})
}

func TestAFileReadsAsReadersMust(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		for _, size := range []int{0, 100, 600_000} {
			want := noise(2, size)
			put(t, s, "x", want)
			file, err := s.Get(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			// No ReaderAt, or it would want Seek and ReadAt to agree on errors.
			if err := iotest.TestReader(struct{ io.ReadSeeker }{file}, want); err != nil {
				t.Error(err)
			}
			if err := file.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestBrowsersGetTheRangesTheyAskFor(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		want := noise(3, 3<<20)
		put(t, s, "film", want)
		for asked, part := range map[string][]byte{
			"": want, "bytes=0-": want, "bytes=0-0": want[:1], "bytes=1000-1999": want[1000:2000],
			"bytes=2000000-2000099": want[2_000_000:2_000_100], "bytes=-500": want[len(want)-500:], "bytes=3145727-": want[len(want)-1:],
		} {
			file, err := s.Get(t.Context(), "film")
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest("GET", "/film", nil)
			r.Header.Set("Range", asked)
			w := httptest.NewRecorder()
			http.ServeContent(w, r, "", file.Changed, file)
			file.Close()
			if status := map[bool]int{true: http.StatusOK, false: http.StatusPartialContent}[asked == ""]; w.Code != status {
				t.Errorf("%q: got %d, want %d", asked, w.Code, status)
			}
			if !bytes.Equal(w.Body.Bytes(), part) {
				t.Errorf("%q: got %d bytes, want %d others", asked, w.Body.Len(), len(part))
			}
		}
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		put(t, s, "a/b/c", []byte("x"))
		for _, key := range []string{"nothing", "a", "a/b", "a/b/c/d", "a/b/", "/a/b/c", "a//b", "", ".", "..", "../a/b/c", "a/../a/b/c", "../../etc/passwd",
			"/etc/passwd", ".incoming", ".incoming/x", "a\x00b", "a\nb", "\xff", strings.Repeat("x", 256), strings.Repeat("x/", 600) + "x"} {
			if _, err := s.Get(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("get %q: got %v, want %v", key, err, blob.ErrNotFound)
			}
			if _, err := s.Stat(t.Context(), key); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("stat %q: got %v, want %v", key, err, blob.ErrNotFound)
			}
			if err := s.Delete(t.Context(), key); err != nil {
				t.Errorf("delete %q: got %v, want nothing", key, err)
			}
		}
		if got := keys(t, s, ""); !slices.Equal(got, []string{"a/b/c"}) {
			t.Errorf("left are %q", got)
		}
	})
}

func TestAKeyThatNoFileCanHaveIsRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		for _, key := range []string{"", ".", "..", "/a", "a/", "a//b", "a/../b", "./a", ".incoming", ".incoming/x", "a\x00", "a\tb", "\xff", strings.Repeat("é", 128), strings.Repeat("x/", 450) + "x"} {
			if err := s.Put(t.Context(), key, []byte("x")); !errors.Is(err, blob.ErrKey) {
				t.Errorf("%q: got %v, want %v", key, err, blob.ErrKey)
			}
		}
		if got := keys(t, s, ""); len(got) != 0 {
			t.Errorf("kept %q", got)
		}
	})
}

func TestOddKeysAreKeysLikeAnyOther(t *testing.T) {
	odd := []string{"a b", " leading", "trailing ", "100%", "%2e%2e", "a+b", "a&b=c?d#e", `back\slash`, `"quoted"`, "it's", "<tag>", "*", "a:b", "...", "..a", "a../b", ".hidden",
		"جريدة/صورة", "سلام\u200cدنیا", "e\u0301", "é", "📰", "__0x41__", "x__0x2f__y", "name.attrs", "name.tmp", "CASE", "case", "~", "-", strings.Repeat("x", 255)}
	eachStore(t, func(t *testing.T, s *blob.Store) {
		for _, key := range odd {
			put(t, s, key, []byte("in "+key))
		}
		slices.Sort(odd)
		if got := keys(t, s, ""); !slices.Equal(got, odd) {
			t.Errorf("got %q, want %q", got, odd)
		}
		for _, key := range odd {
			if got := string(read(t, s, key)); got != "in "+key {
				t.Errorf("%q: got %q", key, got)
			}
			if info, err := s.Stat(t.Context(), key); err != nil || info.Size != int64(len("in "+key)) {
				t.Errorf("%q: got %+v, %v", key, info, err)
			}
			if got := keys(t, s, key); len(got) == 0 || got[0] != key {
				t.Errorf("under %q are %q", key, got)
			}
			if err := s.Delete(t.Context(), key); err != nil {
				t.Error(err)
			}
		}
		if got := keys(t, s, ""); len(got) != 0 {
			t.Errorf("left are %q", got)
		}
	})
}

func TestADeletedFileIsGoneAndDeletingAgainIsNoError(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		put(t, s, "a/one", []byte("1"))
		put(t, s, "a/two", []byte("2"))
		for range 2 {
			if err := s.Delete(t.Context(), "a/one"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Get(t.Context(), "a/one"); !errors.Is(err, blob.ErrNotFound) {
				t.Errorf("got %v, want %v", err, blob.ErrNotFound)
			}
		}
		if got := string(read(t, s, "a/two")); got != "2" {
			t.Errorf("the neighbour is %q", got)
		}
		put(t, s, "a/one", []byte("again"))
		if got := string(read(t, s, "a/one")); got != "again" {
			t.Errorf("got %q, want it again", got)
		}
	})
}

func TestAListIsWholeAndInTheOrderOfKeys(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		// Names around the slash, where folders and keys sort differently; and more
		// than a page of a bucket's list.
		want := []string{"a", "b!", "b-c", "b-c/d", "b.c", "b/a", "b/a-b", "b/z", "b0", "ba/x", "é/é", "z/1"}
		sizes := map[string]int64{}
		for n, key := range want {
			if key == "b-c" {
				continue // a folder cannot be a file too
			}
			put(t, s, key, noise(0, n))
			sizes[key] = int64(n)
		}
		want = slices.DeleteFunc(want, func(key string) bool { return key == "b-c" })
		var many sync.WaitGroup
		for w := range 8 {
			many.Go(func() {
				for n := w; n < 1100; n += 8 {
					put(t, s, fmt.Sprintf("many/%d", n), nil)
				}
			})
		}
		many.Wait()
		for n := range 1100 {
			want = append(want, fmt.Sprintf("many/%d", n))
		}
		slices.Sort(want)
		for _, prefix := range []string{"", "b", "b/", "b-", "b/a", "many/", "many/10", "é", "nothing", "z/1", "z/1/", "../", "/"} {
			var got []string
			err := s.Each(t.Context(), prefix, func(info blob.Info) error {
				got = append(got, info.Key)
				if info.Size != sizes[info.Key] {
					t.Errorf("%s has %d bytes, want %d", info.Key, info.Size, sizes[info.Key])
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			under := slices.DeleteFunc(slices.Clone(want), func(key string) bool { return !strings.HasPrefix(key, prefix) })
			if !slices.Equal(got, under) {
				t.Errorf("under %q are %d, want %d: %.300q", prefix, len(got), len(under), got)
			}
		}
	})
}

func TestAListEndsWithTheFirstError(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		for _, key := range []string{"a", "b/c", "d"} {
			put(t, s, key, nil)
		}
		enough, seen := errors.New("enough"), 0
		err := s.Each(t.Context(), "", func(info blob.Info) error {
			if seen++; info.Key == "b/c" {
				return enough
			}
			return nil
		})
		if err != enough || seen != 2 {
			t.Errorf("got %v after %d, want %v after 2", err, seen, enough)
		}
	})
}

func TestManyMayKeepAndReadAtOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		// Every version says what it is, so that a mixture of two is seen.
		version := func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, 300_000+n) }
		put(t, s, "shared", version(0))
		var all sync.WaitGroup
		for w := range 6 {
			all.Go(func() {
				for n := range 5 {
					put(t, s, "shared", version(w*5+n))
					put(t, s, fmt.Sprintf("own/%d/%d", w, n), version(n))
				}
			})
			all.Go(func() {
				for range 10 {
					got := read(t, s, "shared")
					if len(got) == 0 || !bytes.Equal(got, version(int(got[0]))) {
						t.Errorf("%d bytes are of no version", len(got))
					}
				}
			})
		}
		all.Wait()
		if got := keys(t, s, "own/"); len(got) != 30 {
			t.Errorf("kept %d files, want 30", len(got))
		}
	})
}

func TestWhoGoesAwayLeavesNothingHalf(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		put(t, s, "old", []byte("as it was"))
		ctx, gone := context.WithCancel(t.Context())
		gone()
		for _, key := range []string{"old", "new", "folder/new"} {
			if err := s.Put(ctx, key, noise(1, 1<<20)); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v, want %v", key, err, context.Canceled)
			}
		}
		if err := s.Each(ctx, "", func(blob.Info) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if got := string(read(t, s, "old")); got != "as it was" {
			t.Errorf("got %q", got)
		}
		if got := keys(t, s, ""); !slices.Equal(got, []string{"old"}) {
			t.Errorf("kept %q", got)
		}
	})
}

func TestAnAddressThatCannotBeUsedIsRefusedInWords(t *testing.T) {
	clean(t)
	for _, address := range []string{
		"", "media", "ftp://bucket", "file://media", "file://host/media", "file:///media?region=x", "s3://", "s3:///bucket", "s3://bucket/path?region=x",
		"s3://key:secret@bucket?region=x", "s3://bucket?region=x&colour=secret", "s3://bucket", "s3://bucket?endpoint=secret", "s3://bucket?endpoint=ftp://secret",
		"s3://bucket?region=x&prefix=../secret", "s3://bucket?region=x&prefix=/secret", "s3://bucket?%zz=secret", "s3://a b:secret",
	} {
		_, err := blob.OpenURL(t.Context(), address)
		if !errors.Is(err, blob.ErrAddress) {
			t.Errorf("%q: got %v, want %v", address, err, blob.ErrAddress)
		}
		if err != nil && strings.Contains(err.Error(), "key:secret") {
			t.Errorf("%q: the password is in the message: %v", address, err)
		}
	}
}

func TestAFolderIsNeverLeft(t *testing.T) {
	outside, inside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(inside, "link")); err != nil {
		t.Fatal(err)
	}
	s := open(t, "file://"+inside)
	if _, err := s.Get(t.Context(), "link/secret"); err == nil {
		t.Error("a link out of the folder was followed to read")
	}
	if err := s.Put(t.Context(), "link/new", []byte("x")); err == nil {
		t.Error("a link out of the folder was followed to write")
	}
	if err := s.Delete(t.Context(), "link/secret"); err == nil {
		t.Error("a link out of the folder was followed to delete")
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) != 1 {
		t.Errorf("outside are %v, %v", left, err)
	}
}

func TestWhatADeadProgramWasWritingIsSweptAway(t *testing.T) {
	folder := t.TempDir()
	s := open(t, "file://"+folder)
	put(t, s, "a", []byte("x"))
	incoming := filepath.Join(folder, ".incoming")
	old, young := filepath.Join(incoming, "old"), filepath.Join(incoming, "young")
	for _, name := range []string{old, young} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(old, time.Time{}, time.Now().Add(-25*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, s, ""); !slices.Equal(got, []string{"a"}) {
		t.Errorf("listed %q, want a alone", got)
	}
	open(t, "file://"+folder)
	left, err := os.ReadDir(incoming)
	if err != nil || len(left) != 1 || left[0].Name() != "young" {
		t.Errorf("left are %v, %v; want what another may still be writing", left, err)
	}
}

func TestNothingIsLeftBesideWhatWasKept(t *testing.T) {
	folder := t.TempDir()
	s := open(t, "file://"+folder)
	put(t, s, "a", []byte("x"))
	ctx, gone := context.WithCancel(t.Context())
	gone()
	s.Put(ctx, "b", []byte("x"))
	if err := s.Put(t.Context(), "a/b", []byte("x")); err == nil {
		t.Error("a file is a folder too")
	}
	if left, err := os.ReadDir(filepath.Join(folder, ".incoming")); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestAFolderThatWentIsUnavailable(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "media")
	s := open(t, "file://"+folder)
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("got %v, want %v", err, blob.ErrUnavailable)
	}
	checkAway(t, s)
	if err := s.Put(t.Context(), "a", []byte("x")); !errors.Is(err, blob.ErrUnavailable) || errors.Is(err, blob.ErrNotFound) {
		t.Errorf("got %v, want %v", err, blob.ErrUnavailable)
	}
}

// checkAway finds that a store says of no file that it is not there.
func checkAway(t *testing.T, s *blob.Store) {
	t.Helper()
	_, got := s.Get(t.Context(), "a")
	_, stat := s.Stat(t.Context(), "a")
	for what, err := range map[string]error{
		"get": got, "stat": stat, "delete": s.Delete(t.Context(), "a"), "ping": s.Ping(t.Context()), "each": s.Each(t.Context(), "", func(blob.Info) error { return nil }),
	} {
		if !errors.Is(err, blob.ErrUnavailable) || errors.Is(err, blob.ErrNotFound) {
			t.Errorf("%s: got %v, want %v", what, err, blob.ErrUnavailable)
		}
	}
}

func TestAnotherFolderInItsPlaceIsNotTheStore(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "media")
	s := open(t, "file://"+folder)
	if err := errors.Join(os.Rename(folder, folder+"-before"), os.Mkdir(folder, 0o755)); err != nil {
		t.Fatal(err)
	}
	checkAway(t, s)
}

func TestWhoOnlyLooksMakesNoFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "media")
	for range 2 {
		if _, err := blob.FindURL(t.Context(), "file://"+folder); !errors.Is(err, blob.ErrUnavailable) || !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v, want %v", err, blob.ErrUnavailable)
		}
	}
	put(t, open(t, "file://"+folder), "a", []byte("x"))
	s, err := blob.FindURL(t.Context(), "file://"+folder)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if got := string(read(t, s, "a")); got != "x" {
		t.Errorf("got %q", got)
	}
}

func TestAFileIsKeptFromTheBeginningOfWhatHoldsIt(t *testing.T) {
	eachStore(t, func(t *testing.T, s *blob.Store) {
		for _, size := range []int{0, 1, 1 << 20, 3<<20 + 5} {
			want := noise(7, size)
			file, err := os.Create(filepath.Join(t.TempDir(), "film"))
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := file.Write(want); err != nil { // and stands at its end
				t.Fatal(err)
			}
			for range 2 { // it is still open, and can be kept again
				if err := s.PutFrom(t.Context(), "film", file); err != nil {
					t.Fatal(err)
				}
				if got := read(t, s, "film"); !bytes.Equal(got, want) {
					t.Errorf("%d bytes came back as %d others", len(want), len(got))
				}
			}
		}
	})
}

func BenchmarkPut(b *testing.B) {
	s := open(b, "file://"+b.TempDir())
	content := noise(1, 200<<10)
	sum := sha256.Sum256(content)
	for n := 0; b.Loop(); n++ {
		put(b, s, hex.EncodeToString(sum[:1])+fmt.Sprintf("/%d/1200.jpg", n), content)
	}
}
