package api_test

import (
	"strings"
	"testing"

	"broadsheet/internal/news/staff"
)

// leading is a plan with one slot.
func leading(slot object) object {
	return object{"plan": object{"containers": []object{{"kind": "lead", "size": 3, "slots": []object{slot}, "rule": object{"any": true}}}}}
}

func TestAFrontIsLaunchedOverTheOneThatWasSeen(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Lead", "Story.")
		h.publish(id, "1")
		first := h.want(h.ask(staff.FrontEditor, "GET", "/fronts/en", nil), 200)
		if first.header.Get("ETag") != `"0"` {
			t.Errorf("got %v", first.header)
		}
		plan := leading(object{"story": id, "headline": "A short one"})
		launched := h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", plan, "If-Match", `"0"`, "Idempotency-Key", "l"), 200)
		if again := h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", plan, "If-Match", `"0"`, "Idempotency-Key", "l"), 200); again.text != launched.text {
			t.Errorf("got %s, want %s", again.text, launched.text)
		}
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", plan, "If-Match", `"0"`), 409)
		for _, bad := range []object{
			{"plan": object{"containers": []object{}}},
			{"plan": object{"containers": []object{{"kind": "throne", "size": 3, "rule": object{}}}}},
			{"plan": object{"containers": []object{{"kind": "section", "size": 3, "rule": object{}}}}},
			{"plan": object{"containers": []object{{"kind": "lead", "size": 0, "rule": object{}}}}},
			{"plan": object{"containers": []object{{"kind": "map", "size": 1, "rule": object{}}, {"kind": "choice", "size": 2, "rule": object{}}}}},
		} {
			h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", bad, "If-Match", `"1"`), 422)
		}
		h.want(h.ask(staff.FrontEditor, "GET", "/fronts/xx", nil), 404)
	})
}

func TestAFrontIsUndoneOnce(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Lead", "Story.")
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/undo", nil, "If-Match", `"0"`), 422)
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", leading(object{"story": id, "headline": "A short one"}), "If-Match", `"0"`), 200)
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/undo", nil), 428)
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/undo", nil, "If-Match", `"9"`), 409)
		undone := h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/undo", nil, "If-Match", `"1"`, "Idempotency-Key", "u"), 200)
		if undone.str("version") != "2" || undone.header.Get("ETag") != `"2"` || strings.Contains(undone.text, "A short one") {
			t.Errorf("got %s", undone.text)
		}
		again := h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/undo", nil, "If-Match", `"1"`, "Idempotency-Key", "u"), 200)
		if again.text != undone.text || again.header.Get("Idempotent-Replay") != "true" {
			t.Errorf("got %s %v", again.text, again.header)
		}
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/undo", nil, "If-Match", `"1"`), 409)
		if now := h.want(h.ask(staff.FrontEditor, "GET", "/fronts/en", nil), 200); now.str("version") != "2" {
			t.Errorf("got %s", now.text)
		}
	})
}

func TestASlotThatNamesWhatIsNotHereIsRefusedByItsPlace(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		ours := h.begin("Ours", "Story.")
		foreign := h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "fa", "content": object{"headline": "دور", "genre": "news", "body": []object{}}}), 201).str("id")
		for _, test := range []struct {
			slot  object
			fault string
		}{
			{object{"story": foreign}, "names a story that is none of this edition"},
			{object{"story": "12"}, "names a story that is none of this edition"},
			{object{"story": ours, "picture": "12"}, "names a picture that is not here"},
		} {
			a := h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", leading(test.slot), "If-Match", `"0"`), 422)
			if want := "he plan.containers[0].slots[0] " + test.fault + "."; !strings.HasSuffix(a.str("detail"), want) {
				t.Errorf("got %q, want %q", a.str("detail"), want)
			}
		}
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", leading(object{"story": ours}), "If-Match", `"0"`), 200)
	})
}

