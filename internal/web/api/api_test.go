package api_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

func TestAStoryIsWrittenSavedAndPublished(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		made := h.want(h.ask(staff.Writer, "POST", "/stories", object{"edition": "en", "content": h.content("The tide", "It rises.")}), 201)
		id := made.str("id")
		if made.header.Get("ETag") != `"1"` || !strings.HasSuffix(made.header.Get("Location"), "/stories/"+id) {
			t.Errorf("got %v", made.header)
		}
		saved := h.want(h.ask(staff.Writer, "PUT", "/stories/"+id, object{"content": h.content("The tide", "It falls.")}, "If-Match", `"1"`), 200)
		if saved.header.Get("ETag") != `"2"` {
			t.Errorf("got %v", saved.header)
		}
		h.want(h.ask(staff.Writer, "POST", "/stories/"+id+"/publish", nil, "If-Match", `"2"`), 403)
		live := h.publish(id, "2")
		if live.str("address") != "/en/news/the-tide" || live.str("version") != "1" {
			t.Errorf("got %s", live.text)
		}
		public := h.want(h.ask("", "GET", "/content/stories/"+id, nil), 200)
		if !strings.Contains(public.text, "It falls.") {
			t.Errorf("got %s", public.text)
		}
		read := h.want(h.ask(staff.Writer, "GET", "/stories/"+id, nil), 200)
		if read.str("state") != "published" || read.value["live"] == nil {
			t.Errorf("got %s", read.text)
		}
	})
}

func TestASaveThatCameTooLateGetsBothTexts(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("One", "First.")
		h.want(h.ask(staff.Writer, "PUT", "/stories/"+id, object{"content": h.content("One", "Theirs.")}, "If-Match", `"1"`), 200)
		late := h.want(h.ask(staff.Editor, "PUT", "/stories/"+id, object{"content": h.content("One", "Mine.")}, "If-Match", `"1"`), 409)
		if !strings.Contains(late.text, "Theirs.") || !strings.Contains(late.text, "Mine.") {
			t.Errorf("got %s", late.text)
		}
		// One's own save whose answer was lost is no conflict.
		again := h.want(h.ask(staff.Writer, "PUT", "/stories/"+id, object{"content": h.content("One", "Theirs.")}, "If-Match", `"1"`), 200)
		if again.str("sequence") != "2" {
			t.Errorf("got %s", again.text)
		}
		h.want(h.ask(staff.Editor, "PUT", "/stories/"+id, object{"content": h.content("One", "Mine.")}), 428)
		for _, match := range []string{"*", "2", `W/"2"`, `"2", "3"`, `"x"`, `"02"`} {
			h.want(h.ask(staff.Editor, "PUT", "/stories/"+id, object{"content": h.content("One", "Mine.")}, "If-Match", match), 400)
		}
	})
}

func TestARetryWithItsKeyDoesNothingTwice(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		body := object{"edition": "en", "content": h.content("Once", "Only.")}
		first := h.want(h.ask(staff.Editor, "POST", "/stories", body, "Idempotency-Key", "k1"), 201)
		again := h.want(h.ask(staff.Editor, "POST", "/stories", body, "Idempotency-Key", "k1"), 201)
		if first.text != again.text || again.header.Get("Idempotent-Replay") != "true" || first.header.Get("Location") != again.header.Get("Location") || again.header.Get("ETag") != `"1"` {
			t.Errorf("got %s %v, want %s", again.text, again.header, first.text)
		}
		h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "content": h.content("Twice", "Only.")}, "Idempotency-Key", "k1"), 422)
		// Another person's key is another key.
		if other := h.want(h.ask(staff.Writer, "POST", "/stories", body, "Idempotency-Key", "k1"), 201); other.text == first.text {
			t.Error("two people share a key")
		}
		// A refusal is no answer that is kept.
		id := first.str("id")
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/withdraw", object{"reason": "r"}, "Idempotency-Key", "k2"), 409)
		h.publish(id, "1")
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/withdraw", object{"reason": "r"}, "Idempotency-Key", "k2"), 200)
	})
}

func TestAHundredRetriesAtOncePublishOnce(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Hurry", "Now.")
		var asking sync.WaitGroup
		for range 100 {
			asking.Go(func() {
				a := h.ask(staff.Editor, "POST", "/stories/"+id+"/publish", nil, "If-Match", `"1"`, "Idempotency-Key", "hurry")
				if a.status != 200 || a.str("version") != "1" {
					t.Errorf("got %d %s", a.status, a.text)
				}
			})
		}
		asking.Wait()
		if versions := h.ask(staff.Editor, "GET", "/stories/"+id+"/versions", nil); strings.Count(versions.text, `"number"`) != 1 {
			t.Errorf("got %s", versions.text)
		}
	})
}

