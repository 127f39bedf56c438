// Package api is the documented JSON API: what programs may ask of the desk, by
// tokens with scopes, and what anybody may read of what is published. It turns
// requests into acts of the desk and answers into JSON; it decides nothing about
// news and sets no page.
package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/hook"
	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/platform/remote"
	"broadsheet/internal/platform/search"
)

// Prefix begins every address of the API.
const Prefix = "/api/v1/"

// Options are what an API is made of.
type Options struct {
	DB      *db.DB
	Desk    *publish.Desk
	Stories *story.Store
	Index   search.Index
	Mint    *ref.Mint
	Hooks   *hook.Store
	// Settle makes a save of what people are writing in a story, before a program acts on
	// it and after it saved: so that it acts on what is there, or hears that it is behind,
	// and people see what it wrote. Nil settles nothing.
	Settle func(tx *db.Tx, id ref.Story) error
	// Redactions does what two people order.
	Redactions *redact.Room
	// Pages keeps what anybody may read.
	Pages *pagecache.Cache
	Now   func() time.Time
	// TrustedProxy are the networks whose word for who asks counts.
	TrustedProxy remote.Proxies
	// Version is the program's, for the API's description.
	Version string
}

// API answers programs.
type API struct {
	Options
	table []route
	mux   *http.ServeMux
	guess remote.Guesses
	noted noted
}

// public is the right of routes that anybody may ask.
const public staff.Right = "public"

// route is one line of the API.
type route struct {
	method, path string
	// right is what the asker must have. A route without one stops New.
	right  staff.Right
	answer func(*asked) (*reply, error)
	doc    doc
}

// asked is one request of somebody known.
type asked struct {
	*http.Request
	who  staff.Principal
	body []byte
	// values are the parameters of the address, all of them of its description.
	values url.Values
}

// reply is what a handler answers.
type reply struct {
	// status is 200 when zero.
	status int
	// value is written as JSON.
	value any
	// again is answered instead of value to who asks again with the same
	// Idempotency-Key, where value has a secret that is shown once; nil for value.
	again any
	// etag is the entity tag; empty sets none.
	etag     string
	location string
	replayed bool
	// write, where set, answers instead of all the above.
	write func(http.ResponseWriter)
}

// New returns the API. It panics when a route declares no right: that is a
// fault of the program.
func New(o Options) *API {
	a := &API{Options: o, mux: http.NewServeMux()}
	a.table = a.routes()
	paths := map[string]map[string]*route{}
	for n := range a.table {
		r := &a.table[n]
		if r.right == "" {
			panic("api: " + r.method + " " + r.path + " declares no right")
		}
		if paths[r.path] == nil {
			paths[r.path] = map[string]*route{}
		}
		paths[r.path][r.method] = r
	}
	for path, methods := range paths {
		a.mux.HandleFunc(strings.TrimSuffix(Prefix, "/")+path, func(w http.ResponseWriter, r *http.Request) { a.choose(w, r, methods) })
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, staff.Principal{}, &problem{Status: http.StatusNotFound, kind: "not-found", Detail: "There is nothing at this address. " + Prefix + "openapi.json lists what there is."})
	})
	return a
}

// ServeHTTP answers a program.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if !plainPath(r.URL.Path) {
		a.fail(w, r, staff.Principal{}, &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The address is no text that can be kept."})
		return
	}
	a.mux.ServeHTTP(w, r)
}

// choose finds the route for the method.
func (a *API) choose(w http.ResponseWriter, r *http.Request, methods map[string]*route) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if chosen := methods[method]; chosen != nil {
		a.run(w, r, chosen)
		return
	}
	var allowed []string
	for _, known := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if methods[known] != nil {
			allowed = append(allowed, known)
		}
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	a.fail(w, r, staff.Principal{}, &problem{Status: http.StatusMethodNotAllowed, kind: "method-not-allowed", Detail: "This address answers " + strings.Join(allowed, ", ") + "."})
}

// run answers one request: who asks, may they, what did they send, and then the
// handler.
func (a *API) run(w http.ResponseWriter, r *http.Request, chosen *route) {
	q := &asked{Request: r}
	out, err := a.answer(w, q, chosen)
	switch {
	case err != nil:
		a.fail(w, q.Request, q.who, err)
	case out.write != nil:
		out.write(w)
	default:
		a.write(w, q, out)
	}
}

func (a *API) answer(w http.ResponseWriter, q *asked, chosen *route) (*reply, error) {
	if chosen.right == public {
		w.Header().Set("Access-Control-Allow-Origin", "*")
	} else if err := a.admit(q, chosen.right); err != nil {
		return nil, err
	}
	if err := q.known(chosen.doc.query); err != nil {
		return nil, err
	}
	if err := q.read(w); err != nil {
		return nil, err
	}
	return chosen.answer(q)
}

// admit finds who asks, and refuses who may not. What is done from then on is
// logged under the token.
func (a *API) admit(q *asked, right staff.Right) (err error) {
	if q.who, err = a.known(q.Request); err != nil {
		return err
	}
	q.Request = q.WithContext(audit.Through(q.Context(), q.who.Token))
	if !q.who.May(right) {
		return &problem{Status: http.StatusForbidden, kind: "forbidden", Detail: "This token may not do that: it needs the scope " + string(right) + "."}
	}
	return nil
}

// known finds who asks. Only who guesses is slowed down: a token that is good is
// never refused for what came from the same network.
func (a *API) known(r *http.Request) (who staff.Principal, err error) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(kind, "Bearer") || token == "" {
		return who, &problem{Status: http.StatusUnauthorized, kind: "unauthorized", Detail: "This address needs a token: Authorization: Bearer bs_…. Make one with `broadsheet token create`."}
	}
	err = a.DB.View(r.Context(), func(tx *db.Tx) (err error) {
		who, err = staff.Known(tx, token, a.Now())
		return err
	})
	if errors.Is(err, staff.ErrToken) && !a.guess.Allow(remote.Network(a.TrustedProxy.Client(r))) {
		return who, errTooMany
	}
	return who, err
}

// write sends an answer as JSON.
func (a *API) write(w http.ResponseWriter, q *asked, out *reply) {
	text, err := encode(out.value)
	if err != nil {
		a.fail(w, q.Request, q.who, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	if out.etag != "" {
		h.Set("ETag", out.etag)
	}
	if out.location != "" {
		h.Set("Location", out.location)
	}
	if out.replayed {
		h.Set("Idempotent-Replay", "true")
	}
	if out.status == 0 {
		out.status = http.StatusOK
	}
	w.WriteHeader(out.status)
	if q.Method != http.MethodHead {
		w.Write(text) // an asker who has gone is no error of ours
	}
}

// encode writes JSON with <, > and & as they are: it is never part of a page.
func encode(value any) ([]byte, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return []byte(out.String()), nil
}

// settle is Settle.
func (a *API) settle(tx *db.Tx, id ref.Story) error {
	if a.Settle == nil {
		return nil
	}
	return a.Settle(tx, id)
}

// view runs a reading.
func (a *API) view(ctx context.Context, fn func(*db.Tx) error) error { return a.DB.View(ctx, fn) }
