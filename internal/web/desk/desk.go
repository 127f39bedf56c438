// Package desk is the back office: one file a screen. It turns what people of the desk
// do in a browser into acts of the rooms below, and shows them what came of it. It
// decides nothing about news, and readers never meet it.
package desk

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/remote"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/theme"
)

// Prefix begins every address of the desk.
const Prefix = "/desk/"

// MaxBody is how many bytes a request may send: a very long paste as steps.
const MaxBody = 24 << 20

//go:embed templates words fonts
var look embed.FS

// Look are the templates, words and lists of fonts of the desk, for theme.Load.
func Look() fs.FS { return look }

// Templates are those that Look must have.
var Templates = []string{"signin", "welcome", "codes", "me", "people", "today", "stories", "begin", "edit", "history", "compare", "log", "fault", "door", "confirm"}

// Options are what a desk is made of.
type Options struct {
	DB          *db.DB
	Desk        *publish.Desk
	Stories     *story.Store
	Manuscripts *manuscript.Room
	Index       search.Index
	Mint        *ref.Mint
	// Look is Look, loaded.
	Look *theme.Theme
	// Preview writes a draft's page as readers would see it.
	Preview func(ctx context.Context, tx *db.Tx, d story.Draft) ([]byte, error)
	// Upload keeps a picture; see Picture.
	Upload func(ctx context.Context, p Picture) (asset.Asset, error)
	Now    func() time.Time
	// TrustedProxy are the networks whose word for who asks counts.
	TrustedProxy remote.Proxies
	// Origin begins the public address, as https://paper.example; empty for as asked.
	Origin string
}

// Desk answers people of the desk.
type Desk struct {
	Options
	table []route
	mux   *http.ServeMux
	guess remote.Guesses
	rooms rooms
	cross *http.CrossOriginProtection
}

// Rights of routes that are no right of a role.
const (
	// open is what anybody may ask.
	open staff.Right = "open"
	// own is what anybody who is signed in may ask, about themselves.
	own staff.Right = "own"
)

// route is one line of the desk.
type route struct {
	method, path string
	// right is what who asks must have. A route without one stops New.
	right  staff.Right
	answer func(*visit) error
	// data says that a script asks: it is answered in JSON, errors too.
	data bool
	// fresh says that who asks must have proved who they are not long ago.
	fresh bool
}

// New returns the desk. It panics when a route declares no right: that is a fault of
// the program.
func New(o Options) *Desk {
	d := &Desk{Options: o, mux: http.NewServeMux(), cross: http.NewCrossOriginProtection()}
	d.rooms.open(o.Now)
	d.table = d.routes()
	for n := range d.table {
		r := &d.table[n]
		if r.right == "" {
			panic("desk: " + r.method + " " + r.path + " declares no right")
		}
		d.mux.HandleFunc(r.method+" "+strings.TrimSuffix(Prefix, "/")+r.path, func(w http.ResponseWriter, q *http.Request) { d.run(w, q, r) })
	}
	d.mux.HandleFunc("GET "+strings.TrimSuffix(Prefix, "/"), func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, Prefix, http.StatusMovedPermanently) })
	d.mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		d.run(w, q, &route{right: open, answer: func(*visit) error { return errNowhere }})
	})
	return d
}

// Line is one line of the desk, for who looks through its rights.
type Line struct{ Method, Path, Right string }

// Table is the whole desk: every address, and the right that it needs.
func (d *Desk) Table() (lines []Line) {
	for _, r := range d.table {
		lines = append(lines, Line{r.method, r.path, string(r.right)})
	}
	return lines
}

// Close ends the streams of who is writing.
func (d *Desk) Close() { d.rooms.close() }

// ServeHTTP answers a person of the desk.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)")
	h.Set("Cache-Control", "no-store")
	d.mux.ServeHTTP(w, r)
}

// run answers one request: from where, who, may they, and then the screen.
func (d *Desk) run(w http.ResponseWriter, r *http.Request, chosen *route) {
	v := &visit{Request: r, w: w, desk: d, route: chosen, nonce: rand128()}
	w.Header().Set("Content-Security-Policy", policy(v.nonce))
	if err := v.enter(); err != nil {
		v.refuse(err)
		return
	}
	if err := chosen.answer(v); err != nil {
		v.refuse(err)
	}
}

// policy is the desk's Content-Security-Policy: scripts by their nonce alone, no script
// from text (Trusted Types), nothing from elsewhere. ProseMirror makes the policy
// ProseMirrorClipboard when HTML is pasted.
func policy(nonce string) string {
	return "default-src 'none'; script-src 'nonce-" + nonce + "' 'strict-dynamic'; style-src 'self'; img-src 'self' blob:; font-src 'self'; media-src 'self'; connect-src 'self'; " +
		"frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types app ProseMirrorClipboard"
}

