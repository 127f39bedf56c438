// Package app builds the newsroom out of its rooms and runs it. It is the only
// room that knows all others; it decides nothing about news.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/blob"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/fetch"
	"broadsheet/internal/platform/hook"
	"broadsheet/internal/platform/imaging"
	"broadsheet/internal/platform/job"
	"broadsheet/internal/platform/remote"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/desk"
	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

// Newsroom is an open newsroom: its database, media and desk.
type Newsroom struct {
	DB      *db.DB
	Media   *blob.Store
	Index   search.Index
	Mint    *ref.Mint
	Stories *story.Store
	// Manuscripts are stories as they are being written.
	Manuscripts *manuscript.Room
	Log         *event.Log
	Desk        *publish.Desk
	Hooks       *hook.Store
	// Redactions takes from everywhere what must not be kept.
	Redactions *redact.Room
	// site is nil until Serve builds it; events reach it from then on.
	site *site.Site
	desk *desk.Desk
	// served is where this program answers; empty before it does.
	served string
	// greet says something once it serves; nil says nothing.
	greet func(context.Context, io.Writer)
	views *readership.Counter
	// trusted are the proxies whose word for who asks counts.
	trusted remote.Proxies
	ranker  *readership.Ranker
	bus     event.Bus
	queues  []*job.Queue
	prover  *prover
	// self is this program as the other nodes know it.
	self   node
	skewed bool
	// taking says that readers are served: not while it starts or drains.
	taking atomic.Bool
	// proven hears of each receipt that was settled.
	proven func(publish.Receipt)
	lock   *lock
	// config is what it was opened with.
	config Config
	now    func() time.Time
	// draw makes the renditions of a picture.
	draw func(picture []byte) (width, height int, made []imaging.Rendition, err error)
	// importing is held by the one import that may be at work.
	importing sync.Mutex
}

// DatabaseFile is the name of the SQLite file in the data folder.
const DatabaseFile = "broadsheet.db"

// ErrNoNewsroom says that the data folder has no newsroom in it.
var ErrNoNewsroom = errors.New("there is no newsroom here: make one with `broadsheet init`, or look at one with `broadsheet demo`")

// Open opens the newsroom of a configuration and holds it: a second program on
// the same folder is refused with ErrHeld.
func Open(ctx context.Context, c Config) (*Newsroom, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	if c.Database == "" {
		if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
			return nil, c.nothingHere()
		}
	} else if err := takeFolder(c.Data); err != nil {
		return nil, err
	}
	return open(ctx, c, target, lived)
}

// errNode says that a folder was that of a node whose database is elsewhere.
var errNode = errors.New("this folder is a node's whose newsroom is in a PostgreSQL: give its --database, or put database = \"postgres://…\" into broadsheet.toml in the folder")

// nothingHere is why a folder without an SQLite file cannot be opened: a node of
// a newsroom that is elsewhere may serve from it, or have done so.
func (c Config) nothingHere() error {
	if _, err := os.Stat(filepath.Join(c.Data, lockName)); err == nil {
		lock, err := hold(c.Data)
		if err != nil {
			return err
		}
		lock.release()
	}
	if key, err := audit.PublicKey(c.Data); key != "" || err != nil {
		return fmt.Errorf("%s: %w", c.Data, errNode)
	}
	return fmt.Errorf("%s: %w", c.Data, ErrNoNewsroom)
}

// lived refuses a database in which there is no newsroom, before anything is
// written into it.
func lived(ctx context.Context, d *db.DB) error {
	err := d.View(ctx, func(tx *db.Tx) error {
		_, err := db.Find(tx, db.Value[string], `select key from edition limit 1`)
		return err
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, db.ErrDamaged), errors.Is(err, db.ErrUnavailable), errors.Is(err, db.ErrFull):
		return err
	}
	return fmt.Errorf("%s: %w", d.Place(), ErrNoNewsroom) // no such table, or nothing in it
}

// empty accepts any database.
func empty(context.Context, *db.DB) error { return nil }

