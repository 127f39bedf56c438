package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
)

// places are a section, a topic and an author, and of each one that cannot be.
var places = []struct {
	at, noun  string
	good, bad object
}{
	{"/sections", "section", object{"edition": "en", "slug": "science", "name": "Science", "position": 2}, object{"edition": "en", "slug": "search", "name": "Science", "position": 2}},
	{"/topics", "topic", object{"kind": "place", "words": object{"en": object{"name": "Nile", "slug": "nile", "definition": "A river."}, "fa": object{"name": "نیل", "slug": "نیل"}}}, object{"kind": "river", "words": object{"en": object{"name": "Nile", "slug": "nile"}}}},
	{"/authors", "author", object{"words": object{"en": object{"name": "Mina", "slug": "mina"}}}, object{"words": object{"ar": object{"name": "مينا", "slug": "مينا"}}}},
}

// value is what a query of one row finds.
func value[T any](h *desk, statement string, args ...any) (v T) {
	h.t.Helper()
	h.must(h.db.View(h.t.Context(), func(tx *db.Tx) (err error) {
		v, err = db.Find(tx, db.Value[T], statement, args...)
		return err
	}))
	return v
}

func TestPlacesAreAddedAndChanged(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		for _, test := range places {
			made := h.want(h.ask(staff.Editor, "POST", test.at, test.good), 201)
			one := test.at + "/" + made.str("id")
			read := h.want(h.ask(staff.Editor, "GET", one, nil), 200)
			if read.header.Get("ETag") == "" || read.header.Get("ETag") != made.header.Get("ETag") {
				t.Errorf("%s: got the ETag %q, want %q", test.at, read.header.Get("ETag"), made.header.Get("ETag"))
			}
			h.want(h.ask(staff.Editor, "PUT", one, test.good, "If-Match", read.header.Get("ETag")), 200)
			h.want(h.ask(staff.Editor, "POST", test.at, test.bad), 422)
			h.want(h.ask(staff.Writer, "POST", test.at, test.good), 403)
			second := h.want(h.ask(staff.Editor, "POST", test.at, test.good), 409)
			if want := "Nothing was changed. The slug belongs to another " + test.noun + "; choose another."; second.str("detail") != want {
				t.Errorf("got %q, want %q", second.str("detail"), want)
			}
			if fields, _ := second.value["errors"].([]any); len(fields) != 1 || fields[0].(object)["field"] != "slug" {
				t.Errorf("%s: got %s", test.at, second.text)
			}
			if list := h.want(h.ask(staff.Writer, "GET", test.at, nil), 200); !strings.Contains(list.text, made.str("id")) {
				t.Errorf("got %s", list.text)
			}
			h.want(h.ask(staff.Editor, "PUT", test.at+"/999", test.good, "If-Match", read.header.Get("ETag")), 404)
		}
		h.want(h.ask("", "GET", "/content/topics", nil), 200)
		h.want(h.ask("", "GET", "/content/editions", nil), 200)
		h.want(h.ask("", "GET", "/content/sections?edition=en", nil), 200)
		h.want(h.ask(staff.Writer, "GET", "/editions", nil), 200)
	})
}

// changed are the words of a place with another name.
func changed(test object, name string) object {
	words := object{}
	for key, v := range test {
		words[key] = v
	}
	if _, named := words["name"]; named {
		words["name"] = name
		return words
	}
	words["words"] = object{"en": object{"name": name, "slug": "changed"}}
	return words
}