func TestAStoryIsScheduledCorrectedWithdrawnAndRestored(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Later", "Wait.")
		at := h.now().Add(time.Hour).Format(time.RFC3339)
		if s := h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/schedule", object{"at": at}, "If-Match", `"1"`), 200); s.str("state") != "scheduled" {
			t.Errorf("got %s", s.text)
		}
		if s := h.ask(staff.Editor, "GET", "/schedule", nil); !strings.Contains(s.text, id) {
			t.Errorf("got %s", s.text)
		}
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/schedule", object{"at": "2020-01-01T00:00:00Z"}, "If-Match", `"1"`), 422)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/schedule", object{"at": "tomorrow"}, "If-Match", `"1"`), 422)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/embargo", object{"until": h.now().Add(2 * time.Hour).Format(time.RFC3339)}), 409)
		if s := h.want(h.ask(staff.Editor, "DELETE", "/stories/"+id+"/schedule", nil), 200); s.str("state") != "writing" {
			t.Errorf("got %s", s.text)
		}
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/embargo", object{"until": at}), 200)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/publish", nil, "If-Match", `"1"`), 409)
		for _, missing := range []any{nil, object{}, object{"until": ""}} {
			h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/embargo", missing), 422)
		}
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/publish", nil, "If-Match", `"1"`), 409)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/embargo", object{"until": nil}), 200)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/schedule", object{"at": at, "kind": "correction", "note": "n"}, "If-Match", `"1"`), 409)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/correct", object{"kind": "correction", "note": "n"}, "If-Match", `"1"`), 409)
		h.publish(id, "1")
		h.want(h.ask(staff.Editor, "PUT", "/stories/"+id, object{"content": h.content("Later", "Waited.")}, "If-Match", `"1"`), 200)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/correct", object{"kind": "correction"}, "If-Match", `"2"`), 422)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/correct", object{"kind": "first", "note": "n"}, "If-Match", `"2"`), 422)
		h.forward(time.Minute)
		corrected := h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/correct", object{"kind": "correction", "note": "It said wait."}, "If-Match", `"2"`), 200)
		if corrected.str("version") != "2" || corrected.value["updated"] == nil {
			t.Errorf("got %s", corrected.text)
		}
		if v := h.ask("", "GET", "/content/stories/"+id+"/versions", nil); !strings.Contains(v.text, "It said wait.") {
			t.Errorf("got %s", v.text)
		}
		refused := h.want(h.ask(staff.Editor, "DELETE", "/stories/"+id, nil, "If-Match", `"2"`), 409)
		if want := "Nothing was changed. The story is live: withdraw it first."; refused.str("detail") != want {
			t.Errorf("got %q, want %q", refused.str("detail"), want)
		}
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/withdraw", object{"reason": ""}), 422)
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/withdraw", object{"reason": "A source took it back."}), 200)
		if gone := h.want(h.ask("", "GET", "/content/stories/"+id, nil), 410); !strings.Contains(gone.text, "A source took it back.") {
			t.Errorf("got %s", gone.text)
		}
		if back := h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/restore", nil), 200); back.str("version") != "3" {
			t.Errorf("got %s", back.text)
		}
		receipts := h.want(h.ask(staff.Editor, "GET", "/stories/"+id+"/receipts", nil), 200)
		if n := strings.Count(receipts.text, `"superseded"`); n != 3 {
			t.Errorf("%d receipts are superseded, want 3: %s", n, receipts.text)
		}
		h.want(h.ask(staff.Editor, "GET", "/stories/"+id+"/receipt", nil), 200)
	})
}

func TestAStoryWithoutAReceiptSaysWhy(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("The tide", "It rises.")
		got := h.want(h.ask(staff.Editor, "GET", "/stories/"+id+"/receipt", nil), 404).str("detail")
		if want := "This story has no receipt yet: it was never published."; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		h.publish(id, "1")
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error { return publish.ForgetReceipts(tx, h.now().Add(time.Hour)) }))
		got = h.want(h.ask(staff.Editor, "GET", "/stories/"+id+"/receipt", nil), 404).str("detail")
		if want := "longer ago than receipts are kept."; !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := h.want(h.ask(staff.Editor, "GET", "/stories/1/receipt", nil), 404).str("detail"); got != "There is no such thing here." {
			t.Errorf("got %q", got)
		}
	})
}

func TestGenresAndKindsOfCorrectionsAreNamed(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		content := h.content("The tide", "It rises.")
		content["genre"] = "story"
		got := h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "content": content}), 422).str("detail")
		want := `Nothing was changed. The genre "story" is not one we know: take news, analysis, opinion, interview, report, explainer, photo, film, live or page.`
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		for _, of := range []struct {
			schema, field string
			words         []any
		}{
			{"Content", "genre", []any{"news", "analysis", "opinion", "interview", "report", "explainer", "photo", "film", "live", "page"}},
			{"Correction", "kind", []any{"typo", "update", "correction"}},
			{"Appointment", "kind", []any{"typo", "update", "correction"}},
		} {
			if got := h.described.Components.Schemas[of.schema].Value.Properties[of.field].Value.Enum; !slices.Equal(got, of.words) {
				t.Errorf("the %s of a %s is one of %v, want %v", of.field, of.schema, got, of.words)
			}
		}
	})
}

