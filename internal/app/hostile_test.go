package app

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/wire"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/lang"
)

// onBoth runs a test on a newsroom of three editions on either engine.
func onBoth(t *testing.T, test func(*testing.T, *Newsroom)) {
	for engine, database := range map[string]func() string{
		"sqlite": func() string { return "" }, "postgres": func() string { return dbtest.PostgresURL(t) },
	} {
		t.Run(engine, func(t *testing.T) {
			c := Config{Data: t.TempDir(), Database: database(), CacheMB: 16}
			n, err := Create(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { n.Close() })
			if err := n.Init(t.Context(), "Test", []string{"en", "ar", "fa"}); err != nil {
				t.Fatal(err)
			}
			if err := n.buildSite(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			test(t, n)
		})
	}
}

// hostile are texts that systems have choked on: a few of our own and, where
// the public lists are at hand, all of those.
func hostile(t *testing.T) []string {
	t.Helper()
	texts := []string{
		`He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%; $1 ? {{7*7}} &amp; </textarea>`,
		"می‌روم — «نیم‌فاصله» ي ك ة", "العربيّةُ مُشكّلة", "👩‍👩‍👧 🇮🇷 e\u0301 é \ufb01", "a\u2028b\u2029c", "\u202eoverride\u202c and \u2067isolate",
		"]]> <![CDATA[ <?xml ?> <!-- --> &#0; &#x1F; %00 %s %n", `'; drop table story; --`, `${7*7} #{7*7} <%= 7*7 %>`, "\ufeffbyte order", "\u00a0\u2003blanks\u3000",
		strings.Repeat("ا\u064b\u0651", 300), "ß ſ İ ı ǆ Ⅷ ½ ﷺ", "\U000e0041tag \u200b\u2060\u00ad", "javascript:alert(1) data:text/html,<b>",
	}
	root := os.Getenv("BROADSHEET_CORPUS")
	if root == "" {
		root = "../../../shared/data"
	}
	for _, pattern := range []string{"hostile/blns/blns.txt", "hostile/sqli/*", "hostile/xss/*", "hostile/trojan-source/*", "hostile/fuzzdb/*/*.txt", "hostile/fuzzdb/sql-injection/*/*.txt"} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			for line := range strings.SplitSeq(string(text), "\n") {
				texts = append(texts, strings.TrimSuffix(line, "\r"))
			}
		}
	}
	return kept(texts)
}

// kept leaves out the texts that must be refused instead, doubles, and what is
// nothing but blanks; importers drop controls, which has tests of its own.
func kept(texts []string) []string {
	seen := map[string]bool{}
	var list []string
	for _, text := range texts {
		_, _, control := lang.Control(text)
		if control || !utf8.ValidString(text) || seen[text] || len(text) > 3000 || strings.TrimFunc(text, unicode.IsSpace) == "" {
			continue
		}
		seen[text] = true
		list = append(list, text)
	}
	return list
}

// bundle is how many texts share a story: one story each would test the
// newsroom's patience and not its honesty.
const bundle = 20

