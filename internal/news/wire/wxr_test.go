package wire_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

func small(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/wxr/small.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWordPressReportTellsOfEveryItem(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		r := n.bring(t, "small.xml", small(t), n.options(wire.WXR, "en"))
		got := []int{r.Items, r.Added, r.Drafts, r.Pages, r.Attachments, r.Comments, len(r.Skipped), len(r.Refused)}
		if want := []int{11, 6, 3, 1, 1, 2, 4, 0}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v: %s", got, want, shown(r))
		}
		for _, what := range []string{
			"it was a draft: kept as a draft", "it was behind a password: kept as a draft", "it has no headline: kept as a draft",
			"markup in the headline was left out", "a block without words of its own was left out (core/latest-posts)",
			"a call of a plug-in was kept as text ([audio])", "the description for search engines became the standfirst",
			`the opening "HARBOUR POST" became the byline`,
		} {
			if !slices.ContainsFunc(r.Changed, func(c wire.Change) bool { return c.What == what }) {
				t.Errorf("the report does not say %q: %s", what, shown(r.Changed))
			}
		}
		if live := n.told(t); len(live) != 3 {
			t.Errorf("%d stories are live, want 3", len(live))
		}
	})
}

func TestWordPressPostComesWithAllItsParts(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		n.bring(t, "small.xml", small(t), n.options(wire.WXR, "en"))
		s, ok := n.told(t)["The “old” crane stays"]
		if !ok {
			t.Fatal("the post did not come")
		}
		if s.Standfirst != "A vote & its end." || s.Slug != "the-old-crane" || s.Picture == 0 {
			t.Errorf("got %q at %q with picture %d", s.Standfirst, s.Slug, s.Picture)
		}
		if len(s.Byline) != 1 || s.Byline[0].Name != "Mira Sand" {
			t.Errorf("got the byline %v, want Mira Sand", s.Byline)
		}
		if !s.Published.Equal(time.Date(2024, 5, 2, 8, 0, 0, 0, time.UTC)) || !s.Updated.Equal(time.Date(2024, 5, 3, 9, 30, 0, 0, time.UTC)) {
			t.Errorf("got %v and %v", s.Published, s.Updated)
		}
		if got, want := kinds(s), "paragraph figure pull-quote embed foreign:core/buttons paragraph"; got != want {
			t.Errorf("got the blocks %s, want %s", got, want)
		}
		for _, address := range []string{"/2024/05/the-old-crane", "/?p=7", "/?attachment_id=9", "/2024/05/the-old-crane/crane"} {
			if id := n.leads(t, address); int64(id) != int64(s.ID) {
				t.Errorf("%s leads to %d, want %d", address, id, s.ID)
			}
		}
	})
}

func kinds(s story.Story) string {
	var list []string
	for _, b := range s.Content.Body {
		kind := b.Kind()
		if f, ok := b.Value.(body.Foreign); ok {
			kind += ":" + f.Name
		}
		list = append(list, kind)
	}
	return strings.Join(list, " ")
}

func (n *newsroom) leads(t *testing.T, address string) int64 {
	t.Helper()
	var id int64
	err := n.db.View(t.Context(), func(tx *db.Tx) (err error) {
		id, err = db.Find(tx, db.Value[int64], `select story from old_address where address = $1`, address)
		return err
	})
	if err != nil {
		t.Errorf("%s leads nowhere: %v", address, err)
	}
	return id
}

func TestClassicPostHasParagraphsFiguresAndGalleries(t *testing.T) {
	n := furnish(t, dbtest.SQLite(t))
	n.bring(t, "small.xml", small(t), n.options(wire.WXR, "en"))
	s := n.told(t)["A classic post"]
	if got, want := kinds(s), "paragraph figure gallery embed paragraph"; got != want {
		t.Errorf("got the blocks %s, want %s: %s", got, want, shown(s.Content.Body))
	}
	if s.Slug != "مركب" {
		t.Errorf("got the slug %q", s.Slug)
	}
	if len(s.Byline) != 1 || s.Byline[0].Name != "HARBOUR POST" {
		t.Errorf("got the byline %v", s.Byline)
	}
	if text := body.Plain(s.Content.Body); !strings.HasPrefix(text, `First paragraph with "quotes" and union select.`) {
		t.Errorf("got %q", text)
	}
	n.leads(t, "/2019/01/%D9%85%D8%B1%D9%83%D8%A8")
}

