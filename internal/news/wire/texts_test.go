package wire_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/lang"
)

// nasty are texts that some systems cannot keep.
var nasty = []string{
	`He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%;`, `' OR 1=1--`, `\'; DROP TABLE story;--`, `%s %_ $1 ? {{7*7}} ${x}`,
	`<svg onload=alert(1)>`, `</textarea><img src=x onerror=alert(1)>`, `]]>`, `&amp; &lt; &#39;`, `<p>not markup here</p>`, `javascript:alert(1)`,
	`../../etc/passwd%00`, "zero\u200bwidth\u200c\u200djoin", "می‌روم", "ي ى ك ک ة ه", "👩‍👩‍👧‍👦 🏳️‍🌈", "Z̷̢̛͔͎a̶͔͐l̸̘̎g̶̰̽o̵͙͝", "\u202eoverride\u202c in a body",
	"line\u2028separator", "tab\there", "\ufeffmark inside", "NULL", "undefined", "1e999", "-0", "İıŞş", "\ufffd kept", "a\u0301 is not á",
}

func TestHostileTextsComeOutByteForByte(t *testing.T) {
	texts := nasty
	if folder := corpus(t); folder != "" {
		raw, err := os.ReadFile(filepath.Join(folder, "hostile", "blns", "blns.json"))
		if err != nil {
			t.Fatal(err)
		}
		var more []string
		if err := json.Unmarshal(raw, &more); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, more...)
	}
	var rows strings.Builder
	want := map[string]string{}
	for i, text := range texts {
		if _, _, bad := lang.Control(text); bad || strings.TrimSpace(text) == "" {
			continue
		}
		headline := fmt.Sprintf("%d: text", i)
		want[headline] = text
		row, err := json.Marshal(map[string]string{"title": headline, "text": text, "summary": "Of " + text, "id": headline})
		if err != nil {
			t.Fatal(err)
		}
		rows.Write(append(row, '\n'))
	}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		n.bring(t, "hostile.jsonl", rows.String(), n.options(wire.Articles, "en"))
		told := n.told(t)
		for headline, text := range want {
			s := told[headline]
			if got := body.Plain(s.Content.Body); got != text {
				t.Errorf("got %q, want %q", got, text)
			}
			if got := s.Standfirst; got != strings.TrimSpace("Of "+text) {
				t.Errorf("got the standfirst %q, want %q", got, text)
			}
		}
	})
}

func TestHeadlinesComeOutByteForByte(t *testing.T) {
	var rows strings.Builder
	var want []string
	for _, text := range nasty {
		if _, _, bad := lang.BidiFault(text); bad || strings.ContainsAny(text, "\u2028\n") {
			continue
		}
		want = append(want, text)
		row, err := json.Marshal(map[string]string{"title": text})
		if err != nil {
			t.Fatal(err)
		}
		rows.Write(append(row, '\n'))
	}
	n := furnish(t, dbtest.SQLite(t))
	n.bring(t, "hostile.jsonl", rows.String(), n.options(wire.Articles, "en"))
	told := n.told(t)
	for _, headline := range want {
		if _, ok := told[headline]; !ok {
			t.Errorf("%q did not come out", headline)
		}
	}
}

// one brings one row and returns the story that it became.
func one(t *testing.T, key string, row map[string]any) (story.Story, wire.Report) {
	t.Helper()
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	n := furnish(t, dbtest.SQLite(t))
	r := n.bring(t, "one.jsonl", string(text), n.options(wire.Articles, key))
	for _, s := range n.told(t) {
		return s, r
	}
	t.Fatalf("nothing came: %s", shown(r))
	return story.Story{}, r
}

func says(r wire.Report, what string) bool {
	for _, c := range r.Changed {
		if strings.Contains(c.What, what) {
			return true
		}
	}
	return false
}

func TestLineEndsAndControlsAreMendedAndCounted(t *testing.T) {
	s, r := one(t, "en", map[string]any{"title": "H", "text": "a\r\nb\rc \u0093quoted\u0094 \u0007bell"})
	if got, want := body.Plain(s.Content.Body), "a\nb\nc “quoted” bell"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if !says(r, "line ends became LF (2 times)") || !says(r, "Windows-1252, or were dropped (3 times)") {
		t.Errorf("got %s", shown(r.Changed))
	}
}

func TestStandfirstThatRepeatsTheFirstParagraphIsShownOnce(t *testing.T) {
	s, r := one(t, "en", map[string]any{"title": "H", "abstract": "Same words.", "body": "Same words.\n\nMore."})
	if s.Standfirst != "" || body.Plain(s.Content.Body) != "Same words.\n\nMore." || !says(r, "shown once") {
		t.Errorf("got %q and %q", s.Standfirst, body.Plain(s.Content.Body))
	}
}

