package desk

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/planning"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/strictjson"
	"broadsheet/internal/web/theme"
)

// visit is one request.
type visit struct {
	*http.Request
	w     http.ResponseWriter
	desk  *Desk
	route *route
	nonce string

	who      staff.Principal
	session  staff.Session
	signedIn bool
	// tongue is the language of the desk for who asks, words those of it, and here the
	// edition whose calendar and clock are shown.
	tongue   string
	words    theme.Words
	here     edition.Edition
	editions []edition.Edition
}

// tongues are the languages of the desk.
var tongues = []string{"en", "ar", "fa"}

// Cookies: of the session, and of the browser, which stays.
const (
	sessionCookie = "desk"
	deviceCookie  = "desk-browser"
	deviceFor     = 365 * 24 * time.Hour
)

func rand128() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// enter finds who asks and whether they may.
func (v *visit) enter() error {
	v.speak("")
	if !v.private() {
		return &problem{status: http.StatusForbidden, key: "fault.plain"}
	}
	if err := v.desk.cross.Check(v.Request); err != nil {
		return &problem{status: http.StatusForbidden, key: "fault.cross"}
	}
	v.Body = http.MaxBytesReader(v.w, v.Body, MaxBody)
	err := v.desk.DB.View(v.Context(), func(tx *db.Tx) (err error) {
		if v.editions, err = edition.All(tx); err != nil {
			return err
		}
		text := v.cookie(sessionCookie)
		if text == "" {
			return nil
		}
		v.who, v.session, err = staff.SignedIn(tx, text, v.desk.Now())
		if errors.Is(err, staff.ErrSession) {
			return nil
		}
		v.signedIn = err == nil
		return err
	})
	if err != nil {
		return err
	}
	v.speak(v.who.Person.Language)
	if v.route.right == open {
		return nil
	}
	if !v.signedIn {
		return staff.ErrSession
	}
	if v.route.right != own && !v.who.May(v.route.right) {
		v.desk.note(v, "refused", v.Method+" "+v.Pattern, nil)
		return &problem{status: http.StatusForbidden, key: "fault.right"}
	}
	if err := v.guard(); err != nil {
		return err
	}
	if v.session.Overdue(v.desk.Now()) {
		v.desk.DB.Update(v.Context(), func(tx *db.Tx) error { return staff.Seen(tx, v.session.ID, v.desk.Now()) }) // a full disk keeps nobody out
	}
	if v.route.fresh && !v.session.Fresh(v.desk.Now()) {
		return errStale
	}
	return nil
}

// guard keeps who need not know a guarded story out of all its addresses.
func (v *visit) guard() error {
	if v.PathValue("story") == "" {
		return nil
	}
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	kept := false
	err = v.view(func(tx *db.Tx) error {
		plan, err := planning.Of(tx, id)
		if err != nil || !plan.Guarded || plan.Writer == v.by() || plan.Editor == v.by() || v.who.May(staff.Publish) {
			return err
		}
		draft, err := v.desk.Stories.Draft(tx, id)
		kept = draft.By != v.by()
		return err
	})
	if err == nil && kept {
		v.desk.note(v, "refused", storySubject(id), nil)
		err = &problem{status: http.StatusForbidden, key: "fault.guarded"}
	}
	return err
}

