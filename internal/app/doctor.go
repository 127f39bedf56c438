package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/platform/blob"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

// Finding is what a check of the doctor found.
type Finding struct {
	Check string `json:"check"`
	// Severity is OK, Warn or Fail.
	Severity string `json:"severity"`
	Message  string `json:"message"`
	// Remedy says how to mend it; empty when nothing is wrong.
	Remedy string `json:"remedy,omitempty"`
}

// The severities of findings.
const (
	OK   = "ok"
	Warn = "warn"
	Fail = "fail"
)

// Doctor says what is wrong with a newsroom and how to mend it. It changes
// nothing. When another program serves the newsroom, that one looks, at what it
// serves with.
func Doctor(ctx context.Context, c Config) []Finding {
	d := &doctor{ctx: ctx, config: c, data: c.Data, now: time.Now}
	if !d.folder() {
		return d.found
	}
	lock, err := hold(c.Data)
	if errors.Is(err, ErrHeld) {
		d.served()
		return d.found
	}
	if err != nil {
		d.fail("program", err.Error(), "Give this account the right to write in the folder.")
		return d.found
	}
	lock.release()
	d.fine("program", "No program serves this newsroom now.")
	if d.open() {
		d.examine()
		d.db.Close()
	}
	d.mediaStore()
	return d.found
}

// doctor looks at a newsroom.
type doctor struct {
	ctx    context.Context
	config Config
	data   string
	db     *db.DB
	// now is the database's clock once that is open.
	now   func() time.Time
	found []Finding
}

func (d *doctor) fine(check, message string, args ...any) {
	d.found = append(d.found, Finding{Check: check, Severity: OK, Message: fmt.Sprintf(message, args...)})
}

func (d *doctor) warn(check, message, remedy string) {
	d.found = append(d.found, Finding{check, Warn, message, remedy})
}

func (d *doctor) fail(check, message, remedy string) {
	d.found = append(d.found, Finding{check, Fail, message, remedy})
}

// served asks the program that serves the newsroom.
func (d *doctor) served() {
	answer, err := newControlClient(d.data).post(d.ctx, "/doctor", struct{}{})
	if err != nil {
		d.fail("program", err.Error(), "If it does not stop by itself, end it and start it again.")
		return
	}
	defer answer.Body.Close()
	var found []Finding
	if err := json.NewDecoder(answer.Body).Decode(&found); err != nil {
		d.fail("program", "The program that serves this newsroom gave no answer that can be read.", "Restart it, so that it is of this version.")
		return
	}
	d.fine("program", "Another program serves this newsroom, and answers.")
	d.found = append(d.found, found...)
}

// doctorFor looks at the newsroom that this program serves.
func (n *Newsroom) doctorFor(w http.ResponseWriter, r *http.Request) {
	d := &doctor{ctx: r.Context(), config: n.config, data: n.folder(), now: n.now, db: n.DB}
	d.examine()
	d.store(n.Media)
	d.bus(n.Log.Counts().Connected)
	json.NewEncoder(w).Encode(d.found)
}

// Free space below which there is a warning, and a fault.
const (
	littleSpace = 1 << 30
	noSpace     = 64 << 20
)

// folder looks at the data folder; false when there is none to look into.
func (d *doctor) folder() bool {
	info, err := os.Stat(d.data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.fail("folder", d.data+" is not there.", "Name the newsroom's folder with --data, or make one with `broadsheet init`.")
		return false
	case err != nil:
		d.fail("folder", fmt.Sprintf("%s cannot be looked at: %v.", d.data, plainFile(err)), "Give this account the right to read it.")
		return false
	case !info.IsDir():
		d.fail("folder", d.data+" is not a folder.", "Name the newsroom's folder with --data.")
		return false
	}
	d.rights(info.Mode())
	d.space()
	return true
}

func (d *doctor) rights(mode fs.FileMode) {
	probe, err := os.CreateTemp(d.data, ".doctor-*")
	if err != nil {
		d.fail("folder", fmt.Sprintf("Nothing can be written in %s: %v.", d.data, plainFile(err)), "Give the folder to the account that serves: chown -R.")
		return
	}
	probe.Close()
	os.Remove(probe.Name())
	switch {
	case mode.Perm()&0o002 != 0:
		d.fail("folder", "Anybody on this machine may write in "+d.data+".", "chmod 700 "+d.data)
		return
	case mode.Perm()&0o005 != 0:
		d.warn("folder", "Anybody on this machine may look into "+d.data+".", "chmod 700 "+d.data)
		return
	}
	for _, name := range []string{DatabaseFile, DatabaseFile + "-wal", DatabaseFile + "-shm"} {
		name = filepath.Join(d.data, name)
		if info, err := os.Stat(name); err == nil && info.Mode().Perm()&0o077 != 0 {
			d.warn("folder", "Others on this machine may read "+name+", and it has the keys of certificates in it.", "chmod 600 "+name)
			return
		}
	}
	settings := filepath.Join(d.data, FileName)
	if info, err := os.Stat(settings); err == nil && info.Mode().Perm()&0o044 != 0 && d.secretIn(settings) {
		d.warn("folder", settings+" has a password in it, and others on this machine may read it.", "chmod 600 "+settings)
		return
	}
	d.fine("folder", "%s can be written by this account.", d.data)
}