func TestAnEarlierTextIsSavedAgain(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Draft", "The first words.")
		h.want(h.ask(staff.Writer, "PUT", "/stories/"+id, object{"content": h.content("Draft", "Other words.")}, "If-Match", `"1"`), 200)
		list := h.want(h.ask(staff.Writer, "GET", "/stories/"+id+"/revisions", nil), 200)
		revisions, _ := list.value["revisions"].([]any)
		if len(revisions) != 2 {
			t.Fatalf("got %s", list.text)
		}
		first, _ := revisions[1].(object)
		at := fmt.Sprint("/stories/", id, "/revisions/", first["id"])
		if one := h.want(h.ask(staff.Writer, "GET", at, nil), 200); !strings.Contains(one.text, "The first words.") {
			t.Errorf("got %s", one.text)
		}
		if back := h.want(h.ask(staff.Writer, "POST", at+"/restore", nil, "If-Match", `"2"`), 200); back.str("sequence") != "3" {
			t.Errorf("got %s", back.text)
		}
		if now := h.ask(staff.Writer, "GET", "/stories/"+id, nil); !strings.Contains(now.text, "The first words.") {
			t.Errorf("got %s", now.text)
		}
	})
}

func TestThePublicReadsWhatIsPublishedAndNothingElse(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		shown := h.begin("Water rises", "In the qanat.")
		h.publish(shown, "1")
		hidden := h.begin("Secret water", "Not yet.")
		for _, path := range []string{
			"/content/stories?edition=en", "/content/stories?edition=en&q=water", "/content/stories?edition=en&q=water&sort=newest",
			"/content/stories?edition=en&genre=news", "/content/stories?edition=en&section=" + fmt.Sprint(int64(h.news)), "/content/stories?edition=en&from=2026-03-01&to=2026-03-20",
		} {
			a := h.want(h.ask("", "GET", path, nil), 200)
			if !strings.Contains(a.text, "Water rises") || strings.Contains(a.text, "Secret") || a.header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: got %s", path, a.text)
			}
		}
		for _, path := range []string{"/content/stories?edition=en&to=2026-03-19", "/content/stories?edition=en&from=2026-03-21", "/content/stories?edition=en&genre=opinion", "/content/stories?edition=en&q=secret"} {
			if a := h.want(h.ask("", "GET", path, nil), 200); strings.Contains(a.text, `"id"`) {
				t.Errorf("%s: got %s", path, a.text)
			}
		}
		for _, path := range []string{
			"/content/stories", "/content/stories?edition=xx", "/content/stories?edition=en&genre=x", "/content/stories?edition=en&limit=0", "/content/stories?edition=en&limit=101",
			"/content/stories?edition=en&nonsense=1", "/content/stories?edition=en&edition=fa", "/content/stories?edition=en&before=x", "/content/stories?edition=en&from=yesterday",
			"/content/stories?edition=en&section=x", "/content/stories?edition=en&sort=newest", "/content/stories?edition=en&q=a&sort=x", "/content/stories?edition=en&q=" + strings.Repeat("a", 201), "/content/stories?edition=en%00",
		} {
			h.want(h.ask("", "GET", path, nil), 400)
		}
		h.want(h.ask("", "GET", "/content/stories/"+hidden, nil), 404)
		h.want(h.ask("", "GET", "/stories/"+hidden, nil), 401)
	})
}

func TestNobodyFillsTheCacheWithListsThatAreNone(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Water rises", "One.")
		h.publish(id, "1")
		h.want(h.ask("", "GET", "/content/stories?edition=en", nil), 200)
		h.want(h.ask("", "GET", "/content/stories/"+id, nil), 200)
		kept := h.pages.Stats().Entries
		if kept < 2 {
			t.Fatalf("%d answers are kept, want 2", kept)
		}
		for path, status := range map[string]int{
			"/content/stories?edition=en&before=99999999999999.7": 200, "/content/stories?edition=en&from=2026-01-01": 200, "/content/stories?edition=en&to=2031-01-01": 200,
			"/content/stories?edition=en&section=12345": 200, "/content/stories?edition=en&limit=020": 400, "/content/stories?edition=en&section=012345": 400,
			"/content/sections?edition=nowhere": 200, "/content/topics?before=12345": 200, "/content/stories/0" + id: 404,
		} {
			h.want(h.ask("", "GET", path, nil), status)
		}
		if now := h.pages.Stats().Entries; now != kept {
			t.Errorf("%d answers are kept, want %d", now, kept)
		}
	})
}

// cell is one line of the table of routes.
type cell struct {
	right        staff.Right
	method, path string
}

// cells are the routes as the description names them.
func (h *desk) cells() (all []cell) {
	for path, item := range h.described.Paths.Map() {
		for method, operation := range item.Operations() {
			c := cell{method: method, path: strings.TrimPrefix(inBraces.ReplaceAllString(path, "1"), "/api/v1")}
			if operation.Security != nil {
				c.right = staff.Right((*operation.Security)[0]["token"][0])
			}
			all = append(all, c)
		}
	}
	return all
}

var inBraces = regexp.MustCompile(`\{[a-z]+\}`)