// private tells whether nobody between can read what is said: over TLS, or on this
// machine.
func (v *visit) private() bool {
	if v.secure() {
		return true
	}
	host, _, err := net.SplitHostPort(v.Host)
	if err != nil {
		host = v.Host
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// secure tells whether the browser speaks TLS, to us or to a proxy that is trusted.
func (v *visit) secure() bool {
	return v.TLS != nil || strings.HasPrefix(v.desk.Origin, "https://") ||
		len(v.desk.TrustedProxy) > 0 && strings.EqualFold(v.Header.Get("X-Forwarded-Proto"), "https")
}

// origin is what the browser calls this place.
func (v *visit) origin() string {
	if v.secure() {
		return "https://" + v.Host
	}
	return "http://" + v.Host
}

func (v *visit) cookieName(name string) string {
	if v.secure() {
		return "__Host-" + name // RFC 6265bis, section 4.1.3.2
	}
	return name
}

func (v *visit) cookie(name string) string {
	c, err := v.Cookie(v.cookieName(name))
	if err != nil || len(c.Value) > 200 {
		return ""
	}
	return c.Value
}

func (v *visit) setCookie(name, value string, lasts time.Duration) {
	http.SetCookie(v.w, &http.Cookie{Name: v.cookieName(name), Value: value, Path: "/", MaxAge: int(lasts / time.Second), HttpOnly: true, Secure: v.secure(), SameSite: http.SameSiteStrictMode})
}

// speak chooses the language: the person's, one that was asked for, the browser's, or
// English; and with it the calendar and the clock.
func (v *visit) speak(own string) {
	asked := cmp.Or(own, v.URL.Query().Get("lang"))
	if !slices.Contains(tongues, asked) {
		asked = preferred(v.Header.Get("Accept-Language"))
	}
	v.tongue = asked
	v.here = edition.Default(asked)
	for _, e := range v.editions {
		if base(e.Language) == asked {
			v.here = e
			break
		}
	}
	v.words = v.desk.Look.Words(asked).In(v.here.Digits.String)
}

func base(tag string) string {
	first, _, _ := strings.Cut(tag, "-")
	return first
}

var matcher = language.NewMatcher([]language.Tag{language.English, language.Arabic, language.Persian})

func preferred(accept string) string {
	asked, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return "en"
	}
	_, at, _ := matcher.Match(asked...)
	return tongues[at]
}

// view reads.
func (v *visit) view(fn func(*db.Tx) error) error { return v.desk.DB.View(v.Context(), fn) }

// update writes.
func (v *visit) update(fn func(*db.Tx) error) error { return v.desk.DB.Update(v.Context(), fn) }

// by is who asks.
func (v *visit) by() ref.Staff { return v.who.Person.ID }

// note adds what was done to the audit log, in a transaction of its own where tx is nil.
func (d *Desk) note(v *visit, act, subject string, tx *db.Tx) {
	entry := audit.Entry{At: d.Now(), By: int64(v.by()), Act: act, Subject: subject}
	if tx != nil {
		audit.Append(tx, entry)
		return
	}
	err := d.DB.Update(context.WithoutCancel(v.Context()), func(tx *db.Tx) error {
		audit.Append(tx, entry)
		return nil
	})
	if err != nil {
		slog.Error("note what was done at the desk", "act", act, "subject", subject, "error", err)
	}
}

// Frame is what every screen has around its own matter.
type Frame struct {
	Lang, Dir, Nonce, Title string
	// Bare is a screen without bar and navigation.
	Bare bool
	// Here is the address, for the switch of languages.
	Here     string
	Person   string
	Role     string
	Nav      []group
	Editions []choice
	Tongues  []choice
	// May is by right what the person may do.
	May map[string]bool
	// Said is what was just done, in words; Fault what went wrong.
	Said, Fault string
	// Quiet switches the keys of a single letter off.
	Quiet bool
	// Script is the script of the screen beside that of the shell; empty for none.
	Script string
}

// group is a part of the navigation.
type group struct {
	Title string
	Links []link
}

// link leads to a screen.
type link struct {
	Text, Href string
	Current    bool
	Count      string
}

// choice is one of several.
type choice struct {
	Value, Text, Lang, Dir string
	Chosen                 bool
}

// frame is that of a screen for who asks. said is a key of words that the address may
// name; what it names otherwise is not shown.
func (v *visit) frame(title string) Frame {
	f := Frame{
		Lang: v.tongue, Dir: lang.Direction(v.tongue), Nonce: v.nonce, Title: title, Here: v.URL.Path, Bare: !v.signedIn, May: map[string]bool{}, Quiet: v.who.Person.Quiet,
	}
	for _, tongue := range tongues {
		f.Tongues = append(f.Tongues, choice{Value: tongue, Text: edition.Default(tongue).Name, Lang: tongue, Dir: lang.Direction(tongue), Chosen: tongue == v.tongue})
	}
	if done := v.URL.Query().Get("done"); slices.Contains(doneWords, done) {
		f.Said = v.words.T("done." + done)
	}
	if !v.signedIn {
		return f
	}
	f.Person, f.Role = cmp.Or(v.who.Person.Name, v.who.Person.Email), v.words.T("role."+string(v.who.Person.Role))
	for _, right := range v.who.Rights {
		f.May[string(right)] = true
	}
	for _, e := range v.editions {
		f.Editions = append(f.Editions, choice{Value: e.Key, Text: e.Name, Lang: e.Language, Dir: e.Direction()})
	}
	at := func(path string) bool {
		return v.URL.Path == path || path != Prefix && strings.HasPrefix(v.URL.Path, path+"/")
	}
	room := func(key, path string) link {
		return link{Text: v.words.T("nav." + key), Href: path, Current: at(path)}
	}
	f.Nav = []group{{v.words.T("nav.newsroom"), []link{room("today", Prefix), room("stories", Prefix+"stories")}}}
	house := []link{room("me", Prefix+"me")}
	if v.who.May(staff.Administer) {
		house = append(house, room("people", Prefix+"people"), room("log", Prefix+"log"))
	}
	f.Nav = append(f.Nav, group{v.words.T("nav.house"), house})
	return f
}

// doneWords are the keys of what a screen may say was done.
var doneWords = []string{"saved", "ended", "invited", "changed", "password", "removed", "restored", "moved", "view", "signed-out"}

// page shows a screen.
func (v *visit) page(template string, values any) error {
	return v.pageAs(http.StatusOK, template, values)
}

func (v *visit) pageAs(status int, template string, values any) error {
	var out bytes.Buffer
	if err := v.desk.Look.Execute(&out, v.tongue, template, values); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	if v.Method != http.MethodHead {
		v.w.Write(out.Bytes()) // who has gone is no error of ours
	}
	return nil
}

// see leads on to a screen after something was done.
func (v *visit) see(path string) error {
	http.Redirect(v.w, v.Request, path, http.StatusSeeOther)
	return nil
}

// json answers a script.
func (v *visit) json(status int, value any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	v.w.WriteHeader(status)
	v.w.Write(out.Bytes())
	return nil
}

// into reads what a script sent.
func (v *visit) into(value any) error {
	return strictjson.Decode(v.Body, value, strictjson.Limits{Bytes: MaxBody, Depth: 400})
}

// maxForm is how many bytes a form may send; only scripts send more.
const maxForm = 1 << 20

// fields reads a form. Every field may come once, but those that end in [].
func (v *visit) fields() (url.Values, error) {
	v.Body = http.MaxBytesReader(v.w, v.Body, maxForm)
	if err := v.ParseForm(); err != nil {
		if _, long := errors.AsType[*http.MaxBytesError](err); long {
			return nil, &problem{status: http.StatusRequestEntityTooLarge, key: "fault.large"}
		}
		return nil, &problem{status: http.StatusBadRequest, key: "fault.form"}
	}
	for name, values := range v.PostForm {
		for n, value := range values {
			value = lang.Newlines(value)
			if _, _, bad := lang.Control(value); bad {
				return nil, &problem{status: http.StatusUnprocessableEntity, key: "fault.control"}
			}
			values[n] = value
		}
		if len(values) > 1 && !strings.HasSuffix(name, "[]") {
			return nil, &problem{status: http.StatusBadRequest, key: "fault.form"}
		}
	}
	return v.PostForm, nil
}

// local is a path of the desk to lead on to, or the desk's own where it is none.
func local(next string) string {
	at, err := url.Parse(next)
	if err != nil || at.Scheme != "" || at.Host != "" || !strings.HasPrefix(path.Clean(at.Path)+"/", Prefix) || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "//") {
		return Prefix
	}
	return next
}

