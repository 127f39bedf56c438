package site_test

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// arabic opens an Arabic edition with a section.
func (p *paper) arabic() {
	p.t.Helper()
	p.must(p.desk.House(p.t.Context(), func(tx *db.Tx) error {
		if err := edition.Put(tx, edition.Default("ar"), 2); err != nil {
			return err
		}
		id := ref.New[ref.Section](p.mint)
		p.water["ar"] = id
		return section.Put(tx, section.Section{ID: id, Edition: "ar", Slug: "ماء", Position: 1, Name: "ماء"})
	}))
}

// asks gets a page of a search and returns its text, without the escapes.
func (p *paper) asks(key, query string, status int) string {
	p.t.Helper()
	response, text := p.get("/" + key + "/search?" + query)
	if response.StatusCode != status {
		p.t.Errorf("%s: %.80s: got %d, want %d", key, query, response.StatusCode, status)
	}
	if got := response.Header.Get("Cache-Control"); got != "no-store" {
		p.t.Errorf("%s: %.80s may be kept: %s", key, query, got)
	}
	if strings.Contains(text, "<script>alert") {
		p.t.Errorf("%s: %.80s is markup", key, query)
	}
	return text
}

func (p *paper) wants(text string, all ...string) {
	p.t.Helper()
	plain := html.UnescapeString(text)
	for _, want := range all {
		if !strings.Contains(text, want) && !strings.Contains(plain, want) {
			p.t.Errorf("%q is missing", want)
		}
	}
}

func TestASearchMarksTheWordsInTheOriginalText(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.arabic()
		p.publish("en", 0, p.content("en", "Trains return", "The café's training ground."))
		p.publish("fa", 0, p.content("fa", "كتاب‌های تازه", "او می‌رود و کتاب ها را می‌خواند."))
		p.publish("ar", 0, p.content("ar", "عن المَدينةِ", "والكتابُ في المدينة."))
		p.wants(p.asks("en", "q=train", 200), "<mark>Trains</mark> return", "<mark>training</mark> ground", "1 result")
		p.wants(p.asks("fa", "q="+url.QueryEscape("کتاب"), 200), "<mark>كتاب‌های</mark> تازه", "<mark>کتاب ها</mark> را", "۱ نتیجه")
		p.wants(p.asks("fa", "q="+url.QueryEscape("ميرود"), 200), "<mark>می‌رود</mark>")
		p.wants(p.asks("ar", "q="+url.QueryEscape("مدينه"), 200), "<mark>المَدينةِ</mark>", "نتيجة واحدة")
	})
}

func TestAnExcerptIsThePassageThatHasMostOfWhatWasAsked(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		far := strings.Repeat("Nothing of it stands here. ", 40)
		p.publish("en", 0, p.content("en", "A road", "The salt is dear. "+far+"A caravan carries salt over the long road. "+far+"The road is long."))
		text := p.asks("en", "q=salt+caravan", 200)
		p.wants(text, "A <mark>caravan</mark> carries <mark>salt</mark> over")
		text = p.asks("en", "q="+url.QueryEscape(`"long road"`), 200)
		p.wants(text, "over the <mark>long road</mark>")
		if strings.Contains(text, "<mark>road</mark>") {
			t.Error("a word is marked that stands in no phrase")
		}
		p.asks("en", "q=%E2%80%8B%C2%AD", 200)
	})
}

func TestASearchIsNarrowed(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "Water one", "Text."))
		other := p.content("en", "Water two", "Text.")
		other.Genre, other.Topics, other.Byline = story.Opinion, nil, nil
		p.publish("en", 0, other)
		p.forward(48 * time.Hour)
		p.publish("en", 0, p.content("en", "Water three", "Text."))
		for query, want := range map[string][]string{
			"q=water": {"one", "two", "three"}, "q=water&genre=opinion": {"two"}, "q=water&genre=opinion&genre=explainer": {"one", "two", "three"}, "q=water&section=water": {"one", "two", "three"},
			"q=water&topic=qanat": {"one", "three"}, "q=water&author=mina-tavakol": {"one", "three"}, "q=water&from=2026-03-21": {"three"}, "q=water&to=2026-03-21": {"one", "two"},
			"q=water&from=2026-03-20&to=2026-03-20": {"one", "two"}, "from=2026-03-22": {"three"}, "genre=opinion": {"two"}, "q=water&from=%DB%B2%DB%B0%DB%B2%DB%B6-%DB%B0%DB%B3-%DB%B2%DB%B1": {"three"},
			"q=water&from=2026-03-23": {}, "q=": {}, "": {}, "q=water&genre=opinion&topic=qanat": {},
		} {
			text := p.asks("en", query, 200)
			for _, word := range []string{"one", "two", "three"} {
				if got := strings.Contains(text, `href="/en/water/water-`+word+`"`); got != slices.Contains(want, word) {
					t.Errorf("%s: %s is found: %v", query, word, got)
				}
			}
		}
		text := p.asks("en", "q=water&genre=opinion", 200)
		p.wants(text, `name="genre" value="opinion" checked`, `name="genre" value="explainer"`, `href="/en/search?q=water" aria-label="Remove the filter: Opinion"`, `name="q" value="water"`)
		if counts := regexp.MustCompile(`value="explainer"> <bdi>[^<]*</bdi><span class="facet-count">(\d+)`).FindStringSubmatch(text); counts == nil || counts[1] != "2" {
			t.Errorf("the count beside the other kind is %v, want 2: kinds are joined by or", counts)
		}
		// In Tehran, 22:00 in UTC is the next day.
		p.forward(10 * time.Hour)
		p.publish("fa", 0, p.content("fa", "آب تازه", "متن."))
		p.wants(p.asks("fa", "from=2026-03-23", 200), "آب تازه")
		p.wants(p.asks("fa", "from="+url.QueryEscape("۲۰۲۶-۰۳-۲۳")+"&to=2026-03-23", 200), "آب تازه")
		p.wants(p.asks("fa", "from="+url.QueryEscape("۱۴۰۵/۱/۳")+"&to="+url.QueryEscape("۱۴۰۵/۰۱/۰۳"), 200), "آب تازه", `type="text" placeholder="۱۴۰۴/۱۲/۲۹"`, `value="۱۴۰۵/۰۱/۰۳"`, "from=2026-03-23")
	})
}

