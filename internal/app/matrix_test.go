package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
)

// alarms counts the lines of the log that are errors.
type alarms struct {
	mu    sync.Mutex
	lines []string
}

func (a *alarms) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelError }

// Handle keeps a line.
func (a *alarms) Handle(_ context.Context, r slog.Record) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	line := r.Message
	r.Attrs(func(attr slog.Attr) bool { line += " " + attr.String(); return true })
	a.lines = append(a.lines, line)
	return nil
}

func (a *alarms) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a *alarms) WithGroup(string) slog.Handler      { return a }

// surface is one way in: it sends a text and judges the answer.
type surface struct {
	name string
	// every takes each so manieth text; 1 takes all.
	every int
	send  func(m *matrix, text string)
}

// matrix is hostile input against every way in.
type matrix struct {
	t       *testing.T
	n       *Newsroom
	handler http.Handler
	token   string
	section string
	// raw are bytes that stand in the body wherever raw does.
	raw  string
	sent int
}

// raw stands for bytes that JSON cannot carry.
const raw = "RAW-BYTES"

// bad are texts that must be refused, or kept as they are, but never be an error
// of ours: not only those that can be kept.
func bad(t *testing.T) []string {
	texts := hostile(t)
	return append(texts, "\x00", "a\x00b", "\xff\xfe", "\xc0\xaf", "\xed\xa0\x80", "\r\nSet-Cookie: a=b", "\u202e\u2066", "\x1b[31m", "%2e%2e%2f", "../../etc/passwd", "..\\..\\", "CON", strings.Repeat("../", 200),
		strings.Repeat("a", 5000), strings.Repeat("%", 300), strings.Repeat("[", 5000), "-0", "NaN", "1e999", "9223372036854775808", "0x7f000001", "true", "null", "[]", "{}", "\ufeff", " ", "\t", "\n", "//evil.example", "/\\evil.example", "http://evil.example/", "javascript:alert(1)")
}

// ask sends a request to the newsroom's own handler. The answer must be no error
// of ours, and must not carry the text as markup.
func (m *matrix) ask(method, target string, body any, headers map[string]string) *httptest.ResponseRecorder {
	m.t.Helper()
	var sent io.Reader = http.NoBody
	if body != nil {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(body); err != nil {
			m.t.Fatal(err)
		}
		// The encoder mends what is no UTF-8; a client need not.
		sent = strings.NewReader(strings.ReplaceAll(text.String(), raw, m.raw))
	}
	at, err := url.Parse("http://paper.example" + target)
	if err != nil {
		return nil // no client could send it
	}
	r, err := http.NewRequest(method, at.String(), sent)
	if err != nil {
		return nil
	}
	r.RequestURI, r.RemoteAddr = at.RequestURI(), "192.0.2.7:4711"
	r.Header.Set("Authorization", "Bearer "+m.token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	m.handler.ServeHTTP(w, r)
	m.sent++
	if w.Code >= 500 {
		m.t.Errorf("%s %.200q answers %d: %.200s", method, target, w.Code, w.Body)
	}
	return w
}

// json reads the JSON of an answer.
func (m *matrix) json(w *httptest.ResponseRecorder) (value map[string]any) {
	m.t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
		m.t.Errorf("answers %d with no JSON: %.200s", w.Code, w.Body)
	}
	return value
}

type object = map[string]any

// sendable is a text as it is put into a body.
func (m *matrix) sendable(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	m.raw = text
	return raw
}

func (m *matrix) content(headline, text string) object {
	text = m.sendable(text)
	return object{"headline": headline, "genre": "news", "section": m.section, "body": []object{{"type": "paragraph", "text": []object{{"text": text}}}}}
}

