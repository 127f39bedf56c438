package redact

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

var name = Request{Kind: Name, Texts: []string{"Quillon Vexmoor", "زغنوف قلذوم"}, Reason: "court order 12/26"}

// pieces are the parts of the name, of which none stands in any other word.
var pieces = []string{"quillon", "vexmoor", "زغنوف", "قلذوم"}

func TestANameGoesFromEveryTableAndFile(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		ids := h.everywhere()
		before := h.holders(pieces...)
		for _, column := range []string{"revision.content", "live.headline", "live.byline", "live.slug", "address.slug", "front.plan", "topic.content", "topic_name.folded", "author_slug.slug",
			"section.slug", "edition.content", "asset.content", "version.note", "withdrawn.reason", "planned.note", "idempotency.answer", "idempotency.key", "delivery.payload", "delivery.failure",
			"receipt.lines", "old_address.address", "import_item.item", "import_comment.content", "view_excluded.reason", "job.failure", "job.payload", "batch.source"} {
			if before[column] == 0 {
				t.Errorf("%s does not hold the name before: the test sees nothing there", column)
			}
		}
		if h.engine != "sqlite" {
			_, err := h.raw.ExecContext(t.Context(), `analyze`) // which copies values
			h.must(err)
		}
		if n, ok := h.inFiles(pieces...); ok && n == 0 {
			t.Error("no file holds the name before: the test does not see the files")
		}
		rain := h.saves(ids[4])

		d := h.redact(name)

		if left := h.holders(pieces...); len(left) > 0 {
			t.Errorf("these still hold the name: %v", left)
		}
		if n, ok := h.inFiles(pieces...); !ok {
			t.Log("skipped: this user may not read the server's files")
		} else if n > 0 {
			t.Errorf("%d files still hold the name", n)
		}
		if !slices.Equal(rain, h.saves(ids[4])) {
			t.Error("a story that has nothing to do with it was changed")
		}
		if d.State != Done || d.Report.Stories != 4 || len(d.Report.Nodes) != 1 || len(d.Report.Backups) != 1 || len(d.Report.Scrub.Done) == 0 {
			t.Errorf("got %s %+v", d.State, d.Report)
		}
		if len(h.found("en", "vexmoor")) != 0 || len(h.found("en", "well")) != 1 || len(h.found("ar", "بئرا")) != 1 {
			t.Errorf("search finds %v, %v and %v", h.found("en", "vexmoor"), h.found("en", "well"), h.found("ar", "بئرا"))
		}
		h.asMarked(ids)
		h.asTold(d, ids)
	})
}

// TestABackupThatIsNotedLateIsNamed notes backups when the redaction is done
// already: what counts is when they were begun.
func TestABackupThatIsNotedLateIsNamed(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.everywhere()
		id := h.redact(name).ID
		done := h.redaction(id).DoneAt.UnixMilli()
		h.update(func(tx *db.Tx) error {
			for n, at := range []int64{done, done + 1} {
				if _, err := tx.Exec(`insert into backup (id, at, place, bytes, hash) values ($1, $2, $3, 0, '')`, n+1, at, fmt.Sprint("/backups/late-", n)); err != nil {
					return err
				}
			}
			return nil
		})
		h.view(func(tx *db.Tx) error {
			list, err := List(tx, 0, 10)
			if err != nil {
				return err
			}
			for _, d := range append(list, h.redaction(id)) {
				if len(d.Report.Backups) != 2 || d.Report.Backups[0].Place != "/backups/late-0" {
					t.Errorf("got %+v", d.Report.Backups)
				}
			}
			return nil
		})
	})
}

// saves are the contents of a story's revisions, as bytes.
func (h *house) saves(id ref.Story) (texts []string) {
	h.view(func(tx *db.Tx) (err error) {
		texts, err = db.List(tx, db.Value[string], `select content from revision where story = $1 order by id limit 100`, id)
		return err
	})
	return texts
}

