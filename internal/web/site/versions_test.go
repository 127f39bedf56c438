package site_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// again publishes a story once more, an hour later, and says what it was for.
func (p *paper) again(id ref.Story, kind, note string, change func(*story.Content)) story.Card {
	p.t.Helper()
	p.forward(time.Hour)
	var d story.Draft
	p.must(p.db.Update(p.t.Context(), func(tx *db.Tx) (err error) {
		if d, err = p.stories.Draft(tx, id); err != nil {
			return err
		}
		change(&d.Content)
		d, err = p.stories.Save(tx, 0, id, d.Sequence, d.Content)
		return err
	}))
	live, err := p.desk.Story(p.t.Context(), publish.Order{Story: id, Sequence: d.Sequence, Kind: kind, Note: note})
	p.must(err)
	return live
}

// withRails publishes a story four times.
func (p *paper) withRails() story.Card {
	live := p.publish("en", 0, p.content("en", "Four railways agree", "The section is 83 km long.\n\nIt opens in spring."))
	text := func(s string) func(*story.Content) {
		return func(c *story.Content) { c.Body = body.FromText(s) }
	}
	p.again(live.ID, story.Correction, "The section was said to be 83 km long. It is 38 km.", text("The section is 38 km long.\n\nIt opens in spring."))
	p.again(live.ID, story.Typo, "", text("The section is 38 km long.\n\nIt opens in Spring."))
	return p.again(live.ID, story.Update, "Added the fare.", func(c *story.Content) {
		c.Headline = "Four railways agree on a fare"
		text("The section is 38 km long.\n\nIt opens in Spring.\n\nA ticket costs two coins.")(c)
	})
}

func TestReadersCanLookUpEveryVersion(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.withRails()
		const home = "/en/water/four-railways-agree-on-a-fare"
		page := p.expect(home+"/versions", 200, home+"/versions/1\"", home+"/versions/4\"", home+"/versions/3...4\"", "First published", "Correction", "Typing error fixed",
			"Added the fare.", "Friday 20 March 2026", "<bdi>15:00</bdi>", "Now on the site")
		if strings.Contains(page, "/versions/0") || strings.Index(page, "Version 4") > strings.Index(page, "Version 1") {
			t.Error("the history is not newest first, or goes before the first")
		}
		page = p.expect(home+"/versions/1", 200, "83 km", "This is an earlier version, as published on Friday 20 March 2026, 12:00 GMT.", `<meta name="robots" content="noindex">`,
			`<link rel="canonical" href="`+p.server.URL+home+`">`, `href="`+home+`"`, "Four railways agree</h1>", "Mina Tavakol", "Qanat")
		if strings.Contains(page, "38 km") {
			t.Error("the version has a later text")
		}
		p.expect(home+"/versions/4", 200, "This is the story as it stands now", "two coins")
		for _, none := range []string{"/versions/5", "/versions/0", "/versions/01", "/versions/-1", "/versions/x", "/versions/1...5", "/versions/...", "/versions/1...", "/versions/1..2", "/versions/۱", "/versions/99999999999999999999"} {
			p.expect(home+none, 404)
		}
	})
}

func TestAComparisonShowsWhatChanged(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.withRails()
		const home = "/en/water/four-railways-agree-on-a-fare"
		p.expect(home+"/versions/1...2", 200, "<del>", `>83<span class="unseen">`, `>38<span class="unseen">`, "1 word removed", "1 word added", `<meta name="robots" content="noindex">`, "It opens in spring.", "removed:", "added:")
		p.expect(home+"/versions/3...4", 200, "0 words removed", "8 words added", "on a fare", "A ticket costs two coins.", "Headline", `href="#c1"`, `id="c1"`)
		p.expect(home+"/versions/1...4", 200, "83", "two coins")
		for path, to := range map[string]string{"/versions/4...1": "/versions/1...4", "/versions/2...2": "/versions/2"} {
			response, _ := p.get(home + path)
			if got := response.Header.Get("Location"); response.StatusCode != http.StatusMovedPermanently || got != home+to {
				t.Errorf("%s: got %d %s, want a redirect to %s", path, response.StatusCode, got, to)
			}
		}
		// The address that the story left leads on, with what stands under it.
		response, _ := p.get("/en/water/four-railways-agree/versions/1...2")
		if got := response.Header.Get("Location"); got != home+"/versions/1...2" {
			t.Errorf("got %s", got)
		}
	})
}