func TestCommentsAreKeptAsReadButForTheirNetworkAddress(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		n.bring(t, "small.xml", small(t), n.options(wire.WXR, "en"))
		var kept []string
		err := d.View(t.Context(), func(tx *db.Tx) (err error) {
			kept, err = db.List(tx, db.Value[string], `select content from import_comment order by item limit 10`)
			return err
		})
		if err != nil || len(kept) != 2 {
			t.Fatalf("kept %d comments: %v", len(kept), err)
		}
		var first map[string]string
		if err := json.Unmarshal([]byte(kept[0]), &first); err != nil {
			t.Fatal(err)
		}
		if first["content"] != "Good. <script>alert('1')</script>" || first["approved"] != "approved" || first["author"] != "Jo" {
			t.Errorf("got %v", first)
		}
		if strings.Contains(kept[0], "192.0.2.7") || !strings.Contains(kept[1], `"spam"`) {
			t.Errorf("got %s", kept)
		}
	})
}

func TestWordPressPostThatChangedIsUpdatedAndTheOthersAreLeft(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		n := furnish(t, d)
		n.bring(t, "small.xml", small(t), n.options(wire.WXR, "en"))
		changed := strings.Replace(small(t), "It has stood since 1903", "It has stood since 1904", 1)
		r := n.bring(t, "small.xml", changed, n.options(wire.WXR, "en"))
		if r.Added != 0 || r.Updated != 1 || r.Unchanged != 5 {
			t.Errorf("got %s", shown(r))
		}
		if text := body.Plain(n.told(t)["The “old” crane stays"].Content.Body); !strings.Contains(text, "1904") {
			t.Errorf("got %q", text)
		}
	})
}

func TestHostileWordPressFilesAreRefused(t *testing.T) {
	n := furnish(t, dbtest.SQLite(t))
	before := n.rows(t)
	rss := func(s string) string { return "<?xml version=\"1.0\"?>\n<rss><channel>\n" + s + "</channel></rss>" }
	for name, text := range map[string]string{
		"entities":    "<?xml version=\"1.0\"?>\n<!DOCTYPE rss [<!ENTITY a \"aaaa\">]>\n<rss><channel><title>&a;</title></channel></rss>",
		"entity":      rss("<item><title>&lol;</title></item>"),
		"depth":       rss(strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)),
		"length":      rss("<item><title>" + strings.Repeat("x", 40<<20) + "</title></item>"),
		"other":       "<html><body>Hello</body></html>",
		"other root":  "<feed><entry/></feed>",
		"no channel":  "<rss></rss>",
		"a feed":      rss("<item><title>News</title><link>https://a.example/1</link></item>"),
		"text":        "Just words",
		"bad UTF-8":   rss("<item><title>\xff</title></item>"),
		"NUL":         rss("<item><title>\x00</title></item>"),
		"wrong order": rss("<item><title></item></title>"),
	} {
		report, err := wire.Import(t.Context(), n.desk, wire.Source{Name: name, Read: strings.NewReader(text)}, n.options(wire.WXR, "en"), nil)
		if err == nil || len(report.Refused) != 1 || report.Refused[0].Reason == "" {
			t.Errorf("%s: got %v and %s, want a refusal", name, err, shown(report))
		}
	}
	if after := n.rows(t); after != before {
		t.Errorf("refused files left %s, want %s", after, before)
	}
}

func TestWordPressFileThatIsCutAnywhereLeavesNothing(t *testing.T) {
	text := small(t)
	n := furnish(t, dbtest.SQLite(t))
	before := n.rows(t)
	for percent := range 100 {
		cut := text[:len(text)*percent/100]
		_, err := wire.Import(t.Context(), n.desk, wire.Source{Name: "cut.xml", Read: strings.NewReader(cut)}, n.options(wire.WXR, "en"), nil)
		if err == nil {
			t.Errorf("cut at %d %%: it came", percent)
		}
	}
	if after := n.rows(t); after != before {
		t.Errorf("cut files left %s, want %s", after, before)
	}
}