func TestWhatCannotBeAskedIsSaidAndKeptInTheField(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.arabic()
		for _, key := range []string{"en", "fa", "ar"} {
			word := map[string]string{"en": "water", "fa": "آب", "ar": "ماء"}[key]
			p.publish(key, 0, p.content(key, word, word))
			q := "q=" + url.QueryEscape(word)
			for query, fault := range map[string]map[string]string{
				q + "&section=nothing":                       {"en": "There is no section", "fa": "بخشی با نام", "ar": "لا يوجد قسم"},
				q + "&genre=%3Cscript%3Ealert(1)":            {"en": "There is no kind", "fa": "نوعی از مطلب", "ar": "لا يوجد نوع"},
				q + "&genre=page":                            {"en": "There is no kind", "fa": "نوعی از مطلب", "ar": "لا يوجد نوع"},
				q + "&topic=nothing":                         {"en": "There is no topic", "fa": "موضوعی با نام", "ar": "لا يوجد موضوع"},
				q + "&author=nobody":                         {"en": "There is no author", "fa": "نویسنده‌ای با نام", "ar": "لا يوجد كاتب"},
				q + "&from=yesterday":                        {"en": "is no date", "fa": "تاریخ نیست", "ar": "ليس تاريخًا"},
				q + "&to=2026-13-40":                         {"en": "is no date", "fa": "تاریخ نیست", "ar": "ليس تاريخًا"},
				q + "&from=2026-03-21&to=2026-03-20":         {"en": "after the last", "fa": "پس از روز پایان", "ar": "بعد اليوم الأخير"},
				q + "%00":                                    {"en": "no text", "fa": "متن نیستند", "ar": "ليست نص"},
				q + "%ff":                                    {"en": "no text", "fa": "متن نیستند", "ar": "ليست نص"},
				q + "%zz":                                    nil,
				q + strings.Repeat("%D8%A7", 1800):           {"en": "no more than", "fa": "۲۰۰", "ar": "200"},
				q + "&section=%ff":                           {"en": "no text", "fa": "متن نیستند", "ar": "ليست نص"},
				q + "&before=nonsense":                       {"en": "<h1", "fa": "<h1", "ar": "<h1"},
				q + "&before=1-" + strings.Repeat("z", 3000): {"en": "<h1", "fa": "<h1", "ar": "<h1"},
			} {
				text := p.asks(key, query, 400)
				p.wants(text, fault[key], `lang="`+key+`"`)
				if !strings.Contains(query, "before") && !strings.Contains(query, "%zz") {
					p.wants(text, `name="q" type="search" value="`+word)
				}
			}
			// These are words like others.
			for _, typed := range []string{`"` + word, word + ` AND NOT (x OR "`, "NEAR(" + word + ")", word + "*", "headline:" + word, "-" + word, "\u202e" + word + "\u2066", "' or 1=1 --", "& | ! <->:*", `<script>alert(1)</script>`, "%"} {
				p.asks(key, "q="+url.QueryEscape(typed), 200)
			}
			if text := p.asks(key, "q="+url.QueryEscape("\u202e\u2067qqq"), 200); strings.Contains(text, "«\u2068\u202e") || strings.Contains(text, "“\u2068\u202e") {
				t.Errorf("%s: a sentence is turned around by what was typed", key)
			}
		}
	})
}