func TestAStorySaysWhatWasWrong(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		once := p.publish("en", 0, p.content("en", "Published once", "Text."))
		if page := p.expect("/en/water/published-once", 200); strings.Contains(page, "/versions") || once.Version != 1 {
			t.Error("a story that was published once leads to a history")
		}
		p.withRails()
		const home = "/en/water/four-railways-agree-on-a-fare"
		page := p.expect(home, 200, "Corrected on Friday 20 March 2026, 13:00", "It is 38 km.", home+"/versions/1...2", "All 4 versions of this story", `href="`+home+`/versions/3...4">See what changed`)
		_, data, _ := strings.Cut(page, `<script type="application/ld+json">`)
		data, _, _ = strings.Cut(data, "</script>")
		var all struct {
			Graph []struct {
				DateModified string
				Correction   []struct {
					Type                     string `json:"@type"`
					Text, DatePublished, URL string
				}
			} `json:"@graph"`
		}
		p.must(json.Unmarshal([]byte(data), &all))
		got := all.Graph[0]
		if len(got.Correction) != 1 || got.Correction[0].Type != "CorrectionComment" || got.Correction[0].Text != "The section was said to be 83 km long. It is 38 km." ||
			got.Correction[0].DatePublished != "2026-03-20T13:00:00Z" || got.Correction[0].URL != p.server.URL+home+"/versions/1...2" {
			t.Errorf("got %+v", got.Correction)
		}
		if want := "2026-03-20T15:00:00Z"; got.DateModified != want {
			t.Errorf("got %s, want %s", got.DateModified, want)
		}
	})
}

func TestAWithdrawnStoryHidesItsPastToo(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.withRails()
		home := "/en/water/" + live.Slug
		under := []string{"/versions", "/versions/1", "/versions/1...2"}
		for _, tail := range under {
			p.expect(home+tail, 200)
		}
		p.expect("/en/corrections", 200, "It is 38 km.")
		p.expect("/en/corrections/atom.xml", 200, "It is 38 km.")
		p.must(p.desk.Withdraw(t.Context(), live.ID, "The source took it back."))
		for _, tail := range under {
			if page := p.expect(home+tail, 410, "The source took it back."); strings.Contains(page, "km") {
				t.Errorf("%s still has the text", tail)
			}
		}
		for _, list := range []string{"/en/corrections", "/en/corrections/atom.xml"} {
			if page := p.expect(list, 200); strings.Contains(page, "38 km") {
				t.Errorf("%s still has the correction", list)
			}
		}
	})
}

func TestARedactionIsNotShownAsAChange(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.publish("en", 0, p.content("en", "A name", "The name was Nobody."))
		p.again(live.ID, story.Redacted, "", func(c *story.Content) { c.Body = body.FromText("The name was █.") })
		page := p.expect("/en/water/a-name/versions", 200, "Removed for legal or safety reasons")
		if strings.Contains(page, "1...2") {
			t.Error("the history leads to what was removed")
		}
		if page := p.expect("/en/water/a-name/versions/1...2", 200, "Text was removed for legal or safety reasons."); strings.Contains(page, "Nobody") {
			t.Error("the comparison shows what was removed")
		}
	})
}

func TestCorrectionsAreListedWithoutGapsOrDoubles(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.expect("/en/corrections", 200, "We have not published a correction so far.")
		const count = 55
		for n := range count / 5 {
			live := p.publish("en", 0, p.content("en", fmt.Sprintf("Story %d", n), "Text 0."))
			for m := range 5 {
				p.again(live.ID, story.Correction, fmt.Sprintf("Fault %d-%d.", n, m), func(c *story.Content) { c.Body = body.FromText(fmt.Sprintf("Text %d.", m+1)) })
			}
		}
		farsi := p.publish("fa", 0, p.content("fa", "مطلب", "متن"))
		p.again(farsi.ID, story.Correction, "می‌روم", func(c *story.Content) {})
		seen := map[string]int{}
		for path, pages := "/en/corrections", 0; path != ""; pages++ {
			if pages > 5 {
				t.Fatal("the list does not end")
			}
			page := p.expect(path, 200)
			if strings.Contains(page, "می‌روم") {
				t.Error("a correction of another edition is listed")
			}
			for _, rest := range strings.Split(page, "Fault ")[1:] {
				note, _, _ := strings.Cut(rest, ".")
				seen[note]++
			}
			_, rest, more := strings.Cut(page, `rel="next"`)
			path = ""
			if before := page[:len(page)-len(rest)]; more {
				at := strings.LastIndex(before, `href="`)
				path, _, _ = strings.Cut(before[at+len(`href="`):], `"`)
			}
		}
		if len(seen) != count {
			t.Errorf("got %d corrections, want %d", len(seen), count)
		}
		for note, n := range seen {
			if n != 1 {
				t.Errorf("%s stands %d times", note, n)
			}
		}
		p.expect("/fa/corrections", 200, "می‌روم", "اصلاحیه‌ها")
		p.expect("/en/", 200, `href="/en/corrections"`)
		for _, wrong := range []string{"x", "1-2", "1-2-0", "--", "1-0-1", "1-2-3-4"} {
			p.expect("/en/corrections?before="+wrong, 400)
		}
	})
}