// asMarked looks at what stands where the name was.
func (h *house) asMarked(ids []ref.Story) {
	h.t.Helper()
	h.view(func(tx *db.Tx) error {
		s, err := story.Read(tx, ids[0])
		if err != nil {
			return err
		}
		plain := fmt.Sprintf("story-%d", ids[0])
		if s.Headline != "[redacted] digs another well" || s.Slug != plain || s.Content.Slug != plain || s.Content.Headline != s.Headline || len(s.Byline) != 2 || s.Byline[1].Name != "[redacted] jr." {
			h.t.Errorf("got %+v", s.Card)
		}
		first := s.Content.Body[0].Value.(body.Paragraph).Text
		if first.String() != "He is [redacted]." || first[len(first)-1].Link != (body.Link{}) {
			h.t.Errorf("got %+v", first)
		}
		if got := s.Content.Body[1].Value.(body.Paragraph).Text.String(); got != "See [redacted] or #[redacted]\n" {
			h.t.Errorf("got %q", got)
		}
		if got := s.Content.Body[12]; got.Kind() != "paragraph" || got.Key != "b13" {
			h.t.Errorf("the embed became %+v", got)
		}
		if problems := story.Check(s.Content); len(problems) > 0 {
			h.t.Errorf("it could not be saved any more: %v", problems)
		}
		owner, err := story.Owner(tx, "en", plain)
		if err != nil || owner != ids[0] {
			h.t.Errorf("its address leads to %d, %v", owner, err)
		}
		s, err = story.Read(tx, ids[3])
		if err != nil {
			return err
		}
		if s.Headline != "قال [محذوف]" || s.Content.Body[1].Value.(body.Paragraph).Text.String() != "و[محذوف] هنا. [محذوف]" {
			h.t.Errorf("got %q, %+v", s.Headline, s.Content.Body)
		}
		return nil
	})
}

// asTold looks at what nodes, the log and others were told.
func (h *house) asTold(d Redaction, ids []ref.Story) {
	h.t.Helper()
	if !slices.Contains(h.dropped, string(ref.FrameTag)) || !slices.Contains(h.dropped, string(ids[0].Tag())) {
		h.t.Errorf("dropped %v", h.dropped)
	}
	if len(h.sealed) != 3 || !strings.HasPrefix(h.sealed[2], "8 redaction.done") || !strings.Contains(h.sealed[2], d.Hash) || !strings.Contains(h.sealed[2], "court order 12/26") {
		h.t.Errorf("the log says %q", h.sealed)
	}
	for _, line := range h.sealed {
		if holdsBytes([]byte(line), pieces) {
			h.t.Errorf("the log says what went: %s", line)
		}
	}
	if len(h.told) != 4 || slices.Contains(h.told, ids[4]) {
		h.t.Errorf("others were told of %v", h.told)
	}
	h.view(func(tx *db.Tx) error {
		first, err := Since(tx, time.Time{}, 0, 3)
		if err != nil {
			return err
		}
		more, err := Since(tx, first[2].At, first[2].Story, 100)
		if len(first)+len(more) != 4 {
			h.t.Errorf("the public list has %v and %v", first, more)
		}
		return err
	})
}

func TestAPreviewSaysWhatIsDone(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		ids := h.everywhere()
		for _, q := range []Request{
			{Kind: Passage, Story: ids[0], Texts: []string{"Who is Quillon Vexmoor"}, Reason: "law"},
			name,
			{Kind: Story, Story: ids[0], Texts: []string{"another well"}, Reason: "law"},
		} {
			cells := h.cells()
			preview, err := h.room.Preview(t.Context(), q)
			h.must(err)
			if !maps.EqualFunc(cells, h.cells(), slices.Equal) {
				t.Errorf("the preview of a %s changed something", q.Kind)
			}
			done := h.redact(q).Report.Found
			if preview.Stories == 0 || preview.Stories != done.Stories || preview.Revisions != done.Revisions || !maps.Equal(preview.Places, done.Places) {
				t.Errorf("%s: the preview says %+v, done was %+v", q.Kind, preview, done)
			}
			if again, err := h.room.Preview(t.Context(), q); err != nil || len(again.Places) > 0 {
				t.Errorf("%s: afterwards a preview finds %+v, %v", q.Kind, again, err)
			}
		}
	})
}