// routes is the whole desk on one screen, with the right that each address needs.
func (d *Desk) routes() []route {
	return []route{
		{method: "GET", path: "/sign-in", right: open, answer: d.signInPage},
		{method: "POST", path: "/sign-in", right: open, answer: d.signIn},
		{method: "POST", path: "/sign-in/passkey", right: open, answer: d.passkeyAsked, data: true},
		{method: "POST", path: "/sign-in/passkey/answer", right: open, answer: d.passkeyAnswered, data: true},
		{method: "GET", path: "/welcome/{link}", right: open, answer: d.welcomePage},
		{method: "POST", path: "/welcome/{link}", right: open, answer: d.welcome},
		{method: "POST", path: "/welcome/{link}/passkey", right: open, answer: d.welcomeAsked, data: true},
		{method: "POST", path: "/welcome/{link}/passkey/answer", right: open, answer: d.welcomeAnswered, data: true},

		{method: "POST", path: "/sign-out", right: own, answer: d.signOut},
		{method: "GET", path: "/confirm", right: own, answer: d.confirmPage},
		{method: "POST", path: "/confirm", right: own, answer: d.confirm},
		{method: "GET", path: "/me", right: own, answer: d.mePage},
		{method: "POST", path: "/me", right: own, answer: d.changeMe},
		{method: "POST", path: "/me/password", right: own, answer: d.changePassword, fresh: true},
		{method: "POST", path: "/me/codes", right: own, answer: d.newCodes, fresh: true},
		{method: "POST", path: "/me/passkey", right: own, answer: d.keyAsked, data: true, fresh: true},
		{method: "POST", path: "/me/passkey/answer", right: own, answer: d.keyAnswered, data: true, fresh: true},
		{method: "POST", path: "/me/passkey/remove", right: own, answer: d.removeKey, fresh: true},
		{method: "POST", path: "/me/sessions/end", right: own, answer: d.endSession},

		{method: "GET", path: "/people", right: staff.Administer, answer: d.peoplePage},
		{method: "POST", path: "/people", right: staff.Administer, answer: d.invite, fresh: true},
		{method: "POST", path: "/people/{person}", right: staff.Administer, answer: d.changePerson, fresh: true},
		{method: "GET", path: "/log", right: staff.Administer, answer: d.logPage},

		{method: "GET", path: "/{$}", right: staff.Read, answer: d.todayPage},
		{method: "GET", path: "/stories", right: staff.Read, answer: d.storiesPage},
		{method: "POST", path: "/views", right: own, answer: d.saveView},
		{method: "POST", path: "/views/{view}/remove", right: own, answer: d.removeView},
		{method: "GET", path: "/stories/new", right: staff.Write, answer: d.beginPage},
		{method: "POST", path: "/stories/new", right: staff.Write, answer: d.begin},
		{method: "POST", path: "/stories/{story}/plan", right: staff.Write, answer: d.planStory},
		{method: "GET", path: "/find", right: staff.Read, answer: d.find, data: true},

		{method: "GET", path: "/stories/{story}", right: staff.Read, answer: d.editPage},
		{method: "GET", path: "/stories/{story}/manuscript", right: staff.Read, answer: d.readManuscript, data: true},
		{method: "POST", path: "/stories/{story}/steps", right: staff.Write, answer: d.appendSteps, data: true},
		{method: "GET", path: "/stories/{story}/stream", right: staff.Read, answer: d.stream, data: true},
		{method: "POST", path: "/stories/{story}/presence", right: staff.Read, answer: d.presence, data: true},
		{method: "POST", path: "/stories/{story}/save", right: staff.Write, answer: d.saveNow, data: true},
		{method: "GET", path: "/stories/{story}/state", right: staff.Read, answer: d.stateOf, data: true},
		{method: "POST", path: "/stories/{story}/notes", right: staff.Read, answer: d.addNote, data: true},
		{method: "POST", path: "/stories/{story}/notes/{note}", right: staff.Read, answer: d.settleNote, data: true},
		{method: "POST", path: "/stories/{story}/pictures", right: staff.Write, answer: d.upload, data: true},
		{method: "POST", path: "/topics", right: staff.Write, answer: d.newTopic, data: true},

		{method: "POST", path: "/stories/{story}/publish", right: staff.Publish, answer: d.publish, data: true},
		{method: "POST", path: "/stories/{story}/schedule", right: staff.Publish, answer: d.schedule, data: true},
		{method: "POST", path: "/stories/{story}/unschedule", right: staff.Publish, answer: d.unschedule, data: true},
		{method: "POST", path: "/stories/{story}/embargo", right: staff.Publish, answer: d.embargo, data: true},
		{method: "POST", path: "/stories/{story}/withdraw", right: staff.Publish, answer: d.withdraw, data: true},
		{method: "POST", path: "/stories/{story}/restore", right: staff.Publish, answer: d.restore, data: true},
		{method: "POST", path: "/stories/{story}/bin", right: staff.Write, answer: d.bin, data: true},

		{method: "GET", path: "/stories/{story}/preview", right: staff.Read, answer: d.previewPage},
		{method: "GET", path: "/stories/{story}/history", right: staff.Read, answer: d.historyPage},
		{method: "GET", path: "/stories/{story}/compare", right: staff.Read, answer: d.comparePage},
		{method: "POST", path: "/stories/{story}/revisions/{revision}/restore", right: staff.Write, answer: d.restoreRevision},
	}
}

// errNowhere says that nothing is at an address of the desk.
var errNowhere = errors.New("there is nothing at this address")