func TestCityBeforeADashBecomesTheDateline(t *testing.T) {
	for text, want := range map[string]string{
		"WASHINGTON, D.C. - The House voted.":   "WASHINGTON, D.C.",
		"Washington, DC – The House voted.":     "Washington, DC",
		"CHICAGO -- The House voted.":           "CHICAGO",
		"San Antonio, TX - The House voted.":    "San Antonio, TX",
		"FOR IMMEDIATE RELEASE - It voted.":     "",
		"FOIA Delays - It voted.":               "",
		"Although symbolic - It voted.":         "",
		"The well-known House voted.":           "",
		"CHICAGO: The House voted.":             "",
		"\"WASHINGTON\" - The House voted.":     "",
		"BREAKING NEWS - The House voted.":      "",
		"NATO – the alliance – met in session.": "",
	} {
		s, _ := one(t, "en", map[string]any{"title": "H", "text": text})
		if s.Content.Dateline != want {
			t.Errorf("%s: got the dateline %q, want %q", text, s.Content.Dateline, want)
		}
		if got := body.Plain(s.Content.Body); want == "" && got != text || want != "" && !strings.HasSuffix(text, got) {
			t.Errorf("%s: got %q", text, got)
		}
	}
}

func TestNameThatOpensManyTextsBecomesTheByline(t *testing.T) {
	var rows strings.Builder
	for i := range 40 {
		text := fmt.Sprintf("خبرگزاري فارس: متن %d", i)
		if i%2 == 1 {
			text = fmt.Sprintf("وزير گفت: متن %d", i/9)
		}
		if i == 6 {
			text = "خبرگزاری فارس - متن"
		}
		fmt.Fprintf(&rows, `{"title": "خبر %d", "abstract": %q, "text": "x"}`+"\n", i, text)
	}
	fmt.Fprintf(&rows, `{"title": "خبر امضا", "author": "مينا", "abstract": "خبرگزاري فارس: متن", "text": "x"}`+"\n")
	n := furnish(t, dbtest.SQLite(t))
	r := n.bring(t, "fars.jsonl", strings.ReplaceAll(rows.String(), "وزير گفت", "%"), n.options(wire.Articles, "fa"))
	told := n.told(t)
	if s := told["خبر 0"]; len(s.Byline) != 1 || s.Byline[0].Name != "خبرگزاري فارس" || s.Standfirst != "متن 0" {
		t.Errorf("got %v and %q", s.Byline, s.Standfirst)
	}
	if s := told["خبر 6"]; len(s.Byline) != 1 || s.Standfirst != "متن" || s.Byline[0].Author != told["خبر 0"].Byline[0].Author {
		t.Errorf("got %v and %q", s.Byline, s.Standfirst)
	}
	if s := told["خبر امضا"]; len(s.Byline) != 1 || s.Byline[0].Name != "مينا" || s.Standfirst != "خبرگزاري فارس: متن" {
		t.Errorf("a signed text: got %v and %q", s.Byline, s.Standfirst)
	}
	if !says(r, "became the byline") {
		t.Errorf("got %s", shown(r.Changed))
	}
}

func TestNameThatOpensFewTextsStaysInThem(t *testing.T) {
	var rows strings.Builder
	for i := range 100 {
		text := "Text."
		if i < 6 {
			text = "The minister: text."
		}
		fmt.Fprintf(&rows, `{"title": "H %d", "text": %q}`+"\n", i, text)
	}
	n := furnish(t, dbtest.SQLite(t))
	n.bring(t, "a.jsonl", rows.String(), n.options(wire.Articles, "en"))
	if s := n.told(t)["H 0"]; len(s.Byline) != 0 || body.Plain(s.Content.Body) != "The minister: text." {
		t.Errorf("got %v and %q", s.Byline, body.Plain(s.Content.Body))
	}
}

func TestDatesAreReadAsTheyAreWritten(t *testing.T) {
	utc := func(year int, month time.Month, day, hour, minute int) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
	}
	for written, want := range map[string]time.Time{
		"20030219": utc(2003, 2, 19, 0, 0), "2003-02-19": utc(2003, 2, 19, 0, 0), "2017-03-02T08:29:00+01:00": utc(2017, 3, 2, 7, 29),
		"2017-01-22T171800": utc(2017, 1, 22, 17, 18), "Mon, 09 May 2022 09:53:00 +0000": utc(2022, 5, 9, 9, 53), "19/02/2003": utc(2003, 2, 19, 0, 0),
		"02/19/2003": utc(2003, 2, 19, 0, 0), "February 19, 2003": utc(2003, 2, 19, 0, 0), "1045612800": utc(2003, 2, 19, 0, 0),
		"1045612800000": utc(2003, 2, 19, 0, 0), "1381/11/30": utc(2003, 2, 19, 0, 0), "۱۳۸۱/۱۱/۳۰": utc(2003, 2, 19, 0, 0),
		"2003-02-19 10:11": utc(2003, 2, 19, 10, 11), "yesterday": noon, "2003-02-31": noon, "": noon,
	} {
		s, r := one(t, "en", map[string]any{"title": "H", "date": written})
		if !s.Published.Equal(want) {
			t.Errorf("%q: got %v, want %v", written, s.Published, want)
		}
		if want == noon && !says(r, "dated at its import") && !says(r, "cannot be read") {
			t.Errorf("%q: the report says nothing: %s", written, shown(r))
		}
	}
}

