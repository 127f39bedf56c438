package manuscript_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/prose"
)

// room is a manuscript room with one story in it.
type room struct {
	t       *testing.T
	db      *db.DB
	stories *story.Store
	now     time.Time
	story   ref.Story
	*manuscript.Room
}

func both(t *testing.T, test func(t *testing.T, r *room)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := &room{t: t, db: d, now: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)}
		mint := ref.NewMint(1, r.clock)
		r.stories = story.NewStore(mint, r.clock)
		var err error
		r.Room, err = manuscript.New(r.stories, mint, r.clock)
		r.must(err)
		r.must(d.Update(t.Context(), func(tx *db.Tx) error {
			draft, err := r.stories.Create(tx, 7, "en", 0, 0, story.Content{Headline: "Tides", Genre: story.News, Body: body.Body{{Key: "a", Value: body.Paragraph{Text: body.T("Water rises.")}}}})
			r.story = draft.ID
			return err
		}))
		test(t, r)
	})
}

func (r *room) clock() time.Time { return r.now }

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) read() (doc *prose.Node, version int64) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), func(tx *db.Tx) (err error) {
		doc, version, err = r.Read(tx, r.story)
		return err
	}))
	return doc, version
}

// types types a text at the end of the first paragraph, as an editor at a version does.
func (r *room) types(client string, doc *prose.Node, version int64, text string) (int64, error) {
	at := doc.Size() - 1
	step := fmt.Sprintf(`{"stepType":"replace","from":%d,"to":%d,"slice":{"content":[{"type":"text","text":%q}]}}`, at, at, text)
	return r.append(client, version, step)
}

func (r *room) append(client string, version int64, steps ...string) (after int64, err error) {
	raw := make([]json.RawMessage, len(steps))
	for n, s := range steps {
		raw[n] = json.RawMessage(s)
	}
	err = r.db.Update(r.t.Context(), func(tx *db.Tx) (err error) {
		after, err = r.Append(tx, r.story, 7, client, version, raw)
		return err
	})
	return after, err
}

func (r *room) fold() (d story.Draft) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), func(tx *db.Tx) (err error) {
		d, err = r.Fold(tx, r.story)
		return err
	}))
	return d
}

// save saves over a draft, as programs do.
func (r *room) save(by ref.Staff, d story.Draft) {
	r.t.Helper()
	r.must(r.db.Update(r.t.Context(), func(tx *db.Tx) error {
		_, err := r.stories.Save(tx, by, r.story, d.Sequence, d.Content)
		return err
	}))
}

func TestStepsHaveOneOrderAndWhoIsBehindGetsTheOthers(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		doc, version := r.read()
		after, err := r.types("one", doc, version, " Then")
		r.must(err)
		_, err = r.types("two", doc, version, " Water")
		var behind *manuscript.Behind
		if !errors.As(err, &behind) || behind.Version != after || len(behind.Steps) != 1 || behind.Steps[0].Client != "one" || behind.Lost {
			t.Fatalf("got %+v, %v", behind, err)
		}
		doc, version = r.read()
		_, err = r.types("two", doc, version, " it falls.")
		r.must(err)
		if doc, _ = r.read(); !strings.HasSuffix(doc.TextContent(), "Water rises. Then it falls.") {
			t.Errorf("got %q", doc.TextContent())
		}
		for name, step := range map[string]string{"does not fit": `{"stepType":"replace","from":0,"to":3}`, "cannot be read": `{"stepType":"eval"}`} {
			_, now := r.read()
			if _, err := r.append("one", now, step); !errors.Is(err, manuscript.ErrSteps) {
				t.Errorf("what %s: got %v", name, err)
			}
			if _, after := r.read(); after != now {
				t.Errorf("what %s changed the version", name)
			}
		}
	})
}

func TestWhatIsWrittenIsFoldedIntoOneSave(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		doc, version := r.read()
		for _, c := range "می‌رود 🧂" {
			var err error
			version, err = r.types("one", doc, version, string(c))
			r.must(err)
			doc, _ = r.read()
		}
		unfolded := func() (all []ref.Story) {
			r.must(r.db.View(t.Context(), func(tx *db.Tx) (err error) {
				all, err = manuscript.Unfolded(tx, r.now.Add(time.Second), 10)
				return err
			}))
			return all
		}
		if all := unfolded(); len(all) != 1 || all[0] != r.story {
			t.Errorf("got %v", all)
		}
		d := r.fold()
		if got := body.Plain(d.Content.Body); d.Sequence != 2 || got != "Water rises.می‌رود 🧂" && !strings.HasPrefix(got, "Water rises.می‌رود 🧂") {
			t.Errorf("save %d is %q", d.Sequence, got)
		}
		if again := r.fold(); again.Sequence != d.Sequence || len(unfolded()) > 0 {
			t.Errorf("nothing was written, and save %d was made", again.Sequence)
		}
	})
}

func TestASaveOfAProgramIsTakenInBesideWhatIsTyped(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		doc, version := r.read()
		_, err := r.types("one", doc, version, " Typed.")
		r.must(err)
		d := r.fold()
		d.Content.Headline = "Tides, twice a day"
		r.save(8, d)
		now, after := r.read()
		if text := now.TextContent(); !strings.Contains(text, "Tides, twice a day") || !strings.Contains(text, "Typed.") {
			t.Errorf("got %q", text)
		}
		r.must(r.db.View(t.Context(), func(tx *db.Tx) error {
			b, err := manuscript.Since(tx, r.story, after-1)
			if err != nil || len(b.Steps) != 1 || b.Steps[0].Client != manuscript.SavedElsewhere || b.Steps[0].By != 8 {
				t.Errorf("got %+v, %v", b, err)
			}
			return nil
		}))
		if again := r.fold(); again.Sequence != d.Sequence+1 {
			t.Errorf("the save is saved again as %d", again.Sequence)
		}
	})
}

