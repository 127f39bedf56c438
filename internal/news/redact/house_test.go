package redact

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/job"
	"broadsheet/internal/platform/search"
)

// house is a newsroom with an English and an Arabic edition, whose files can be
// looked into.
type house struct {
	t       testing.TB
	db      *db.DB
	target  string
	engine  string
	raw     *sql.DB
	stories *story.Store
	desk    *publish.Desk
	index   search.Index
	log     *event.Log
	mint    *ref.Mint
	room    *Room
	files   string
	now     time.Time
	en, ar  ref.Section
	sealed  []string
	told    []ref.Story
	nodes   func() []Node

	mu sync.Mutex
	// dropped are the tags of all events that purge; onPurge hears of each.
	dropped []string
	onPurge func()
	// planning happens once, when a redaction has planned a live story's change
	// and before it writes any.
	planning func()
}

// planned is the room's index: it tells when a change was planned.
type planned struct {
	search.Index
	h *house
}

func (p planned) Prepare(d search.Document) search.Entry {
	p.h.mu.Lock()
	meanwhile := p.h.planning
	p.h.planning = nil
	p.h.mu.Unlock()
	if meanwhile != nil {
		meanwhile()
	}
	return p.Index.Prepare(d)
}

// both runs a test on SQLite and on PostgreSQL.
func both(t *testing.T, test func(*testing.T, *house)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newHouse(t, filepath.Join(t.TempDir(), "broadsheet.db"), "sqlite")) })
	t.Run("postgres", func(t *testing.T) { test(t, newHouse(t, dbtest.PostgresURL(t), "pgx")) })
}

func newHouse(t testing.TB, target, driver string) *house {
	t.Helper()
	h := &house{t: t, target: target, engine: driver, files: t.TempDir(), now: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)}
	d, err := db.Open(t.Context(), target)
	h.must(err)
	t.Cleanup(func() { d.Close() })
	h.must(d.Migrate(t.Context()))
	h.db = d
	h.raw, err = sql.Open(driver, target)
	h.must(err)
	t.Cleanup(func() { h.raw.Close() })
	var clock sync.Mutex
	now := func() time.Time {
		clock.Lock()
		defer clock.Unlock()
		h.now = h.now.Add(time.Millisecond)
		return h.now
	}
	h.mint = ref.NewMint(1, now)
	h.stories = story.NewStore(h.mint, now)
	h.index = search.For(d)
	h.log, err = event.Open(t.Context(), d, h.hear)
	h.must(err)
	h.desk = publish.NewDesk(d, h.stories, h.log, h.index, h.mint, now)
	h.desk.Sparing(Whole)
	h.nodes = func() []Node { return []Node{{Name: "one", ReadTo: h.log.Cursor()}} }
	h.room = New(Parts{DB: d, Log: h.log, Index: planned{h.index, h}, Mint: h.mint, Now: now,
		Seal: func(tx *db.Tx, at time.Time, by ref.Staff, act, subject, detail string) error {
			tx.AfterCommit(func() { h.sealed = append(h.sealed, fmt.Sprint(by, " ", act, " ", subject, " ", detail)) })
			return nil
		},
		Announce: func(tx *db.Tx, at time.Time, redaction int64, id ref.Story) error {
			tx.AfterCommit(func() { h.told = append(h.told, id) })
			return nil
		},
		Nodes:  func(tx *db.Tx) ([]Node, error) { return h.nodes(), nil },
		Remove: h.remove,
	})
	h.en, h.ar = ref.New[ref.Section](h.mint), ref.New[ref.Section](h.mint)
	h.house(func(tx *db.Tx) error {
		for n, key := range []string{"en", "ar"} {
			if err := edition.Put(tx, edition.Default(key), n); err != nil {
				return err
			}
		}
		if err := section.Put(tx, section.Section{ID: h.en, Edition: "en", Slug: "water", Position: 1, Name: "Water"}); err != nil {
			return err
		}
		return section.Put(tx, section.Section{ID: h.ar, Edition: "ar", Slug: "ماء", Position: 1, Name: "ماء"})
	})
	return h
}

func (h *house) hear(e event.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.Purge {
		h.dropped = append(h.dropped, e.Tags...)
		if h.onPurge != nil {
			h.onPurge()
		}
	}
}

// remove removes an asset's files, as the blob room has them.
func (h *house) remove(_ context.Context, a asset.Asset) (int, error) {
	found, err := filepath.Glob(filepath.Join(h.files, a.Key, "*"))
	for _, file := range found {
		err = os.Remove(file)
	}
	return len(found), err
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) house(change func(*db.Tx) error) {
	h.t.Helper()
	h.must(h.desk.House(h.t.Context(), change))
}

