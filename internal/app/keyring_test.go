package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

func TestAKeyringKeepsWhatANodeOfItsOwnWouldKeepInFiles(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		k, other, ctx := newKeyring(d), newKeyring(d), t.Context()
		values := map[string][]byte{
			"certificates/ca/paper.example/paper.example.crt": []byte("-----BEGIN"), "certificates/ca/paper.example/paper.example.key": {0, 1, 255, 0},
			"certificates/ca/wildcard_.paper.example/x.crt": nil, "certificates2/x": []byte("x"), "last_clean.json": []byte("{}"),
			"acme/ca/users/a@b.example/a.json": []byte("ب"),
		}
		for name, value := range values {
			if err := k.Store(ctx, name, []byte("before")); err != nil {
				t.Fatal(err)
			}
			if err := k.Store(ctx, name, value); err != nil {
				t.Fatal(err)
			}
		}
		for name, want := range values {
			got, err := other.Load(ctx, name)
			if err != nil || string(got) != string(want) {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
			info, err := other.Stat(ctx, name)
			if err != nil || !info.IsTerminal || info.Size != int64(len(want)) || info.Key != name || time.Since(info.Modified).Abs() > time.Minute {
				t.Errorf("%s: got %+v, %v", name, info, err)
			}
		}
		folder, err := k.Stat(ctx, "certificates/ca")
		if err != nil || folder.IsTerminal || !k.Exists(ctx, "certificates") || !k.Exists(ctx, "last_clean.json") {
			t.Errorf("a folder is %+v, %v", folder, err)
		}
		for _, absent := range []string{"certificates/c", "cert", "last_clean.json/x", "certificates/ca/paper.example/paper.example.crt/"} {
			if _, err := k.Load(ctx, absent); !errors.Is(err, fs.ErrNotExist) || k.Exists(ctx, absent) {
				t.Errorf("%s: got %v", absent, err)
			}
			if _, err := k.Stat(ctx, absent); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: got %v", absent, err)
			}
		}
		checkLists(t, k)
		for _, name := range []string{"certificates/ca", "last_clean.json"} {
			if err := k.Delete(ctx, name); err != nil || other.Exists(ctx, name) {
				t.Errorf("%s is still there: %v", name, err)
			}
			if err := k.Delete(ctx, name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s a second time: got %v", name, err)
			}
		}
		if !k.Exists(ctx, "certificates2/x") {
			t.Error("a folder's neighbour went with it")
		}
	})
}

func checkLists(t *testing.T, k *keyring) {
	t.Helper()
	for _, test := range []struct {
		folder    string
		recursive bool
		want      []string
	}{
		{"certificates/ca", false, []string{"certificates/ca/paper.example", "certificates/ca/wildcard_.paper.example"}},
		{"certificates/ca/paper.example/", false, []string{"certificates/ca/paper.example/paper.example.crt", "certificates/ca/paper.example/paper.example.key"}},
		{"certificates", true, []string{"certificates/ca", "certificates/ca/paper.example", "certificates/ca/paper.example/paper.example.crt", "certificates/ca/paper.example/paper.example.key",
			"certificates/ca/wildcard_.paper.example", "certificates/ca/wildcard_.paper.example/x.crt"}},
		{"", false, []string{"acme", "certificates", "certificates2", "last_clean.json"}},
	} {
		got, err := k.List(t.Context(), test.folder, test.recursive)
		slices.Sort(got)
		slices.Sort(test.want)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%q: got %v, %v, want %v", test.folder, got, err, test.want)
		}
	}
	if got, err := k.List(t.Context(), "nowhere", true); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestOneOfAllNodesHoldsALock(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		const name = "issue paper.example"
		// takers are how many of four nodes that ask in one moment get the lock.
		takers := func() int64 {
			var taken atomic.Int64
			var nodes sync.WaitGroup
			for n := range 4 {
				k := newKeyring(d)
				nodes.Go(func() {
					got, err := k.take(t.Context(), name, fmt.Sprint("node ", n))
					if err != nil {
						t.Error(err)
					}
					if got {
						taken.Add(1)
					}
				})
			}
			nodes.Wait()
			return taken.Load()
		}
		first := newKeyring(d)
		if err := first.Lock(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if n := takers(); n != 0 {
			t.Errorf("%d nodes took a lock that another held", n)
		}
		if err := first.Unlock(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if n := takers(); n != 1 {
			t.Errorf("%d nodes took a lock that was free", n)
		}
	})
}

func TestALockOfADeadNodeIsFreeWhenItsTimeIsOver(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		dead, k := newKeyring(d), newKeyring(d)
		if err := dead.Lock(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		dead.held["x"].stop() // it renews no more
		if got, err := k.take(t.Context(), "x", "me"); got || err != nil {
			t.Errorf("at once: got %v, %v", got, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := k.Lock(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("whoever waits no longer got %v", err)
		}
		k.now = func() time.Time { return d.Now().Add(lockLease + time.Second) }
		if err := k.Lock(t.Context(), "x"); err != nil {
			t.Fatal(err)
		}
		if err := dead.Unlock(t.Context(), "x"); err != nil { // it wakes up again
			t.Error(err)
		}
		if got, err := newKeyring(d).take(t.Context(), "x", "third"); got || err != nil {
			t.Errorf("the new holder lost it: %v, %v", got, err)
		}
		if err := k.Unlock(t.Context(), "x"); err != nil {
			t.Error(err)
		}
		if err := k.Unlock(t.Context(), "x"); err == nil {
			t.Error("it was given back twice")
		}
	})
}