func TestWhatWasTypedAndNotFoldedIsAmongTheRevisionsWhenAProgramSaves(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		d := r.fold()
		doc, version := r.read()
		_, err := r.types("one", doc, version, " Typed and not folded.")
		r.must(err)
		d.Content.Headline = "Saved by a program"
		r.save(8, d)
		if doc, _ := r.read(); !strings.Contains(doc.TextContent(), "Saved by a program") {
			t.Errorf("got %q", doc.TextContent())
		}
		r.must(r.db.View(t.Context(), func(tx *db.Tx) error {
			all, err := r.stories.Revisions(tx, r.story, 0, 10)
			if err != nil {
				return err
			}
			var texts []string
			for _, one := range all {
				c, err := story.Remembered(tx, one.ID)
				if err != nil {
					return err
				}
				texts = append(texts, fmt.Sprint(one.By, " ", c.Headline, ": ", body.Plain(c.Body)))
			}
			if len(texts) != 4 || !strings.Contains(texts[0], "8 Saved by a program") || !strings.Contains(texts[1], "7 Tides: Water rises. Typed and not folded.") {
				t.Errorf("got %q", texts)
			}
			return nil
		}))
	})
}

func TestWhatMustNotBeKeptIsInNoStep(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		doc, version := r.read()
		version, err := r.types("one", doc, version, " Secret.")
		r.must(err)
		d := r.fold()
		d.Content.Body[0].Value = body.Paragraph{Text: body.T("Water rises.")}
		r.save(7, d)
		// What a redaction does.
		r.must(r.db.Update(t.Context(), func(tx *db.Tx) error {
			if _, err := tx.Exec(`delete from manuscript_step where story = $1`, r.story); err != nil {
				return err
			}
			_, err := tx.Exec(`update manuscript set version = version + 1, base = version + 1, folded = version + 1, stamp = $1, doc = '' where story = $2`, 1, r.story)
			return err
		}))
		r.must(r.db.View(t.Context(), func(tx *db.Tx) error {
			held, err := db.Find(tx, db.Value[int], `select (select count(*) from manuscript_step where step like '%Secret%') + (select count(*) from manuscript where doc like '%Secret%')`)
			if err != nil || held > 0 {
				t.Errorf("%d rows hold it, %v", held, err)
			}
			b, err := manuscript.Since(tx, r.story, version)
			if err != nil || !b.Lost {
				t.Errorf("who writes is not told to read anew: %+v, %v", b, err)
			}
			return nil
		}))
		if doc, _ := r.read(); strings.Contains(doc.TextContent(), "Secret") {
			t.Errorf("got %q", doc.TextContent())
		}
	})
}

func TestNothingThatManyTypeAtOnceIsLost(t *testing.T) {
	const writers, words = 4, 40
	both(t, func(t *testing.T, r *room) {
		var all sync.WaitGroup
		for w := range writers {
			all.Go(func() {
				for n := range words {
					for {
						var doc *prose.Node
						var version int64
						err := r.db.Update(t.Context(), func(tx *db.Tx) (err error) {
							doc, version, err = r.Read(tx, r.story)
							return err
						})
						if err == nil {
							_, err = r.types(fmt.Sprint("client", w), doc, version, fmt.Sprintf(" w%dn%d;", w, n))
						}
						var behind *manuscript.Behind
						if errors.As(err, &behind) || errors.Is(err, db.ErrConflict) {
							continue
						}
						if err != nil {
							t.Error(err)
							return
						}
						break
					}
				}
			})
		}
		all.Wait()
		text := body.Plain(r.fold().Content.Body)
		for w := range writers {
			for n := range words {
				if word := fmt.Sprintf(" w%dn%d;", w, n); strings.Count(text, word) != 1 {
					t.Errorf("%q is there %d times", word, strings.Count(text, word))
				}
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	d := dbtest.SQLite(b)
	now := time.Now
	mint := ref.NewMint(1, now)
	stories := story.NewStore(mint, now)
	r, err := manuscript.New(stories, mint, now)
	if err != nil {
		b.Fatal(err)
	}
	var text strings.Builder
	for range 125 {
		text.WriteString("خبر word ")
	}
	c := story.Content{Genre: story.News, Headline: "A story of five thousand words"}
	for n := range 40 {
		c.Body = append(c.Body, body.Block{Key: body.Key(fmt.Sprint("b", n)), Value: body.Paragraph{Text: body.T(text.String())}})
	}
	var id ref.Story
	var version int64
	if err := d.Update(b.Context(), func(tx *db.Tx) error {
		draft, err := stories.Create(tx, 7, "en", 0, 0, c)
		if err != nil {
			return err
		}
		id = draft.ID
		_, version, err = r.Read(tx, id)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	step := []json.RawMessage{json.RawMessage(`{"stepType":"replace","from":20000,"to":20000,"slice":{"content":[{"type":"text","text":"x"}]}}`)}
	for b.Loop() {
		if err := d.Update(b.Context(), func(tx *db.Tx) (err error) {
			version, err = r.Append(tx, id, 7, "one", version, step)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}