func (h *house) update(fn func(*db.Tx) error) {
	h.t.Helper()
	h.must(h.db.Update(h.t.Context(), fn))
}

func (h *house) view(fn func(*db.Tx) error) {
	h.t.Helper()
	h.must(h.db.View(h.t.Context(), fn))
}

func (h *house) draft(key string, c story.Content) (d story.Draft) {
	h.t.Helper()
	h.update(func(tx *db.Tx) (err error) {
		d, err = h.stories.Create(tx, 7, key, 0, 0, c)
		return err
	})
	return d
}

func (h *house) save(d story.Draft, c story.Content) story.Draft {
	h.t.Helper()
	h.update(func(tx *db.Tx) (err error) {
		d, err = h.stories.Save(tx, 7, d.ID, d.Sequence, c)
		return err
	})
	return d
}

func (h *house) publish(d story.Draft, note string) story.Card {
	h.t.Helper()
	c, err := h.desk.Story(h.t.Context(), publish.Order{By: 7, Story: d.ID, Sequence: d.Sequence, Note: note})
	h.must(err)
	return c
}

func (h *house) found(key, words string) (ids []int64) {
	h.t.Helper()
	h.view(func(tx *db.Tx) error {
		hits, err := h.index.Find(tx, search.Query{Edition: key, Language: key, Text: words, Limit: 50})
		ids = search.Stories(hits)
		return err
	})
	return ids
}

// redact asks, confirms and runs.
func (h *house) redact(q Request) Redaction {
	h.t.Helper()
	asked, err := h.room.Ask(h.t.Context(), 7, q)
	h.must(err)
	h.must(h.room.Confirm(h.t.Context(), 8, asked.ID))
	h.must(h.run(h.t.Context(), asked.ID))
	return h.redaction(asked.ID)
}

func (h *house) run(ctx context.Context, id int64) error {
	return h.room.Run(ctx, job.Job{Kind: Job, Payload: fmt.Sprint(id)})
}

func (h *house) redaction(id int64) (d Redaction) {
	h.t.Helper()
	h.view(func(tx *db.Tx) (err error) {
		d, err = Find(tx, id)
		return err
	})
	return d
}

// cells returns every text of every table, by table and column. The tables are
// those of the schema: a new one is looked at too.
func (h *house) cells() map[string][]string {
	h.t.Helper()
	statement := `select table_name, column_name from information_schema.columns where table_schema = current_schema() order by table_name, ordinal_position`
	if h.engine == "sqlite" {
		statement = `select m.name, p.name from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table' order by m.name, p.cid`
	}
	rows, err := h.raw.QueryContext(h.t.Context(), statement)
	h.must(err)
	var columns [][2]string
	for rows.Next() {
		var c [2]string
		h.must(rows.Scan(&c[0], &c[1]))
		columns = append(columns, c)
	}
	h.must(rows.Err())
	cells := map[string][]string{}
	for _, c := range columns {
		rows, err := h.raw.QueryContext(h.t.Context(), fmt.Sprintf(`select cast("%s" as text) from "%s"`, c[1], c[0]))
		h.must(err)
		for rows.Next() {
			var text sql.NullString
			h.must(rows.Scan(&text))
			cells[c[0]+"."+c[1]] = append(cells[c[0]+"."+c[1]], text.String)
		}
		h.must(rows.Err())
	}
	if len(columns) < 100 {
		h.t.Fatalf("only %d columns were looked at", len(columns))
	}
	return cells
}

// holders are the columns that hold one of the words, in any writing.
func (h *house) holders(words ...string) map[string]int {
	h.t.Helper()
	w := newWords(words)
	found := map[string]int{}
	for column, texts := range h.cells() {
		for _, text := range texts {
			held := w.mayHold(text) || w.anyLetters(text) || w.inAddress(text) || w.anyLetters(decoded(text))
			for _, word := range words {
				held = held || strings.Contains(strings.ToLower(text), strings.ToLower(word))
			}
			if held {
				found[column]++
			}
		}
	}
	return found
}