func TestASearchIsPagedWithoutGapsAndDoubles(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		for n := range 50 {
			p.publish("en", 0, p.content("en", fmt.Sprintf("Water %d", n), "Text."))
			p.forward(time.Minute)
		}
		var seen []string
		links := regexp.MustCompile(`class="card-link" href="/en/water/(water-\d+)"`)
		older := regexp.MustCompile(`href="/en/search\?([^"]*before=[^"]*)" rel="next"`)
		query := "q=water"
		for page := 0; query != ""; page++ {
			text := p.asks("en", query, 200)
			for _, link := range links.FindAllStringSubmatch(text, -1) {
				seen = append(seen, link[1])
			}
			query = ""
			if next := older.FindStringSubmatch(text); next != nil {
				query = html.UnescapeString(next[1])
			}
			p.publish("en", 0, p.content("en", fmt.Sprintf("Fresh water %d", page), "Text.")) // while somebody reads on
			p.forward(time.Minute)
		}
		if len(seen) != 50 || seen[0] != "water-49" || seen[49] != "water-0" {
			t.Errorf("%d stories in pages: %v", len(seen), seen)
		}
		// The last one of all, and places that are none.
		text := p.asks("en", "q=water+0&sort=newest", 200)
		if len(links.FindAllString(text, -1)) == 0 {
			t.Fatal("nothing was found")
		}
		for query, status := range map[string]int{"before=1-1": 404, "before=9-1y2p0ij32e8e7": 404, "before=01-1": 302, "before=0-1": 400, "before=-1-1": 400, "before=1": 400, "before=x-y": 400, "before=1-zzzzzzzzzzzzzzzzzz": 400} {
			if response, _ := p.get("/en/search?q=water&" + query); response.StatusCode != status {
				t.Errorf("%s: got %d, want %d", query, response.StatusCode, status)
			}
		}
	})
}

// spelt has the words of editions read, which goes on beside the searches.
func (p *paper) spelt(keys ...string) {
	for _, key := range keys {
		p.asks(key, "q=zzzzzz", 200)
	}
	p.site.Spelt()
}

func TestAMisspeltSearchIsLedOn(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.arabic()
		p.publish("en", 0, p.content("en", "The aqueduct of the north", "Text with hydrology."))
		p.publish("fa", 0, p.content("fa", "خشکسالی در شمال", "متن aqueduct."))
		p.publish("ar", 0, p.content("ar", "الجفاف في الشمال", "نص."))
		p.must(p.db.Update(p.t.Context(), func(tx *db.Tx) error {
			_, err := p.stories.Create(tx, 0, "en", 0, 0, p.content("en", "Whistleblower", "Text."))
			return err
		}))
		p.spelt("en", "fa", "ar")
		p.wants(p.asks("en", "q=aqeuduct", 200), `Did you mean: <a class="text-link" href="/en/search?q=aqueduct"><bdi>aqueduct</bdi></a>`, "Nothing was found", "Check the spelling")
		p.wants(p.asks("fa", "q="+url.QueryEscape("خشکسلی"), 200), "آیا منظورتان این است", "<bdi>خشکسالی</bdi>")
		p.wants(p.asks("ar", "q="+url.QueryEscape("الجفلف"), 200), "هل تقصد", "<bdi>الجفاف</bdi>")
		p.wants(p.asks("en", "q=Tavkaol", 200), "<bdi>Tavakol</bdi>")
		p.wants(p.asks("en", "q=Karzi", 200), "Nothing was found")
		for _, typed := range []string{"whistlebower", "zzzzzz"} {
			if text := p.asks("en", "q="+typed, 200); strings.Contains(text, "Did you mean") {
				t.Errorf("%s: somebody is led to what nobody can find", typed)
			}
		}
		// What the other edition has is said in its own words.
		p.wants(p.asks("en", "q=aqueduct", 200), `<a class="text-link" href="/fa/search?q=aqueduct" hreflang="fa" lang="fa" dir="rtl">۱ نتیجه به فارسی</a>`)
		// A filter is taken away by a link.
		p.wants(p.asks("en", "q=aqueduct&genre=opinion", 200), `href="/en/search?q=aqueduct"`, "Take away a filter", `href="/en/latest/"`)
		// A word that was withdrawn is suggested to nobody.
		id, err := p.find("en", "aqueduct")
		p.must(err)
		p.must(p.desk.Withdraw(p.t.Context(), id, "A mistake."))
		p.spelt("en")
		if text := p.asks("en", "q=aqeuduct", 200); strings.Contains(text, "Did you mean") {
			t.Error("a withdrawn word is suggested")
		}
	})
}

// find is the story that a search finds first.
func (p *paper) find(key, text string) (id ref.Story, err error) {
	err = p.db.View(p.t.Context(), func(tx *db.Tx) error {
		latest, err := story.Latest(tx, key, story.Cursor{}, 10)
		for _, c := range latest {
			if strings.Contains(c.Headline, text) {
				id = c.ID
			}
		}
		return err
	})
	return id, err
}