func TestWhoMayDoWhatIsAsTheTableSays(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		cells := h.cells()
		if len(cells) < 50 {
			t.Fatalf("only %d routes are described: the test does not see the table", len(cells))
		}
		// try asks every route, and holds the answer against what the token has.
		try := func(who string, has []staff.Right, headers ...string) {
			for _, c := range cells {
				var body any
				if c.method == "POST" || c.method == "PUT" {
					body = object{}
				}
				a := h.ask("", c.method, c.path, body, headers...)
				switch {
				case c.right == "" && (a.status == 401 || a.status == 403):
					t.Errorf("%s: %s %s, which anybody may ask, answers %d", who, c.method, c.path, a.status)
				case c.right == "":
				case has == nil && a.status != 401, has != nil && (a.status == 403) == slices.Contains(has, c.right):
					t.Errorf("%s: %s %s, which needs %s, answers %d", who, c.method, c.path, c.right, a.status)
				}
			}
		}
		try("nobody", nil)
		for _, role := range staff.Roles() {
			try(string(role), role.Rights(), "Authorization", "Bearer "+h.tokens[role])
			for _, scope := range role.Rights() {
				name, value := h.narrow(role, scope)
				try(string(role)+" with "+string(scope), []staff.Right{scope}, name, value)
			}
		}
	})
}

func TestATokenThatMayNotReadSeesNoDraft(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Secret", "Nobody knows.")
		earlier := h.want(h.ask(staff.Editor, "GET", "/stories/"+id, nil), 200).str("revision")
		h.want(h.ask(staff.Editor, "PUT", "/stories/"+id, object{"content": h.content("Secret", "Still nobody knows.")}, "If-Match", `"1"`), 200)
		name, value := h.narrow(staff.Editor, staff.Publish)
		at := h.now().Add(time.Hour).Format(time.RFC3339)
		late := []answer{
			h.ask("", "POST", "/stories/"+id+"/publish", nil, name, value, "If-Match", `"0"`),
			h.ask("", "POST", "/stories/"+id+"/schedule", object{"at": at}, name, value, "If-Match", `"1"`),
		}
		name, value = h.narrow(staff.Editor, staff.Write)
		late = append(late,
			h.ask("", "DELETE", "/stories/"+id, nil, name, value, "If-Match", `"1"`),
			h.ask("", "PUT", "/stories/"+id, object{"content": h.content("Mine", "Mine.")}, name, value, "If-Match", `"1"`),
			h.ask("", "POST", "/stories/"+id+"/revisions/"+earlier+"/restore", nil, name, value, "If-Match", `"1"`))
		for _, a := range late {
			if h.want(a, 409); strings.Contains(a.text, "nobody knows") || strings.Contains(a.text, "Nobody knows") || a.value["newest"] != nil || strings.Contains(a.text, "both texts") {
				t.Errorf("got %s", a.text)
			}
		}
		read := h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/publish", nil, "If-Match", `"1"`), 409)
		if read.value["newest"] == nil || read.value["yours"] != nil || strings.Contains(read.text, "both texts") {
			t.Errorf("who may read got %s", read.text)
		}
	})
}

func TestAWriterSetsAsideNeitherWhatIsScheduledNorWhatWasWithdrawn(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("At six", "Wait.")
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/schedule", object{"at": h.now().Add(time.Hour).Format(time.RFC3339)}, "If-Match", `"1"`), 200)
		h.want(h.ask(staff.Writer, "DELETE", "/stories/"+id, nil), 428)
		h.want(h.ask(staff.Writer, "DELETE", "/stories/"+id, nil, "If-Match", `"1"`), 409)
		if read := h.ask(staff.Writer, "GET", "/stories/"+id, nil); read.str("state") != "scheduled" || read.value["schedule"] == nil {
			t.Errorf("got %s", read.text)
		}
		h.want(h.ask(staff.Editor, "DELETE", "/stories/"+id+"/schedule", nil), 200)
		h.publish(id, "1")
		h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/withdraw", object{"reason": "r"}), 200)
		h.want(h.ask(staff.Writer, "DELETE", "/stories/"+id, nil, "If-Match", `"1"`), 403)
		h.want(h.ask(staff.Editor, "DELETE", "/stories/"+id, nil, "If-Match", `"1"`), 200)
		draft := h.begin("A draft", "Of one's own.")
		h.want(h.ask(staff.Writer, "DELETE", "/stories/"+draft, nil, "If-Match", `"1"`), 200)
	})
}

func TestATwinStandsInAnotherEditionAndIsSeenWhenItGoesLive(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		first := h.begin("First", "In one language.")
		h.publish(first, "1")
		h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "twin": first, "content": h.content("Same", "Edition.")}), 422)
		h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "fa", "twin": "12", "content": object{"headline": "a", "genre": "page", "body": []object{}}}), 422)
		name, value := h.narrow(staff.Writer, staff.Write)
		page := object{"headline": "Second", "genre": "page", "body": []object{{"type": "paragraph", "text": []object{{"text": "In another."}}}}}
		second := h.want(h.ask("", "POST", "/stories", object{"edition": "fa", "twin": first, "content": page}, name, value), 201).str("id")
		if a := h.want(h.ask("", "GET", "/content/stories/"+first, nil), 200); a.value["twin"] != nil {
			t.Errorf("a writer changed what readers see: %s", a.text)
		}
		h.publish(second, "1")
		if a := h.want(h.ask("", "GET", "/content/stories/"+first, nil), 200); a.str("twin") != first {
			t.Errorf("got %s", a.text)
		}
		for _, again := range []object{{"edition": "fa", "twin": first, "content": page}, {"edition": "en", "twin": second, "content": h.content("Same", "Edition.")}} {
			h.want(h.ask(staff.Editor, "POST", "/stories", again), 422)
		}
	})
}