func TestAPassageGoesFromItsStoryAlone(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		text := "The well is deep.\n\nIts water is poisoned by Grobnar Ltd, says the mayor."
		one := h.draft("en", story.Content{Headline: "The well", Genre: story.News, Section: h.en, Body: body.FromText(text)})
		h.publish(one, "")
		two := h.draft("en", story.Content{Headline: "Another well", Genre: story.News, Section: h.en, Body: body.FromText(text)})
		h.publish(two, "")
		other := h.saves(two.ID)
		h.redact(Request{Kind: Passage, Story: one.ID, Texts: []string{"poisoned by Grobnar Ltd"}, Reason: "law", Mark: "[cut]"})
		h.view(func(tx *db.Tx) error {
			s, err := story.Read(tx, one.ID)
			if got := body.Plain(s.Content.Body); got != "The well is deep.\n\nIts water is [cut], says the mayor." || s.Slug != "the-well" {
				t.Errorf("got %q at %s", got, s.Slug)
			}
			return err
		})
		if !slices.Equal(other, h.saves(two.ID)) || !slices.Equal(h.found("en", "grobnar"), []int64{int64(two.ID)}) {
			t.Error("the other story was changed")
		}
	})
}

func TestAWholeStoryGoesAndItsAddressSaysSo(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		ids := h.everywhere()
		d := h.redact(Request{Kind: Story, Story: ids[0], Reason: "safety"})
		h.view(func(tx *db.Tx) error {
			owner, err := story.Owner(tx, "en", "quillon-vexmoor-digs-another-well")
			h.must(err)
			reason, err := story.Gone(tx, owner)
			if err != nil || reason != "This story was removed for legal or safety reasons." {
				t.Errorf("its address says %q, %v", reason, err)
			}
			if live, err := story.Cards(tx, ids[:1]); len(live) > 0 || err != nil {
				t.Errorf("it is live: %v, %v", live, err)
			}
			versions, err := h.stories.Versions(tx, ids[0])
			if len(versions) != 2 || versions[1].Kind != story.Redacted || versions[1].Note != "" {
				t.Errorf("its versions are %+v", versions)
			}
			return err
		})
		for _, text := range h.saves(ids[0]) {
			if holdsBytes([]byte(text), pieces) || !strings.Contains(text, "[redacted]") {
				t.Errorf("a save says %s", text)
			}
		}
		if d.Report.Stories != 1 || len(h.found("en", "another")) != 0 || len(h.found("en", "rain")) != 1 {
			t.Errorf("report %+v, search %v", d.Report, h.found("en", "another"))
		}
		err := h.db.Update(t.Context(), func(tx *db.Tx) error {
			_, err := h.desk.RestoreIn(tx, 7, ids[0])
			return err
		})
		if err == nil {
			t.Error("it could be published again by mistake")
		}
	})
}

