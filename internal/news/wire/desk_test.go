package wire_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/search"
)

// noon is when all imports of these tests happen.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// newsroom is a real newsroom with three editions, each with one section.
type newsroom struct {
	db       *db.DB
	desk     *publish.Desk
	stories  *story.Store
	editions map[string]edition.Edition
	sections map[string]ref.Section
}

func furnish(t testing.TB, d *db.DB) *newsroom {
	t.Helper()
	now := func() time.Time { return noon }
	mint := ref.NewMint(1, time.Now)
	stories := story.NewStore(mint, now)
	log, err := event.Open(t.Context(), d, func(event.Event) {})
	if err != nil {
		t.Fatal(err)
	}
	n := &newsroom{db: d, stories: stories, editions: map[string]edition.Edition{}, sections: map[string]ref.Section{}}
	n.desk = publish.NewDesk(d, stories, log, search.For(d), mint, now)
	err = d.Update(t.Context(), func(tx *db.Tx) error {
		for i, key := range edition.Known {
			e := edition.Default(key)
			s := section.Section{ID: ref.New[ref.Section](mint), Edition: key, Slug: "news", Position: 1, Name: "News"}
			n.editions[key], n.sections[key] = e, s.ID
			if err := edition.Put(tx, e, i+1); err != nil {
				return err
			}
			if err := section.Put(tx, s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// options are those of an import into an edition.
func (n *newsroom) options(format, key string) wire.Options {
	return wire.Options{Format: format, Edition: n.editions[key], Section: n.sections[key], Now: noon, Alone: true}
}

// bring imports a text that has to come.
func (n *newsroom) bring(t testing.TB, name, text string, o wire.Options) wire.Report {
	t.Helper()
	report, err := wire.Import(t.Context(), n.desk, wire.Source{Name: name, Read: strings.NewReader(text)}, o, nil)
	if err != nil {
		t.Fatalf("import %s: %v", name, err)
	}
	accounted(t, report)
	return report
}

// accounted checks that the report tells of every item.
func accounted(t testing.TB, r wire.Report) {
	t.Helper()
	if sum := r.Added + r.Updated + r.Unchanged + r.Attachments + len(r.Refused) + len(r.Skipped); sum != r.Items {
		t.Errorf("the report tells of %d items of %d: %s", sum, r.Items, shown(r))
	}
}

func shown(v any) string {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// tables are all that an import writes in.
var tables = map[string]string{
	"story": `select count(*) from story`, "revision": `select count(*) from revision`, "version": `select count(*) from version`,
	"live": `select count(*) from live`, "live_topic": `select count(*) from live_topic`, "live_author": `select count(*) from live_author`,
	"address": `select count(*) from address`, "old_address": `select count(*) from old_address`, "asset": `select count(*) from asset`,
	"section": `select count(*) from section`, "topic": `select count(*) from topic`, "topic_name": `select count(*) from topic_name`,
	"topic_slug": `select count(*) from topic_slug`, "author": `select count(*) from author`, "author_name": `select count(*) from author_name`,
	"author_slug": `select count(*) from author_slug`, "import_item": `select count(*) from import_item`,
	"import_comment": `select count(*) from import_comment`, "batch": `select count(*) from batch`, "outbox": `select count(*) from outbox`,
}

// rows counts the rows of every table.
func (n *newsroom) rows(t testing.TB) string {
	t.Helper()
	counts := map[string]int64{}
	err := n.db.View(t.Context(), func(tx *db.Tx) error {
		for name, statement := range tables {
			count, err := db.Find(tx, db.Value[int64], statement)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			counts[name] = count
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return shown(counts)
}

// told are all live stories with their contents, by headline.
func (n *newsroom) told(t testing.TB) map[string]story.Story {
	t.Helper()
	all := map[string]story.Story{}
	err := n.db.View(t.Context(), func(tx *db.Tx) error {
		ids, err := db.List(tx, db.Value[ref.Story], `select story from published order by story limit 100000`)
		if err != nil {
			return err
		}
		for _, id := range ids {
			s, err := story.Read(tx, id)
			if err != nil {
				return err
			}
			all[s.Headline] = s
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// corpus is the folder of large real files, where there is one: a test that
// reads it has a small twin that needs no such folder.
func corpus(t testing.TB) string {
	t.Helper()
	if folder := os.Getenv("BROADSHEET_CORPUS"); folder != "" {
		return folder
	}
	at, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			folder := filepath.Join(filepath.Dir(at), "shared", "data")
			if _, err := os.Stat(folder); err == nil {
				return folder
			}
		}
	}
	return ""
}