// walk reads a list to its end, two at a time, and returns how many answers it
// took and the items.
func (h *desk) walk(path, field string) (answers int, items []object) {
	h.t.Helper()
	for before := ""; answers < 20; {
		a := h.want(h.ask(staff.Editor, "GET", path+"?limit=2"+before, nil), 200)
		answers++
		list, _ := a.value[field].([]any)
		for _, one := range list {
			items = append(items, one.(object))
		}
		if a.value["before"] == nil {
			return answers, items
		}
		before = "&before=" + a.str("before")
	}
	h.t.Fatalf("%s does not end", path)
	return 0, nil
}

func TestEveryListOfTheDeskIsReadToItsEnd(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("One", "Text.")
		for n := range 4 {
			sequence := fmt.Sprint(n + 1)
			h.publish(id, sequence)
			h.want(h.ask(staff.Editor, "PUT", "/stories/"+id, object{"content": h.content("One", "Text "+sequence)}, "If-Match", `"`+sequence+`"`), 200)
			later := h.begin("Later", "Text.")
			h.want(h.ask(staff.Editor, "POST", "/stories/"+later+"/schedule", object{"at": h.now().Add(time.Hour).Format(time.RFC3339)}, "If-Match", `"1"`), 200)
		}
		for _, list := range []struct {
			path, field, key string
			want             int
		}{
			{"/stories", "stories", "id", 5}, {"/schedule", "schedule", "story", 4},
			{"/stories/" + id + "/revisions", "revisions", "id", 5}, {"/stories/" + id + "/versions", "versions", "number", 4}, {"/stories/" + id + "/receipts", "receipts", "id", 4},
		} {
			answers, items := h.walk(list.path, list.field)
			seen := map[any]bool{}
			for _, item := range items {
				seen[item[list.key]] = true
			}
			if len(items) != list.want || len(seen) != list.want || answers != (list.want+1)/2 {
				t.Errorf("%s: got %d items, %d of them different, in %d answers; want %d", list.path, len(items), len(seen), answers, list.want)
			}
			h.want(h.ask(staff.Editor, "GET", list.path+"?before=x", nil), 400)
			h.want(h.ask(staff.Editor, "GET", list.path+"?limit=101", nil), 400)
		}
		list := h.want(h.ask(staff.Editor, "GET", "/stories?edition=en&state=published", nil), 200)
		stories, _ := list.value["stories"].([]any)
		if len(stories) != 1 {
			t.Fatalf("got %s", list.text)
		}
		if brief := stories[0].(object); brief["headline"] != "One" || brief["genre"] != "news" || brief["section"] != fmt.Sprint(int64(h.news)) || brief["sequence"] != float64(5) {
			t.Errorf("got %v", brief)
		}
		h.want(h.ask(staff.Editor, "GET", "/stories?state=lost", nil), 400)
		h.want(h.ask(staff.Editor, "GET", "/stories?edition=xx", nil), 400)
	})
}

func TestActsAndRefusalsNameTheirTokenInTheLog(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Logged", "Text.")
		h.publish(id, "1")
		token := fmt.Sprintf(`"token":"%d"`, 1+slices.Index(staff.Roles(), staff.Editor))
		if all := h.log("story:" + id); len(all) != 1 || !strings.Contains(all[0].Detail, token) {
			t.Errorf("got %+v, want one with %s", all, token)
		}
		token = fmt.Sprintf(`"token":"%d"`, 1+slices.Index(staff.Roles(), staff.Writer))
		refuse := func() {
			h.want(h.ask(staff.Writer, "POST", "/stories/"+id+"/withdraw", object{"reason": "r"}), 403)
		}
		refuse()
		refuse()
		at := "POST /api/v1/stories/{id}/withdraw"
		if all := h.log(at); len(all) != 1 || all[0].Act != "refused" || all[0].By != int64(1+slices.Index(staff.Roles(), staff.Writer)) || !strings.Contains(all[0].Detail, token) {
			t.Errorf("got %+v, want one refusal with %s", all, token)
		}
		h.forward(time.Minute)
		refuse()
		if all := h.log(at); len(all) != 2 {
			t.Errorf("a minute later: got %d refusals, want 2", len(all))
		}
	})
}