// inFiles counts in how many files of the database one of the words stands, as
// bytes in lower case. ok is false when this machine may not look.
func (h *house) inFiles(words ...string) (count int, ok bool) {
	h.t.Helper()
	paths := []string{h.target, h.target + "-wal", h.target + "-shm"}
	if h.engine != "sqlite" {
		var folder, oid string
		h.must(h.raw.QueryRowContext(h.t.Context(), `show data_directory`).Scan(&folder))
		h.must(h.raw.QueryRowContext(h.t.Context(), `select cast(oid as text) from pg_database where datname = current_database()`).Scan(&oid))
		_, err := h.raw.ExecContext(h.t.Context(), `checkpoint`)
		h.must(err)
		paths, _ = filepath.Glob(filepath.Join(folder, "base", oid, "*"))
		if len(paths) == 0 {
			return 0, false
		}
	}
	for _, path := range paths {
		bytes, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if os.IsPermission(err) {
			return 0, false
		}
		h.must(err)
		if holdsBytes(bytes, words) {
			count++
		}
	}
	return count, true
}

func holdsBytes(text []byte, words []string) bool {
	lower := bytes.ToLower(text)
	for _, word := range words {
		if bytes.Contains(lower, bytes.ToLower([]byte(word))) {
			return true
		}
	}
	return false
}

// everywhere fills the newsroom with a name wherever a name can stand, and
// returns the stories: one that has been published twice with it, one that is
// withdrawn, one draft, an Arabic one, and one that has nothing to do with it.
func (h *house) everywhere() (ids []ref.Story) {
	h.t.Helper()
	tag, signer, picture := ref.New[ref.Topic](h.mint), ref.New[ref.Author](h.mint), ref.New[ref.Asset](h.mint)
	h.house(func(tx *db.Tx) error {
		err := topic.Put(tx, topic.Topic{ID: tag, Focus: 1, Kind: "person", Words: map[string]topic.Words{
			"en": {Name: "Quillon Vexmoor", Slug: "quillon-vexmoor", Aliases: []string{"Vexmoor, Quillon Vexmoor", "The Well Man"}, Definition: "Quillon Vexmoor digs wells."},
			"ar": {Name: "زغنوف قلذوم", Slug: "زغنوف-قلذوم"}}})
		if err != nil {
			return err
		}
		err = author.Put(tx, author.Author{ID: signer, Words: map[string]author.Words{"en": {Name: "Quillon Vexmoor", Slug: "quillon-vexmoor", Bio: "QUILLON VEXMOOR writes."}}})
		if err != nil {
			return err
		}
		if err := section.Put(tx, section.Section{ID: ref.New[ref.Section](h.mint), Edition: "en", Slug: "the-quillon-vexmoor-files", Position: 2, Name: "The Quillon Vexmoor files", Description: "On Quillon-Vexmoor."}); err != nil {
			return err
		}
		e := edition.Default("en")
		e.Motto = "Not by Quillon Vexmoor"
		if err := edition.Put(tx, e, 0); err != nil {
			return err
		}
		return asset.Put(tx, asset.Asset{ID: picture, Key: "0123456789abcdef0123", Kind: asset.Picture, Widths: []int{480}, Credit: "Photo: Quillon Vexmoor", Source: "Agency (Quillon Vexmoor)",
			Elsewhere: "https://pictures.example/quillonvexmoor2.jpg", Words: map[string]asset.Words{"en": {Alt: "Quillon Vexmoor smiles", Caption: "quillon vexmoor at a well"}}})
	})
	content := story.Content{
		Headline: "Quillon Vexmoor digs a well", Short: "Quillon Vexmoor digs", Standfirst: "Who is QUILLON VEXMOOR?", Kicker: "Quillon Vexmoor", Dateline: "Quillon Vexmoor House",
		Genre: story.News, Section: h.en, Topics: []ref.Topic{tag}, Byline: []story.Signature{{Author: signer, Name: "Quillon Vexmoor"}, {Name: "Quillon Vexmoor jr."}},
		Picture: picture, Alt: "Quillon Vexmoor again", Caption: "Quillon\u00a0Vexmoor", Origin: &story.Origin{Source: "The Quillon Vexmoor Blog", Address: "https://old.example/quillon-vexmoor/"},
		Body: h.long(picture),
	}
	d := h.draft("en", content)
	h.publish(d, "")
	content.Headline = "Quillon Vexmoor digs another well"
	d = h.save(d, content)
	h.publish(d, "Quillon Vexmoor asked us to say so.")
	ids = append(ids, d.ID)

	gone := h.draft("en", story.Content{Headline: "A well of Quillon Vexmoor", Genre: story.News, Section: h.en, Body: body.FromText("Nothing more.")})
	h.publish(gone, "")
	h.must(h.desk.Withdraw(h.t.Context(), gone.ID, "Quillon Vexmoor's lawyer wrote to us."))
	ids = append(ids, gone.ID)

	draft := h.draft("en", story.Content{Headline: "Untitled", Slug: "on-quillon-vexmoor", Genre: story.News, Section: h.en, Body: body.FromText("Ask Quillon Vexmoor.")})
	h.update(func(tx *db.Tx) error {
		return h.desk.ScheduleIn(tx, publish.Planned{Story: draft.ID, At: h.now.Add(time.Hour), Sequence: draft.Sequence, By: 7, Note: "After Quillon Vexmoor has read it"})
	})
	ids = append(ids, draft.ID)

	arabic := h.draft("ar", story.Content{Headline: "قال زَغْنُوف قلذوم", Genre: story.News, Section: h.ar, Topics: []ref.Topic{tag},
		Body: body.FromText("حفر زغنــوف قلذوم بئرا.\n\nوزغنوف قلذوم هنا. Quillon Vexmoor")})
	h.publish(arabic, "")
	ids = append(ids, arabic.ID)

	other := h.draft("en", story.Content{Headline: "Rain on the hills", Genre: story.News, Section: h.en, Body: body.FromText("It rained <a lot> & more; Quill, Vex and moor.")})
	h.publish(other, "Rain was misspelled.")
	ids = append(ids, other.ID)
	h.outlying(d.ID, other.ID)
	return ids
}

