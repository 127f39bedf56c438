// Package db is one SQL handle for two engines: SQLite, the default, and
// PostgreSQL. It opens and migrates the database, runs transactions, and turns
// the engines' errors into kinds. It knows no table of the newsroom but those
// of its migrations, and holds no query: statements stand in the store that
// owns their table, as constant text that both engines understand.
//
// Portable text means: $1, $2 as placeholders; bigint, text and boolean; times
// as UTC milliseconds; identities, never texts, in "order by"; a list as a JSON
// array in one parameter, read by
//
//	select cast(value as bigint) from json_each(cast($1 as text))
//
// and one value of a JSON object by json_extract(content, '$.headline'). The
// PostgreSQL migrations provide both under SQLite's names.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib" // also the "pgx" driver
	_ "modernc.org/sqlite"           // the "sqlite" driver
)

// Engine names what stores the newsroom.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is an open database. On SQLite one connection writes while several read.
type DB struct {
	engine Engine
	// reading, public and writing are SQLite's, server is PostgreSQL's.
	reading, public, writing *lanes
	server                   *server
	clock                    clock
	closed                   atomic.Bool
	// place is what error messages call the database: a file, or a URL without
	// its password.
	place string
}

// Open opens the database that target names: a postgres:// URL or the path of
// an SQLite file, which is created when it is absent. The schema is not
// touched; see Migrate.
func Open(ctx context.Context, target string) (*DB, error) {
	if strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://") {
		return openPostgres(ctx, target)
	}
	return openSQLite(ctx, target)
}

// Engine tells which engine it is.
func (d *DB) Engine() Engine { return d.engine }

// Place names the database for people: never a password.
func (d *DB) Place() string { return d.place }

// Close ends all connections, once the transactions on them have ended.
func (d *DB) Close() error {
	if d.closed.Swap(true) {
		return nil
	}
	if d.engine == SQLite {
		return errors.Join(d.reading.close(), d.public.close(), d.writing.close())
	}
	return errors.Join(d.server.pool.Close(), d.server.public.Close(), d.server.watch.Close())
}

// Ping asks whether the database answers.
func (d *DB) Ping(ctx context.Context) error {
	return d.View(ctx, func(tx *Tx) error {
		_, err := Find(tx, Value[int], `select 1`)
		return err
	})
}

// SQLite pragmas: FULL because NORMAL loses acknowledged commits in a power
// cut; cache sizes are KiB when negative.
const (
	sqliteCommon = "_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_pragma=synchronous(FULL)&_pragma=temp_store(MEMORY)"
	sqliteWrite  = "_pragma=journal_mode(WAL)&_pragma=cache_size(-16384)&_pragma=journal_size_limit(67108864)&" + sqliteCommon
	sqliteRead   = "_pragma=query_only(1)&_pragma=cache_size(-4096)&" + sqliteCommon
)

func openSQLite(ctx context.Context, path string) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the database %s: %w", path, err)
	}
	if err := usable(abs); err != nil {
		return nil, err
	}
	name := (&url.URL{Scheme: "file", Path: abs}).String()
	write, err := sql.Open("sqlite", name+"?"+sqliteWrite)
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	// The first connection makes the file and sets the journal, before any
	// reader looks at it.
	if err := write.PingContext(ctx); err != nil {
		write.Close()
		return nil, fmt.Errorf("open the database %s: %w", path, kind(err))
	}
	read, err := sql.Open("sqlite", name+"?"+sqliteRead)
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("open the database %s for reading: %w", path, err)
	}
	// A pool of its own: what is authorized stays so.
	public, err := sql.Open("sqlite", name+"?"+sqliteRead)
	if err != nil {
		read.Close()
		write.Close()
		return nil, fmt.Errorf("open the database %s for readers: %w", path, err)
	}
	return &DB{
		engine: SQLite, place: path,
		// A transaction that may write says so at its start: one that found out
		// later could be too late.
		writing: newLanes(write, "begin immediate", 1, nil),
		reading: newLanes(read, "begin", max(4, runtime.NumCPU()), nil),
		public:  newLanes(public, "begin", max(4, runtime.NumCPU()), authorized),
	}, nil
}

// usable refuses early, and in words, what SQLite would refuse late. A file that
// is not there it makes, for this account alone; SQLite makes those beside it
// alike.
func usable(path string) error {
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("make the database %s: %w", path, kind(err))
		}
		return file.Close()
	case err != nil:
		return fmt.Errorf("look at the database %s: %w", path, err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder, not a database: %w", path, ErrDamaged)
	}
	return nil
}

// sessions are the settings of every connection to PostgreSQL. A node that is
// cut off must not keep others waiting for the locks it holds: its transactions
// and its connection are ended by the server.
var sessions = map[string]string{
	"application_name":                    "broadsheet",
	"idle_in_transaction_session_timeout": "30000",
	"lock_timeout":                        "20000",
	"tcp_keepalives_idle":                 "5",
	"tcp_keepalives_interval":             "2",
	"tcp_keepalives_count":                "3",
	"tcp_user_timeout":                    "10000",
}

// connectWithin is how long a new connection may take, for each host that the
// address names.
const connectWithin = 5 * time.Second

func openPostgres(ctx context.Context, target string) (*DB, error) {
	settings, err := pgx.ParseConfig(target)
	if err != nil {
		return nil, fmt.Errorf("the database address cannot be read: %w", ErrUnavailable)
	}
	for name, value := range sessions {
		if _, chosen := settings.RuntimeParams[name]; !chosen {
			settings.RuntimeParams[name] = value
		}
	}
	if settings.ConnectTimeout == 0 {
		settings.ConnectTimeout = connectWithin
	}
	d := &DB{engine: Postgres, place: placeOf(settings), server: &server{
		pool: stdlib.OpenDB(*settings), public: openPublic(*settings), connections: max(8, 4*runtime.NumCPU()), watch: watching(settings), presence: newPresence(),
		reachWithin: time.Duration(1+len(settings.Fallbacks))*dialWithin + answerWithin,
	}}
	for _, pool := range []*sql.DB{d.server.pool, d.server.public} {
		pool.SetMaxOpenConns(d.server.connections)
	}
	d.server.renew()
	if err := d.readClock(ctx, d.server.pool); err != nil {
		d.Close()
		return nil, fmt.Errorf("reach the database %s: %w", d.place, err)
	}
	return d, nil
}

// watching is the one connection of who watches. It leaves a silent host sooner.
func watching(settings *pgx.ConnConfig) *sql.DB {
	quick := settings.Copy()
	quick.ConnectTimeout = min(quick.ConnectTimeout, dialWithin)
	watch := stdlib.OpenDB(*quick)
	watch.SetMaxOpenConns(1)
	return watch
}

// placeOf is the address as people may see it.
func placeOf(c *pgx.ConnConfig) string {
	hosts := []string{net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))}
	for _, other := range c.Fallbacks {
		if host := net.JoinHostPort(other.Host, strconv.Itoa(int(other.Port))); !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return "postgres://" + c.User + "@" + strings.Join(hosts, ",") + "/" + c.Database
}
