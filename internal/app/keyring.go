package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"

	"broadsheet/internal/platform/db"
)

// keyring keeps certificates, their keys and the account they are got with in
// the newsroom's database, so that all nodes have the same. It is certmagic's
// Storage; a name that other names begin with, and a slash, is a folder.
type keyring struct {
	db *db.DB
	// now is the database's clock: locks of one node are compared by others.
	now func() time.Time

	mu   sync.Mutex
	held map[string]heldLock
}

// heldLock is a lock that this node holds and renews.
type heldLock struct {
	holder string
	stop   context.CancelFunc
}

var _ certmagic.Storage = (*keyring)(nil)

func newKeyring(d *db.DB) *keyring {
	return &keyring{db: d, now: d.Now, held: map[string]heldLock{}}
}

// Store keeps a value under a name, in place of what was there.
func (k *keyring) Store(ctx context.Context, name string, value []byte) error {
	err := k.db.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into certificate (name, value, at) values ($1, $2, $3)
			on conflict (name) do update set value = excluded.value, at = excluded.at`, name, base64.StdEncoding.EncodeToString(value), k.now().UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return nil
}

// keyEntry is a row.
type keyEntry struct {
	name, value string
	at          time.Time
}

func scanKey(r db.Row) (e keyEntry, err error) {
	var at int64
	err = r.Scan(&e.name, &e.value, &at)
	e.at = time.UnixMilli(at).UTC()
	return e, err
}

func (k *keyring) find(ctx context.Context, name string) (e keyEntry, err error) {
	err = k.db.View(ctx, func(tx *db.Tx) (err error) {
		e, err = db.Find(tx, scanKey, `select name, value, at from certificate where name = $1`, name)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return e, fmt.Errorf("find %s: %w", name, err)
	}
	return e, nil
}

// below lists the names in a folder, all the way down.
func (k *keyring) below(ctx context.Context, folder string) (names []string, err error) {
	if folder != "" {
		folder += "/"
	}
	err = k.db.View(ctx, func(tx *db.Tx) (err error) {
		names, err = db.List(tx, db.Value[string], `select name from certificate where substr(name, 1, length($1)) = $1 limit 100000`, folder)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", folder, err)
	}
	slices.Sort(names)
	return names, nil
}

// Load returns what is kept under a name, or fs.ErrNotExist.
func (k *keyring) Load(ctx context.Context, name string) ([]byte, error) {
	e, err := k.find(ctx, name)
	if err != nil {
		return nil, err
	}
	value, err := base64.StdEncoding.DecodeString(e.value)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return value, nil
}

// Delete removes a name, or a folder with all that is in it.
func (k *keyring) Delete(ctx context.Context, name string) error {
	err := k.db.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`delete from certificate where name = $1 or substr(name, 1, length($2)) = $2`, name, name+"/")
		if err == nil && n == 0 {
			err = fs.ErrNotExist
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove %s: %w", name, err)
	}
	return nil
}

// Exists tells whether there is a name or a folder.
func (k *keyring) Exists(ctx context.Context, name string) bool {
	_, err := k.Stat(ctx, name)
	return err == nil
}

// List returns what is in a folder: names and folders, and of those all that
// is in them when recursive.
func (k *keyring) List(ctx context.Context, folder string, recursive bool) ([]string, error) {
	folder = strings.Trim(folder, "/")
	names, err := k.below(ctx, folder)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("list %s: %w", folder, fs.ErrNotExist)
	}
	from := 0
	if folder != "" {
		from = len(folder) + 1
	}
	seen := map[string]bool{}
	var all []string
	for _, name := range names {
		for at := from; ; {
			slash := strings.IndexByte(name[at:], '/')
			end := len(name)
			if slash >= 0 {
				end = at + slash
			}
			if !seen[name[:end]] {
				seen[name[:end]] = true
				all = append(all, name[:end])
			}
			if slash < 0 || !recursive {
				break
			}
			at = end + 1
		}
	}
	return all, nil
}

// Stat tells about a name or a folder, or returns fs.ErrNotExist.
func (k *keyring) Stat(ctx context.Context, name string) (certmagic.KeyInfo, error) {
	e, err := k.find(ctx, name)
	if err == nil {
		return certmagic.KeyInfo{Key: name, Modified: e.at, Size: int64(base64.StdEncoding.DecodedLen(len(e.value)) - strings.Count(e.value, "=")), IsTerminal: true}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return certmagic.KeyInfo{}, err
	}
	names, err := k.below(ctx, name)
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("find %s: %w", name, fs.ErrNotExist)
	}
	return certmagic.KeyInfo{Key: name}, err
}

const (
	// lockLease is for how long a lock stays with a holder that is silent.
	lockLease = 30 * time.Second
	// lockAgain is how often whoever waits for a lock asks.
	lockAgain = 500 * time.Millisecond
)

// Lock waits until the lock is this caller's. It is renewed until Unlock; one
// whose holder died is free when its time is over.
func (k *keyring) Lock(ctx context.Context, name string) error {
	holder := rand.Text()
	for {
		got, err := k.take(ctx, name, holder)
		if err != nil {
			return fmt.Errorf("lock %s: %w", name, err)
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lockAgain):
		}
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	k.mu.Lock()
	k.held[name] = heldLock{holder, stop}
	k.mu.Unlock()
	go k.renew(renewing, name, holder)
	return nil
}

func (k *keyring) take(ctx context.Context, name, holder string) (got bool, err error) {
	now := k.now()
	err = k.db.Update(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`insert into certificate_lock (name, holder, until) values ($1, $2, $3)
			on conflict (name) do update set holder = excluded.holder, until = excluded.until where certificate_lock.until < $4`,
			name, holder, now.Add(lockLease).UnixMilli(), now.UnixMilli())
		got = n == 1
		return err
	})
	return got, err
}

// renew keeps a lock until it is given back, or lost to another.
func (k *keyring) renew(ctx context.Context, name, holder string) {
	tick := time.NewTicker(lockLease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		n := int64(1)
		k.db.Update(ctx, func(tx *db.Tx) (err error) { // what fails is tried again
			n, err = tx.Exec(`update certificate_lock set until = $1 where name = $2 and holder = $3`, k.now().Add(lockLease).UnixMilli(), name, holder)
			return err
		})
		if n == 0 {
			return
		}
	}
}

// unlockWithin is how long giving a lock back may take; its time runs out
// anyway.
const unlockWithin = 10 * time.Second

// Unlock gives a lock back. One that was lost meanwhile is no error.
func (k *keyring) Unlock(ctx context.Context, name string) error {
	k.mu.Lock()
	lock, ok := k.held[name]
	delete(k.held, name)
	k.mu.Unlock()
	if !ok {
		return fmt.Errorf("unlock %s: it is not locked here", name)
	}
	lock.stop()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockWithin)
	defer cancel()
	err := k.db.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`delete from certificate_lock where name = $1 and holder = $2`, name, lock.holder)
		return err
	})
	if err != nil {
		return fmt.Errorf("unlock %s: %w", name, err)
	}
	return nil
}
