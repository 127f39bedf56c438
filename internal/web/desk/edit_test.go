package desk_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// bodyAt is where the first block of an empty story begins: behind five empty fields and
// a headline of so many characters.
func bodyAt(headline string) int { return 10 + len(headline) }

// paragraph are steps that put a paragraph at the end of a story with a headline alone.
func paragraph(at int, text string) []any {
	return []any{map[string]any{"stepType": "replace", "from": at, "to": at, "slice": map[string]any{"content": []any{map[string]any{"type": "paragraph", "content": []any{map[string]any{"type": "text", "text": text}}}}}}}
}

func TestTwoWindowsWriteInOneOrder(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		a, b := h.as(staff.Writer), h.as(staff.Editor)
		path := a.begin("Tide")
		version, _ := a.data(path)
		_, _ = b.data(path)
		heard := b.stream(path, "cb", version)
		first := a.want(a.write(path, "ca", version, paragraph(bodyAt("Tide"), "from A")), 200)
		heard.wait("from A")
		late := b.want(b.write(path, "cb", version, paragraph(bodyAt("Tide"), "from B")), 409)
		if late.value["lost"] != false || len(late.value["steps"].([]any)) != 1 || late.str("version") != first.str("version") {
			t.Errorf("got %s", late.text)
		}
		b.want(b.write(path, "cb", version+1, paragraph(bodyAt("Tide"), "from B")), 200)
		// The answer was lost, and it is sent again: it is recognised.
		again := b.want(b.write(path, "cb", version+1, paragraph(bodyAt("Tide"), "from B")), 409)
		if steps := again.value["steps"].([]any); len(steps) != 1 || steps[0].(map[string]any)["client"] != "cb" {
			t.Errorf("got %s", again.text)
		}
		if got := a.want(a.get(path+"/manuscript"), 200); !strings.Contains(got.text, "from A") || !strings.Contains(got.text, "from B") {
			t.Errorf("got %s", got.text)
		}
	})
}

// TestTextComesOutAsItWentIn sends what naive filters mangle; all of it is in the
// revision, byte for byte.
func TestTextComesOutAsItWentIn(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Writer)
		for _, text := range []string{
			`He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%;`, "می‌روم به خانه\u200f", "e\u0301 é \u2028 \U0001F469\u200d\U0001F467", "{{7*7}} ${x} %s \\", "\u202eabc\u202c", strings.Repeat("a\u0301", 50), "tab\there",
		} {
			path := b.begin("Tide")
			version, _ := b.data(path)
			b.want(b.write(path, "c", version, paragraph(bodyAt("Tide"), text)), 200)
			b.want(b.send(path+"/save", nil), 200)
			id, err := ref.Parse[ref.Story](strings.TrimPrefix(path, "/desk/stories/"))
			h.must(err)
			h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
				d, err := h.stories.Draft(tx, id)
				if kept, _ := json.Marshal(d.Content.Body); !strings.Contains(string(kept), strings.Trim(string(jsonText(text)), `"`)) {
					t.Errorf("%q is kept as %s", text, kept)
				}
				return err
			}))
		}
	})
}

func jsonText(text string) []byte { out, _ := json.Marshal(text); return out }

func TestWhatDoesNotFitIsRefusedAndNothingChanges(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Writer)
		path := b.begin("Tide")
		version, _ := b.data(path)
		before := b.get(path + "/manuscript").text
		for name, body := range map[string]string{
			"no JSON": `{`, "another type": `[]`, "no steps": `{"client":"c","version":1,"steps":"x"}`, "an unknown key": `{"client":"c","version":1,"steps":[],"x":1}`,
			"no step":          fmt.Sprintf(`{"client":"c","version":%d,"steps":[{"stepType":"eval"}]}`, version),
			"out of the text":  fmt.Sprintf(`{"client":"c","version":%d,"steps":[{"stepType":"replace","from":900,"to":901}]}`, version),
			"an unknown block": fmt.Sprintf(`{"client":"c","version":%d,"steps":[{"stepType":"replace","from":14,"to":14,"slice":{"content":[{"type":"script"}]}}]}`, version),
			"a lone surrogate": fmt.Sprintf(`{"client":"c","version":%d,"steps":[{"stepType":"replace","from":3,"to":3,"slice":{"content":[{"type":"text","text":"\ud800"}]}}]}`, version),
			"the room's own":   fmt.Sprintf(`{"client":"save","version":%d,"steps":[]}`, version),
			"no client":        fmt.Sprintf(`{"client":"","version":%d,"steps":[]}`, version),
			"deep":             `{"client":"c","version":1,"steps":[` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `]}`,
		} {
			a := b.do("POST", path+"/steps", "application/json", body)
			if a.status < 400 || a.status >= 500 || a.str("sentence") == "" {
				t.Errorf("%s: got %d %s", name, a.status, a.text)
			}
		}
		if after := b.get(path + "/manuscript").text; after != before {
			t.Errorf("it changed: %s", after)
		}
	})
}