func TestAPictureGoesWithItsFiles(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		picture, other := ref.New[ref.Asset](h.mint), ref.New[ref.Asset](h.mint)
		h.house(func(tx *db.Tx) error {
			for id, key := range map[ref.Asset]string{picture: "00112233445566778899", other: "99887766554433221100"} {
				err := asset.Put(tx, asset.Asset{ID: id, Key: key, Kind: asset.Picture, Widths: []int{480, 800}, Credit: "A. Grobnar", Words: map[string]asset.Words{"en": {Alt: "A well"}}})
				if err != nil {
					return err
				}
				h.must(os.MkdirAll(filepath.Join(h.files, key), 0o700))
				for _, width := range []string{"480", "800"} {
					h.must(os.WriteFile(filepath.Join(h.files, key, width+".jpg"), []byte("picture"), 0o600))
				}
			}
			return nil
		})
		b := body.Assign(body.Body{
			{Value: body.Figure{Asset: picture, Caption: body.T("A well")}}, {Value: body.Figure{Asset: other}},
			{Value: body.Gallery{Pictures: []body.Figure{{Asset: picture}, {Asset: other}}}},
			{Value: body.Paragraph{Text: body.Text{{Text: "See"}, {Text: "here", Link: body.Link{Href: "/media/00112233445566778899/480.jpg"}}, {Picture: body.Inline{Asset: picture}}}}},
		}, body.Counter("b"))
		one := h.draft("en", story.Content{Headline: "The well", Genre: story.News, Section: h.en, Picture: picture, Alt: "A well", Body: b})
		h.publish(one, "")
		two := h.draft("en", story.Content{Headline: "Rain", Genre: story.News, Section: h.en, Picture: other, Body: body.FromText("Rain.")})
		h.publish(two, "")
		d := h.redact(Request{Kind: Picture, Asset: picture, Reason: "safety"})
		if files, _ := filepath.Glob(filepath.Join(h.files, "*", "*")); len(files) != 2 || d.Report.Files != 2 {
			t.Errorf("left are %v, the report says %d", files, d.Report.Files)
		}
		h.view(func(tx *db.Tx) error {
			s, err := story.Read(tx, one.ID)
			h.must(err)
			var kinds []string
			for _, block := range s.Content.Body {
				kinds = append(kinds, block.Kind())
			}
			if want := []string{"paragraph", "figure", "gallery", "paragraph", "paragraph"}; !slices.Equal(kinds, want) || s.Picture != 0 || s.Content.Picture != 0 || s.Content.Alt != "" {
				t.Errorf("got %v, %+v", kinds, s.Card)
			}
			if got := body.Plain(s.Content.Body); got != "[redacted]\n\n[redacted]\n\nSeehere[redacted]" || len(body.Links(s.Content.Body)) > 0 {
				t.Errorf("got %q", got)
			}
			s, err = story.Read(tx, two.ID)
			if s.Picture != other {
				t.Error("the other story lost its picture")
			}
			return err
		})
		if left := h.holders("00112233445566778899"); len(left) > 0 {
			t.Errorf("these still name it: %v", left)
		}
	})
}

func TestTwoPeopleRedact(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.everywhere()
		asked, err := h.room.Ask(t.Context(), 7, name)
		h.must(err)
		if err := h.room.Confirm(t.Context(), 7, asked.ID); !errors.Is(err, ErrSamePerson) {
			t.Errorf("who asked confirms: %v", err)
		}
		h.must(h.run(t.Context(), asked.ID))
		if len(h.found("en", "vexmoor")) == 0 {
			t.Error("it was done by one")
		}
		h.must(h.room.Refuse(t.Context(), 8, asked.ID))
		if err := h.room.Confirm(t.Context(), 8, asked.ID); !errors.Is(err, ErrSettled) {
			t.Errorf("what was refused is confirmed: %v", err)
		}
		if d := h.redaction(asked.ID); d.State != Refused || len(d.Request.Texts) != 0 {
			t.Errorf("got %+v", d)
		}
		asked, err = h.room.Ask(t.Context(), 7, name)
		h.must(err)
		h.must(h.room.Refuse(t.Context(), 7, asked.ID))
		if d := h.redaction(asked.ID); d.State != TakenBack {
			t.Errorf("got %s", d.State)
		}
	})
}