func TestTwoPeopleOrderARedaction(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("A name", "Quillon Vexmoor was here.")
		h.publish(id, "1")
		order := object{"kind": "name", "texts": []string{"Quillon Vexmoor"}, "reason": "safety"}
		if found := h.want(h.ask(staff.Editor, "POST", "/redactions/preview", order), 200); found.str("stories") != "1" {
			t.Errorf("got %s", found.text)
		}
		h.want(h.ask(staff.Editor, "POST", "/redactions", object{"kind": "name", "reason": "safety"}), 422)
		first := h.want(h.ask(staff.Editor, "POST", "/redactions", order, "Idempotency-Key", "r1"), 202)
		again := h.want(h.ask(staff.Editor, "POST", "/redactions", order, "Idempotency-Key", "r1"), 202)
		if len(first.str("key")) != 40 || again.value["key"] != nil || again.value["note"] == nil || again.str("id") != first.str("id") || again.header.Get("Idempotent-Replay") != "true" {
			t.Errorf("got %s, then %s", first.text, again.text)
		}
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			kept, err := db.Has(tx, `select key from idempotency where answer like '%' || $1 || '%'`, first.str("key"))
			if kept {
				t.Error("the key that opens the seal is kept")
			}
			return err
		}))
		if list := h.want(h.ask(staff.Publisher, "GET", "/redactions", nil), 200); strings.Count(list.text, `"seal"`) != 1 {
			t.Errorf("got %s", list.text)
		}
		at := "/redactions/" + first.str("id")
		if read := h.want(h.ask(staff.Publisher, "GET", at, nil), 200); read.str("state") != "waiting" || read.value["key"] != nil || !strings.Contains(read.text, `"found":{"stories":1,"revisions":1`) {
			t.Errorf("got %s", read.text)
		}
		h.want(h.ask(staff.Editor, "POST", at+"/confirm", nil), 403)
		h.want(h.ask(staff.Writer, "POST", at+"/confirm", nil), 403)
		for _, replay := range []string{"", "true"} {
			a := h.want(h.ask(staff.Publisher, "POST", at+"/confirm", nil, "Idempotency-Key", "r2"), 202)
			if a.str("state") != "running" || a.header.Get("Idempotent-Replay") != replay {
				t.Errorf("got %s, %v", a.text, a.header)
			}
		}
		h.want(h.ask(staff.Publisher, "POST", at+"/refuse", nil), 409)
		second := h.want(h.ask(staff.Editor, "POST", "/redactions", order), 202).str("id")
		if a := h.want(h.ask(staff.Admin, "POST", "/redactions/"+second+"/refuse", nil), 200); a.str("state") != "refused" {
			t.Errorf("got %s", a.text)
		}
		h.want(h.ask(staff.Editor, "GET", "/redactions/7", nil), 404)
		h.want(h.ask("", "GET", "/content/redactions", nil), 200)
	})
}

func TestATokenThatIsNoneIsRefusedAndGuessersAreSlowedDown(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		for _, value := range []string{"", "Bearer", "Bearer ", "Basic abc", "Bearer nonsense", "Bearer bs_", "bearer " + h.tokens[staff.Editor] + "x"} {
			a := h.want(h.ask("", "GET", "/stories", nil, "Authorization", value), 401)
			if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") || a.header.Get("Content-Type") != "application/problem+json; charset=utf-8" {
				t.Errorf("%q: got %v", value, a.header)
			}
		}
		slowed := false
		for range 60 {
			slowed = slowed || h.ask("", "GET", "/stories", nil, "Authorization", "Bearer bs_guess", "X-Forwarded-For", "198.51.100.1").status == 429
		}
		if !slowed {
			t.Error("sixty wrong tokens were looked at without a pause")
		}
		h.want(h.ask("", "GET", "/stories", nil, "Authorization", "Bearer bs_guess", "X-Forwarded-For", "198.51.100.2"), 401)
		h.want(h.ask(staff.Editor, "GET", "/stories", nil, "X-Forwarded-For", "198.51.100.1"), 200)
	})
}