func TestNULIsKeptInTheManuscriptAndNamedWhereItKeepsASaveFromBeingMade(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Writer)
		path := b.begin("Tide")
		version, _ := b.data(path)
		a := b.write(path, "c", version, paragraph(bodyAt("Tide"), "a\x00b"))
		if a.status == 200 {
			if s := b.want(b.send(path+"/save", nil), 422); !strings.Contains(s.text, "block 1") {
				t.Errorf("got %s", s.text)
			}
			return
		}
		if a.status != 400 && a.status != 422 {
			t.Errorf("got %d %s", a.status, a.text)
		}
	})
}

func TestAStoryIsPublishedCorrectedWithdrawnAndRestoredFromTheDesk(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		writer, b := h.as(staff.Writer), h.as(staff.Editor)
		path := writer.begin("Tide")
		version, _ := writer.data(path)
		writer.want(writer.send(path+"/publish", map[string]any{"version": version}), 403)
		if a := b.want(b.send(path+"/publish", map[string]any{"version": version}), 422); !strings.Contains(a.text, "Section: is not chosen") {
			t.Errorf("got %s", a.text)
		}
		b.want(b.write(path, "c", version, attr("section", fmt.Sprint(int64(h.news)))), 200)
		if a := b.want(b.send(path+"/publish", map[string]any{"version": version}), 409); a.value["steps"] == nil || a.str("sentence") == "" {
			t.Errorf("what somebody wrote meanwhile went out: %s", a.text)
		}
		live := b.want(b.send(path+"/publish", map[string]any{"version": version + 1}), 200)
		if live.str("key") != "published" || live.value["receipt"].(map[string]any)["state"] != "open" || live.value["live"].(map[string]any)["address"] != "/en/news/tide" {
			t.Errorf("got %s", live.text)
		}
		b.want(b.send(path+"/publish", map[string]any{"version": version + 1}), 200) // once more is no harm
		b.want(b.write(path, "c", version+1, steps(3, "High ")), 200)
		b.want(b.send(path+"/publish", map[string]any{"version": version + 2, "kind": "correction"}), 422)
		b.want(b.send(path+"/publish", map[string]any{"version": version + 2, "kind": "first", "note": "x"}), 422)
		corrected := b.want(b.send(path+"/publish", map[string]any{"version": version + 2, "kind": "correction", "note": "It said tide."}), 200)
		if corrected.value["live"].(map[string]any)["version"].(float64) != 2 {
			t.Errorf("got %s", corrected.text)
		}
		b.want(b.send(path+"/withdraw", map[string]any{"reason": " "}), 422)
		gone := b.want(b.send(path+"/withdraw", map[string]any{"reason": "It was not so."}), 200)
		if gone.str("key") != "withdrawn" || gone.str("gone") != "It was not so." {
			t.Errorf("got %s", gone.text)
		}
		if back := b.want(b.send(path+"/restore", map[string]any{}), 200); back.str("key") != "published" {
			t.Errorf("got %s", back.text)
		}
	})
}

