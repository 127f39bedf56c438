package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/site"
)

func quiet(string, int64, int64) {}

// engines give a newsroom's database on either engine; empty means SQLite.
var engines = map[string]func(*testing.T) string{
	"sqlite": func(*testing.T) string { return "" }, "postgres": func(t *testing.T) string { return dbtest.PostgresURL(t) },
}

// filled is a newsroom with hostile stories, media, a theme and settings. It is
// closed: nobody serves it.
func filled(t *testing.T, c Config) {
	t.Helper()
	n, err := Create(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Init(t.Context(), "The Lamp", []string{"en", "fa"}); err != nil {
		t.Fatal(err)
	}
	file := articles(t, hostileFew(t))
	_, err = n.importHere(t.Context(), ImportOrder{Format: "articles", Edition: "en", Genre: "news"}, ImportFile{Name: "hostile.jsonl", Size: int64(len(file))}, bytes.NewReader(file), func(wire.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for size := range 4 {
		picture := make([]byte, size*70_001)
		for i := range picture {
			picture[i] = byte(random.Uint32())
		}
		a := asset.Asset{ID: ref.New[ref.Asset](n.Mint), Key: fmt.Sprintf("abcdef012345678%d", size), Kind: asset.Picture, Widths: []int{640}}
		if err := n.Media.Put(t.Context(), site.MediaKey(a.Key, "640"), picture); err != nil {
			t.Fatal(err)
		}
		if err := n.DB.Update(t.Context(), func(tx *db.Tx) error { return asset.Put(tx, a) }); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{FileName: "addr = \"127.0.0.1:0\"\n", "theme/css/own.css": "body{}", "theme/فارسی.html": "سلام"} {
		path := filepath.Join(c.Data, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}

// hostileFew are some of the hostile texts, our own among them.
func hostileFew(t *testing.T) []string {
	texts := hostile(t)
	return texts[:min(len(texts), 300)]
}

// state is every row of a database, and every file beside it.
func state(t *testing.T, c Config) map[string]string {
	t.Helper()
	target, err := c.target()
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	all := map[string]string{}
	err = d.View(t.Context(), func(tx *db.Tx) error {
		tables, err := db.Tables(tx)
		for _, table := range tables {
			var lines bytes.Buffer
			err = errors.Join(err, db.Dump(tx, table, func(line []byte) error {
				lines.Write(append(line, '\n'))
				return nil
			}))
			all["table "+table.Name] = lines.String()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"media", "theme"} {
		root, err := os.OpenRoot(filepath.Join(c.Data, folder))
		if err != nil {
			t.Fatal(err)
		}
		err = eachFile(root, func(path string) error {
			text, err := root.ReadFile(path)
			all[folder+"/"+path] = string(text)
			return err
		})
		if err = errors.Join(err, root.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func checkSame(t *testing.T, got, want map[string]string, but ...string) {
	t.Helper()
	for _, name := range but {
		delete(got, name)
		delete(want, name)
	}
	for name, text := range want {
		if got[name] != text {
			t.Errorf("%s: got %d bytes %.200q, want %d %.200q", name, len(got[name]), got[name], len(text), text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d tables and files, want %d", len(got), len(want))
	}
}

// finds tells which stories of the newsroom a search finds.
func finds(t *testing.T, c Config, text string) int {
	t.Helper()
	target, _ := c.target()
	d, err := db.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var ids []search.Hit
	err = d.View(t.Context(), func(tx *db.Tx) (err error) {
		ids, err = search.For(d).Find(tx, search.Query{Edition: "en", Language: "en", Text: text, Limit: 1000, Order: search.Newest})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(ids)
}

func TestABackupBringsBackEveryByteOnBothEnginesAndAcross(t *testing.T) {
	for from, database := range engines {
		c := Config{Data: filepath.Join(t.TempDir(), "paper"), Database: database(t)}
		filled(t, c)
		want := state(t, c)
		file := filepath.Join(t.TempDir(), "paper.backup")
		report, err := Backup(t.Context(), c, BackupOrder{File: file}, quiet)
		if err != nil {
			t.Fatal(err)
		}
		if !report.Verified || report.Totals.Media.Files != 4 || report.Totals.Theme.Files != 2 || report.Newsroom != "The Lamp" || report.Engine != from {
			t.Errorf("got %+v", report)
		}
		checkFile(t, file, report)
		noted := state(t, c)["table backup"]
		if !strings.Contains(noted, file) || !strings.Contains(noted, report.SHA256) {
			t.Errorf("the newsroom noted %q", noted)
		}
		for into, other := range engines {
			t.Run(from+" to "+into, func(t *testing.T) {
				back := Config{Data: filepath.Join(t.TempDir(), "deep", "back"), Database: other(t)}
				got, err := Restore(t.Context(), back, file, quiet)
				if err != nil {
					t.Fatal(err)
				}
				if got.Rows != report.Rows || got.Media != report.Totals.Media || got.Indexed == 0 {
					t.Errorf("got %+v, want %+v", got, report)
				}
				brought := state(t, back)
				if noted := brought["table backup"]; strings.Count(noted, "\n") != 1 || !strings.Contains(noted, file) || !strings.Contains(noted, report.SHA256) {
					t.Errorf("it knows of the backup %q", noted)
				}
				checkSame(t, brought, want, "table backup")
				if a, b := finds(t, back, "Bundle"), finds(t, c, "Bundle"); a != b || a == 0 {
					t.Errorf("a search finds %d stories, and found %d", a, b)
				}
				if settings, err := os.ReadFile(filepath.Join(back.Data, FileName)); string(settings) != "addr = \"127.0.0.1:0\"\n" {
					t.Errorf("the settings are %q, %v", settings, err)
				}
				checkOpens(t, back)
			})
		}
	}
}

func TestARestoredNewsroomKnowsTheBackupThatItCameFrom(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		made := filepath.Join(t.TempDir(), "paper.backup")
		report, err := Backup(t.Context(), c, BackupOrder{File: made}, quiet)
		if err != nil {
			t.Fatal(err)
		}
		moved := filepath.Join(t.TempDir(), "moved.backup")
		if err := os.Rename(made, moved); err != nil {
			t.Fatal(err)
		}
		back := Config{Data: filepath.Join(t.TempDir(), "back")}
		if _, err := Restore(t.Context(), back, moved, quiet); err != nil {
			t.Fatal(err)
		}
		if got := noted(t, back); !strings.Contains(got, made) || !strings.Contains(got, moved+" "+report.SHA256) {
			t.Errorf("it knows of the backups %q", got)
		}
		n, err := Open(t.Context(), back)
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		if f := looked(t, n)["backup"]; f.Severity != OK {
			t.Errorf("got %+v", f)
		}
	})
}

// checkFile finds the backup alone in its folder, for its owner's eyes only.
func checkFile(t *testing.T, file string, report BackupReport) {
	t.Helper()
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != report.Bytes {
		t.Errorf("got %v, %v", info, err)
	}
	if beside, _ := os.ReadDir(filepath.Dir(file)); len(beside) != 1 {
		t.Errorf("beside the backup there is %v", beside)
	}
}

// checkOpens opens a restored newsroom as serving does.
func checkOpens(t *testing.T, c Config) {
	t.Helper()
	n, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	left, err := os.ReadDir(c.Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		if entry.Name() == buildFolder {
			t.Errorf("%s is left", buildFolder)
		}
	}
	err = n.DB.View(t.Context(), func(tx *db.Tx) error {
		cards, err := story.Latest(tx, "en", story.Cursor{}, 10)
		if len(cards) == 0 {
			t.Error("there are no stories")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestABackupIsOfOneMoment has rows come in while a backup is made: each is
// there only with all that came before it.
func TestABackupIsOfOneMoment(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			c := Config{Data: t.TempDir(), Database: database(t)}
			filled(t, c)
			n, err := Open(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			ctx, stop := context.WithCancel(t.Context())
			wrote := make(chan int)
			var longest time.Duration
			go func() { wrote <- writeChain(t, ctx, n, &longest) }()
			back := Config{Data: filepath.Join(t.TempDir(), "back")}
			file := filepath.Join(t.TempDir(), "x")
			part, err := createPart(file)
			if err != nil {
				t.Fatal(err)
			}
			// Whoever looks at the progress holds the backup up between two tables,
			// until a hundred rows have come in.
			hold := func(string, int64, int64) {
				for before := chain(t, n.DB); chain(t, n.DB) < before+100 && t.Context().Err() == nil; {
					runtime.Gosched()
				}
			}
			hold("", 0, 0)
			var once sync.Once
			from := stock{db: n.DB, media: n.Media, files: backupFiles{Data: c.Data}}
			_, totals, err := from.write(t.Context(), false, part, func(what string, at, of int64) {
				once.Do(func() { hold(what, at, of) })
			})
			if err != nil {
				t.Fatal(err)
			}
			stop()
			all := <-wrote
			if err := part.show(); err != nil {
				t.Fatal(err)
			}
			part.discard()
			if _, err := Restore(t.Context(), back, file, quiet); err != nil {
				t.Fatal(err)
			}
			d, err := db.Open(t.Context(), filepath.Join(back.Data, DatabaseFile))
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			got := chain(t, d)
			if all < got+100 || got < 100 {
				t.Errorf("the backup has %d rows, %d were written: it was not made meanwhile", got, all)
			}
			t.Logf("%d rows of a chain of %d are in the backup (%d rows in all); the longest write took %v", got, all, totals.Rows(), longest)
		})
	}
}

// writeChain adds rows, fifty a second and sooner, over two tables: a row of
// the second names one of the first that was there before.
func writeChain(t *testing.T, ctx context.Context, n *Newsroom, longest *time.Duration) int {
	count := 0
	for tick := time.Tick(5 * time.Millisecond); ctx.Err() == nil; <-tick {
		began := time.Now()
		count++
		for _, statement := range []string{`insert into setting (name, value) values ($1, '')`, `insert into address (edition, slug, story) values ('chain', $1, 0)`} {
			err := n.DB.Update(context.Background(), func(tx *db.Tx) error {
				_, err := tx.Exec(statement, fmt.Sprintf("chain %06d", count))
				return err
			})
			if err != nil {
				t.Error(err)
				return count
			}
		}
		*longest = max(*longest, time.Since(began))
	}
	return count
}

// chain counts the rows of a chain, and finds it whole: of its two tables the
// first may be one row ahead.
func chain(t *testing.T, d *db.DB) int {
	t.Helper()
	var settings, addresses []string
	err := d.View(context.Background(), func(tx *db.Tx) (err error) {
		if settings, err = db.List(tx, db.Value[string], `select name from setting where name like 'chain %'`); err != nil {
			return err
		}
		addresses, err = db.List(tx, db.Value[string], `select slug from address where edition = 'chain'`)
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if ahead := len(settings) - len(addresses); ahead < 0 || ahead > 1 {
		t.Errorf("%d and %d rows are not of one moment", len(settings), len(addresses))
	}
	seen := map[string]bool{}
	for _, name := range settings {
		seen[name] = true
	}
	for k := 1; k <= len(settings); k++ {
		if !seen[fmt.Sprintf("chain %06d", k)] {
			t.Errorf("row %d of %d is missing", k, len(settings))
		}
	}
	return len(addresses)
}

func TestMediaThatAreElsewhereComeAlong(t *testing.T) {
	shelf, other := t.TempDir(), t.TempDir()
	c := Config{Data: filepath.Join(t.TempDir(), "paper"), Media: "file://" + shelf}
	filled(t, c)
	file := filepath.Join(t.TempDir(), "x")
	report, err := Backup(t.Context(), c, BackupOrder{File: file}, quiet)
	if err != nil || report.Totals.Media.Files != 4 {
		t.Fatalf("got %+v, %v", report.Totals.Media, err)
	}
	back := Config{Data: filepath.Join(t.TempDir(), "back"), Media: "file://" + other}
	if _, err := Restore(t.Context(), back, file, quiet); err != nil {
		t.Fatal(err)
	}
	const name = "ab/abcdef0123456783/640.jpg"
	want, err := os.ReadFile(filepath.Join(shelf, name))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(other, name)); !bytes.Equal(got, want) || len(got) < 200_000 {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, len(want))
	}
	if _, err := os.Stat(filepath.Join(back.Data, "media")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("they are in the data folder too: %v", err)
	}
}

// picture is one of the files that the pictures of filled name.
const picture = "ab/abcdef0123456782/640.jpg"

func TestABackupWithoutPicturesIsNoBackup(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			c := Config{Data: filepath.Join(t.TempDir(), "paper"), Database: database(t)}
			filled(t, c)
			folder := t.TempDir()
			refused := func(want ...string) {
				t.Helper()
				_, err := Backup(t.Context(), c, BackupOrder{File: filepath.Join(folder, "x")}, quiet)
				for _, part := range want {
					if err == nil || !strings.Contains(err.Error(), part) {
						t.Errorf("got %v, want %q", err, part)
					}
				}
				nothingIn(t, folder)
				if row := noted(t, c); row != "" {
					t.Errorf("the newsroom notes %s", row)
				}
			}
			if err := os.Remove(filepath.Join(c.Data, "media", picture)); err != nil {
				t.Fatal(err)
			}
			refused("1 of the 4 files", picture, "--media")
			checkIncomplete(t, c, 1)
			if err := os.RemoveAll(filepath.Join(c.Data, "media")); err != nil {
				t.Fatal(err)
			}
			refused("4 of the 4 files")
			nothingIn(t, filepath.Join(c.Data, "media"))
			c.Media = "file://" + filepath.Join(t.TempDir(), "unmounted")
			refused("mount its disk")
			nothingIn(t, strings.TrimPrefix(c.Media, "file://"))
		})
	}
}

// checkIncomplete makes a backup without the files that are missing, and brings
// it back.
func checkIncomplete(t *testing.T, c Config, missing int64) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x")
	report, err := Backup(t.Context(), c, BackupOrder{File: file, Incomplete: true}, quiet)
	if err != nil || report.Totals.Missing != missing || report.Totals.Media.Files != 4-missing {
		t.Errorf("got %+v, %v", report.Totals.Media, err)
	}
	got, err := Restore(t.Context(), Config{Data: filepath.Join(t.TempDir(), "back")}, file, quiet)
	if err != nil || got.Missing != missing {
		t.Errorf("got %+v, %v", got, err)
	}
	d := opened(t, c)
	if err := d.Update(t.Context(), func(tx *db.Tx) error { _, err := tx.Exec(`delete from backup`); return err }); err != nil {
		t.Fatal(err)
	}
}

// opened is a newsroom's database.
func opened(t *testing.T, c Config) *db.DB {
	t.Helper()
	target, err := c.target()
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// noted are the backups that a newsroom knows, a line each.
func noted(t *testing.T, c Config) string {
	t.Helper()
	d := opened(t, c)
	defer d.Close()
	var all []string
	err := d.View(t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.List(tx, func(r db.Row) (string, error) {
			var place, hash string
			err := r.Scan(&place, &hash)
			return place + " " + hash + "\n", err
		}, `select place, hash from backup order by id limit 100`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "")
}

// TestAPictureThatARedactionTookMeanwhileIsNotMissing has one go while the files
// are written.
func TestAPictureThatARedactionTookMeanwhileIsNotMissing(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			c := Config{Data: t.TempDir(), Database: database(t)}
			filled(t, c)
			var once sync.Once
			report, err := Backup(t.Context(), c, BackupOrder{File: filepath.Join(t.TempDir(), "x")}, func(what string, _, _ int64) {
				if what != "media" {
					return
				}
				once.Do(func() {
					d := opened(t, c)
					err := d.Update(t.Context(), func(tx *db.Tx) error {
						_, err := tx.Exec(`update asset set key = 'redacted-1', content = '{"kind":"picture"}' where key = 'abcdef0123456782'`)
						return err
					})
					if err = errors.Join(err, os.Remove(filepath.Join(c.Data, "media", picture))); err != nil {
						t.Error(err)
					}
				})
			})
			if err != nil || report.Totals.Missing != 0 || report.Totals.Media.Files != 3 {
				t.Errorf("got %+v, %v", report.Totals, err)
			}
		})
	}
}

func TestTheProgramThatServesKnowsWhereThingsAre(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			c := Config{Data: filepath.Join(t.TempDir(), "paper"), Database: database(t), Media: "file://" + t.TempDir(), Theme: filepath.Join(t.TempDir(), "look")}
			filled(t, c)
			if err := errors.Join(os.Mkdir(c.Theme, 0o755), os.WriteFile(filepath.Join(c.Theme, "own.css"), nil, 0o644)); err != nil {
				t.Fatal(err)
			}
			_, stop := serving(t, c)
			folder := t.TempDir()
			for n, asks := range []Config{{Data: c.Data}, {Data: c.Data, Database: c.Database, Theme: t.TempDir()}} {
				report, err := Backup(t.Context(), asks, BackupOrder{File: filepath.Join(folder, fmt.Sprint(n))}, quiet)
				if err != nil || report.Totals.Media.Files != 4 || report.Totals.Theme.Files != 1 || report.Engine != engine {
					t.Errorf("got %+v, %v", report.Totals, err)
				}
			}
			other := Config{Data: c.Data, Database: "postgres://other/paper"}
			if _, err := Backup(t.Context(), other, BackupOrder{File: filepath.Join(folder, "other")}, quiet); err == nil || !strings.Contains(err.Error(), "another database") {
				t.Errorf("got %v", err)
			}
			if rows := strings.Count(noted(t, c), "\n"); rows != 2 {
				t.Errorf("%d backups are noted, want 2", rows)
			}
			stop()
			if _, err := Backup(t.Context(), Config{Data: c.Data, Database: c.Database}, BackupOrder{File: filepath.Join(folder, "blind")}, quiet); err == nil || !strings.Contains(err.Error(), "4 of the 4") {
				t.Errorf("nobody serves, and the media are not known: got %v", err)
			}
		})
	}
}

// TestAProgramThatDoesNotServeKeepsNoBackupWaiting holds the folder as an import
// does.
func TestAProgramThatDoesNotServeKeepsNoBackupWaiting(t *testing.T) {
	c := Config{Data: t.TempDir(), Database: dbtest.PostgresURL(t)}
	filled(t, c)
	n, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := Backup(t.Context(), c, BackupOrder{File: filepath.Join(t.TempDir(), "x")}, quiet); err != nil {
		t.Error(err)
	}
}

// TestABackupThatIsBeingMadeIsNamedByARedaction redacts while a backup is made
// that has its rows already.
func TestABackupThatIsBeingMadeIsNamedByARedaction(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			c := Config{Data: t.TempDir(), Database: database(t)}
			filled(t, c)
			for _, who := range []string{"sara", "omid"} {
				if _, err := AddUser(t.Context(), c, User{Email: who + "@paper.example", Name: who, Role: "admin"}); err != nil {
					t.Fatal(err)
				}
			}
			file := filepath.Join(t.TempDir(), "x")
			names := func(r Redacted) bool { return strings.Contains(strings.Join(r.Left, " "), file+" still holds it") }
			var asked Redacted
			var once sync.Once
			_, err := Backup(t.Context(), c, BackupOrder{File: file}, func(what string, _, _ int64) {
				if what != "checksum" {
					return
				}
				once.Do(func() {
					if got := noted(t, c); got != file+" \n" {
						t.Errorf("while it is made the newsroom notes %q", got)
					}
					var err error
					asked, err = Redact(t.Context(), c, RedactOrder{User: "sara@paper.example", Kind: "name", Texts: []string{"Quillon Vexmoor"}, Reason: "law"})
					if err != nil {
						t.Error(err)
						return
					}
					done, err := ConfirmRedaction(t.Context(), c, SettleOrder{User: "omid@paper.example", ID: asked.ID})
					if err != nil || done.State != redact.Done || !names(done) {
						t.Errorf("it says %+v, %v", done, err)
					}
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Backup(t.Context(), c, BackupOrder{File: file + "-later"}, quiet); err != nil {
				t.Fatal(err)
			}
			shown, err := ShowRedaction(t.Context(), c, asked.ID)
			if err != nil || !names(shown) || len(shown.Left) == 0 || strings.Contains(strings.Join(shown.Left, " "), "-later") {
				t.Errorf("it says %+v, %v", shown, err)
			}
		})
	}
}

func TestWhatAKilledBackupLeftIsSweptAway(t *testing.T) {
	for engine, database := range engines {
		t.Run(engine, func(t *testing.T) {
			c := Config{Data: t.TempDir(), Database: database(t)}
			filled(t, c)
			folder := t.TempDir()
			at := func(name string) string { return filepath.Join(folder, name) }
			// As a kill leaves them: noted as begun, with a part and a trial restore.
			d := opened(t, c)
			for _, name := range []string{"dead", "living"} {
				_, err := beginBackup(t.Context(), d, backupBegin{Place: at(name)})
				err = errors.Join(err, os.WriteFile(at(name)+partSuffix, []byte("secret"), 0o600), os.Mkdir(at(name)+trialSuffix, 0o700),
					os.WriteFile(filepath.Join(at(name)+trialSuffix, DatabaseFile), []byte("secret"), 0o600))
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.Mkdir(at("orphan")+trialSuffix, 0o700), os.WriteFile(at("letter.part"), []byte("mine"), 0o600)); err != nil {
				t.Fatal(err)
			}
			held, err := os.Open(at("living") + partSuffix)
			if err != nil {
				t.Fatal(err)
			}
			defer held.Close()
			if err := unix.Flock(int(held.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
				t.Fatal(err)
			}
			if _, err := Backup(t.Context(), c, BackupOrder{File: at("new")}, quiet); err != nil {
				t.Fatal(err)
			}
			if _, err := Backup(t.Context(), c, BackupOrder{File: at("living")}, quiet); err == nil || !strings.Contains(err.Error(), "another backup") {
				t.Errorf("got %v", err)
			}
			var left []string
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range entries {
				left = append(left, entry.Name())
			}
			if want := []string{"letter.part", "living" + partSuffix, "living" + trialSuffix, "new"}; !slices.Equal(left, want) {
				t.Errorf("left are %q, want %q", left, want)
			}
			if rows := noted(t, c); strings.Contains(rows, at("dead")) || !strings.Contains(rows, at("living")) || !strings.Contains(rows, at("new")) {
				t.Errorf("noted are %s", rows)
			}
		})
	}
}