func TestUnclearDatesFollowTheClearOnesOfTheirFile(t *testing.T) {
	for clear, want := range map[string]time.Month{"25/04/2017": time.March, "04/25/2017": time.February} {
		n := furnish(t, dbtest.SQLite(t))
		n.bring(t, "a.csv", "title,date\nA,02/03/2017\nB,"+clear+"\n", n.options(wire.Articles, "en"))
		if got := n.told(t)["A"].Published.Month(); got != want {
			t.Errorf("beside %s: got %v, want %v", clear, got, want)
		}
	}
}

func TestRowsWithoutDatesAreDatedByTheirLinksOrTheFile(t *testing.T) {
	tehran := furnish(t, dbtest.SQLite(t)).editions["fa"].Location()
	for _, c := range []struct {
		file, link string
		want       time.Time
	}{
		{"a.jsonl", "https://www.agency.example/news/8707060255", time.Date(2008, 9, 27, 0, 0, 0, 0, tehran)},
		{"a.jsonl", "https://www.agency.example/news/13911222000865/x", time.Date(2013, 3, 12, 0, 0, 0, 0, tehran)},
		{"a.jsonl", "https://paper.example/2017/03/02/x", time.Date(2017, 3, 2, 0, 0, 0, 0, tehran)},
		{"a.jsonl", "https://paper.example/news/1392980", noon},
		{"export-2019-05-06.jsonl", "https://paper.example/news/1392980", time.Date(2019, 5, 6, 0, 0, 0, 0, tehran)},
	} {
		n := furnish(t, dbtest.SQLite(t))
		n.bring(t, c.file, fmt.Sprintf(`{"title": "A", "link": %q}`, c.link), n.options(wire.Articles, "fa"))
		if got := n.told(t)["A"].Published; !got.Equal(c.want) {
			t.Errorf("%s: got %v, want %v", c.link, got, c.want)
		}
	}
}

func TestFieldsAreFoundByTheirUsualNamesOrByTheOnesGiven(t *testing.T) {
	n := furnish(t, dbtest.SQLite(t))
	o := n.options(wire.Articles, "en")
	o.Mapping = map[string]string{"headline": "zeile", "author": "who.full", "source": ""}
	r := n.bring(t, "a.jsonl", `{"zeile": "Given", "title": "Not this", "who": {"full": "Ada Byron", "born": 1815}, "Keywords": "sea, port", "cat": "Town", "source": "X", "paragraphs": ["One.", "Two."]}`, o)
	s := n.told(t)["Given"]
	if len(s.Byline) != 1 || s.Byline[0].Name != "Ada Byron" || len(s.Content.Topics) != 2 || body.Plain(s.Content.Body) != "One.\n\nTwo." || s.Content.Origin != nil {
		t.Errorf("got %s", shown(s.Content))
	}
	if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "source, title, who.born") {
		t.Errorf("got the notes %q", r.Notes)
	}
	o.Mapping = map[string]string{"headline": "nowhere"}
	if _, err := wire.Import(t.Context(), n.desk, wire.Source{Name: "a", Read: strings.NewReader(`{"title": "x"}`)}, o, nil); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("a column that is not there: got %v", err)
	}
	o.Mapping = map[string]string{"healdine": "title"}
	if _, err := wire.Import(t.Context(), n.desk, wire.Source{Name: "a", Read: strings.NewReader(`{"title": "x"}`)}, o, nil); err == nil || !strings.Contains(err.Error(), "headline") {
		t.Errorf("a field that does not exist: got %v", err)
	}
}

func TestBodiesInMarkupBecomeBlocks(t *testing.T) {
	s, _ := one(t, "en", map[string]any{"title": "H", "content": `<p>One <b>bold</b>.</p><h2>Part</h2><ul><li>a</li></ul><script>x</script>`})
	if got, want := kinds(s), "paragraph subhead list"; got != want {
		t.Errorf("got the blocks %s, want %s", got, want)
	}
}