func TestAPlaceIsChangedOnlyByWhoSawItAsItIs(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) (err error) {
			editor, err := staff.ByEmail(tx, "editor@paper.example")
			if err != nil {
				return err
			}
			h.tokens["blind"], err = staff.Issue(tx, staff.Token{ID: 99, Staff: editor.ID, Scopes: []staff.Right{staff.Arrange}, Created: h.now()})
			return err
		}))
		for _, test := range places {
			made := h.want(h.ask(staff.Editor, "POST", test.at, test.good), 201)
			one, tag := test.at+"/"+made.str("id"), made.header.Get("ETag")
			theirs, mine := changed(test.good, "Theirs"), changed(test.good, "Mine")
			h.want(h.ask(staff.Editor, "PUT", one, theirs), 428)
			for _, match := range []string{"*", `"7"`, "W/" + tag, tag + ", " + tag, strings.Trim(tag, `"`)} {
				h.want(h.ask(staff.Editor, "PUT", one, theirs, "If-Match", match), 400)
			}
			h.want(h.ask(staff.Editor, "PUT", one, theirs, "If-Match", tag), 200)
			late := h.want(h.ask(staff.Editor, "PUT", one, mine, "If-Match", tag), 409)
			if newest, _ := late.value["newest"].(object); newest["id"] != made.str("id") || !strings.Contains(late.text, "Theirs") {
				t.Errorf("got %s", late.text)
			}
			if blind := h.want(h.ask("blind", "PUT", one, mine, "If-Match", tag), 409); strings.Contains(blind.text, "Theirs") {
				t.Errorf("who may not read is shown %s", blind.text)
			}
			// One's own change whose answer was lost is no conflict.
			h.want(h.ask(staff.Editor, "PUT", one, theirs, "If-Match", tag), 200)
			now := h.want(h.ask(staff.Editor, "GET", one, nil), 200)
			h.want(h.ask(staff.Editor, "PUT", one, mine, "If-Match", now.header.Get("ETag")), 200)
		}
	})
}

func TestOfManyChangesOfAPlaceAtOnceOneIsMade(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		for _, test := range places {
			made := h.want(h.ask(staff.Editor, "POST", test.at, test.good), 201)
			one, tag := test.at+"/"+made.str("id"), made.header.Get("ETag")
			var asking sync.WaitGroup
			statuses := make([]int, 8)
			for n := range statuses {
				asking.Go(func() {
					statuses[n] = h.ask(staff.Editor, "PUT", one, changed(test.good, fmt.Sprint("Name ", n)), "If-Match", tag).status
				})
			}
			asking.Wait()
			count := map[int]int{}
			for _, status := range statuses {
				count[status]++
			}
			if count[200] != 1 || count[409] != 7 {
				t.Errorf("%s: got %v, want one 200 and seven 409", test.at, count)
			}
		}
	})
}

func TestARetryAddsNoSecondPlace(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		for _, test := range places {
			first := h.want(h.ask(staff.Editor, "POST", test.at, test.good, "Idempotency-Key", test.at), 201)
			again := h.want(h.ask(staff.Editor, "POST", test.at, test.good, "Idempotency-Key", test.at), 201)
			if again.text != first.text || again.header.Get("Idempotent-Replay") != "true" || again.header.Get("ETag") != first.header.Get("ETag") || again.header.Get("Location") != first.header.Get("Location") {
				t.Errorf("got %s %v, want %s", again.text, again.header, first.text)
			}
			h.want(h.ask(staff.Editor, "POST", test.at, changed(test.good, "Another"), "Idempotency-Key", test.at), 422)
			one := test.at + "/" + first.str("id")
			put := h.want(h.ask(staff.Editor, "PUT", one, changed(test.good, "New"), "If-Match", first.header.Get("ETag"), "Idempotency-Key", "put"+test.at), 200)
			if again := h.want(h.ask(staff.Editor, "PUT", one, changed(test.good, "New"), "If-Match", first.header.Get("ETag"), "Idempotency-Key", "put"+test.at), 200); again.text != put.text || again.header.Get("Idempotent-Replay") != "true" {
				t.Errorf("got %s %v", again.text, again.header)
			}
		}
	})
}