// Create opens a newsroom, making folder, database and schema as needed.
func Create(ctx context.Context, c Config) (*Newsroom, error) {
	target, err := c.target()
	if err != nil {
		return nil, err
	}
	if err := takeFolder(c.Data); err != nil {
		return nil, err
	}
	if _, err := os.Stat(target); c.Database == "" && errors.Is(err, fs.ErrNotExist) {
		if err := c.nothingHere(); !errors.Is(err, ErrNoNewsroom) {
			return nil, err
		}
	}
	return open(ctx, c, target, empty)
}

// takeFolder makes a data folder, or takes an empty one. Nobody else may look
// into it: there are the keys of certificates, tokens' hashes and drafts. One that
// belongs to another account stays as it is; the doctor says so.
func takeFolder(data string) error {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if entries, err := os.ReadDir(data); err == nil && len(entries) == 0 {
		os.Chmod(data, 0o700)
	}
	return nil
}

// target is what to open: the address of a PostgreSQL, or the SQLite file.
func (c Config) target() (string, error) {
	switch {
	case c.Database == "":
		return filepath.Join(c.Data, DatabaseFile), nil
	case strings.HasPrefix(c.Database, "postgres://"), strings.HasPrefix(c.Database, "postgresql://"):
		return c.Database, nil
	}
	return "", fmt.Errorf("%w: --database takes an address that begins with postgres://; leave it out for SQLite in the data folder", ErrUsage)
}

func open(ctx context.Context, c Config, target string, usable func(context.Context, *db.DB) error) (n *Newsroom, err error) {
	n = &Newsroom{config: c, proven: func(publish.Receipt) {}, draw: imaging.Renditions}
	defer func() {
		if err != nil {
			n.Close()
			n = nil
		}
	}()
	if n.lock, err = hold(c.Data); err != nil {
		return n, err
	}
	if n.DB, err = db.Open(ctx, target); err != nil {
		return n, err
	}
	n.now = n.DB.Now
	if err = usable(ctx, n.DB); err != nil {
		return n, err
	}
	if err = n.DB.Migrate(ctx); err != nil {
		return n, err
	}
	if n.Media, err = c.openMedia(ctx); err != nil {
		return n, err
	}
	return n, n.furnish(ctx)
}

// openMedia opens where pictures are kept: in the data folder, unless another
// place is named.
func (c Config) openMedia(ctx context.Context) (*blob.Store, error) {
	return c.mediaBy(ctx, blob.Open, blob.OpenURL)
}

func (c Config) mediaBy(ctx context.Context, folder func(string) (*blob.Store, error), address func(context.Context, string) (*blob.Store, error)) (*blob.Store, error) {
	if c.Media == "" {
		return folder(filepath.Join(c.Data, "media"))
	}
	store, err := address(ctx, c.Media)
	if errors.Is(err, blob.ErrAddress) {
		return nil, fmt.Errorf("%w: --media: %w", ErrUsage, err)
	}
	return store, err
}

// furnish builds the rooms over the open database.
func (n *Newsroom) furnish(ctx context.Context) error {
	node := 0
	err := n.DB.Update(ctx, func(tx *db.Tx) (err error) {
		node, err = db.Find(tx, db.Value[int], `update counter set n = n + 1 where name = 'node' returning n`)
		return err
	})
	if errors.Is(err, db.ErrFull) {
		// Readers can be served from a full disk. One node of a thousand.
		slog.Warn("the disk is full: nothing can be written until there is room")
		node, err = rand.IntN(ref.Nodes), nil
	}
	if err != nil {
		return fmt.Errorf("number this node: %w", err)
	}
	n.Mint = ref.NewMint(node, n.now)
	n.Stories = story.NewStore(n.Mint, n.now)
	if n.Manuscripts, err = manuscript.New(n.Stories, n.Mint, n.now); err != nil {
		return err
	}
	n.Index = search.For(n.DB)
	if n.Log, err = event.Open(ctx, n.DB, n.heard); err != nil {
		return err
	}
	n.Desk = publish.NewDesk(n.DB, n.Stories, n.Log, n.Index, n.Mint, n.now)
	n.Hooks = hook.New(n.DB, fetch.New(fetch.Options{}), n.Mint.Next, n.now)
	n.Desk.Telling(n.tell)
	n.Desk.Sparing(redact.Whole)
	n.ranker = readership.NewRanker(n.DB, n.now)
	n.Redactions = n.redactions()
	return nil
}

