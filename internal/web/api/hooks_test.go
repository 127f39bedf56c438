package api_test

import (
	"strings"
	"testing"

	"broadsheet/internal/news/staff"
)

func TestARetryShowsNoSecretAgain(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		words := object{"url": "https://example.org/hook", "events": []string{"*"}, "active": true}
		made := h.want(h.ask(staff.Admin, "POST", "/webhooks", words, "Idempotency-Key", "w"), 201)
		again := h.want(h.ask(staff.Admin, "POST", "/webhooks", words, "Idempotency-Key", "w"), 201)
		renew := "/webhooks/" + made.str("id") + "/secret"
		renewed := h.want(h.ask(staff.Admin, "POST", renew, nil, "Idempotency-Key", "s"), 200)
		renewedAgain := h.want(h.ask(staff.Admin, "POST", renew, nil, "Idempotency-Key", "s"), 200)
		for _, a := range []answer{again, renewedAgain} {
			if a.str("id") != made.str("id") || a.value["secret"] != nil || a.str("note") == "" || a.header.Get("Idempotent-Replay") != "true" {
				t.Errorf("got %s %v", a.text, a.header)
			}
		}
		if made.value["note"] != nil || renewed.value["note"] != nil {
			t.Errorf("got %s and %s", made.text, renewed.text)
		}
		if secret := value[string](h, `select secret from webhook`); secret != renewed.str("secret") {
			t.Error("the retry made another secret")
		}
		if n := value[int](h, `select count(*) from idempotency where answer like '%bshook_%'`); n != 0 {
			t.Errorf("%d kept answers hold a secret", n)
		}
	})
}

func TestAPingIsSentOnceAndLogged(t *testing.T) {
	both(t, func(t *testing.T, h *desk) {
		id := h.want(h.ask(staff.Admin, "POST", "/webhooks", object{"url": "https://example.org/hook", "events": []string{"story.*"}, "active": true}), 201).str("id")
		first := h.want(h.ask(staff.Admin, "POST", "/webhooks/"+id+"/test", nil, "Idempotency-Key", "p"), 202)
		again := h.want(h.ask(staff.Admin, "POST", "/webhooks/"+id+"/test", nil, "Idempotency-Key", "p"), 202)
		if again.text != first.text {
			t.Errorf("got %s, want %s", again.text, first.text)
		}
		if sent := h.want(h.ask(staff.Admin, "GET", "/webhooks/"+id+"/deliveries", nil), 200); strings.Count(sent.text, `"ping"`) != 1 {
			t.Errorf("got %s", sent.text)
		}
		if n := value[int](h, `select count(*) from audit where act = 'webhook.tested' and subject = $1`, "webhook:"+id); n != 1 {
			t.Errorf("%d entries of the log tell of it, want 1", n)
		}
		gone := h.want(h.ask(staff.Admin, "DELETE", "/webhooks/"+id, nil, "Idempotency-Key", "d"), 200)
		if again := h.want(h.ask(staff.Admin, "DELETE", "/webhooks/"+id, nil, "Idempotency-Key", "d"), 200); again.text != gone.text {
			t.Errorf("got %s, want %s", again.text, gone.text)
		}
	})
}