func TestATokenThatMayNotReadSeesNoPlanThatIsBroughtBack(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		draft := h.begin("Draft", "Story.")
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", leading(object{"story": draft, "headline": "Not yet"}), "If-Match", `"0"`), 200)
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", leading(object{"story": draft}), "If-Match", `"1"`), 200)
		name, value := h.narrow(staff.FrontEditor, staff.Arrange)
		if a := h.want(h.ask("", "POST", "/fronts/en/undo", nil, "If-Match", `"2"`, name, value), 200); strings.Contains(a.text, "Not yet") || a.str("version") != "3" {
			t.Errorf("got %s", a.text)
		}
	})
}

func TestAFrontIsPlannedBeforeItIsLaunched(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Lead", "Story.")
		h.publish(id, "1")
		plan := leading(object{"story": id, "headline": "Planned"})
		if a := h.want(h.ask(staff.FrontEditor, "GET", "/fronts/en/plan", nil), 200); a.str("sequence") != "0" || a.header.Get("ETag") != `"0"` {
			t.Errorf("got %s", a.text)
		}
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/plan/launch", nil, "If-Match", `"0"`), 422)
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en/plan", plan, "If-Match", `"0"`), 422) // over which version?
		plan["over"] = 0
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en/plan", plan, "If-Match", `"0"`), 200)
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en/plan", plan, "If-Match", `"0"`), 409)
		delete(plan, "over")
		saved := h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en/plan", plan, "If-Match", `"1"`), 200)
		if saved.str("sequence") != "2" || saved.str("over") != "0" {
			t.Errorf("got %s", saved.text)
		}
		if a := h.want(h.ask(staff.FrontEditor, "GET", "/fronts/en", nil), 200); strings.Contains(a.text, "Planned") {
			t.Error("a plan is launched before it is")
		}
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/plan/launch", nil, "If-Match", `"1"`), 409)
		if a := h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/plan/launch", nil, "If-Match", `"2"`), 200); a.str("version") != "1" || !strings.Contains(a.text, "Planned") {
			t.Errorf("got %s", a.text)
		}
		// The sequence does not begin again: a save that was meant for the plan before is
		// too late.
		plan["over"] = 1
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en/plan", plan, "If-Match", `"2"`), 409)
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en/plan", plan, "If-Match", `"3"`), 200)
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/plan/launch", nil, "If-Match", `"2"`), 409)
		// A plan that was made before somebody launched another is not launched over it.
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en", leading(object{"story": id}), "If-Match", `"1"`), 200)
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/plan/launch", nil, "If-Match", `"4"`), 409)
		plan["over"] = 2
		h.want(h.ask(staff.FrontEditor, "PUT", "/fronts/en/plan", plan, "If-Match", `"4"`), 200)
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/plan/discard", nil, "If-Match", `"5"`), 200)
		h.want(h.ask(staff.FrontEditor, "POST", "/fronts/en/plan/discard", nil, "If-Match", `"6"`), 422)
	})
}

func TestASectionHasAFrontToArrange(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.begin("Lead", "Story.")
		h.publish(id, "1")
		sections := h.want(h.ask(staff.FrontEditor, "GET", "/sections?edition=en", nil), 200)
		at := "/fronts/" + sections.value["sections"].([]any)[0].(map[string]any)["id"].(string)
		h.want(h.ask(staff.FrontEditor, "PUT", at, object{"plan": object{"containers": []object{{"kind": "opinion", "size": 3, "rule": object{}}}}}, "If-Match", `"0"`), 422)
		h.want(h.ask(staff.FrontEditor, "PUT", at, object{"plan": object{"containers": []object{{"kind": "most-viewed", "size": 3, "rule": object{"any": true}}}}}, "If-Match", `"0"`), 422)
		h.want(h.ask(staff.FrontEditor, "PUT", at, object{"plan": object{"containers": []object{{"kind": "lead", "size": 3, "slots": []object{{"story": id}}, "rule": object{}}, {"kind": "most-viewed", "size": 5, "rule": object{}}}}}, "If-Match", `"0"`), 200)
		if undone := h.want(h.ask(staff.FrontEditor, "POST", at+"/undo", nil, "If-Match", `"1"`), 200); undone.str("version") != "2" || undone.str("edition") != "en" {
			t.Errorf("got %s", undone.text)
		}
		h.want(h.ask(staff.FrontEditor, "GET", "/fronts/12", nil), 404)
	})
}
