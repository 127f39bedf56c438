package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
)

// put makes a story live and returns its identity.
func (h *desk) put(edition string, content object) string {
	h.t.Helper()
	id := h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": edition, "content": content}), 201).str("id")
	h.publish(id, "1")
	return id
}

func TestThePublicReadsTopicsThatReadersCanFollow(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		add := func(name, definition string) string {
			return h.want(h.ask(staff.Editor, "POST", "/topics", object{"kind": "keyword", "focus": 3, "words": object{"en": object{"name": name, "slug": name, "definition": definition}}}), 201).str("id")
		}
		secret, defined, told := add("secret", ""), add("defined", "What it is."), add("told", "")
		on := h.content("On secrets", "Not yet.")
		on["topics"] = []string{secret}
		draft := h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "content": on}), 201).str("id")
		h.want(h.ask("", "GET", "/content/topics", nil), 200)
		on["topics"] = []string{told}
		h.put("en", on)
		list := h.want(h.ask("", "GET", "/content/topics", nil), 200)
		if strings.Contains(list.text, secret) || !strings.Contains(list.text, defined) || !strings.Contains(list.text, told) || strings.Contains(list.text, "focus") {
			t.Errorf("got %s", list.text)
		}
		first := h.want(h.ask("", "GET", "/content/topics?limit=1", nil), 200)
		second := h.want(h.ask("", "GET", "/content/topics?limit=1&before="+first.str("before"), nil), 200)
		if !strings.Contains(first.text, told) || !strings.Contains(second.text, defined) || second.value["before"] != nil {
			t.Errorf("got %s and %s", first.text, second.text)
		}
		h.publish(draft, "1")
		if list := h.want(h.ask("", "GET", "/content/topics", nil), 200); !strings.Contains(list.text, secret) {
			t.Errorf("got %s", list.text)
		}
	})
}

func TestAStoryIsRelatedToWhatIsPublished(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		shown, hidden := h.put("en", h.content("Shown", "Text.")), h.begin("Hidden", "Text.")
		content := h.content("With others", "Text.")
		content["related"] = []string{hidden, shown}
		path := "/content/stories/" + h.put("en", content)
		if a := h.want(h.ask("", "GET", path, nil), 200); strings.Contains(a.text, hidden) || !strings.Contains(a.text, `"related":["`+shown+`"]`) {
			t.Errorf("got %s", a.text)
		}
		h.publish(hidden, "1")
		if a := h.want(h.ask("", "GET", path, nil), 200); !strings.Contains(a.text, `"related":["`+hidden+`","`+shown+`"]`) {
			t.Errorf("got %s", a.text)
		}
		h.want(h.ask(staff.Editor, "POST", "/stories/"+shown+"/withdraw", object{"reason": "r"}), 200)
		if a := h.want(h.ask("", "GET", path, nil), 200); strings.Contains(a.text, shown) {
			t.Errorf("got %s", a.text)
		}
	})
}

func TestASectionThatGathersAGenreListsIt(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		views := h.want(h.ask(staff.Editor, "POST", "/sections", object{"edition": "en", "slug": "views", "name": "Views", "position": 2, "genre": "opinion"}), 201).str("id")
		content := h.content("Water is late", "Water.")
		content["genre"] = "opinion"
		opinion := h.put("en", content)
		h.put("en", h.content("Water rises", "Water."))
		for _, more := range []string{"", "&q=water", "&genre=opinion"} {
			a := h.want(h.ask("", "GET", "/content/stories?edition=en&section="+views+more, nil), 200)
			if strings.Count(a.text, `"headline"`) != 1 || !strings.Contains(a.text, opinion) {
				t.Errorf("%s: got %s", more, a.text)
			}
		}
		for _, none := range []string{"edition=en&section=" + views + "&genre=news", "edition=fa&section=" + views} {
			if a := h.want(h.ask("", "GET", "/content/stories?"+none, nil), 200); strings.Contains(a.text, `"headline"`) {
				t.Errorf("%s: got %s", none, a.text)
			}
		}
	})
}

func TestDaysAreThoseOfTheEdition(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		h.forward(9 * time.Hour) // 21:00 in UTC is half past midnight in Tehran
		here := h.want(h.ask(staff.Editor, "POST", "/sections", object{"edition": "fa", "slug": "khabar", "name": "خبر", "position": 1}), 201).str("id")
		content := h.content("باران", "باران.")
		content["section"] = here
		h.put("fa", content)
		for query, there := range map[string]bool{
			"&to=2026-03-20": false, "&from=2026-03-21": true, "&from=2026-03-21&to=2026-03-21": true, "&from=2026-03-22": false, "&to=1969-12-31": false,
			"&to=1969-12-31&before=9999999999999.1": false, "&q=باران&to=2026-03-20": false, "&q=باران&from=2026-03-21": true,
		} {
			a := h.want(h.ask("", "GET", "/content/stories?edition=fa"+query, nil), 200)
			if got := strings.Contains(a.text, `"headline"`); got != there {
				t.Errorf("%s: got %v, want %v", query, got, there)
			}
		}
		for _, bad := range []string{"&to=0001-01-01", "&from=2026-02-30"} {
			h.want(h.ask("", "GET", "/content/stories?edition=fa"+bad, nil), 400)
		}
	})
}