// surfaces are the ways in that this newsroom has.
var surfaces = []surface{
	{"the address of a page", 3, func(m *matrix, text string) {
		for _, at := range []string{"/%s", "/en/%s", "/en/news/%s", "/en/topic/%s", "/en/author/%s", "/en/genre/%s/", "/media/%s/1.jpg", "/api/v1/%s", "/api/v1/stories/%s"} {
			m.unechoed(m.ask("GET", fmt.Sprintf(at, url.PathEscape(text)), nil, nil), text)
		}
	}},
	{"a parameter of a page", 3, func(m *matrix, text string) {
		for _, at := range []string{"/en/latest/?before=", "/en/search?q=", "/en/search?q=a&before=", "/en/search?q=a&sort=", "/en/search?q=a&section=", "/en/search?genre=", "/en/search?topic=", "/en/search?author=", "/en/search?from=", "/?", "/en/?"} {
			m.unechoed(m.ask("GET", at+url.QueryEscape(text), nil, nil), text)
		}
	}},
	{"a parameter of the API", 5, func(m *matrix, text string) {
		for _, at := range []string{"content/stories?edition=", "content/stories?edition=en&q=", "content/stories?edition=en&section=", "content/stories?edition=en&genre=", "content/stories?edition=en&before=", "content/stories?edition=en&from=", "stories?state=", "stories?before=", "content/most-viewed?edition=en&span="} {
			m.ask("GET", "/api/v1/"+at+url.QueryEscape(text), nil, nil)
		}
	}},
	{"a header", 8, func(m *matrix, text string) {
		for _, name := range []string{"If-None-Match", "Accept-Encoding", "Accept-Language", "X-Forwarded-For", "X-Forwarded-Host", "X-Original-Url", "Cookie", "Range", "If-Match", "Authorization"} {
			m.ask("GET", "/en/", nil, map[string]string{name: text})
			m.ask("GET", "/api/v1/stories", nil, map[string]string{name: text})
		}
	}},
	{"a story through the API", 9, func(m *matrix, text string) {
		made := m.ask("POST", "/api/v1/stories", object{"edition": "en", "content": m.content("Kept", text)}, map[string]string{"Idempotency-Key": "k" + fmt.Sprint(m.sent)})
		if made.Code == http.StatusBadRequest || made.Code == http.StatusUnprocessableEntity {
			m.refused(made, text)
			return
		}
		id := fmt.Sprint(m.json(made)["id"])
		read := m.json(m.ask("GET", "/api/v1/stories/"+id, nil, nil))
		content, _ := read["content"].(object)
		if got := firstText(content); got != text {
			m.t.Errorf("the API gives %.80q, want %.80q", got, text)
		}
		m.ask("POST", "/api/v1/stories/"+id+"/publish", nil, map[string]string{"If-Match": `"1"`})
		if got := firstText(m.json(m.ask("GET", "/api/v1/content/stories/"+id, nil, nil))); got != text {
			m.t.Errorf("what is published reads %.80q, want %.80q", got, text)
		}
	}},
	{"a line of a story", 12, func(m *matrix, text string) {
		for _, field := range []string{"headline", "standfirst", "kicker", "dateline", "slug", "alt", "caption"} {
			content := m.content("A line", "Text.")
			content[field] = m.sendable(text)
			made := m.ask("POST", "/api/v1/stories", object{"edition": "en", "content": content}, nil)
			if made.Code != http.StatusCreated {
				m.refused(made, text)
				continue
			}
			id := fmt.Sprint(m.json(made)["id"])
			kept, _ := m.json(m.ask("GET", "/api/v1/stories/"+id, nil, nil))["content"].(object)
			if got, _ := kept[field].(string); got != text {
				m.t.Errorf("the %s is %.80q, want %.80q", field, got, text)
			}
			m.ask("POST", "/api/v1/stories/"+id+"/publish", nil, map[string]string{"If-Match": `"1"`})
		}
	}},
	{"a word about a story", 20, func(m *matrix, text string) {
		made := m.ask("POST", "/api/v1/stories", object{"edition": "en", "content": m.content("A word", "Text.")}, nil)
		id := fmt.Sprint(m.json(made)["id"])
		m.ask("POST", "/api/v1/stories/"+id+"/publish", object{"note": m.sendable(text)}, map[string]string{"If-Match": `"1"`})
		m.ask("POST", "/api/v1/stories/"+id+"/correct", object{"kind": "correction", "note": m.sendable(text)}, map[string]string{"If-Match": `"1"`})
		m.ask("POST", "/api/v1/stories/"+id+"/correct", object{"kind": m.sendable(text)}, map[string]string{"If-Match": `"1"`})
		m.ask("POST", "/api/v1/stories/"+id+"/schedule", object{"at": m.sendable(text)}, map[string]string{"If-Match": `"1"`})
		m.ask("POST", "/api/v1/stories/"+id+"/embargo", object{"until": m.sendable(text)}, nil)
		m.ask("POST", "/api/v1/stories/"+id+"/withdraw", object{"reason": m.sendable(text)}, nil)
		m.ask("POST", "/api/v1/stories/"+id+"/restore", nil, map[string]string{"Idempotency-Key": text})
	}},
	{"a name", 20, func(m *matrix, text string) {
		text = m.sendable(text)
		m.ask("POST", "/api/v1/sections", object{"edition": "en", "slug": text, "name": text, "description": text, "position": 0}, nil)
		m.ask("POST", "/api/v1/topics", object{"kind": "concept", "words": object{"en": object{"name": text, "slug": text, "aliases": []string{text}, "definition": text}}}, nil)
		m.ask("POST", "/api/v1/authors", object{"words": object{"en": object{"name": text, "slug": text, "bio": text}}}, nil)
		m.ask("POST", "/api/v1/webhooks", object{"url": text, "events": []string{text}, "active": true}, nil)
	}},
	{"bytes that are no JSON", 3, func(m *matrix, text string) {
		r := httptest.NewRequest("POST", "/api/v1/stories", strings.NewReader(text))
		r.Header.Set("Authorization", "Bearer "+m.token)
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		m.handler.ServeHTTP(w, r)
		if m.sent++; w.Code != http.StatusBadRequest && w.Code != http.StatusUnprocessableEntity {
			m.t.Errorf("%.80q as a body answers %d", text, w.Code)
		}
	}},
}

