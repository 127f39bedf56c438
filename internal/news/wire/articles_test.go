package wire_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

const persian = `[{"title": "آب بازگشت", "text": "رود «زاینده» پر شد.\n\nمردم آمدند.", "date": "2020-04-05", "url": "https://paper.example/a/1"}]`

func packed(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func wide(s string, big bool) string {
	b := []byte{0xff, 0xfe}
	if big {
		b = []byte{0xfe, 0xff}
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func TestTheSameArticleComesFromEveryForm(t *testing.T) {
	const table = "title,text,date,url\r\n\"آب بازگشت\",\"رود «زاینده» پر شد.\r\n\r\nمردم آمدند.\",2020-04-05,https://paper.example/a/1\r\n"
	latin, err := charmap.Windows1256.NewEncoder().String(strings.ReplaceAll(table, "ی", "ي"))
	if err != nil {
		t.Fatal(err)
	}
	line := strings.Trim(persian, "[]")
	forms := map[string]struct{ text, charset string }{
		"array": {persian, ""}, "lines": {line + "\n", ""}, "packed": {packed(line), ""}, "blank lines": {"\n\n" + line + "\n\n", ""},
		"BOM": {"\ufeff" + line, ""}, "CSV": {table, ""}, "semicolons": {strings.NewReplacer(",", ";").Replace(table), ""},
		"tabs": {strings.NewReplacer(",", "\t").Replace(table), ""}, "UTF-16": {wide(table, false), ""}, "UTF-16 big": {wide(line, true), ""},
		"windows-1256": {latin, "windows-1256"},
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			n := furnish(t, dbtest.SQLite(t))
			o := n.options(wire.Articles, "fa")
			o.Charset = form.charset
			r := n.bring(t, "a.dat", form.text, o)
			s := n.told(t)["آب بازگشت"]
			text := strings.ReplaceAll(body.Plain(s.Content.Body), "ي", "ی")
			if r.Added != 1 || text != "رود «زاینده» پر شد.\n\nمردم آمدند." {
				t.Errorf("got %q: %s", text, shown(r))
			}
			if want := time.Date(2020, 4, 5, 0, 0, 0, 0, n.editions["fa"].Location()); !s.Published.Equal(want) {
				t.Errorf("published %v, want %v", s.Published, want)
			}
		})
	}
}

// many are JSON Lines with so many articles.
func many(count int) string {
	var b strings.Builder
	for n := range count {
		fmt.Fprintf(&b, `{"id": "%d", "title": "Headline %d", "text": "Text %d", "date": "2020-01-02", "tags": ["a%d", "b"], "author": "Person %d", "category": "S%d"}`+"\n", n, n, n, n%7, n%5, n%3)
	}
	return b.String()
}

func TestUnusableFilesAreRefusedWithPlaceAndReasonAndLeaveNothing(t *testing.T) {
	good := many(1200)
	bad := strings.Replace(good, `{"id": "1100",`, `{"id": "1100"`, 1)
	repeated := strings.Replace(good, `{"id": "900",`, `{"title": "x", "id": "900",`, 1)
	cases := []struct{ name, text, place, reason string }{
		{"empty", "", "", "empty"},
		{"blank", " \n \n", "", "empty"},
		{"no items", "[]", "", "no items"},
		{"head only", "title,text\n", "", "no items"},
		{"no headline", `{"a": 1, "b": 2}`, "", "a, b"},
		{"bad row", bad, "line 1101, column 15", "comma"},
		{"key twice", repeated, "line 901", "twice"},
		{"cut array", persian[:len(persian)-3], "line 1", "cut off"},
		{"cut line", good[:len(good)-20], "line 1200", "ends"},
		{"after the array", persian + "x", "line 1", "follows"},
		{"cut gzip", packed(good)[:2000], "its end", "cut off"},
		{"damaged gzip", packed(good)[:len(packed(good))-8] + "12345678", "its end", "sum"},
		{"bomb", packed(strings.Repeat("\n", 64<<20)), "byte", "times as long"},
		{"one long line", `{"title": "` + strings.Repeat("x", 5<<20) + `"}`, "line 1", "longer"},
		{"bad UTF-8", "title,text\na,b\nc,\xe3\n", "line 3, byte 18", "no UTF-8; if"},
		{"NUL", "title,text\na,\x00b\n", "line 2", "NUL"},
		{"half UTF-16", wide(persian, false) + "\xd8", "byte", "inside a character"},
		{"lone surrogate", wide("title\nab", false) + "\x00\xdc\x00\x00", "byte", "half a character"},
		{"zip", "PK\x03\x04rest", "", "ZIP"},
		{"XML", "<?xml version='1.0'?><rss/>", "line 1", "XML"},
		{"more cells", "title,text\na,b\nc,d,e\n", "line 3", "3 cells"},
		{"fewer cells", "title,text,date\na,b,c\nc\nd,e,f\n", "line 3", "1 cells"},
		{"open quote", "title,text\na,\"b\nc,d\n", "line 2", "does not end"},
		{"stray quote", "title,text\na,\"b\"c\"\n", "line 2", "not doubled"},
		{"two columns alike", "title,title\na,b\n", "line 1", "two columns"},
		{"deep", strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000), "line 1", ""},
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		before := n.rows(t)
		for _, c := range cases {
			r, err := wire.Import(t.Context(), n.desk, wire.Source{Name: c.name, Read: strings.NewReader(c.text)}, n.options(wire.Articles, "en"), nil)
			fault, ok := errors.AsType[*wire.Fault](err)
			if !ok || !strings.Contains(fault.Place, c.place) || !strings.Contains(fault.Reason, c.reason) || len(r.Refused) != 1 {
				t.Errorf("%s: got %v, want %q at %q", c.name, err, c.reason, c.place)
			}
		}
		if after := n.rows(t); after != before {
			t.Errorf("refused files left %s, want %s", after, before)
		}
	})
}