func TestALongListIsGoneThroughToItsEnd(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		content := h.content("The oldest", "Text.")
		content["genre"] = "opinion"
		oldest := h.put("en", content)
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error {
			for n := range 2100 {
				_, err := tx.Exec(`insert into live (story, edition, section, genre, slug, headline, short, standfirst, kicker, byline, picture, published, updated, revision, version, twin, batch)
					select $1, edition, section, 'news', $2, headline, short, standfirst, kicker, byline, picture, published + $1, updated, revision, version, twin, batch from live where genre = 'opinion'`,
					n+1, fmt.Sprint("news-", n))
				if err != nil {
					return err
				}
			}
			return nil
		}))
		list := fmt.Sprint("/content/stories?edition=en&genre=opinion&section=", int64(h.news))
		first := h.want(h.ask("", "GET", list, nil), 200)
		if first.value["before"] == nil {
			t.Fatalf("the list ends before its end: %s", first.text)
		}
		second := h.want(h.ask("", "GET", list+"&before="+first.str("before"), nil), 200)
		if !strings.Contains(second.text, oldest) || second.value["before"] != nil {
			t.Errorf("got %s and %s", first.text, second.text)
		}
	})
}

func TestAnAddressThatCannotBeReadIsRefusedWhateverIsKept(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		for range 2 {
			h.want(h.ask("", "GET", "/content/stories?edition=en&%zz=1", nil), 400)
			h.want(h.ask("", "GET", "/content/stories?edition=en", nil), 200)
		}
	})
}

func TestWhatMustBeHeardAtOnceIsKeptByNobody(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		for path, want := range map[string]string{
			"/content/redactions": "no-store", "/content/redactions?limit=5": "no-store", "/content/stories?edition=en": "public, max-age=30, stale-while-revalidate=60, stale-if-error=86400",
		} {
			if got := h.want(h.ask("", "GET", path, nil), 200).header.Get("Cache-Control"); got != want {
				t.Errorf("%s: got %q, want %q", path, got, want)
			}
		}
	})
}

func TestATranslationIsNamedOnlyWhileItIsLive(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		farsi := h.want(h.ask(staff.Editor, "POST", "/sections", object{"edition": "fa", "slug": "water", "name": "Water", "position": 1}), 201).str("id")
		first := h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "fa", "content": object{"headline": "آب", "genre": "news", "section": farsi,
			"body": []object{{"type": "paragraph", "text": []object{{"text": "متن."}}}}}}), 201).str("id")
		second := h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "twin": first, "content": h.content("Water", "Text.")}), 201).str("id")
		h.publish(second, "1")
		named := func(want bool) {
			t.Helper()
			for _, path := range []string{"/content/stories/" + second, "/content/stories?edition=en", "/content/stories?edition=en&q=water"} {
				if a := h.want(h.ask("", "GET", path, nil), 200); strings.Contains(a.text, first) != want {
					t.Errorf("%s: got %s", path, a.text)
				}
			}
		}
		named(false)
		h.publish(first, "1")
		named(true)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+first+"/withdraw", object{"reason": "r"}), 200)
		named(false)
	})
}

func TestWhatIsAskedForInAWayThatIsNotReadIsRefused(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("A", "B.")
		related := h.content("Related", "Text.")
		related["related"] = []string{"123"}
		whole := object{"edition": "en", "content": h.content("C", "D.")}
		for _, test := range []struct {
			status       int
			method, path string
			body         any
			headers      []string
		}{
			{400, "GET", "/stories/" + id + "?x=1", nil, nil},
			{400, "POST", "/stories?x=1", whole, nil},
			{400, "POST", "/stories", whole, []string{"Idempotency-Key", ""}},
			{415, "POST", "/stories", whole, []string{"Content-Type", "application/json; charset=utf-16"}},
			{415, "POST", "/stories", whole, []string{"Content-Encoding", "gzip"}},
			{201, "POST", "/stories", whole, []string{"Content-Type", "application/json; charset=UTF-8"}},
			{422, "POST", "/stories", object{"edition": "en", "content": related}, nil},
		} {
			if a := h.ask(staff.Editor, test.method, test.path, test.body, test.headers...); a.status != test.status {
				t.Errorf("%s %s %q: %d %s; want %d", test.method, test.path, test.headers, a.status, a.text, test.status)
			}
		}
		h.publish(id, "1")
		again := h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/publish", object{}, "If-Match", `"1"`), 200)
		if again.str("version") != "1" {
			t.Errorf("what readers see already is published again: %s", again.text)
		}
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/correct", object{"kind": "correction", "note": "We erred."}, "If-Match", `"1"`), 409)
	})
}