// secretIn tells whether the settings name a database with its password.
func (d *doctor) secretIn(name string) bool {
	text, err := os.ReadFile(name)
	if err != nil {
		return false
	}
	_, after, found := strings.Cut(string(text), "postgres")
	user, _, at := strings.Cut(after, "@")
	return found && at && strings.Count(user, ":") >= 2
}

func (d *doctor) space() {
	var disk unix.Statfs_t
	if err := unix.Statfs(d.data, &disk); err != nil {
		d.warn("space", fmt.Sprintf("The free space cannot be asked for: %v.", err), "Look with df.")
		return
	}
	free, all := disk.Bavail*uint64(disk.Bsize), disk.Blocks*uint64(disk.Bsize)
	left := fmt.Sprintf("%d MiB of %d MiB are free.", free>>20, all>>20)
	switch {
	case free < noSpace:
		d.fail("space", "The disk is full: "+left, "Make room. Readers are served meanwhile, and writing goes on by itself once there is room.")
	case free < littleSpace:
		d.warn("space", "The disk is almost full: "+left, "Make room before writing ends.")
	default:
		d.fine("space", "%s", left)
	}
}

// open opens the database as it is; false when it cannot be.
func (d *doctor) open() bool {
	target, err := d.config.target()
	if err != nil {
		d.fail("database", sentenceOf(err), "Correct --database.")
		return false
	}
	if d.config.Database == "" {
		if _, err := os.Stat(target); errors.Is(err, fs.ErrNotExist) {
			if errors.Is(d.config.nothingHere(), errNode) {
				d.fail("database", "A node of a newsroom in a PostgreSQL was served from "+d.data+", and its address is not given.", "Give --database, or put it into broadsheet.toml in the folder.")
				return false
			}
			d.fail("database", "There is no newsroom in "+d.data+".", "Make one with `broadsheet init`, or bring one back with `broadsheet restore`.")
			return false
		}
	}
	if d.db, err = db.Open(d.ctx, target); err != nil {
		d.fail("database", sentenceOf(err), "See that the database runs, that its address is right, and that this account may use it.")
		return false
	}
	d.now = d.db.Now
	return true
}

// sentenceOf is an error as a sentence.
func sentenceOf(err error) string { return strings.Join(strings.Fields(err.Error()), " ") + "." }

// examine looks at all that the database knows.
func (d *doctor) examine() {
	health, err := d.db.Examine(d.ctx, time.Now)
	if err != nil {
		remedy := "See that the database runs; kept pages are still served until it does."
		if errors.Is(err, db.ErrDamaged) {
			remedy = "Stop serving, and restore a backup into a new folder with `broadsheet restore`."
		}
		d.fail("database", sentenceOf(err), remedy)
		return
	}
	d.engine(health)
	if !d.schema() {
		return
	}
	d.narrowed()
	d.jobs()
	d.receipts()
	d.outbox()
	d.nodes()
	d.planned()
	d.deliveries()
	d.backups()
	d.searchIndex()
	d.look()
	d.certificates()
}

// Limits of what an engine may say of itself.
const (
	oldestPostgres = 150000
	mostSkew       = 2 * time.Second
)

func (d *doctor) engine(h db.Health) {
	if len(h.Faults) > 0 {
		d.fail("database", "The database is damaged: "+strings.Join(h.Faults, "; ")+".", "Stop serving, and restore a backup into a new folder with `broadsheet restore`.")
		return
	}
	d.fine("database", "%s answers.", d.db.Place())
	if d.db.Engine() == db.SQLite {
		d.fine("integrity", "Every page of the file is as it should be.")
		return
	}
	if h.Release < oldestPostgres {
		d.fail("engine", fmt.Sprintf("It is PostgreSQL %d.", h.Release/10000), "Use PostgreSQL 15 or newer.")
	} else {
		d.fine("engine", "It is PostgreSQL %d.%d.", h.Release/10000, h.Release%10000)
	}
	if h.Encoding != "UTF8" {
		d.fail("encoding", "The database keeps texts as "+h.Encoding+".", "Make a database with `encoding 'UTF8'`, and restore a backup into it.")
	}
	if h.Connections*10 > h.MostConnections*9 {
		d.warn("connections", fmt.Sprintf("%d of %d connections are taken.", h.Connections, h.MostConnections), "Raise max_connections, or serve with fewer nodes.")
	} else {
		d.fine("connections", "%d of %d connections are taken.", h.Connections, h.MostConnections)
	}
	if h.Skew.Abs() > mostSkew {
		d.fail("clock", fmt.Sprintf("This machine's clock is %v away from the database's.", h.Skew.Round(time.Millisecond)), "Set the clocks with NTP on both machines.")
	} else {
		d.fine("clock", "This machine's clock is within %v of the database's.", mostSkew)
	}
}