func TestAnAuthorsNewNameStandsUnderWhatIsLive(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		words := func(name, slug string) object {
			return object{"words": object{"en": object{"name": name, "slug": slug}, "fa": object{"name": "مینا", "slug": "مینا"}}}
		}
		mina := h.want(h.ask(staff.Editor, "POST", "/authors", words("Mina", "mina")), 201)
		content := h.content("Signed", "By two.")
		content["byline"] = []object{{"author": mina.str("id"), "name": "Mina"}, {"name": "A guest"}}
		id := h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "content": content}), 201).str("id")
		h.publish(id, "1")
		content["genre"] = "page" // standing pages are in no list
		page := h.put("en", content)
		if a := h.want(h.ask("", "GET", "/content/stories?edition=en", nil), 200); !strings.Contains(a.text, `"Mina"`) {
			t.Errorf("got %s", a.text)
		}
		one := "/authors/" + mina.str("id")
		renamed := h.want(h.ask(staff.Editor, "PUT", one, words("Mina Tavakol", "mina-tavakol"), "If-Match", mina.header.Get("ETag")), 200)
		for _, path := range []string{"/content/stories?edition=en", "/content/stories/" + id, "/content/stories/" + page} {
			if a := h.want(h.ask("", "GET", path, nil), 200); !strings.Contains(a.text, `"Mina Tavakol"`) || !strings.Contains(a.text, "A guest") {
				t.Errorf("%s: got %s", path, a.text)
			}
		}
		if byline := value[string](h, `select byline from live where story = $1`, id); !strings.Contains(byline, `"mina-tavakol"`) {
			t.Errorf("got %s", byline)
		}
		// The old address is nobody else's, and may be taken up again.
		h.want(h.ask(staff.Editor, "POST", "/authors", object{"words": object{"en": object{"name": "Another", "slug": "mina"}}}), 409)
		h.want(h.ask(staff.Editor, "PUT", one, words("Mina", "mina"), "If-Match", renamed.header.Get("ETag")), 200)
		// An author without words in a language has no page to lead to.
		now := h.want(h.ask(staff.Editor, "GET", one, nil), 200)
		h.want(h.ask(staff.Editor, "PUT", one, object{"words": object{"fa": object{"name": "مینا", "slug": "مینا"}}}, "If-Match", now.header.Get("ETag")), 200)
		if byline := value[string](h, `select byline from live where story = $1`, id); !strings.Contains(byline, `"Mina"`) || strings.Contains(byline, `"mina"`) {
			t.Errorf("got %s", byline)
		}
	})
}

func TestARenamedAuthorTakesNothingFromABylineThatChangesMeanwhile(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		words := func(n int) object {
			return object{"words": object{"en": object{"name": fmt.Sprint("Mina ", n), "slug": fmt.Sprint("mina-", n)}}}
		}
		author := h.want(h.ask(staff.Editor, "POST", "/authors", words(0)), 201)
		signed := func(guests int) object {
			content := h.content("Signed", "By many.")
			byline := []object{{"author": author.str("id"), "name": "Mina"}}
			for n := range guests {
				byline = append(byline, object{"name": fmt.Sprint("Guest ", n)})
			}
			content["byline"] = byline
			return content
		}
		id := h.put("en", signed(0))
		const rounds = 20
		var working sync.WaitGroup
		working.Go(func() {
			tag := author.header.Get("ETag")
			for n := range rounds {
				tag = h.ask(staff.Editor, "PUT", "/authors/"+author.str("id"), words(n+1), "If-Match", tag).header.Get("ETag")
			}
		})
		for n := range rounds {
			h.want(h.ask(staff.Editor, "PUT", "/stories/"+id, object{"content": signed(n + 1)}, "If-Match", fmt.Sprintf(`"%d"`, n+1)), 200)
			h.publish(id, fmt.Sprint(n+2))
			if byline := value[string](h, `select byline from live where story = $1`, id); strings.Count(byline, "Guest") != n+1 {
				t.Errorf("%d guests signed, and the byline is %s", n+1, byline)
			}
		}
		working.Wait()
	})
}