// clock writes a time of day, with the day where it is another one.
func (v *visit) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	place := v.here.Location()
	t, now := t.In(place), v.desk.Now().In(place)
	l := v.here.Locale()
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return l.Clock(t)
	case t.Year() == now.Year():
		return l.ShortDate(t) + v.words.T("comma") + l.Clock(t)
	}
	return l.DateInYear(t) + v.words.T("comma") + l.Clock(t)
}

// exact writes a time of day with its seconds.
func (v *visit) exact(t time.Time) string {
	return v.here.Digits.String(t.In(v.here.Location()).Format("15:04:05"))
}

// ago writes how long ago something was, in one unit.
func (v *visit) ago(t time.Time) string {
	d := v.desk.Now().Sub(t)
	switch {
	case d < time.Minute:
		return v.words.T("ago.now")
	case d < time.Hour:
		return v.words.N("ago.minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return v.words.N("ago.hours", int(d/time.Hour))
	}
	return v.words.N("ago.days", int(d/(24*time.Hour)))
}

// until writes how long it is to a time.
func (v *visit) until(t time.Time) string {
	d := t.Sub(v.desk.Now())
	switch {
	case d < time.Minute:
		return v.words.T("ago.now")
	case d < time.Hour:
		return v.words.N("in.minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return v.words.N("in.hours", int(d/time.Hour))
	}
	return v.words.N("in.days", int(d/(24*time.Hour)))
}

// number writes a number in the digits of the desk.
func (v *visit) number(n int) string { return v.here.Digits.String(fmt.Sprint(n)) }

// identity reads an identity of the path.
func identity[T ref.ID](v *visit, name string) (T, error) {
	id, err := ref.Parse[T](v.PathValue(name))
	if err != nil {
		return 0, errNowhere
	}
	return id, nil
}

// names are the people of the desk as who asks sees them.
func (v *visit) names(tx *db.Tx) (map[ref.Staff]string, error) {
	all, err := staff.All(tx)
	shown := map[ref.Staff]string{0: v.words.T("person.system")}
	for _, p := range all {
		shown[p.ID] = p.Shown(v.who)
	}
	return shown, err
}

// edition finds an edition by its key.
func (v *visit) edition(key string) (edition.Edition, bool) {
	at := slices.IndexFunc(v.editions, func(e edition.Edition) bool { return e.Key == key })
	if at < 0 {
		return edition.Edition{}, false
	}
	return v.editions[at], true
}
