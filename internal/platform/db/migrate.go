package db

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema to this program's version. Several nodes may ask
// at once; one does it. A database of a newer program is refused untouched.
func (d *DB) Migrate(ctx context.Context) error {
	provider, err := d.provider()
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if err := d.refuseNewer(ctx, provider); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("bring the database %s up to date: %w", d.place, kind(err))
	}
	if d.engine == Postgres {
		return d.grantPublic(ctx)
	}
	return nil
}

func (d *DB) refuseNewer(ctx context.Context, provider *goose.Provider) error {
	has, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for its version: %w", d.place, kind(err))
	}
	if has > d.newest(provider) {
		return fmt.Errorf("%s has schema %d, this program knows %d: %w", d.place, has, d.newest(provider), ErrNewer)
	}
	return nil
}

// Version is the schema's version in the database and in the program.
func (d *DB) Version(ctx context.Context) (has, knows int64, err error) {
	provider, err := d.provider()
	if err != nil {
		return 0, 0, fmt.Errorf("read the migrations: %w", err)
	}
	has, err = provider.GetDBVersion(ctx)
	return has, d.newest(provider), kind(err)
}

func (d *DB) newest(provider *goose.Provider) int64 {
	sources := provider.ListSources()
	return sources[len(sources)-1].Version
}

func (d *DB) provider() (*goose.Provider, error) {
	if d.engine == SQLite {
		return goose.NewProvider(goose.DialectSQLite3, d.writing.pool, engineFS{SQLite}, goose.WithDisableGlobalRegistry(true))
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectPostgres, d.server.pool, engineFS{Postgres},
		goose.WithDisableGlobalRegistry(true), goose.WithSessionLocker(locker))
}

// engineFS shows the migrations of one engine: name.sql for both,
// name.sqlite.sql and name.postgres.sql for one. In the common ones "bigint
// primary key" is read as "integer primary key" by SQLite, where only those
// words make the identity the row's own number instead of a second index.
type engineFS struct{ engine Engine }

func (f engineFS) mine(name string) bool {
	return !strings.HasSuffix(name, ".sql") ||
		!strings.HasSuffix(name, ".sqlite.sql") && !strings.HasSuffix(name, ".postgres.sql") ||
		strings.HasSuffix(name, "."+string(f.engine)+".sql")
}

// Open opens a migration.
func (f engineFS) Open(name string) (fs.File, error) {
	file, err := migrations.Open(f.path(name))
	if err != nil || f.engine == Postgres || !strings.HasSuffix(name, ".sql") {
		return file, err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	text = bytes.ReplaceAll(text, []byte("bigint primary key"), []byte("integer primary key"))
	return &memoryFile{Reader: bytes.NewReader(text), info: info}, nil
}

// ReadDir lists the engine's migrations.
func (f engineFS) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := migrations.ReadDir(f.path(name))
	var mine []fs.DirEntry
	for _, entry := range all {
		if f.mine(entry.Name()) {
			mine = append(mine, entry)
		}
	}
	return mine, err
}

func (f engineFS) path(name string) string {
	if name == "." {
		return "migrations"
	}
	return "migrations/" + name
}

// memoryFile is a migration whose text was changed on the way.
type memoryFile struct {
	*bytes.Reader
	info fs.FileInfo
}

// Stat describes the file as it is embedded.
func (f *memoryFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close does nothing: there is nothing open.
func (f *memoryFile) Close() error { return nil }