func TestWhatCannotBeReadIsRefusedWithItsPlace(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("A", "B")
		for _, test := range []struct {
			body   string
			status int
		}{
			{`{"edition":"en","content":`, 400},
			{`{"edition":"en","edition":"fa","content":{"headline":"a","genre":"news","body":[]}}`, 400},
			{`{"Edition":"en","content":{"headline":"a","genre":"news","body":[]}}`, 400},
			{`{"edition":"en","content":{"headline":["a"],"genre":"news","body":[]}}`, 400},
			{`{"edition":"en","content":{"headline":"\ud800","genre":"news","body":[]}}`, 400},
			{"{\"edition\":\"en\",\"content\":{\"headline\":\"\xff\",\"genre\":\"news\",\"body\":[]}}", 400},
			{`{"edition":"en","content":{"headline":"a","genre":"news","body":[],"admin":true}}`, 400},
			{`{"edition":"en","content":{"headline":"a\u0000","genre":"news","body":[]}}`, 400},
			{`{"edition":"en","content":{"headline":"a\u0007","genre":"news","body":[]}}`, 422},
			{`{"edition":"en","content":{"headline":"\u202ea","genre":"news","body":[]}}`, 422},
			{`{"edition":"en","content":{"headline":"a","genre":"rumour","body":[]}}`, 422},
			{`{"edition":"xx","content":{"headline":"a","genre":"news","body":[]}}`, 422},
			{`{"edition":"en","content":{"headline":"a","genre":"news","section":"12","body":[]}}`, 422},
			{`{"edition":"en","content":{"headline":"a","genre":"news","topics":["12"],"body":[]}}`, 422},
			{`{"edition":"en","content":{"headline":"a","genre":"news","picture":"12","body":[]}}`, 422},
			{`{"edition":"en","content":{"headline":"a","genre":"news","body":[{"type":"paragraph","text":[{"text":"x","link":{"href":"javascript:alert(1)"}}]}]}}`, 422},
			{`[]`, 400}, {`null`, 400}, {`"x"`, 400},
			{`{"edition":"en","content":{"headline":"` + strings.Repeat("a", 501) + `","genre":"news","body":[]}}`, 422},
			{strings.Repeat(`[`, 10000), 400},
			{`{"edition":"en","content":{"headline":"` + strings.Repeat("a", 7<<20) + `","genre":"news","body":[]}}`, 413},
		} {
			a := h.ask(staff.Editor, "POST", "/stories", test.body)
			if a.status != test.status || a.str("detail") == "" {
				t.Errorf("%.80s: got %d, want %d: %.300s", test.body, a.status, test.status, a.text)
			}
		}
		h.want(h.ask(staff.Editor, "POST", "/stories", "a=b", "Content-Type", "application/x-www-form-urlencoded"), 415)
		for _, path := range []string{"/stories/x", "/stories/0", "/stories/-1", "/stories/99999999999999999999", "/nothing", "/stories/" + id + "/", "/stories/" + id + "/revisions/7"} {
			h.want(h.ask(staff.Editor, "GET", path, nil), 404)
		}
		h.want(h.ask(staff.Editor, "PATCH", "/stories/"+id, object{}), 405)
		h.want(h.ask(staff.Editor, "GET", "/problems/stale", nil), 200)
	})
}

func TestAStoryShowsOnlyWhatCanBeShownInItsPlace(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		ids := map[string]ref.Asset{}
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error {
			for n, kind := range []string{asset.Picture, asset.Film, asset.Document} {
				ids[kind] = ref.New[ref.Asset](h.mint)
				if err := asset.Put(tx, asset.Asset{ID: ids[kind], Key: strings.Repeat(strconv.Itoa(n), 20), Kind: kind}); err != nil {
					return err
				}
			}
			return nil
		}))
		shows := func(c story.Content, status int, why string) {
			t.Helper()
			c.Genre = story.News
			a := h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "content": c})
			if h.want(a, status); !strings.Contains(a.text, why) {
				t.Errorf("%q is missing: %s", why, a.text)
			}
		}
		in := func(v body.Value) body.Body { return body.Body{{Key: "a", Value: v}} }
		shows(story.Content{Picture: ids[asset.Picture], Film: ids[asset.Film], Body: in(body.File{Asset: ids[asset.Document]})}, 201, "")
		shows(story.Content{Body: in(body.File{Asset: ids[asset.Picture]})}, 201, "")
		shows(story.Content{Picture: ids[asset.Film]}, 422, "is no picture")
		shows(story.Content{Film: ids[asset.Picture]}, 422, "is no film")
		shows(story.Content{Body: in(body.Figure{Asset: ids[asset.Document]})}, 422, "shows as a picture what is none")
		shows(story.Content{Body: in(body.Gallery{Pictures: []body.Figure{{Asset: ids[asset.Film]}}})}, 422, "shows as a picture what is none")
		shows(story.Content{Body: in(body.Definition{Topic: 77})}, 422, "defines a topic that is not here")
		shows(story.Content{Body: in(body.Subhead{Level: 7, Text: body.T("a")})}, 422, "block 1, level")
	})
}

func TestTextComesOutAsItWentIn(t *testing.T) {
	texts := []string{
		`He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%;`, "می‌روم و نمی‌خواهم", "😀‍👩‍👧 \u2028 \u2029", "' OR 1=1-- $1 ? %_ \\'; DROP TABLE story", "{{7*7}} ${x} ]]>", "é e\u0301 Å Ⅷ ﬁ", strings.Repeat("a\u0301", 2000),
	}
	both(t, func(t *testing.T, h *desk) {
		for _, text := range texts {
			id := h.begin("Text", text)
			h.publish(id, "1")
			for _, at := range []string{"/content/stories/" + id, "/stories/" + id} {
				a := h.want(h.ask(staff.Editor, "GET", at, nil), 200)
				content := a.value
				if inner, ok := a.value["content"].(object); ok {
					content = inner
				}
				blocks, _ := content["body"].([]any)
				block, _ := blocks[0].(object)
				spans, _ := block["text"].([]any)
				span, _ := spans[0].(object)
				if span["text"] != text {
					t.Errorf("%s: got %.80q, want %.80q", at, span["text"], text)
				}
			}
		}
	})
}