// narrowed tells whether pages for readers are read with no more rights than they
// need.
func (d *doctor) narrowed() {
	narrowed, err := d.db.PublicNarrowed(d.ctx)
	switch {
	case err != nil:
		d.fail("readers", sentenceOf(err), "See that the database runs.")
	case !narrowed:
		d.warn("readers", "Pages for readers are read with all rights of the database's account, which may not make roles.",
			"Have an administrator of the server run `create role "+db.PublicRole+"; grant "+db.PublicRole+" to ACCOUNT`, and start the program again.")
	default:
		d.fine("readers", "Pages for readers reach nothing but what is public.")
	}
}

// schema looks at the version; false when the tables are not those that this
// program knows.
func (d *doctor) schema() bool {
	has, knows, err := d.db.Version(d.ctx)
	switch {
	case err != nil:
		d.fail("schema", sentenceOf(err), "See that this account may read the database.")
	case has > knows:
		d.fail("schema", fmt.Sprintf("The database has schema %d, this program knows %d.", has, knows), "Use the version of the program that the database was last used with, or a newer one.")
	case has < knows:
		d.warn("schema", fmt.Sprintf("The database has schema %d, this program knows %d.", has, knows), "It is brought up to date when it is served, or with `broadsheet migrate`. Make a backup before.")
	default:
		d.fine("schema", "The schema is %d, the newest.", has)
		return true
	}
	return false
}

// ask reads something; what cannot be read is a fault itself.
func (d *doctor) ask(check string, read func(*db.Tx) error) bool {
	if err := d.db.View(d.ctx, read); err != nil {
		d.fail(check, "It cannot be looked at: "+sentenceOf(err), "See that the database runs.")
		return false
	}
	return true
}

// ago is a time as people say it.
func ago(t time.Duration) string {
	switch {
	case t < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(t.Seconds()))
	case t < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(t.Minutes()))
	case t < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(t.Hours()))
	}
	return fmt.Sprintf("%d days", int(t.Hours()/24))
}

func (d *doctor) searchIndex() {
	var live, indexed int64
	if !d.ask("search", func(tx *db.Tx) (err error) {
		if live, err = db.Find(tx, db.Value[int64], `select count(*) from live`); err != nil {
			return err
		}
		indexed, err = db.Find(tx, db.Value[int64], `select count(*) from search_entry`)
		return err
	}) {
		return
	}
	if live != indexed {
		d.fail("search", fmt.Sprintf("%d stories are live and %d can be searched.", live, indexed), "Serve the newsroom for a while: the search index is brought up to date when it starts, and once a day.")
		return
	}
	d.fine("search", "All %d live stories can be searched.", live)
}

// look tries the theme as serving does.
func (d *doctor) look() {
	var editions []edition.Edition
	if !d.ask("theme", func(tx *db.Tx) (err error) {
		editions, err = edition.All(tx)
		return err
	}) {
		return
	}
	over, err := overlays(d.config)
	var look *theme.Theme
	if err == nil {
		look, err = theme.Load(theme.Sources{Layers: append(over, themes.Base()), Dist: ui.Dist(), Languages: languages(editions), Samples: site.Samples()})
	}
	if err != nil {
		d.fail("theme", sentenceOf(err), "Mend the file, or take it away: the built-in one stands behind it.")
		return
	}
	for _, idle := range look.Idle() {
		d.warn("theme", idle+".", "Give it the name that was meant, or take it away.")
	}
	d.fine("theme", "The theme's pages can be made.")
}

// mediaStore looks at the media of a newsroom that nobody serves.
func (d *doctor) mediaStore() {
	store, err := d.config.findMedia(d.ctx)
	if err != nil {
		d.fail("media", sentenceOf(err), "See that the media store is there and that its keys are right.")
		return
	}
	if store == nil {
		d.fine("media", "There are no media yet.")
		return
	}
	defer store.Close()
	d.store(store)
}

// bus tells whether nodes hear of each other at once, where they should.
func (d *doctor) bus(connected bool) {
	switch {
	case d.config.Bus == "":
	case connected:
		d.fine("bus", "The bus is connected.")
	default:
		d.warn("bus", "The bus is away: nodes hear of each other's changes by polling, a second late or so.", "See that the bus runs and that --bus names it; the log has what it said last.")
	}
}

// probeKey is a file that the doctor writes and takes away again.
const probeKey = "doctor/probe"

func (d *doctor) store(store *blob.Store) {
	err := store.Ping(d.ctx)
	if err == nil {
		err = store.Put(d.ctx, probeKey, []byte("Can this be written?"))
	}
	if err == nil {
		err = store.Delete(d.ctx, probeKey)
	}
	if err != nil {
		d.fail("media", sentenceOf(err), "See that the media store is there, has room, and lets this program write.")
		return
	}
	d.fine("media", "The media store answers and can be written.")
}