func TestHostileTextSurvivesImportPageFeedAndSearch(t *testing.T) {
	texts := hostile(t)
	t.Logf("%d texts", len(texts))
	onBoth(t, func(t *testing.T, n *Newsroom) {
		file := articles(t, texts)
		report, err := n.importHere(t.Context(), ImportOrder{Format: "articles", Edition: "en", Genre: "news"}, ImportFile{Name: "hostile.jsonl", Size: int64(len(file))}, bytes.NewReader(file), func(wire.Progress) {})
		if err != nil {
			t.Fatal(err)
		}
		if want := (len(texts) + bundle - 1) / bundle; report.Added != want || len(report.Refused) != 0 {
			t.Fatalf("got %d added and %v refused, want %d and none", report.Added, report.Refused, want)
		}
		server := httptest.NewServer(n.site)
		defer server.Close()
		var cards []story.Card
		err = n.DB.View(t.Context(), func(tx *db.Tx) (err error) {
			cards, err = story.Latest(tx, "en", story.Cursor{}, 10000)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		feed := feedTexts(t, server.URL)
		for _, c := range cards {
			checkStory(t, n, server.URL, c, texts, feed)
		}
		searchAll(t, server.URL, texts)
	})
}

// articles writes the texts as JSON Lines, a bundle of paragraphs a story.
func articles(t *testing.T, texts []string) []byte {
	t.Helper()
	var file bytes.Buffer
	for n := 0; n < len(texts); n += bundle {
		line, err := json.Marshal(map[string]any{
			"id": fmt.Sprint(n), "title": fmt.Sprintf("Bundle %d", n), "date": fmt.Sprintf("2020-01-01T%02d:%02d:00Z", n/bundle/60, n/bundle%60),
			"paragraphs": texts[n:min(n+bundle, len(texts))],
		})
		if err != nil {
			t.Fatal(err)
		}
		file.Write(append(line, '\n'))
	}
	return file.Bytes()
}

// checkStory compares what is stored and what is shown with what came in.
func checkStory(t *testing.T, n *Newsroom, site string, c story.Card, texts []string, feed map[string]string) {
	t.Helper()
	var first int
	if _, err := fmt.Sscanf(c.Headline, "Bundle %d", &first); err != nil {
		t.Fatal(err)
	}
	want := texts[first:min(first+bundle, len(texts))]
	if got := paragraphs(t, n, c.ID); strings.Join(got, "\n") != strings.Join(want, "\n") {
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Errorf("stored: got %q, want %q", got[min(i, len(got)-1)], want[i])
				return
			}
		}
	}
	page := answer(t, site+"/en/"+url.PathEscape(sectionSlug(t, n, c.Section))+"/"+url.PathEscape(c.Slug))
	shown := shownParagraphs(page)
	for _, text := range want {
		if !shown[text] {
			t.Errorf("the page of %s does not show %q", c.Headline, text)
		}
		// XML 1.0 has no way to write two of Unicode's noncharacters.
		if strings.ContainsAny(text, "\ufffe\uffff") {
			continue
		}
		if inFeed, ok := feed[c.Headline]; ok && !shownParagraphs(inFeed)[text] {
			t.Errorf("the feed does not have %q", text)
		}
	}
}

func paragraphs(t *testing.T, n *Newsroom, id ref.Story) []string {
	t.Helper()
	var all []string
	err := n.DB.View(t.Context(), func(tx *db.Tx) error {
		s, err := story.Read(tx, id)
		if err != nil {
			return err
		}
		for _, b := range s.Content.Body {
			if p, ok := b.Value.(body.Paragraph); ok {
				all = append(all, p.Text.String())
			} else if p, ok := b.Value.(*body.Paragraph); ok {
				all = append(all, p.Text.String())
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sectionSlug(t *testing.T, n *Newsroom, id ref.Section) (slug string) {
	t.Helper()
	err := n.DB.View(t.Context(), func(tx *db.Tx) (err error) {
		slug, err = db.Find(tx, db.Value[string], `select slug from section where id = $1`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slug
}

// one is a paragraph of a page of ours.
var one = regexp.MustCompile(`(?s)<p(?: dir="[a-z]+")?(?: lang="[a-z]+")?>(.*?)</p>`)

func shownParagraphs(page string) map[string]bool {
	shown := map[string]bool{}
	for _, found := range one.FindAllStringSubmatch(page, -1) {
		shown[html.UnescapeString(found[1])] = true
	}
	return shown
}

func answer(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(response.Body); err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d", address, response.StatusCode)
	}
	return text.String()
}

func feedTexts(t *testing.T, site string) map[string]string {
	t.Helper()
	var channel struct {
		Items []struct {
			Title   string `xml:"title"`
			Content string `xml:"encoded"`
		} `xml:"channel>item"`
	}
	if err := xml.Unmarshal([]byte(answer(t, site+"/en/feed.xml")), &channel); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, item := range channel.Items {
		texts[item.Title] = item.Content
	}
	return texts
}

// searchAll asks for every text as a query: none may be an operator or an
// error, and a text with words must be found.
func searchAll(t *testing.T, site string, texts []string) {
	t.Helper()
	for n, text := range texts {
		if n%7 != 0 || utf8.RuneCountInString(text) > 190 {
			continue
		}
		page := answer(t, site+"/en/search?q="+url.QueryEscape(text))
		if strings.Contains(page, "<script>alert") {
			t.Errorf("a search for %q is markup", text)
		}
		if len(lang.FoldTokens(text)) > 0 && len(lang.FoldTokens(text)) < 16 && !strings.Contains(page, "Bundle") && !strings.Contains(text, `"`) {
			t.Errorf("a search for %q does not find it", text)
		}
	}
}
