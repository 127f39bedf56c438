package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/fetch"
	"broadsheet/internal/platform/hook"
	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/platform/remote"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/api"
)

// desk is a newsroom behind its API, with a person of each role.
type desk struct {
	t      *testing.T
	db     *db.DB
	server *httptest.Server
	desk   *publish.Desk
	pages  *pagecache.Cache
	// mu guards the clock, and held.
	mu     sync.Mutex
	clock  time.Time
	news   ref.Section
	tokens map[staff.Role]string
	mint   *ref.Mint
	// described is the API's description, router finds an address in it.
	described *openapi3.T
	router    routers.Router
	// held are the answers that were held against the description already.
	held map[string]bool
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	h := &desk{t: t, db: d, clock: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC), tokens: map[staff.Role]string{}, held: map[string]bool{}}
	mint := ref.NewMint(1, h.now)
	h.mint = mint
	stories := story.NewStore(mint, h.now)
	pages := pagecache.New(pagecache.Options{MaxBytes: 16 << 20})
	t.Cleanup(func() { pages.Close() })
	h.pages = pages
	log, err := event.Open(t.Context(), d, func(e event.Event) {
		tags := make([]pagecache.Tag, len(e.Tags))
		for n, tag := range e.Tags {
			tags[n] = pagecache.Tag(tag)
		}
		pages.Purge(tags...)
	})
	h.must(err)
	h.desk = publish.NewDesk(d, stories, log, search.For(d), mint, h.now)
	hooks := hook.New(d, fetch.New(fetch.Options{}), mint.Next, h.now)
	h.desk.Telling(func(tx *db.Tx, act string, subject int64, payload string) error {
		return hooks.Announce(tx, hook.Event{Name: act, Subject: subject, Payload: payload, At: h.now()})
	})
	h.news = ref.New[ref.Section](mint)
	h.must(h.desk.House(t.Context(), func(tx *db.Tx) error {
		if err := edition.Put(tx, edition.Default("en"), 0); err != nil {
			return err
		}
		if err := edition.Put(tx, edition.Default("fa"), 1); err != nil {
			return err
		}
		if err := section.Put(tx, section.Section{ID: h.news, Edition: "en", Slug: "news", Position: 1, Name: "News"}); err != nil {
			return err
		}
		for n, role := range staff.Roles() {
			p := staff.Person{ID: ref.Staff(n + 1), Email: string(role) + "@paper.example", Role: role}
			if err := staff.Put(tx, p); err != nil {
				return err
			}
			h.tokens[role], err = staff.Issue(tx, staff.Token{ID: int64(n + 1), Staff: p.ID, Scopes: role.Rights(), Created: h.now()})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	redactions := redact.New(redact.Parts{DB: d, Log: log, Index: search.For(d), Mint: mint, Now: h.now,
		Seal: func(tx *db.Tx, at time.Time, by ref.Staff, act, subject, detail string) error {
			audit.Append(tx, audit.Entry{At: at, By: int64(by), Act: act, Subject: subject, Detail: detail})
			return nil
		},
		Nodes:  func(*db.Tx) ([]redact.Node, error) { return nil, nil },
		Remove: func(context.Context, asset.Asset) (int, error) { return 0, nil },
	})
	h.server = httptest.NewServer(api.New(api.Options{DB: d, Desk: h.desk, Stories: stories, Index: search.For(d), Mint: mint, Hooks: hooks, Redactions: redactions, Pages: pages, Now: h.now,
		TrustedProxy: remote.Proxies{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, Version: "test"}))
	t.Cleanup(h.server.Close)
	h.describe()
	return h
}

func (h *desk) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

func (h *desk) forward(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

func (h *desk) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// describe reads the API's own description: every answer is held against it.
func (h *desk) describe() {
	h.t.Helper()
	response, err := http.Get(h.server.URL + "/api/v1/openapi.json")
	h.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	h.must(err)
	h.described, err = openapi3.NewLoader().LoadFromData(text)
	h.must(err)
	h.must(h.described.Validate(h.t.Context(), openapi3.IsOpenAPI31OrLater()))
	h.router, err = gorillamux.NewRouter(h.described)
	h.must(err)
}

// narrow is a header with a token of somebody of a role, for some scopes only.
func (h *desk) narrow(role staff.Role, scopes ...staff.Right) (name, value string) {
	h.t.Helper()
	var token string
	h.must(h.db.Update(h.t.Context(), func(tx *db.Tx) error {
		p, err := staff.ByEmail(tx, string(role)+"@paper.example")
		if err != nil {
			return err
		}
		token, err = staff.Issue(tx, staff.Token{ID: h.mint.Next(), Staff: p.ID, Scopes: scopes, Created: h.now()})
		return err
	}))
	return "Authorization", "Bearer " + token
}

// log lists what stands in the audit log of a subject, the newest first.
func (h *desk) log(subject string) (all []audit.Entry) {
	h.t.Helper()
	h.must(h.db.View(h.t.Context(), func(tx *db.Tx) (err error) {
		all, err = db.List(tx, func(r db.Row) (e audit.Entry, err error) {
			err = r.Scan(&e.By, &e.Act, &e.Subject, &e.Detail)
			return e, err
		}, `select by, act, subject, detail from audit where subject = $1 order by seq desc`, subject)
		return err
	}))
	return all
}

// answer is what the API said.
type answer struct {
	status int
	header http.Header
	text   string
	value  map[string]any
}

func (a answer) str(name string) string { return fmt.Sprint(a.value[name]) }

// ask sends a request as somebody of a role, and holds the answer against the
// description.
func (h *desk) ask(role staff.Role, method, path string, body any, headers ...string) answer {
	h.t.Helper()
	var sent []byte
	switch b := body.(type) {
	case nil:
	case string:
		sent = []byte(b)
	default:
		var err error
		sent, err = json.Marshal(b)
		h.must(err)
	}
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+"/api/v1"+path, bytes.NewReader(sent))
	h.must(err)
	if token := h.tokens[role]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if len(sent) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for n := 0; n < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	response, err := http.DefaultClient.Do(r)
	h.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	h.must(err)
	out := answer{status: response.StatusCode, header: response.Header, text: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &out.value); err != nil {
			h.t.Errorf("%s %s answers %d with no JSON: %.200s", method, path, out.status, text)
		}
	}
	if out.status >= 500 {
		h.t.Errorf("%s %s answers %d: %.300s", method, path, out.status, text)
	}
	h.hold(r, out)
	return out
}

// hold checks an answer against the description.
func (h *desk) hold(r *http.Request, a answer) {
	h.t.Helper()
	said := fmt.Sprint(r.Method, r.URL.Path, a.status, a.header.Get("Content-Type"), a.text)
	h.mu.Lock()
	held := h.held[said]
	h.held[said] = true
	h.mu.Unlock()
	if held {
		return
	}
	plain := r.Clone(r.Context())
	plain.URL.Host, plain.URL.Scheme, plain.Host = "", "", ""
	route, names, err := h.router.FindRoute(plain)
	if err != nil {
		if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed && a.status != http.StatusBadRequest {
			h.t.Errorf("%s %s is not described, and answers %d", r.Method, r.URL.Path, a.status)
		}
		return
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: plain, PathParams: names, Route: route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.text)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(h.t.Context(), input); err != nil {
		h.t.Errorf("%s %s answers %d, which is not as described: %v\n%.500s", r.Method, r.URL.Path, a.status, err, a.text)
	}
}

func (h *desk) want(a answer, status int) answer {
	h.t.Helper()
	if a.status != status {
		h.t.Fatalf("got %d, want %d: %.400s", a.status, status, a.text)
	}
	return a
}

type object = map[string]any

func (h *desk) content(headline, text string) object {
	return object{"headline": headline, "genre": "news", "section": fmt.Sprint(int64(h.news)),
		"body": []object{{"type": "paragraph", "text": []object{{"text": text}}}}}
}

// begin makes a draft and returns its identity.
func (h *desk) begin(headline, text string) string {
	h.t.Helper()
	return h.want(h.ask(staff.Editor, "POST", "/stories", object{"edition": "en", "content": h.content(headline, text)}), 201).str("id")
}

func (h *desk) publish(id, sequence string) answer {
	h.t.Helper()
	return h.want(h.ask(staff.Editor, "POST", "/stories/"+id+"/publish", nil, "If-Match", `"`+sequence+`"`), 200)
}

func both(t *testing.T, test func(t *testing.T, h *desk)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) { test(t, newDesk(t, d)) })
}