func TestOnlyTheKeyOpensTheSeal(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		asked, err := h.room.Ask(t.Context(), 7, name)
		h.must(err)
		seal := h.redaction(asked.ID).Hash
		if got, _ := Hash(asked.Key, name); got != seal {
			t.Error("the key does not open the seal")
		}
		other := name
		other.Texts = []string{"Somebody Else"}
		for _, try := range []struct {
			key string
			q   Request
		}{{"", name}, {asked.Key, other}, {seal, name}} {
			if got, _ := Hash(try.key, try.q); got == seal {
				t.Errorf("%q opens the seal", try.key)
			}
		}
		for column, texts := range h.cells() {
			for _, text := range texts {
				if strings.Contains(text, asked.Key) {
					t.Errorf("the key is kept in %s", column)
				}
			}
		}
	})
}

func TestWhatCannotBeMeantIsRefused(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		there := h.draft("en", story.Content{Headline: "The well", Genre: story.News, Section: h.en}).ID
		picture := ref.New[ref.Asset](h.mint)
		h.house(func(tx *db.Tx) error {
			return asset.Put(tx, asset.Asset{ID: picture, Key: "0123", Kind: asset.Picture})
		})
		for _, q := range []Request{
			{Kind: Name, Reason: "law"}, {Kind: "all", Texts: []string{"abcd"}, Reason: "law"},
			{Kind: Name, Texts: []string{"Al"}, Reason: "law"}, {Kind: Name, Texts: []string{"  -- ' "}, Reason: "law"}, {Kind: Name, Texts: []string{"Abcd"}},
			{Kind: Name, Texts: []string{"Jane Doe"}, Reason: "Jane Doe asked"}, {Kind: Name, Texts: []string{"Jane Doe"}, Reason: "law", Mark: "[jane doe]"},
			{Kind: Passage, Texts: []string{"some words"}, Reason: "law"}, {Kind: Story, Reason: "law", Story: 12}, {Kind: Picture, Reason: "law", Asset: 12},
			{Kind: Name, Texts: []string{"Jane Doe"}, Reason: "law", Story: there}, {Kind: Name, Texts: []string{"Jane Doe"}, Reason: "law", Asset: picture},
			{Kind: Passage, Texts: []string{"some words"}, Reason: "law", Story: there, Asset: picture}, {Kind: Story, Reason: "law", Story: there, Asset: picture},
			{Kind: Picture, Reason: "law", Asset: picture, Story: there}, {Kind: Picture, Reason: "law", Asset: picture, Texts: []string{"some words"}},
		} {
			if _, err := h.room.Ask(t.Context(), 7, q); !errors.Is(err, ErrRequest) {
				t.Errorf("%+v: got %v", q, err)
			}
			if _, err := h.room.Preview(t.Context(), q); !errors.Is(err, ErrRequest) {
				t.Errorf("preview of %+v: got %v", q, err)
			}
		}
	})
}

// dying is a context that ends after it was looked at so many times.
type dying struct {
	context.Context
	end  func()
	left atomic.Int64
}

func newDying(ctx context.Context, left int) *dying {
	inner, end := context.WithCancel(ctx)
	d := &dying{Context: inner, end: end}
	d.left.Store(int64(left))
	return d
}

func (d *dying) look() {
	if d.left.Add(-1) < 0 {
		d.end()
	}
}

func (d *dying) Err() error {
	d.look()
	return d.Context.Err()
}

func (d *dying) Done() <-chan struct{} {
	d.look()
	return d.Context.Done()
}

func TestARedactionThatIsKilledGoesOn(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.everywhere()
		preview, err := h.room.Preview(t.Context(), name)
		h.must(err)
		asked, err := h.room.Ask(t.Context(), 7, name)
		h.must(err)
		h.must(h.room.Confirm(t.Context(), 8, asked.ID))
		steps := map[string]bool{}
		tries, lives := 0, 0
		for ; tries < 2000; tries++ {
			err := h.run(newDying(t.Context(), lives), asked.ID)
			step := h.redaction(asked.ID).Report.Step
			steps[step] = true
			if lives++; step == stepScrub {
				lives += 50 // it begins anew each time, and takes a while
			}
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("killed %d times, it ends with %v", tries, err)
			}
		}
		if d := h.redaction(asked.ID); d.State != Done || !maps.Equal(d.Report.Places, preview.Places) {
			t.Errorf("after %d kills it is %s and did %v, want %v", tries, d.State, d.Report.Places, preview.Places)
		}
		t.Logf("killed %d times, in the steps %v", tries, steps)
		if tries < 10 || len(steps) < 4 {
			t.Errorf("it was killed %d times, in the steps %v: the test does not kill", tries, steps)
		}
		if left := h.holders(pieces...); len(left) > 0 {
			t.Errorf("these still hold the name: %v", left)
		}
	})
}