func TestAnEmbargoIsSetSignedBySomebodyElseAndLifted(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b, other := h.as(staff.Editor), h.as(staff.Publisher)
		path := b.begin("Tide")
		version, _ := b.data(path)
		b.want(b.write(path, "c", version, attr("section", fmt.Sprint(int64(h.news)))), 200)
		until := h.now().Add(3 * time.Hour).Format(time.RFC3339)
		set := b.want(b.send(path+"/embargo", map[string]any{"until": until, "source": "press office, by email", "terms": "quote in full"}), 200)
		if e := set.value["embargo"].(map[string]any); e["source"] != "press office, by email" || e["signable"] != false {
			t.Errorf("got %s", set.text)
		}
		b.want(b.send(path+"/publish", map[string]any{"version": version + 1}), 409)
		b.want(b.send(path+"/embargo", map[string]any{"lift": true}), 409)
		b.want(b.send(path+"/embargo", map[string]any{"sign": true}), 409)
		other.want(other.send(path+"/embargo", map[string]any{"sign": true}), 200)
		b.want(b.send(path+"/embargo", map[string]any{"lift": true}), 200)
		b.want(b.send(path+"/publish", map[string]any{"version": version + 1}), 200)
	})
}

func TestPublishNowRepairLaterNeedsAReasonAndATime(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Editor)
		long := strings.Repeat("A headline that is longer than any slot ", 3)
		path := b.begin(long)
		version, _ := b.data(path)
		b.want(b.write(path, "c", version, attr("section", fmt.Sprint(int64(h.news)))), 200)
		version++
		refused := b.want(b.send(path+"/publish", map[string]any{"version": version}), 422)
		key := refused.value["checks"].([]any)[0].(map[string]any)["key"].(string)
		good := map[string]any{"version": version, "waive": []string{key}, "reason": "Breaking.", "until": h.now().Add(time.Hour).Format(time.RFC3339), "watch": ""}
		for name, wrong := range map[string]any{"reason": "", "until": "", "watch": "77777", "waive": []string{"other"}} {
			order := map[string]any{}
			for k, v := range good {
				order[k] = v
			}
			order[name] = wrong
			b.want(b.send(path+"/publish", order), 422)
		}
		out := b.want(b.send(path+"/publish", good), 200)
		if len(out.value["waived"].([]any)) != 1 {
			t.Errorf("got %s", out.text)
		}
		if today := b.get("/desk/").text; !strings.Contains(today, "Repair by") || !strings.Contains(today, "Breaking.") {
			t.Error("Today does not say that it must be repaired")
		}
		h.forward(2 * time.Hour)
		if today := b.get("/desk/").text; !strings.Contains(today, "Should have been repaired by") {
			t.Error("Today does not say that it is late")
		}
		now, _ := b.data(path)
		b.want(b.write(path, "c", now, attr("section", fmt.Sprint(int64(h.news)))), 200)
		b.want(b.send(path+"/steps", map[string]any{"client": "c", "version": now + 1, "steps": []any{map[string]any{"stepType": "replace", "from": 3, "to": 3 + len(long) - 1, "slice": map[string]any{"content": []any{map[string]any{"type": "text", "text": "Short"}}}}}}), 200)
		b.want(b.send(path+"/publish", map[string]any{"version": now + 2}), 200)
		if today := b.get("/desk/").text; strings.Contains(today, "repaired by") {
			t.Error("it was mended, and Today asks for it")
		}
	})
}

func TestAnyRevisionIsRestoredAsANewOneAndComparedWithAnyOther(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Writer)
		path := b.begin("Tide")
		version, _ := b.data(path)
		b.want(b.write(path, "c", version, paragraph(bodyAt("Tide"), "It rises slowly.")), 200)
		b.want(b.send(path+"/save", nil), 200)
		at := bodyAt("Tide") + 1 + len("It ")
		b.want(b.send(path+"/steps", map[string]any{"client": "c", "version": version + 1, "steps": []any{map[string]any{"stepType": "replace", "from": at, "to": at + len("rises"), "slice": map[string]any{"content": []any{map[string]any{"type": "text", "text": "falls"}}}}}}), 200)
		history := b.want(b.get(path+"/history"), 200) // makes a revision of what was typed
		if n := strings.Count(history.text, `name="old"`); n != 3 {
			t.Errorf("%d saves", n)
		}
		compared := b.want(b.get(path+"/compare?old=2&new=3"), 200)
		if !strings.Contains(compared.text, "<ins>") || !strings.Contains(compared.text, "falls") || !strings.Contains(compared.text, "rises") {
			t.Errorf("got %s", compared.text)
		}
		b.want(b.get(path+"/compare?old=2&new=99"), 404)
		b.want(b.get(path+"/compare?old=x"), 404)
		id, err := ref.Parse[ref.Story](strings.TrimPrefix(path, "/desk/stories/"))
		h.must(err)
		var second story.Save
		h.must(h.db.View(t.Context(), func(tx *db.Tx) (err error) { second, err = h.stories.Saved(tx, id, 2); return err }))
		heard := b.stream(path, "other", version+2)
		b.want(b.form(fmt.Sprintf("%s/revisions/%d/restore", path, int64(second.Revision)), nil), 303)
		heard.wait("event: steps") // whoever writes gets it
		if got := b.get(path + "/manuscript").text; !strings.Contains(got, "It rises slowly.") || strings.Contains(got, "falls") {
			t.Errorf("got %s", got)
		}
		h.must(h.db.View(t.Context(), func(tx *db.Tx) error {
			d, err := h.stories.Draft(tx, id)
			if d.Sequence != 4 {
				t.Errorf("it is save %d", d.Sequence)
			}
			return err
		}))
	})
}