func TestUnusableRowsAreRefusedAndTheOthersCome(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		text := many(3) + `{"title": " ", "text": "no headline"}` + "\n" + `{"title": "an \u202eoverride", "text": "x"}` + "\n" +
			`{"id": "1", "title": "Another", "text": "x"}` + "\n" + strings.SplitAfter(many(1), "\n")[0] + many(1)
		r := n.bring(t, "rows.jsonl", text, n.options(wire.Articles, "en"))
		if r.Added != 3 || r.Unchanged != 2 || len(r.Refused) != 3 {
			t.Fatalf("got %s", shown(r))
		}
		slices.SortFunc(r.Refused, func(a, b wire.Refusal) int { return strings.Compare(a.Place, b.Place) })
		for i, want := range []string{"no headline", "U+202E", "identity of item 2"} {
			if got := r.Refused[i]; got.Place != fmt.Sprintf("line %d", i+4) || !strings.Contains(got.Reason, want) {
				t.Errorf("got %v, want %q", got, want)
			}
		}
	})
}

func TestTableThatIsCutInItsLastRowComesWithoutIt(t *testing.T) {
	n := furnish(t, dbtest.SQLite(t))
	r := n.bring(t, "cut.csv", "date,title,text\n20030219,One,a\n20030220,Tw", n.options(wire.Articles, "en"))
	if r.Added != 1 || len(r.Refused) != 1 || r.Refused[0].Place != "line 3" {
		t.Errorf("got %s", shown(r))
	}
}

func TestSecondRunAddsNothingAndOnlyWhatChangedIsUpdated(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		o := n.options(wire.Articles, "en")
		if r := n.bring(t, "a.jsonl", many(1200), o); r.Added != 1200 || r.Topics != 8 {
			t.Fatalf("got %s", shown(r))
		}
		before := n.rows(t)
		if r := n.bring(t, "a.jsonl.gz", packed(many(1200)), o); r.Unchanged != 1200 || r.Added+r.Updated != 0 {
			t.Errorf("a second run: got %s", shown(r))
		}
		if after := n.rows(t); withoutRuns(after) != withoutRuns(before) {
			t.Errorf("a second run left %s, want %s", after, before)
		}
		changed := strings.Replace(many(1201), "Text 700\"", "Text seven hundred\"", 1)
		if r := n.bring(t, "a.jsonl", changed, o); r.Unchanged != 1199 || r.Updated != 1 || r.Added != 1 {
			t.Errorf("a changed file: got %s", shown(r))
		}
		if text := body.Plain(n.told(t)["Headline 700"].Content.Body); text != "Text seven hundred" {
			t.Errorf("got %q", text)
		}
	})
}

// withoutRuns leaves out of a count what every run adds: itself.
func withoutRuns(counts string) string {
	var kept []string
	for line := range strings.Lines(counts) {
		if !strings.Contains(line, `"batch"`) && !strings.Contains(line, `"outbox"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

func TestStoryThatWasEditedHereStaysAsItIs(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		o := n.options(wire.Articles, "en")
		n.bring(t, "a.jsonl", many(3), o)
		s := n.told(t)["Headline 1"]
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			c := s.Content
			c.Standfirst = "Ours"
			_, err := n.stories.Save(tx, 0, s.ID, 1, c)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		r := n.bring(t, "a.jsonl", strings.Replace(many(3), "Text 1", "Text one", 1), o)
		if r.Updated != 0 || len(r.Refused) != 1 || !strings.Contains(r.Refused[0].Reason, "edited here") {
			t.Errorf("got %s", shown(r))
		}
		err = d.View(t.Context(), func(tx *db.Tx) error {
			draft, err := n.stories.Draft(tx, s.ID)
			if draft.Content.Standfirst != "Ours" || body.Plain(draft.Content.Body) != "Text 1" {
				t.Errorf("got %+v", draft.Content)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestDryRunTellsTheSameAndLeavesNothing(t *testing.T) {
	n := furnish(t, dbtest.SQLite(t))
	before := n.rows(t)
	o := n.options(wire.Articles, "en")
	o.DryRun = true
	if r := n.bring(t, "a.jsonl", many(700), o); r.Added != 700 || !r.DryRun {
		t.Errorf("got %s", shown(r))
	}
	if after := n.rows(t); after != before {
		t.Errorf("a dry run left %s, want %s", after, before)
	}
}

func TestArticlesThatAreCutAnywhereNeverComeInHalf(t *testing.T) {
	text := packed(many(300))
	n := furnish(t, dbtest.SQLite(t))
	before := n.rows(t)
	for percent := range 100 {
		cut := text[:len(text)*percent/100]
		_, err := wire.Import(t.Context(), n.desk, wire.Source{Name: "a", Read: strings.NewReader(cut)}, n.options(wire.Articles, "en"), nil)
		if err == nil {
			t.Errorf("cut at %d %%: it came", percent)
		}
	}
	if after := n.rows(t); after != before {
		t.Errorf("cut files left %s, want %s", after, before)
	}
}