// refused holds a refusal against what a person can do with it.
func (m *matrix) refused(w *httptest.ResponseRecorder, text string) {
	m.t.Helper()
	p := m.json(w)
	if detail, _ := p["detail"].(string); w.Code >= 500 || detail == "" || utf8.RuneCountInString(detail) > 1000 {
		m.t.Errorf("%.80q is refused with %d %.200s", text, w.Code, w.Body)
	}
}

// unechoed finds a text that came back as markup.
func (m *matrix) unechoed(w *httptest.ResponseRecorder, text string) {
	m.t.Helper()
	if w == nil || !strings.ContainsAny(text, "<>") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		return
	}
	if strings.ContainsAny(text, `"'=`) && len(text) > 12 && strings.Contains(w.Body.String(), text) {
		m.t.Errorf("%.80q came back as markup", text)
	}
}

func firstText(content object) string {
	blocks, _ := content["body"].([]any)
	if len(blocks) == 0 {
		return ""
	}
	block, _ := blocks[0].(object)
	spans, _ := block["text"].([]any)
	var text strings.Builder
	for _, span := range spans {
		one, _ := span.(object)
		part, _ := one["text"].(string)
		text.WriteString(part)
	}
	return text.String()
}

// TestHostileInputIsNeverAnErrorOfOurs sends every text to every way in, on both
// engines: never a 5xx, never a line of the log that is an error, what is kept is
// kept byte for byte, what is refused is refused in a sentence.
func TestHostileInputIsNeverAnErrorOfOurs(t *testing.T) {
	texts := bad(t)
	onBoth(t, func(t *testing.T, n *Newsroom) {
		heard := &alarms{}
		before := slog.Default()
		slog.SetDefault(slog.New(heard))
		defer slog.SetDefault(before)
		m := &matrix{t: t, n: n, handler: n.handler()}
		err := n.DB.Update(t.Context(), func(tx *db.Tx) (err error) {
			sections, err := section.All(tx)
			if err != nil {
				return err
			}
			m.section = fmt.Sprint(int64(sections[0].ID))
			if err := staff.Put(tx, staff.Person{ID: 1, Email: "a@paper.example", Role: staff.Admin}); err != nil {
				return err
			}
			m.token, err = staff.Issue(tx, staff.Token{ID: 1, Staff: 1, Scopes: staff.Admin.Rights(), Created: n.now()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range surfaces {
			t.Run(s.name, func(t *testing.T) {
				m.t = t
				for at, text := range texts {
					if at%s.every == 0 || at >= len(texts)-40 {
						s.send(m, text)
					}
				}
			})
		}
		t.Logf("%d requests", m.sent)
		if len(heard.lines) > 0 {
			t.Errorf("%d lines of the log are errors, the first: %.300s", len(heard.lines), heard.lines[0])
		}
	})
}