func TestTheFeedOfCorrectionsIsWhole(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		const note = `He wrote "union select" & O'Brien's <b> — می‌روم`
		live := p.publish("fa", 0, p.content("fa", "تیتر با نام Łódź", "متن ۸۳"))
		p.again(live.ID, story.Correction, note, func(c *story.Content) { c.Body = body.FromText("متن ۳۸") })
		page := p.expect("/fa/corrections", 200, `<link rel="alternate" type="application/atom&#43;xml"`)
		if !strings.Contains(page, "/fa/corrections/atom.xml") {
			t.Error("the feed is not advertised")
		}
		response, text := p.get("/fa/corrections/atom.xml")
		if got, want := response.Header.Get("Content-Type"), "application/atom+xml; charset=utf-8"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		var feed struct {
			Lang    string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
			Updated string `xml:"updated"`
			Entries []struct {
				ID      string `xml:"id"`
				Title   string `xml:"title"`
				Summary string `xml:"summary"`
			} `xml:"entry"`
		}
		p.must(xml.Unmarshal([]byte(text), &feed))
		if feed.Lang != "fa" || feed.Updated != "2026-03-20T13:00:00Z" || len(feed.Entries) != 1 || feed.Entries[0].Summary != "\u2068"+note+"\u2069" || feed.Entries[0].Title != "تیتر با نام \u2068Łódź\u2069" {
			t.Errorf("got %+v", feed)
		}
		identity := feed.Entries[0].ID
		p.again(live.ID, "", "", func(c *story.Content) { c.Headline = "تیتری دیگر" })
		if _, text := p.get("/fa/corrections/atom.xml"); !strings.Contains(text, "<id>"+identity+"</id>") || !strings.HasPrefix(identity, "tag:") {
			t.Errorf("the identity %s is gone with the address", identity)
		}
	})
}

func TestAPersianHistoryHasItsOwnDigitsAndCalendar(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		live := p.publish("fa", 0, p.content("fa", "خط آهن", "طول بخش ۸۳ کیلومتر است و او می‌رود."))
		p.again(live.ID, story.Correction, "۳۸ درست است.", func(c *story.Content) {
			c.Body = body.FromText("طول بخش ۳۸ کیلومتر است و او می‌رفت.")
		})
		const home = "/fa/%D8%A2%D8%A8/%D8%AE%D8%B7-%D8%A2%D9%87%D9%86"
		p.expect(home+"/versions", 200, "نسخهٔ ۲", "۱۴۰۴", home+"/versions/1...2")
		p.expect(home+"/versions/1...2", 200, "۲ واژه حذف شد", "۲ واژه افزوده شد", "می‌رفت", `<del dir="rtl">`)
		p.expect(home+"/versions/1", 200, "نسخه‌های پیشین", "به وقت")
		for _, path := range []string{home, home + "/versions", home + "/versions/1"} { // heard, the dates are two
			p.expect(path, 200, `تهران<span class="unseen">، </span><span class="second-date">`)
		}
	})
}

func TestAnArabicHistoryNamesTheKindOfOneStory(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			if err := edition.Put(tx, edition.Default("ar"), 2); err != nil {
				return err
			}
			p.water["ar"] = ref.New[ref.Section](p.mint)
			return section.Put(tx, section.Section{ID: p.water["ar"], Edition: "ar", Slug: "water", Position: 1, Name: "مياه"})
		}))
		c := p.content("ar", "نهر", "متن.")
		c.Slug, c.Genre = "river", story.News
		live := p.publish("ar", 0, c)
		p.again(live.ID, story.Update, "", func(c *story.Content) { c.Genre = story.Photo })
		p.expect("/ar/water/river/versions/1...2", 200, "</span>خبر<span", "</span>صورة<span", " هـ</span>")
	})
}

func TestAPictureAndAFilmHaveBylinesOfTheirOwn(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		for genre, words := range map[story.Genre][2]string{
			story.Photo: {"Photographs by", "عکس از"}, story.Film: {"Film by", "فیلم از"}, story.Explainer: {"By", "نوشتهٔ"},
		} {
			for n, key := range []string{"en", "fa"} {
				c := p.content(key, "A story", "Text.")
				c.Slug, c.Genre = "a-"+string(genre), genre
				live := p.publish(key, 0, c)
				for _, tail := range []string{"", "/versions/1"} {
					p.expect(live.Address(map[string]string{"en": "water", "fa": "آب"}[key])+tail, 200, `<p class="byline">`+words[n]+` <a`)
				}
			}
		}
	})
}
