package feed_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"broadsheet/internal/web/feed"
)

// update writes the golden files anew: go test ./internal/web/feed -update. Look at
// what changed before you commit it.
var update = flag.Bool("update", false, "write the golden files anew")

// issue is a feed as an edition has it, with what is hard to write: markup in
// texts, foreign runs, joiners, marks, and an item of which only the least is known.
func issue(language string) feed.Feed {
	words := map[string]struct{ title, motto, headline, standfirst, html, author, topic, alt string }{
		"en": {"Broadsheet", "News & analysis", "The word \u2068قنات\u2069 & \"others\" <b>", "He wrote \"union select\" — 100%; O’Brien’s ]]> own.", "<p>Text with <em>marks</em>, 😀‍👩 and e\u0301.</p>", "Mina Tavakol", "Qanat", "A tunnel <seen> from \"within\""},
		"ar": {"برودشيت", "أخبار وتحليلات", "العربيّةُ و\u2068Apple Inc\u2069.", "قال: «نعم»، ثم سكت؛ لماذا؟", "<p>نصٌّ مُشكَّل، و<bdi>GPT-4</bdi>.</p>", "مينا توكل", "قناة", "نفق"},
		"fa": {"برودشیت", "خبر و تحلیل", "می‌روم — «نیم‌فاصله» و \u2068Łódź\u2069", "نوشتهٔ ۱۴۰۵؛ چرا؟", "<p>متن با نیم‌فاصلهٔ «می‌روم».</p>", "مینا توکل", "قنات", "یک قنات"},
	}[language]
	at := time.Date(2026, 3, 20, 9, 30, 0, 0, time.FixedZone("", 12600))
	home := "https://example.org/" + language + "/"
	dir := map[string]string{"en": "ltr"}[language]
	if dir == "" {
		dir = "rtl"
	}
	return feed.Feed{
		Title: words.title, Description: words.motto, Language: language, Author: words.title, Home: home, Self: home + "feed.xml",
		Hub: "https://hub.example/?a=1&b=2", Icon: "https://example.org/icon.png", Updated: at.Add(time.Hour),
		Items: []feed.Item{
			{Identity: "urn:uuid:00000000-0000-8000-8001-62726f616473", Address: home + "water/%D9%82?a=1&b=2", Title: words.headline, Summary: words.standfirst,
				HTML: `<div lang="` + language + `" dir="` + dir + `">` + words.html + "</div>", Authors: []feed.Author{{Name: words.author, Address: home + "author/mina"}, {Name: "Łódź & Söhne"}},
				Topics: []string{words.topic, "B & C"}, Published: at, Updated: at.Add(time.Hour),
				Picture: &feed.Picture{Address: "https://example.org/media/a/1280.jpg", Type: "image/jpeg", Width: 1280, Height: 853, Alt: words.alt, Credit: "A & B"}},
			{Identity: "urn:uuid:00000000-0000-8000-8002-62726f616473", Address: home + "water/least", Title: words.headline, Published: at.Add(-time.Hour)},
		},
	}
}

// written are the formats, by the ends of their files.
var written = map[string]func(feed.Feed) []byte{"rss.xml": feed.RSS, "atom.xml": feed.Atom, "feed.json": feed.JSON}

func TestFeedsAreAsTheyWere(t *testing.T) {
	for _, language := range []string{"en", "ar", "fa"} {
		for end, write := range written {
			path := filepath.Join("testdata", language+"."+end)
			got := write(issue(language))
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs: run with -update, and look at what changed", path)
			}
		}
	}
}