func TestNotesStandOnTheirPlace(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Moderator) // who may only read leaves notes too
		path := h.as(staff.Writer).begin("Tide")
		made := b.want(b.send(path+"/notes", map[string]any{"parent": "", "block": "b1", "quote": "310 members", "text": "رقم درست است؟"}), 200)
		b.want(b.send(path+"/notes", map[string]any{"parent": made.str("id"), "block": "", "quote": "", "text": "yes"}), 200)
		b.want(b.send(path+"/notes", map[string]any{"parent": "", "block": "", "quote": "", "text": " "}), 422)
		state := b.want(b.get(path+"/state"), 200)
		if notes := state.value["notes"].([]any); len(notes) != 2 || notes[0].(map[string]any)["quote"] != "310 members" {
			t.Errorf("got %s", state.text)
		}
		b.want(b.send(path+"/notes/"+made.str("id"), map[string]any{"done": true}), 200)
		if list := b.get("/desk/stories?view=list").text; strings.Contains(list, "notes: 1") {
			t.Error("a settled note is open")
		}
	})
}

func TestAPlanIsChangedAndCanBeUndone(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Editor)
		path := b.begin("Tide")
		was := b.want(b.form(path+"/plan", url.Values{"stage": {"editing"}, "editor": {"1"}, "deadline": {"2026-03-21T15:00"}}, "Accept", "application/json"), 200)
		undo := was.value["undo"].(map[string]any)
		if undo["stage"] != "writing" || undo["editor"] != "0" {
			t.Errorf("got %s", was.text)
		}
		for name, wrong := range map[string]string{"stage": "soon", "editor": "99999", "deadline": "tomorrow"} {
			if a := b.want(b.form(path+"/plan", url.Values{name: {wrong}}, "Accept", "application/json"), 422); false {
				t.Error(a.text)
			}
		}
		board := b.want(b.get("/desk/stories"), 200).text
		lane, _, _ := strings.Cut(board[strings.Index(board, `data-lane="editing"`):], "</section>")
		if !strings.Contains(lane, "Tide") || !strings.Contains(lane, "A writer") {
			t.Errorf("got %s", lane)
		}
		if mine := h.as(staff.Writer).get("/desk/").text; !strings.Contains(mine, "Tide") {
			t.Error("whoever it was given to does not see it")
		}
	})
}

func TestAGuardedStoryIsOpenToThoseWhoWorkOnItAlone(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		writer, other, editor := h.as(staff.Writer), h.as(staff.Translator), h.as(staff.Editor)
		path := writer.begin("Secret tide")
		writer.want(writer.form(path+"/plan", url.Values{"guarded": {"on"}}, "Accept", "application/json"), 200)
		if _, data := writer.data(path); data["secret"] != nil {
			t.Error("something is kept in a browser")
		}
		other.want(other.get(path), 403)
		editor.want(editor.get(path), 200)
		if list := other.get("/desk/stories?view=list").text; strings.Contains(list, "Secret tide") || strings.Contains(list, "A writer") {
			t.Error("a colleague sees what it is about")
		}
		for _, at := range []string{"/state", "/manuscript", "/history", "/preview", "/compare?old=1&new=1", "/stream?client=x&version=1"} {
			if a := other.get(path + at); a.status != 403 {
				t.Errorf("%s: %d", at, a.status)
			}
		}
		if found := other.get("/desk/find?q=Secret").text; strings.Contains(found, "Secret tide") {
			t.Error("it is found")
		}
	})
}