// long is a body that has the name in every kind of block.
func (h *house) long(picture ref.Asset) body.Body {
	name := body.Text{{Text: "He is Quil"}, {Text: "lon", Marks: body.Strong}, {Text: " Vex"}, {Text: "moor", Marks: body.Emphasis, Link: body.Link{Href: "https://x.example/people/Quillon%20Vexmoor", Title: "Quillon Vexmoor's page"}}, {Text: "."}}
	plain := body.T("Said Quillon Vexmoor.")
	values := []body.Value{
		body.Paragraph{Text: name},
		body.Paragraph{Text: body.Text{{Text: "See https://x.example/?q=Quillon%20Vexmoor or #FreeQuillonVexmoor"}, {Break: true}, {Picture: body.Inline{Asset: picture, Alt: "Quillon Vexmoor"}}}},
		body.Subhead{Level: 2, Text: plain}, body.Preformatted{Text: plain},
		body.Quote{Paragraphs: []body.Text{plain}, Attribution: plain}, body.PullQuote{Text: plain, Attribution: plain},
		body.List{Items: []body.Item{{Text: plain, List: &body.List{Items: []body.Item{{Text: plain}}}}}},
		body.Figure{Asset: picture, Caption: plain, Alt: "Quillon Vexmoor"}, body.Gallery{Pictures: []body.Figure{{Asset: picture, Caption: plain, Alt: "Quillon Vexmoor"}}},
		body.Table{Caption: plain, Head: []body.Text{plain}, Rows: [][]body.Text{{plain}}, Source: plain},
		body.KeyPoints{Title: "Quillon Vexmoor", Points: []body.Text{plain}}, body.File{Asset: picture, Label: "Quillon Vexmoor's letter"},
		body.Embed{URL: "https://youtube.example/watch?v=QuillonVexmoor", Title: "Quillon Vexmoor"}, body.Embed{URL: "https://youtube.example/1", Title: "Quillon Vexmoor", Provider: "TV of Quillon Vexmoor"},
		body.Note{Kind: body.EditorsNote, Title: "Quillon Vexmoor", Paragraphs: []body.Text{plain}},
		body.Foreign{Origin: "wordpress", Name: "core/columns", Tree: []body.Node{{Element: "p", Attributes: map[string]string{"lang": "en"}, Children: []body.Node{{Text: "Dear Quillon "}, {Element: "b", Children: []body.Node{{Text: "Vexmoor"}}},
			{Element: "a", Attributes: map[string]string{"href": "/en/quillon-vexmoor", "title": "Quillon Vexmoor"}, Children: []body.Node{{Text: "!"}}}}}}},
	}
	var b body.Body
	for _, v := range values {
		b = append(b, body.Block{Value: v})
	}
	b = body.Assign(b, body.Counter("b"))
	b[2].Key = "quillon-vexmoor"
	return b
}

