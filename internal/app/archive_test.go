package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"golang.org/x/sys/unix"

	"broadsheet/internal/platform/blob"
	"broadsheet/internal/platform/db"
)

// backedUp is a small newsroom's backup.
func backedUp(t *testing.T) (Config, string) {
	t.Helper()
	c := Config{Data: filepath.Join(t.TempDir(), "paper")}
	filled(t, c)
	file := filepath.Join(t.TempDir(), "paper.backup")
	if _, err := Backup(t.Context(), c, BackupOrder{File: file, NoVerify: true}, quiet); err != nil {
		t.Fatal(err)
	}
	return c, file
}

// nothingIn finds a folder empty, or not there.
func nothingIn(t *testing.T, folder string) {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) || len(left) > 0 {
		t.Errorf("there is %v, %v", left, err)
	}
}

func TestAFlippedBitIsFoundWhereverItIs(t *testing.T) {
	_, file := backedUp(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	judge := func(b []byte) error {
		_, err := archive{bytes.NewReader(b), int64(len(b))}.check(t.Context(), quiet)
		return err
	}
	if err := judge(whole); err != nil {
		t.Fatal(err)
	}
	// Every bit of both ends, and a thousand between them.
	const end = 100
	tried := 0
	for at := 0; at < len(whole)*8; at++ {
		if at >= end*8 && at < (len(whole)-end)*8 && at%(len(whole)*8/1000) != 0 {
			continue
		}
		tried++
		whole[at/8] ^= 1 << (at % 8)
		if err := judge(whole); !errors.Is(err, ErrNoBackup) {
			t.Fatalf("bit %d of byte %d of %d: got %v", at%8, at/8, len(whole), err)
		}
		whole[at/8] ^= 1 << (at % 8)
	}
	for _, cut := range []int{0, 1, 40, trailerBytes, len(whole) / 2, len(whole) - 1} {
		if err := judge(whole[:cut]); !errors.Is(err, ErrNoBackup) {
			t.Errorf("cut off at %d: got %v", cut, err)
		}
	}
	if err := judge(append(bytes.Clone(whole), 0)); !errors.Is(err, ErrNoBackup) {
		t.Errorf("with a byte behind it: got %v", err)
	}
	t.Logf("%d flipped bits of %d bytes were found", tried, len(whole))
}

func TestWhatIsDamagedIsNotRestoredAtAll(t *testing.T) {
	_, file := backedUp(t)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for n, damage := range []func([]byte) []byte{
		func(b []byte) []byte { b[len(b)/2] ^= 4; return b },
		func(b []byte) []byte { return b[:len(b)/2] },
		func([]byte) []byte { return nil },
		func([]byte) []byte { return []byte(strings.Repeat("a letter, and no backup. ", 100)) },
	} {
		bad := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(bad, damage(bytes.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		back := filepath.Join(t.TempDir(), "back")
		if _, err := Restore(t.Context(), Config{Data: back}, bad, quiet); !errors.Is(err, ErrNoBackup) {
			t.Errorf("%d: got %v", n, err)
		}
		if _, err := os.Stat(back); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%d: there is a folder, %v", n, err)
		}
	}
}

// forged is a backup with checksums that are right and contents that are not.
func forged(t *testing.T, head ArchiveHead, fill func(*archiveWriter) error) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "forged")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	a, err := newArchiveWriter(t.Context(), file, head)
	if err == nil {
		err = fill(a)
	}
	if err == nil {
		_, err = a.close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// schemaNow is the newest schema and its tables.
func schemaNow(t *testing.T) ArchiveHead {
	t.Helper()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	has, _, err := d.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var head ArchiveHead
	err = d.View(t.Context(), func(tx *db.Tx) (err error) {
		head, err = describe(tx, has, time.Now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return head
}

// noRows writes the totals of tables without rows.
func noRows(a *archiveWriter, head ArchiveHead) {
	const ofNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, table := range head.Tables {
		a.totals.Tables = append(a.totals.Tables, TableTotal{Name: table.Name, SHA256: ofNothing})
	}
}

func TestNoNameInABackupLeadsOutOfTheFolder(t *testing.T) {
	head := schemaNow(t)
	for _, name := range []string{
		"../evil", "/etc/evil", "media/../../evil", "media/./x", "media//x", "media/..", "tables/../x/1.jsonl", "tables/setting/../../../evil",
		"broadsheet.db", "lock", "control.sock", "media", "theme", "tables/nothing/000001.jsonl", "tables/search_document/000001.jsonl", "manifest/../../evil", ".",
	} {
		folder := t.TempDir()
		file := forged(t, head, func(a *archiveWriter) error {
			noRows(a, head)
			for prefix, total := range map[string]*FileTotal{mediaPrefix: &a.totals.Media, themePrefix: &a.totals.Theme} {
				if strings.HasPrefix(name, prefix) { // the totals are right: it is the name that is not
					*total = FileTotal{1, 4}
				}
			}
			return a.addText(name, []byte("evil"))
		})
		_, err := Restore(t.Context(), Config{Data: filepath.Join(folder, "back")}, file, quiet)
		if err == nil {
			t.Errorf("%q was restored", name)
		}
		nothingIn(t, folder)
	}
}

func TestAForgedManifestIsRefused(t *testing.T) {
	head := schemaNow(t)
	for what, spoil := range map[string]func(*archiveWriter) error{
		"a row that no total has": func(a *archiveWriter) error {
			return a.addText("tables/setting/000001.jsonl", []byte("[\"a\",\"b\"]\n"))
		},
		"a file that no total has":   func(a *archiveWriter) error { return a.addText("media/a/b.jpg", []byte("x")) },
		"an entry outside the parts": func(a *archiveWriter) error { return a.raw("theme/x.css", 1, strings.NewReader("x")) },
		"a total too many":           func(a *archiveWriter) error { a.totals.Media.Files++; return nil },
		"a second head":              func(a *archiveWriter) error { return a.addText(headName, []byte("{}")) },
		"a table of a broken line": func(a *archiveWriter) error {
			return a.addText("tables/setting/000001.jsonl", []byte("[\"a\"\n"))
		},
	} {
		file := forged(t, head, func(a *archiveWriter) error {
			noRows(a, head)
			return spoil(a)
		})
		folder := t.TempDir()
		if _, err := Restore(t.Context(), Config{Data: filepath.Join(folder, "back")}, file, quiet); err == nil {
			t.Errorf("%s: it was restored", what)
		}
		nothingIn(t, folder)
	}
}

func TestABackupOfANewerProgramIsRefusedInWords(t *testing.T) {
	format, schema, shape := schemaNow(t), schemaNow(t), schemaNow(t)
	format.Format++
	schema.Schema += 1000
	shape.Tables[0].Columns = append(shape.Tables[0].Columns, db.Column{Name: "more", Type: "text"})
	for want, head := range map[string]ArchiveHead{"newer one": format, "newer version of this program": schema, "another build": shape} {
		file := forged(t, head, func(a *archiveWriter) error { noRows(a, head); return nil })
		folder := t.TempDir()
		_, err := Restore(t.Context(), Config{Data: filepath.Join(folder, "back")}, file, quiet)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
		nothingIn(t, folder)
	}
}

func TestARestoreTakesNothingsPlace(t *testing.T) {
	c, file := backedUp(t)
	before := state(t, c)
	if _, err := Restore(t.Context(), c, file, quiet); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v", err)
	}
	checkSame(t, state(t, c), before)
	full := Config{Data: filepath.Join(t.TempDir(), "x"), Database: engines["postgres"](t)}
	filled(t, full)
	other := Config{Data: filepath.Join(t.TempDir(), "other"), Database: full.Database}
	if _, err := Restore(t.Context(), other, file, quiet); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("PostgreSQL: got %v", err)
	}
	nothingIn(t, other.Data)
}

func TestARestoreThatWasCutShortIsDoneAgain(t *testing.T) {
	_, file := backedUp(t)
	for engine, database := range engines {
		back := Config{Data: t.TempDir(), Database: database(t)}
		for _, moment := range []string{"checksum", "restore", "compare", "search"} {
			ctx, stop := context.WithCancel(t.Context())
			_, err := Restore(ctx, back, file, func(what string, _, _ int64) {
				if what == moment {
					stop()
				}
			})
			stop()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s at %s: got %v", engine, moment, err)
			}
			if left, _ := os.ReadDir(back.Data); len(left) > 1 { // the lock
				t.Errorf("%s at %s: there is %v", engine, moment, left)
			}
		}
		// As a kill leaves it.
		if err := os.MkdirAll(filepath.Join(back.Data, buildFolder, "media", "ab"), 0o755); err != nil {
			t.Fatal(err)
		}
		if _, err := Restore(t.Context(), back, file, quiet); err != nil {
			t.Fatal(err)
		}
		checkOpens(t, back)
	}
}

func TestSettingsThatLeadElsewhereAreSetAside(t *testing.T) {
	c := house(t, "")
	// An address that no machine has, RFC 5737.
	const elsewhere = "203.0.113.7"
	file := filepath.Join(t.TempDir(), "cert.pem")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for text, key := range map[string]string{
		"addr = ':80'": "", "addr = '127.0.0.1:80'": "", "addr = '" + elsewhere + ":80'": "addr", "admin-addr = 'localhost:9090'": "", "admin-addr = '" + elsewhere + ":9090'": "admin-addr",
		"node-url = 'http://127.0.0.1:8080'": "", "node-url = 'http://" + elsewhere + ":8080'": "node-url", "theme = '/srv/look'": "theme", "theme = ''": "",
		"tls-cert = '" + file + "'\ntls-key = '" + file + "'": "", "tls-cert = '/no/cert.pem'": "tls-cert", "tls-key = '/no/key.pem'": "tls-key",
		"database = 'postgres://old:secret@db/paper'": "database", "media = 's3://old'": "media", "bus = 'nats://x'": "bus", "colour = 'red'": "colour", "cache-mb = { a = 1 }": "cache-mb", "= broken": "it",
	} {
		want := FileName
		if key != "" {
			want = settingsAside
		}
		if err := os.WriteFile(filepath.Join(c.Data, FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "x")
		if _, err := Backup(t.Context(), c, BackupOrder{File: file, NoVerify: true}, quiet); err != nil {
			t.Fatal(err)
		}
		back := filepath.Join(t.TempDir(), "back")
		report, err := Restore(t.Context(), Config{Data: back}, file, quiet)
		if err != nil || filepath.Base(report.Settings) != want || len(report.Aside) > 1 || (len(report.Aside) == 1) != (key != "") {
			t.Errorf("%s: got %+v, %v", text, report, err)
		}
		for _, why := range report.Aside {
			if !strings.HasPrefix(why, key+" ") || strings.Contains(why, "secret") {
				t.Errorf("%s: it says %q", text, why)
			}
		}
		if got, _ := os.ReadFile(filepath.Join(back, want)); string(got) != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

func TestABackupThatFailsLeavesNoFile(t *testing.T) {
	c := Config{Data: t.TempDir()}
	filled(t, c)
	folder := t.TempDir()
	file := filepath.Join(folder, "x")
	for _, moment := range []string{"rows", "media", "checksum", "trial restore", "compare"} {
		ctx, stop := context.WithCancel(t.Context())
		_, err := Backup(ctx, c, BackupOrder{File: file}, func(what string, _, _ int64) {
			if what == moment {
				stop()
			}
		})
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", moment, err)
		}
		nothingIn(t, folder)
	}
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Backup(t.Context(), c, BackupOrder{File: file}, quiet); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(file); string(text) != "mine" {
		t.Errorf("it was written over: %q", text)
	}
	if row := state(t, c)["table backup"]; row != "" {
		t.Errorf("the newsroom notes %s", row)
	}
}

func TestAFullDiskLeavesNoFileAndSaysSo(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root: it mounts a small disk")
	}
	c := Config{Data: t.TempDir()}
	filled(t, c)
	disk := t.TempDir()
	// The file needs about 450 KiB, its trial restore more than 600.
	for _, size := range []string{"64k", "300k", "600k"} {
		if err := unix.Mount("none", disk, "tmpfs", 0, "size="+size); err != nil {
			t.Skip("needs root and mounts: " + err.Error())
		}
		_, err := Backup(t.Context(), c, BackupOrder{File: filepath.Join(disk, "x")}, quiet)
		if !errors.Is(err, db.ErrFull) {
			t.Errorf("%s: got %v", size, err)
		}
		nothingIn(t, disk)
		_, err = Restore(t.Context(), Config{Data: filepath.Join(disk, "back")}, hugeBackup(t), quiet)
		if !errors.Is(err, db.ErrFull) {
			t.Errorf("restore on %s: got %v", size, err)
		}
		nothingIn(t, disk)
		if err := unix.Unmount(disk, 0); err != nil {
			t.Fatal(err)
		}
	}
}

// hugeBackup is one that no small disk can hold.
func hugeBackup(t *testing.T) string {
	t.Helper()
	head := schemaNow(t)
	return forged(t, head, func(a *archiveWriter) error {
		noRows(a, head)
		for n := range 4 {
			a.totals.Media.Files++
			a.totals.Media.Bytes += 1 << 20
			if err := a.addText(fmt.Sprintf("media/%d", n), make([]byte, 1<<20)); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestTheThemeThatWasRestoredIsTheOneThatIsNamed(t *testing.T) {
	c := house(t, "")
	back := filepath.Join(t.TempDir(), "back")
	if err := os.WriteFile(filepath.Join(c.Data, FileName), []byte("theme = '"+back+"/theme'"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "x")
	if _, err := Backup(t.Context(), c, BackupOrder{File: file, NoVerify: true}, quiet); err != nil {
		t.Fatal(err)
	}
	if report, err := Restore(t.Context(), Config{Data: back}, file, quiet); err != nil || len(report.Aside) > 0 {
		t.Errorf("got %+v, %v", report, err)
	}
}

// aBucket is a bucket of its own, as --media has it.
func aBucket(t *testing.T) (address string) {
	t.Helper()
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	files := s3mem.New()
	if err := files.CreateBucket("paper"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(files).Server())
	t.Cleanup(server.Close)
	return "s3://paper?endpoint=" + url.QueryEscape(server.URL)
}

// inMedia are the keys of the files in a media store.
func inMedia(t *testing.T, address string) (keys []string) {
	t.Helper()
	store, err := blob.FindURL(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.Each(t.Context(), "", func(info blob.Info) error { keys = append(keys, info.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestARestoreTakesNoPlaceInABucketThatIsInUse(t *testing.T) {
	c, file := backedUp(t)
	bucket := aBucket(t)
	if _, err := Restore(t.Context(), Config{Data: filepath.Join(t.TempDir(), "back"), Media: bucket}, file, quiet); err != nil {
		t.Fatal(err)
	}
	before := inMedia(t, bucket)
	if len(before) != 4 {
		t.Fatalf("in the bucket are %q", before)
	}
	again := filepath.Join(t.TempDir(), "again")
	if _, err := Restore(t.Context(), Config{Data: again, Media: bucket}, file, quiet); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v", err)
	}
	nothingIn(t, again)
	if after := inMedia(t, bucket); !slices.Equal(after, before) {
		t.Errorf("in the bucket are %q, were %q", after, before)
	}
	// Another prefix of it is empty, and a backup out of the bucket is whole.
	copied := Config{Data: again, Media: bucket + "&prefix=other"}
	if _, err := Restore(t.Context(), copied, file, quiet); err != nil {
		t.Fatal(err)
	}
	report, err := Backup(t.Context(), copied, BackupOrder{File: filepath.Join(t.TempDir(), "y")}, quiet)
	if err != nil || report.Totals.Media.Files != 4 {
		t.Errorf("got %+v, %v", report, err)
	}
	if want := state(t, c); len(want["media/"+picture]) == 0 {
		t.Error("the newsroom that was backed up has lost its picture")
	}
}

func TestARestoreThatFailsLeavesNothingInABucket(t *testing.T) {
	_, file := backedUp(t)
	for engine, database := range engines {
		bucket := aBucket(t)
		c := Config{Data: filepath.Join(t.TempDir(), "back"), Database: database(t), Media: bucket}
		ctx, stop := context.WithCancel(t.Context())
		_, err := Restore(ctx, c, file, func(what string, _, _ int64) {
			if what != "compare" {
				return
			}
			if there := inMedia(t, bucket); len(there) != 4 {
				t.Errorf("%s: when all is loaded, in the bucket are %q", engine, there)
			}
			stop()
		})
		stop()
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", engine, err)
		}
		if left := inMedia(t, bucket); len(left) != 0 {
			t.Errorf("%s: left in the bucket are %q", engine, left)
		}
	}
}

// TestANewsroomWithoutRoomIsBackedUpElsewhere has the file made, whole, when the
// newsroom can note nothing.
func TestANewsroomWithoutRoomIsBackedUpElsewhere(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("none", disk, "tmpfs", 0, "size=16m"); err != nil {
		t.Skip("needs root and mounts: " + err.Error())
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	c := Config{Data: filepath.Join(disk, "paper")}
	filled(t, c)
	_, stop := serving(t, c)
	defer stop()
	rest, err := os.Create(filepath.Join(disk, "rest"))
	if err != nil {
		t.Fatal(err)
	}
	defer rest.Close()
	for size := 1 << 20; size > 0; {
		if _, err := rest.Write(make([]byte, size)); err != nil {
			size /= 16
		}
	}
	file := filepath.Join(t.TempDir(), "x")
	if _, err := Backup(t.Context(), c, BackupOrder{File: file}, quiet); err == nil || !strings.Contains(err.Error(), "is whole, but the newsroom could not note it") {
		t.Errorf("got %v", err)
	}
	if _, err := Restore(t.Context(), Config{Data: filepath.Join(t.TempDir(), "back")}, file, quiet); err != nil {
		t.Error(err)
	}
}