// tell passes an act on to the webhooks that want to hear of it.
func (n *Newsroom) tell(tx *db.Tx, act string, subject int64, payload string) error {
	return n.Hooks.Announce(tx, hook.Event{Name: act, Subject: subject, Payload: payload, At: n.now()})
}

// closeFor is how long the last views may take to be written.
const closeFor = 5 * time.Second

// Close gives the newsroom back.
func (n *Newsroom) Close() error {
	var all []error
	if n.views != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeFor)
		defer cancel()
		all = append(all, n.views.Close(ctx))
	}
	if n.desk != nil {
		n.desk.Close()
	}
	if n.site != nil {
		all = append(all, n.site.Close())
	}
	if n.bus != nil {
		all = append(all, n.bus.Close())
	}
	if n.Media != nil {
		all = append(all, n.Media.Close())
	}
	if n.DB != nil {
		all = append(all, n.DB.Close())
	}
	if n.lock != nil {
		all = append(all, n.lock.release())
	}
	return errors.Join(all...)
}

// Alone tells that no other program can be at work on this newsroom: its
// database is a file in a folder that this program holds.
func (n *Newsroom) Alone() bool { return n.DB.Engine() == db.SQLite }

// Editions lists the editions of the newsroom.
func (n *Newsroom) Editions(ctx context.Context) (all []edition.Edition, err error) {
	err = n.DB.View(ctx, func(tx *db.Tx) (err error) {
		all, err = edition.All(tx)
		return err
	})
	return all, err
}

// languages are those of all editions, each once.
func languages(editions []edition.Edition) []string {
	var list []string
	seen := map[string]bool{}
	for _, e := range editions {
		if !seen[e.Language] {
			seen[e.Language] = true
			list = append(list, e.Language)
		}
	}
	return list
}

// overlays are the folders whose files stand before the built-in theme's.
func overlays(c Config) ([]fs.FS, error) {
	folder := c.Theme
	if folder == "" {
		folder = filepath.Join(c.Data, "theme")
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
	}
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%w: the theme folder %s cannot be read", ErrUsage, folder)
	}
	return []fs.FS{os.DirFS(folder)}, nil
}

// buildSite makes the public paper.
func (n *Newsroom) buildSite(ctx context.Context, c Config) error {
	editions, err := n.Editions(ctx)
	if err != nil {
		return fmt.Errorf("read the editions: %w", err)
	}
	over, err := overlays(c)
	if err != nil {
		return err
	}
	look, err := theme.Load(theme.Sources{
		Layers: append(over, themes.Base()), Dist: ui.Dist(), Languages: languages(editions), Samples: site.Samples(),
	})
	if err != nil {
		return fmt.Errorf("load the theme: %w", err)
	}
	for _, idle := range look.Idle() {
		slog.Warn("the theme has what nothing uses", "file", idle)
	}
	if n.trusted, err = c.trustedProxies(); err != nil {
		return err
	}
	if n.views, err = readership.Open(ctx, readership.Options{DB: n.DB, Mint: n.Mint, Spool: filepath.Join(c.Data, "views"), Now: n.now}); err != nil {
		return err
	}
	options := site.Options{
		DB: n.DB, Index: n.Index, Theme: look, CacheBytes: int64(c.CacheMB) << 20, Loft: c.loft(), Views: n.views, TrustedProxy: n.trusted,
		Media: site.Media(n.Media), Now: n.now, Hosts: c.hosts(), Origin: strings.TrimSuffix(c.URL, "/"),
	}
	if err := c.standards(&options); err != nil {
		return err
	}
	n.site = site.New(options)
	if err := n.buildDesk(c); err != nil {
		return err
	}
	return n.site.Warm(ctx)
}

func trimAll(texts []string) []string {
	var all []string
	for _, text := range texts {
		if text = strings.TrimSpace(text); text != "" {
			all = append(all, text)
		}
	}
	return all
}
