package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // looks into the database's file, as no room of the program would
)

// disk is a file system in a file, whose power can be cut: what was not
// fsynced is gone.
type disk struct {
	image, at string
	fs        string
	mounted   bool
}

// diskSize is the room on it; xfs takes no less than 300 MB.
const diskSize = "512M"

func (r *run) disk(ctx context.Context) (*disk, error) {
	if err := asRoot(); err != nil {
		return nil, err
	}
	if err := need("xfs_io", "mount", "umount", "mkfs."+r.fs, "truncate"); err != nil {
		return nil, err
	}
	d := &disk{image: r.folder("disk.img"), at: r.folder("disk"), fs: r.fs}
	if err := os.MkdirAll(d.at, 0o755); err != nil {
		return nil, fmt.Errorf("make a mount point: %w", err)
	}
	if _, err := tool(ctx, "truncate", "-s", diskSize, d.image); err != nil {
		return nil, err
	}
	if _, err := tool(ctx, "mkfs."+r.fs, "-q", d.image); err != nil {
		return nil, err
	}
	if err := d.mount(ctx); err != nil {
		return nil, skip{"this machine mounts no loop device: " + err.Error()}
	}
	r.later(func() { d.unmount(context.Background()) })
	return d, nil
}

func (d *disk) mount(ctx context.Context) error {
	_, err := tool(ctx, "mount", "-o", "loop", d.image, d.at)
	d.mounted = err == nil
	return err
}

func (d *disk) unmount(ctx context.Context) error {
	if !d.mounted {
		return nil
	}
	err := patience(ctx, 10*time.Second, 50*time.Millisecond, func() error {
		_, err := tool(ctx, "umount", d.at)
		return err
	})
	d.mounted = err != nil
	return err
}

// cutPower cuts the power and comes back with what was fsynced.
func (d *disk) cutPower(ctx context.Context) error {
	_, err := tool(ctx, "xfs_io", "-x", "-c", "shutdown", d.at)
	return err
}

// cut is R2: the power goes.
func cut(ctx context.Context, r *run) error {
	d, err := r.disk(ctx)
	if err != nil {
		return err
	}
	data := filepath.Join(d.at, "data")
	url, server, err := r.enginesDisk(ctx, d)
	if err != nil {
		return err
	}
	if url != "" {
		// The power of the database's machine goes; the node's stays.
		data = r.folder("data")
	}
	room, err := r.newsroom(ctx, data, url)
	if err != nil {
		return err
	}
	n, err := room.node(ctx)
	if err != nil {
		return err
	}
	var failure error
	checks, corrupt := 0, 0
	again := &comeback{room: room, node: n, power: true}
	again.hurt = func() {
		failure = d.cutPower(ctx)
		if server != nil {
			server.die()
		}
		n.kill()
	}
	again.mend = func(ctx context.Context) error {
		if failure != nil {
			return failure
		}
		if err := d.unmount(ctx); err != nil {
			return err
		}
		if err := d.mount(ctx); err != nil {
			return err
		}
		if server != nil {
			return server.afterCut(ctx)
		}
		checks++
		said, err := integrity(ctx, filepath.Join(data, "broadsheet.db"), r.dir)
		if err != nil {
			return err
		}
		if said != "ok" {
			corrupt++
			r.report.found(finding{lost, "none", "integrity check", said, "ok"})
		}
		return nil
	}
	blows := r.size(200, 5)
	if err := r.injuredWriting(ctx, again, r.size(10_000, 300), blows); err != nil {
		return err
	}
	if server != nil {
		n.stop()
		if err := server.halt(ctx, "fast"); err != nil {
			return err
		}
		if _, err := server.as(ctx, "pg_checksums", "--check", "-D", server.data()); err != nil {
			corrupt++
			r.report.found(finding{lost, "none", "pg_checksums", err.Error(), "no bad checksum"})
		}
		checks = 1
	}
	r.report.exactly("cuts on "+d.fs, len(again.took), blows)
	r.report.exactly("corrupt databases", corrupt, 0)
	r.report.tell("integrity checks", float64(checks), "")
	r.report.took("serving again", again.took, 0, 0, 0)
	return nil
}

// afterCut starts a server as a machine that comes back does: what said that a
// server is at work lies in memory there, and is gone.
func (p *postgres) afterCut(ctx context.Context) error {
	os.Remove(filepath.Join(p.data(), "postmaster.pid"))
	locks, _ := filepath.Glob(filepath.Join(p.dir, ".s.PGSQL.*")) // the pattern is well formed
	for _, at := range locks {
		os.Remove(at)
	}
	return p.start(ctx)
}

// enginesDisk is engine, with a server of the trial's own on the disk.
func (r *run) enginesDisk(ctx context.Context, d *disk) (string, *postgres, error) {
	if r.database == "sqlite" {
		return "", nil, nil
	}
	if r.database != "postgres" {
		return "", nil, fmt.Errorf("powercut cuts the power of a database of its own: -database takes sqlite or postgres")
	}
	home := r.dir
	r.dir = d.at
	p, err := r.postgres(ctx, "postgres")
	r.dir = home
	if err != nil {
		return "", nil, err
	}
	return p.url, p, nil
}

// integrity asks SQLite whether a copy of the database is sound. A copy, because
// looking would already mend what the program has to mend itself.
func integrity(ctx context.Context, file, dir string) (string, error) {
	copied := filepath.Join(dir, "look.db")
	for _, end := range []string{"", "-wal"} {
		text, err := os.ReadFile(file + end)
		if os.IsNotExist(err) && end != "" {
			os.Remove(copied + end)
			continue
		}
		if err == nil {
			err = os.WriteFile(copied+end, text, 0o600)
		}
		if err != nil {
			return "", fmt.Errorf("copy the database: %w", err)
		}
	}
	os.Remove(copied + "-shm") // left by the look before
	db, err := sql.Open("sqlite", copied)
	if err != nil {
		return "", fmt.Errorf("open the copy: %w", err)
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, "pragma integrity_check")
	if err != nil {
		return err.Error(), nil // a file that cannot be read is the finding
	}
	defer rows.Close()
	var said []string
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return err.Error(), nil
		}
		said = append(said, one)
	}
	if err := rows.Err(); err != nil {
		return err.Error(), nil
	}
	return strings.Join(said, "; "), nil
}