func TestWebhooksAreMadeAndHearOfStories(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		words := object{"url": "https://example.org/hook", "events": []string{"story.*"}, "active": true}
		made := h.want(h.ask(staff.Admin, "POST", "/webhooks", words), 201)
		id := made.str("id")
		if len(made.str("secret")) < 40 {
			t.Errorf("got %s", made.text)
		}
		if read := h.want(h.ask(staff.Admin, "GET", "/webhooks/"+id, nil), 200); read.value["secret"] != nil {
			t.Errorf("the secret is shown again: %s", read.text)
		}
		h.want(h.ask(staff.Editor, "GET", "/webhooks", nil), 403)
		h.publish(h.begin("Heard", "Of."), "1")
		sent := h.want(h.ask(staff.Admin, "GET", "/webhooks/"+id+"/deliveries", nil), 200)
		if !strings.Contains(sent.text, "story.published") || !strings.Contains(sent.text, `"waiting"`) {
			t.Errorf("got %s", sent.text)
		}
		h.want(h.ask(staff.Admin, "POST", "/webhooks/"+id+"/test", nil), 202)
		if renewed := h.want(h.ask(staff.Admin, "POST", "/webhooks/"+id+"/secret", nil), 200); renewed.str("secret") == made.str("secret") {
			t.Error("the new secret is the old one")
		}
		h.want(h.ask(staff.Admin, "PUT", "/webhooks/"+id, object{"url": "https://example.org/other", "events": []string{"*"}, "active": false}), 200)
		h.want(h.ask(staff.Admin, "POST", "/webhooks/"+id+"/test", nil), 409)
		for _, bad := range []string{"http://127.0.0.1/", "http://localhost/x", "ftp://example.org/", "https://example.org:8443/", "https://u:p@example.org/", "x"} {
			h.want(h.ask(staff.Admin, "POST", "/webhooks", object{"url": bad, "events": []string{"*"}, "active": true}), 422)
		}
		h.want(h.ask(staff.Admin, "DELETE", "/webhooks/"+id, nil), 200)
		h.want(h.ask(staff.Admin, "GET", "/webhooks/"+id, nil), 404)
	})
}

func TestWhatIsReadMostIsAskedFor(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Read", "Much.")
		h.publish(id, "1")
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(`insert into view_hour (story, hour, n) select story, $1, 7 from live`, h.now().Unix()/3600)
			return err
		}))
		rank := func() {
			t.Helper()
			h.must(readership.NewRanker(h.db, h.now).Rank(t.Context(), func(*db.Tx, []string) error { return nil }))
		}
		rank()
		if a := h.want(h.ask("", "GET", "/content/most-viewed?edition=en&span=day", nil), 200); !strings.Contains(a.text, id) || strings.Contains(a.text, "views") {
			t.Errorf("got %s", a.text)
		}
		if a := h.want(h.ask(staff.Editor, "GET", "/most-viewed?edition=en&span=month", nil), 200); !strings.Contains(a.text, `"views":7`) {
			t.Errorf("got %s", a.text)
		}
		h.want(h.ask(staff.Editor, "PUT", "/stories/"+id+"/most-viewed", object{"reason": ""}), 422)
		for _, replay := range []string{"", "true"} {
			a := h.want(h.ask(staff.Editor, "PUT", "/stories/"+id+"/most-viewed", object{"reason": "A link was passed around by robots."}, "Idempotency-Key", "m1"), 200)
			if a.header.Get("Idempotent-Replay") != replay {
				t.Errorf("got %v", a.header)
			}
		}
		rank()
		if a := h.want(h.ask(staff.Editor, "GET", "/most-viewed?edition=en", nil), 200); strings.Contains(a.text, id) {
			t.Errorf("got %s", a.text)
		}
		h.want(h.ask(staff.Editor, "DELETE", "/stories/"+id+"/most-viewed", nil), 200)
		for _, bad := range []string{"", "?edition=en&span=year", "?edition=en&section=x"} {
			h.want(h.ask("", "GET", "/content/most-viewed"+bad, nil), 400)
		}
	})
}

func TestWhoConfirmsARedactionSeesWhatItIsOf(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		h.publish(h.begin("Zarina at the well", "Zarina Quill drank."), "1")
		order := object{"kind": "name", "texts": []string{"Zarina Quill", "Zarina"}, "reason": "safety", "mark": "[gone]"}
		id := h.want(h.ask(staff.Editor, "POST", "/redactions", order), 202).str("id")
		seen := h.want(h.ask(staff.Publisher, "GET", "/redactions/"+id, nil), 200)
		for _, part := range []string{`"texts":["Zarina Quill","Zarina"]`, `"mark":"[gone]"`, `"found":{"stories":1,"revisions":1,`} {
			if !strings.Contains(seen.text, part) {
				t.Errorf("while it waits it is %s, without %s", seen.text, part)
			}
		}
		h.want(h.ask(staff.Writer, "GET", "/redactions/"+id, nil), 403)
		confirmed := h.want(h.ask(staff.Publisher, "POST", "/redactions/"+id+"/confirm", nil), 202)
		if strings.Contains(confirmed.text, "Zarina") || strings.Contains(confirmed.text, `"found"`) {
			t.Errorf("before it is done it says %s", confirmed.text)
		}
		order["story"] = "123"
		refused := h.want(h.ask(staff.Editor, "POST", "/redactions/preview", order), 422)
		if !strings.Contains(refused.text, "leave out the story") {
			t.Errorf("got %s", refused.text)
		}
	})
}