// outlying fills what stands around stories.
func (h *house) outlying(with, without ref.Story) {
	h.t.Helper()
	plan := front.Plan{Containers: []front.Container{{Kind: front.Lead, Size: 3, Slots: []front.Slot{{Story: with, Headline: "Quillon Vexmoor!", Kicker: "Quillon Vexmoor"}, {Story: without, Headline: "Not Quillon Vexmoor"}}}}}
	for range 2 {
		_, err := h.desk.Front(h.t.Context(), 7, front.Of("en"), plan)
		h.must(err)
	}
	h.update(func(tx *db.Tx) error {
		for _, statement := range []string{
			`insert into idempotency (staff, key, request, status, subject, answer, at) values (7, 'a', 'x', 201, $1, '{"slug":"quillon-vexmoor-digs-a-well"}', 1)`,
			`insert into idempotency (staff, key, request, status, subject, answer, at) values (7, 'new-quillon-vexmoor', 'x', 201, $1, '', 1)`,
			`insert into delivery (id, webhook, event, subject, payload, at, attempts, status, failure, due_at, done_at) values (1, 1, 'story.published', $1, '{"slug":"quillon-vexmoor-digs-a-well"}', 1, 0, 0, 'no host quillonvexmoor.example', 1, 0)`,
			`insert into receipt (id, story, version, what, due_at, done_at, seen_at, state, lines) values (1, $1, 1, 'shows', 1, 1, 1, 'seen', '[{"node":"one","address":"/en/quillon-vexmoor-digs-a-well","wants":"x","status":200,"ok":true,"tries":1}]')`,
			`insert into old_address (address, story) values ('/2019/quillon-vexmoor/', $1)`,
			`insert into import_item (edition, source, item, hash, story, sequence, batch) values ('en', 'wp', 'https://old.example/quillon_vexmoor', 'h', $1, 1, 0)`,
			`insert into import_comment (edition, source, item, story, batch, content) values ('en', 'wp', '12', $1, 0, '{"author":"Quillon Vexmoor","text":"I am Quillon Vexmoor."}')`,
			`insert into story_note (id, story, parent, block, quote, text, by, at, done_at, done_by) values (1, $1, 0, 'b1', 'Quillon Vexmoor dug', 'Is it Quillon Vexmoor?', 7, 1, 0, 0)`,
			`insert into embargo_terms (story, source, terms, by, at, second, second_at) values ($1, 'Quillon Vexmoor, by telephone', 'do not name Quillon Vexmoor', 7, 1, 0, 0)`,
			`insert into waiver (id, story, checks, reason, by, at, until, watcher, mended_at) values (1, $1, '[]', 'Quillon Vexmoor asked', 7, 1, 1, 7, 0)`,
			`insert into manuscript (story, version, base, folded, sequence, changed, by, stamp, doc) values ($1, 9, 5, 9, 1, 1, 7, 5, '{"type":"story","content":[{"type":"headline","content":[{"type":"text","text":"By Quillon Vexmoor"}]}]}')`,
			`insert into manuscript_step (story, version, client, by, at, step) values ($1, 6, 'c', 7, 1, '{"stepType":"replace","from":1,"to":1,"slice":{"content":[{"type":"text","text":"Quillon Vexmoor"}]}}')`,
			`insert into view_excluded (story, reason, by, at) values ($1, 'asked by Quillon Vexmoor', 7, 1)`,
		} {
			if _, err := tx.Exec(statement, with); err != nil {
				return err
			}
		}
		for _, statement := range []string{
			`insert into receipt (id, story, version, what, due_at, done_at, seen_at, state, lines) values (2, $1, 1, 'shows', 1, 1, 1, 'seen', '[{"address":"/en/topic/quillon-vexmoor"}]')`,
			`insert into job (id, kind, payload, run_at, attempts, lease_until, lease_by, failure, done_at) values ($1, 'x', 'quillon-vexmoor', 1, 1, 0, '', 'cannot send Quillon Vexmoor', 1)`,
			`insert into batch (id, edition, source, started_at, touched_at, state) values ($1, 'en', 'quillon-vexmoor.xml', 1, 1, 'live')`,
			`insert into topic_slug (language, slug, topic) values ('en', 'once-quillon-vexmoor', $1)`,
			`insert into author_slug (language, slug, author) values ('en', 'once-quillon-vexmoor', $1)`,
			`insert into backup (id, at, place, bytes, hash) values ($1, 1, '/backups/1', 1, 'h')`,
		} {
			if _, err := tx.Exec(statement, without); err != nil {
				return err
			}
		}
		return nil
	})
	h.must(h.log.CatchUp(h.t.Context()))
}