// TestAnotherProgramReadsBackWhatWasWritten reads every format with a library that
// feed readers are made of.
func TestAnotherProgramReadsBackWhatWasWritten(t *testing.T) {
	for _, language := range []string{"en", "ar", "fa"} {
		for end, write := range written {
			in := issue(language)
			out, err := gofeed.NewParser().Parse(bytes.NewReader(write(in)))
			if err != nil {
				t.Fatalf("%s.%s: %v", language, end, err)
			}
			check := func(what, got, want string) {
				t.Helper()
				if got != want {
					t.Errorf("%s.%s: %s: got %q, want %q", language, end, what, got, want)
				}
			}
			check("title", out.Title, in.Title)
			check("description", out.Description, in.Description)
			check("language", out.Language, in.Language)
			check("home", out.Link, in.Home)
			check("own address", out.FeedLink, in.Self)
			if len(out.Items) != len(in.Items) {
				t.Fatalf("%s.%s: got %d items, want %d", language, end, len(out.Items), len(in.Items))
			}
			for n, want := range in.Items {
				got := out.Items[n]
				check("identity", got.GUID, want.Identity)
				check("headline", got.Title, want.Title)
				check("address", got.Link, want.Address)
				check("standfirst", got.Description, want.Summary)
				check("text", got.Content, want.HTML)
				if got.PublishedParsed == nil || !got.PublishedParsed.Equal(want.Published) {
					t.Errorf("%s.%s: got published %v, want %v", language, end, got.PublishedParsed, want.Published)
				}
				if end != "rss.xml" && !want.Updated.IsZero() && (got.UpdatedParsed == nil || !got.UpdatedParsed.Equal(want.Updated)) {
					t.Errorf("%s.%s: got updated %v, want %v", language, end, got.UpdatedParsed, want.Updated)
				}
				if !slices.Equal(got.Categories, want.Topics) {
					t.Errorf("%s.%s: got topics %q, want %q", language, end, got.Categories, want.Topics)
				}
				if end == "rss.xml" { // of several creators the library reads the first
					want.Authors = want.Authors[:min(1, len(want.Authors))]
				}
				var names []string
				for _, a := range got.Authors {
					names = append(names, a.Name)
				}
				for n, a := range want.Authors {
					if n >= len(names) || names[n] != a.Name {
						t.Errorf("%s.%s: got authors %q, want %q at %d", language, end, names, a.Name, n)
					}
				}
			}
		}
	}
}

// TestJSONFeedKeepsItsWord is every MUST of JSON Feed 1.1.
func TestJSONFeedKeepsItsWord(t *testing.T) {
	least := feed.Feed{Title: "Empty", Language: "en", Home: "https://example.org/", Self: "https://example.org/feed.json"}
	for _, in := range []feed.Feed{issue("en"), issue("ar"), issue("fa"), least} {
		var got map[string]any
		if err := json.Unmarshal(feed.JSON(in), &got); err != nil {
			t.Fatal(err)
		}
		for _, fault := range jsonFaults(got) {
			t.Errorf("%s: %s", in.Title, fault)
		}
	}
	for _, wrong := range []string{
		`{"title": "A", "items": []}`, `{"version": "https://jsonfeed.org/version/1.1", "items": []}`, `{"version": "https://jsonfeed.org/version/1.1", "title": "A"}`,
		`{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": 5, "content_text": "a"}]}`,
		`{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "a"}]}`,
		`{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "a", "content_text": "a"}, {"id": "a", "content_text": "a"}]}`,
		`{"version": "https://jsonfeed.org/version/1.1", "title": "A", "authors": [{}], "items": []}`,
		`{"version": "https://jsonfeed.org/version/1.1", "title": "A", "hubs": [{"url": "https://hub.example"}], "items": []}`,
		`{"version": "https://jsonfeed.org/version/1.1", "title": "A", "items": [{"id": "a", "content_text": "a", "date_published": "yesterday"}]}`,
	} {
		var got map[string]any
		if err := json.Unmarshal([]byte(wrong), &got); err != nil {
			t.Fatal(err)
		}
		if len(jsonFaults(got)) == 0 {
			t.Errorf("%s is taken for a feed", wrong)
		}
	}
}

func jsonFaults(f map[string]any) (faults []string) {
	say := func(ok bool, what string) {
		if !ok {
			faults = append(faults, what)
		}
	}
	text := func(in map[string]any, key string) string { s, _ := in[key].(string); return s }
	say(text(f, "version") == "https://jsonfeed.org/version/1.1", "the version is not 1.1")
	say(text(f, "title") != "", "there is no title")
	items, ok := f["items"].([]any)
	say(ok, "there is no list of items")
	faults = append(faults, authorFaults(f)...)
	hubs, _ := f["hubs"].([]any)
	for _, hub := range hubs {
		h, _ := hub.(map[string]any)
		say(text(h, "type") != "" && text(h, "url") != "", "a hub has no type or no address")
	}
	seen := map[string]bool{}
	for _, item := range items {
		i, _ := item.(map[string]any)
		id := text(i, "id")
		say(id != "" && !seen[id], "an item has no id of its own")
		seen[id] = true
		_, html := i["content_html"].(string)
		_, plain := i["content_text"].(string)
		say(html || plain, "an item has no content")
		for _, key := range []string{"date_published", "date_modified"} {
			if value, there := i[key]; there {
				at, _ := value.(string)
				_, err := time.Parse(time.RFC3339, at)
				say(err == nil, key+" is no time")
			}
		}
		faults = append(faults, authorFaults(i)...)
	}
	return faults
}

// authorFaults are those of the authors: each must have one of its members.
func authorFaults(in map[string]any) (faults []string) {
	authors, _ := in["authors"].([]any)
	for _, author := range authors {
		if a, _ := author.(map[string]any); a["name"] == nil && a["url"] == nil && a["avatar"] == nil {
			faults = append(faults, "an author is nobody")
		}
	}
	return faults
}