func TestSomebodyAtRiskKeepsNothingAndIsNotNamed(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error {
			return h.person(tx, staff.Person{ID: 900, Email: "risk@paper.example", Name: "Real Name", Alias: "Tide Watcher", Role: staff.Writer, AtRisk: true})
		}))
		b, other := h.signIn("risk@paper.example"), h.as(staff.Writer)
		path := b.begin("Tide")
		if _, data := b.data(path); data["secret"] != nil {
			t.Error("something is kept in a browser")
		}
		// What they begin is guarded; without that it is an alias that colleagues see.
		b.want(b.form(path+"/plan", url.Values{"guarded": {"off"}}, "Accept", "application/json"), 200)
		for _, at := range []string{"/desk/stories?view=list", "/desk/stories", path} {
			page := other.want(other.get(at), 200).text
			if strings.Contains(page, "Real Name") || !strings.Contains(page, "Tide Watcher") {
				t.Errorf("%s names somebody at risk", at)
			}
		}
	})
}

func TestPicturesAreTakenAndRefusedWithASentence(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Writer)
		path := b.begin("Tide")
		made := b.want(b.do("POST", path+"/pictures?alt=a&credit=c", "application/octet-stream", "JPEG..."), 200)
		if made.str("id") != "77" {
			t.Errorf("got %s", made.text)
		}
		for body, status := range map[string]int{"GIF89a": 415, "": 415} {
			if a := b.want(b.do("POST", path+"/pictures", "application/octet-stream", body), status); a.str("sentence") == "" {
				t.Errorf("got %s", a.text)
			}
		}
		b.want(b.do("POST", path+"/pictures?alt="+url.QueryEscape("a\x00"), "application/octet-stream", "JPEG"), 422)
	})
}

func TestATopicIsFoundOrMade(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Writer)
		first := b.want(b.send("/desk/topics", map[string]any{"edition": "fa", "name": "راه‌آهن"}), 200)
		again := b.want(b.send("/desk/topics", map[string]any{"edition": "fa", "name": "راه‌اهن"}), 200)
		if first.str("id") != again.str("id") {
			t.Errorf("two topics of one name: %s, %s", first.text, again.text)
		}
		if found := b.get("/desk/find?kind=topic&edition=fa&q=" + url.QueryEscape("راه")); !strings.Contains(found.text, first.str("id")) {
			t.Errorf("got %s", found.text)
		}
		for _, q := range []string{"%", "_", "\\", "'", "راه%"} {
			if found := b.want(b.get("/desk/find?kind=topic&edition=fa&q="+url.QueryEscape(q)), 200); strings.Contains(found.text, first.str("id")) {
				t.Errorf("%q finds it", q)
			}
		}
		for _, name := range []string{"", " ", "…", strings.Repeat("x", 300)} {
			b.want(b.send("/desk/topics", map[string]any{"edition": "fa", "name": name}), 422)
		}
	})
}

func TestTodaySaysWhatFailed(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Editor)
		path := b.begin("Tide")
		id, err := ref.Parse[ref.Story](strings.TrimPrefix(path, "/desk/stories/"))
		h.must(err)
		b.want(b.form(path+"/plan", url.Values{"deadline": {"2026-03-20T12:30"}}, "Accept", "application/json"), 200)
		h.forward(time.Hour)
		version, _ := b.data(path)
		b.want(b.write(path, "c", version, attr("section", fmt.Sprint(int64(h.news)))), 200)
		if today := b.get("/desk/").text; !strings.Contains(today, "Was due 12:30") {
			t.Error("Today does not say that it is late")
		}
		b.want(b.send(path+"/publish", map[string]any{"version": version + 1}), 200)
		h.must(h.db.Update(t.Context(), func(tx *db.Tx) error {
			all, err := publish.Receipts(tx, id, 0, 1)
			if err != nil {
				return err
			}
			all[0].State, all[0].Lines = publish.Failed, []publish.Line{{Address: "/en/", Tries: 3}}
			_, err = publish.Settle(tx, all[0])
			return err
		}))
		if today := b.get("/desk/").text; !strings.Contains(today, "Readers do not see the change") || strings.Contains(today, "Was due") {
			t.Error("Today does not say that it is not seen")
		}
	})
}