func TestReadersAreRelievedFirst(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		ids := h.everywhere()
		var seen []string
		h.onPurge = func() {
			h.view(func(tx *db.Tx) error {
				all, err := List(tx, 0, 1)
				seen = append(seen, all[0].Report.Step)
				return err
			})
			h.view(func(tx *db.Tx) error {
				live, err := story.Cards(tx, ids)
				for _, c := range live {
					if holdsBytes([]byte(fmt.Sprint(c)), pieces) {
						t.Errorf("readers see %+v", c)
					}
				}
				return err
			})
		}
		h.redact(name)
		if !slices.Equal(seen, []string{stepHistory, stepTold}) {
			t.Errorf("nodes dropped what they keep before the steps %v, want before the history and after it", seen)
		}
	})
}

func TestItIsNotDoneBeforeEveryNodeHasDroppedWhatItKeeps(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.everywhere()
		asked, err := h.room.Ask(t.Context(), 7, name)
		h.must(err)
		asks := 0
		h.nodes = func() []Node {
			d := h.redaction(asked.ID)
			if d.State != Running || len(d.Request.Texts) == 0 {
				t.Errorf("while a node has not dropped what it keeps, it is %s", d.State)
			}
			cut := Node{Name: "cut off", ReadTo: d.Report.Event - 1, Silent: true}
			if asks++; asks < 4 {
				return []Node{{Name: "one", ReadTo: h.log.Cursor()}, {Name: "slow", ReadTo: d.Report.Event - 1}, cut}
			}
			return []Node{{Name: "one", ReadTo: h.log.Cursor()}, {Name: "slow", ReadTo: d.Report.Event}, cut}
		}
		h.must(h.room.Confirm(t.Context(), 8, asked.ID))
		h.must(h.run(t.Context(), asked.ID))
		d := h.redaction(asked.ID)
		if asks != 4 || d.State != Done || len(d.Report.Nodes) != 3 {
			t.Errorf("asked %d times, %s, %v", asks, d.State, d.Report.Nodes)
		}
		if left := d.Report.unproven(); len(left) != 1 || !strings.Contains(left[0], "cut off did not answer") {
			t.Errorf("nodes that may still show it: %q", left)
		}
	})
}

func TestAnOpenEditorDoesNotWriteTheNameBack(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		content := story.Content{Headline: "Quillon Vexmoor", Genre: story.News, Section: h.en, Body: body.FromText("Text.")}
		d := h.draft("en", content)
		h.update(func(tx *db.Tx) error {
			return h.desk.ScheduleIn(tx, publish.Planned{Story: d.ID, At: h.now.Add(time.Hour), Sequence: d.Sequence, By: 7})
		})
		h.redact(name)
		err := h.db.Update(t.Context(), func(tx *db.Tx) error {
			_, err := h.stories.Save(tx, 7, d.ID, d.Sequence, content)
			return err
		})
		if !errors.Is(err, story.ErrStale) {
			t.Errorf("got %v, want %v", err, story.ErrStale)
		}
		h.view(func(tx *db.Tx) error {
			p, err := h.desk.Planned(tx, d.ID)
			h.must(err)
			s, err := h.stories.Saved(tx, d.ID, p.Sequence)
			if s.Content.Headline != "[redacted]" {
				t.Errorf("what is scheduled says %q, %v", s.Content.Headline, err)
			}
			return err
		})
	})
}
