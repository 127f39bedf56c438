package wire_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

func TestImportThatIsStoppedAtAnyChunkLeavesNothing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		before := n.rows(t)
		for stop := range 3 {
			ctx, cancel := context.WithCancel(t.Context())
			chunks := 0
			_, err := wire.Import(ctx, n.desk, wire.Source{Name: "a", Read: strings.NewReader(many(2000))}, n.options(wire.Articles, "en"), func(wire.Progress) {
				if chunks++; chunks > stop {
					cancel()
				}
			})
			cancel()
			if !errors.Is(err, context.Canceled) {
				t.Errorf("stopped after chunk %d: got %v", stop, err)
			}
			if after := n.rows(t); after != before {
				t.Errorf("stopped after chunk %d: left %s, want %s", stop, after, before)
			}
		}
	})
}

// hanging gives some bytes and then ends badly.
type hanging struct{ io.Reader }

var errGone = errors.New("the line is down")

func (h hanging) Read(p []byte) (int, error) {
	n, err := h.Reader.Read(p)
	if err == io.EOF {
		err = errGone
	}
	return n, err
}

func TestSourceThatBreaksOffIsRefusedBeforeAnythingIsStaged(t *testing.T) {
	n := furnish(t, dbtest.SQLite(t))
	before := n.rows(t)
	_, err := wire.Import(t.Context(), n.desk, wire.Source{Name: "a", Read: hanging{strings.NewReader(many(100))}}, n.options(wire.Articles, "en"), nil)
	if fault, ok := errors.AsType[*wire.Fault](err); !ok || !strings.Contains(fault.Reason, errGone.Error()) {
		t.Errorf("got %v", err)
	}
	if after := n.rows(t); after != before {
		t.Errorf("left %s, want %s", after, before)
	}
}

func TestWhatAKilledProgramStagedIsGoneAfterTheNextImport(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		b, err := n.desk.Begin(t.Context(), n.editions["en"], "articles", n.sections["en"], true)
		if err != nil {
			t.Fatal(err)
		}
		var items []publish.Item
		for i := range 50 {
			items = append(items, publish.Item{Key: fmt.Sprint(i), Hash: "h", Published: noon, Topics: []string{"t"}, Section: "Killed",
				Content: story.Content{Headline: fmt.Sprint("Half ", i), Genre: story.News}})
		}
		if _, err := b.Stage(t.Context(), items); err != nil {
			t.Fatal(err)
		}
		if r := n.bring(t, "a.jsonl", many(10), n.options(wire.Articles, "en")); r.Added != 10 {
			t.Errorf("got %s", shown(r))
		}
		for headline := range n.told(t) {
			if strings.HasPrefix(headline, "Half") {
				t.Errorf("%s was shown", headline)
			}
		}
		for table, want := range map[string]string{"story": "10", "batch": "1", "import_item": "10"} {
			if counts := n.rows(t); !strings.Contains(counts, fmt.Sprintf("%q: %s,", table, want)) && !strings.Contains(counts, fmt.Sprintf("%q: %s\n", table, want)) {
				t.Errorf("%s: got %s, want %s", table, counts, want)
			}
		}
	})
}

func TestProgressEndsWithTheWholeFile(t *testing.T) {
	n := furnish(t, dbtest.SQLite(t))
	text := many(1100)
	var last wire.Progress
	_, err := wire.Import(t.Context(), n.desk, wire.Source{Name: "a", Read: strings.NewReader(text)}, n.options(wire.Articles, "en"), func(p wire.Progress) {
		if p.Items < last.Items || p.Bytes < last.Bytes {
			t.Errorf("%v came after %v", p, last)
		}
		last = p
	})
	size := int64(len(text))
	if want := (wire.Progress{Bytes: size, Size: size, Items: 1100}); err != nil || last != want {
		t.Errorf("got %v and %v, want %v", last, err, want)
	}
}
