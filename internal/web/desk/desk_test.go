package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/search"
	"broadsheet/internal/web/desk"
	"broadsheet/internal/web/theme"
	"broadsheet/ui"
)

// house is a newsroom behind its desk.
type house struct {
	t       *testing.T
	db      *db.DB
	desk    *desk.Desk
	server  *httptest.Server
	stories *story.Store
	scripts *manuscript.Room
	news    ref.Section
	mint    *ref.Mint
	mu      sync.Mutex
	clock   time.Time
}

const word = "correct horse battery"

// secret is everybody's, so that tests can make codes.
var secret = staff.NewSecret()

// hash is of word: hashing it takes a while.
var hash = sync.OnceValue(func() string {
	h, err := staff.HashPassword(word)
	if err != nil {
		panic(err)
	}
	return h
})

var look = sync.OnceValues(func() (*theme.Theme, error) {
	return theme.Load(theme.Sources{Layers: []fs.FS{desk.Look()}, Dist: ui.Dist(), Languages: []string{"en", "ar", "fa"}, Pages: desk.Templates})
})

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{t: t, db: d, clock: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)}
	h.mint = ref.NewMint(1, h.now)
	h.stories = story.NewStore(h.mint, h.now)
	log, err := event.Open(t.Context(), d, func(event.Event) {})
	h.must(err)
	room, err := manuscript.New(h.stories, h.mint, h.now)
	h.must(err)
	h.scripts = room
	acts := publish.NewDesk(d, h.stories, log, search.For(d), h.mint, h.now)
	h.news = ref.New[ref.Section](h.mint)
	h.must(acts.House(t.Context(), func(tx *db.Tx) error {
		for n, key := range edition.Known {
			if err := edition.Put(tx, edition.Default(key), n); err != nil {
				return err
			}
		}
		if err := section.Put(tx, section.Section{ID: h.news, Edition: "en", Slug: "news", Position: 1, Name: "News"}); err != nil {
			return err
		}
		for n, role := range staff.Roles() {
			if err := h.person(tx, staff.Person{ID: ref.Staff(n + 1), Email: string(role) + "@paper.example", Name: "A " + string(role), Role: role}); err != nil {
				return err
			}
		}
		return nil
	}))
	words, err := look()
	h.must(err)
	h.desk = desk.New(desk.Options{DB: d, Desk: acts, Stories: h.stories, Manuscripts: room, Index: search.For(d), Mint: h.mint, Look: words, Now: h.now,
		Preview: func(_ context.Context, _ *db.Tx, d story.Draft) ([]byte, error) {
			return []byte("preview of " + d.Content.Headline), nil
		},
		Upload: func(_ context.Context, p desk.Picture) (asset.Asset, error) {
			if !bytes.HasPrefix(p.Bytes, []byte("JPEG")) {
				return asset.Asset{}, desk.ErrPicture
			}
			return asset.Asset{ID: 77, Key: "k", Kind: asset.Picture, Widths: []int{480}, Credit: p.Credit}, nil
		}})
	t.Cleanup(h.desk.Close)
	h.server = httptest.NewServer(h.desk)
	t.Cleanup(h.server.Close)
	return h
}

func (h *house) person(tx *db.Tx, p staff.Person) error {
	if err := staff.Put(tx, p); err != nil {
		return err
	}
	_, hashes := staff.NewRecovery()
	return staff.SetCredential(tx, staff.Credential{Staff: p.ID, Password: hash(), Secret: secret, Recovery: hashes}, h.now())
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

func (h *house) forward(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// browser is somebody's.
type browser struct {
	*house
	client *http.Client
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	h.must(err)
	return &browser{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is what the desk answered.
type answer struct {
	status int
	text   string
	header http.Header
	value  map[string]any
}

func (a answer) str(name string) string { return fmt.Sprint(a.value[name]) }

func (b *browser) do(method, path, kind, body string, headers ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(body))
	b.must(err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for n := 0; n+1 < len(headers); n += 2 {
		r.Header.Set(headers[n], headers[n+1])
	}
	out, err := b.client.Do(r)
	b.must(err)
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	b.must(err)
	a := answer{status: out.StatusCode, text: string(text), header: out.Header}
	if strings.HasPrefix(out.Header.Get("Content-Type"), "application/json") {
		b.must(json.Unmarshal(text, &a.value))
	}
	return a
}

func (b *browser) get(path string, headers ...string) answer {
	return b.do("GET", path, "", "", headers...)
}

func (b *browser) form(path string, values url.Values, headers ...string) answer {
	return b.do("POST", path, "application/x-www-form-urlencoded", values.Encode(), headers...)
}

func (b *browser) send(path string, value any) answer {
	text, err := json.Marshal(value)
	b.must(err)
	return b.do("POST", path, "application/json", string(text))
}

func (b *browser) want(a answer, status int) answer {
	b.t.Helper()
	if a.status != status {
		b.t.Fatalf("got %d, want %d: %.400s", a.status, status, strings.Join(strings.Fields(tags.ReplaceAllString(a.text, " ")), " "))
	}
	return a
}

var tags = regexp.MustCompile(`<[^>]*>`)

// signIn signs somebody in; each step of the clock has one code.
func (h *house) signIn(email string) *browser {
	h.t.Helper()
	b := h.browser()
	h.forward(time.Minute)
	b.want(b.form("/desk/sign-in", b.proof(email)), 303)
	return b
}

func (h *house) proof(email string) url.Values {
	code, err := staff.CodeAt(secret, h.now())
	h.must(err)
	return url.Values{"email": {email}, "password": {word}, "code": {code}}
}

func (h *house) as(role staff.Role) *browser {
	h.t.Helper()
	return h.signIn(string(role) + "@paper.example")
}

// begin begins a story and returns its path.
func (b *browser) begin(headline string) string {
	b.t.Helper()
	return b.want(b.form("/desk/stories/new", url.Values{"edition": {"en"}, "genre": {"news"}, "headline": {headline}, "stage": {"writing"}}), 303).header.Get("Location")
}

// data is what the editor begins with.
func (b *browser) data(path string) (version int64, data map[string]any) {
	b.t.Helper()
	page := b.want(b.get(path), 200)
	_, rest, _ := strings.Cut(page.text, `id="manuscript"`)
	_, rest, _ = strings.Cut(rest, ">")
	text, _, _ := strings.Cut(rest, "</script>")
	b.must(json.Unmarshal([]byte(text), &data))
	return int64(data["version"].(float64)), data
}

// steps are those that type a text at a place.
func steps(at int, text string) []any {
	return []any{map[string]any{"stepType": "replace", "from": at, "to": at, "slice": map[string]any{"content": []any{map[string]any{"type": "text", "text": text}}}}}
}

func attr(name string, value any) []any {
	return []any{map[string]any{"stepType": "docAttr", "attr": name, "value": value}}
}

func (b *browser) write(path, client string, version int64, steps []any) answer {
	return b.send(path+"/steps", map[string]any{"client": client, "version": version, "steps": steps})
}

func both(t *testing.T, test func(t *testing.T, h *house)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) { test(t, newHouse(t, d)) })
}

func TestNobodyIsLetInWithoutAllThree(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.browser()
		if a := b.want(b.get("/desk/stories?view=list"), 303); a.header.Get("Location") != "/desk/sign-in?next=%2Fdesk%2Fstories%3Fview%3Dlist" {
			t.Errorf("led to %s", a.header.Get("Location"))
		}
		for _, wrong := range []url.Values{
			{"email": {"admin@paper.example"}, "password": {word}, "code": {"000000"}},
			{"email": {"admin@paper.example"}, "password": {"wrong"}, "code": h.proof("")["code"]},
			{"email": {"nobody@paper.example"}, "password": {word}, "code": h.proof("")["code"]},
			{"email": {""}, "password": {""}, "code": {""}},
		} {
			a := b.want(b.form("/desk/sign-in", wrong), 401)
			if !strings.Contains(a.text, "The address, the password or the code is not right.") || strings.Contains(a.text, word) || len(a.header.Values("Set-Cookie")) > 0 {
				t.Errorf("%v: got %v %s", wrong, a.header, a.text)
			}
		}
		in := h.as(staff.Writer)
		if page := in.want(in.get("/desk/"), 200); !strings.Contains(page.text, "A writer") {
			t.Error("the page does not know who asks")
		}
		in.want(in.form("/desk/sign-out", nil), 303)
		in.want(in.get("/desk/"), 303)
	})
}

func TestNextLeadsNowhereElse(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		for _, next := range []string{"https://evil.example/desk/", "//evil.example/desk/", `/\evil.example`, "/desk/../x", "javascript:alert(1)", "/en/", "/desk/x\r\nSet-Cookie: a=b", "https:/desk/"} {
			b := h.browser()
			h.forward(time.Minute)
			form := h.proof("writer@paper.example")
			form.Set("next", next)
			at := b.want(b.form("/desk/sign-in", form), 303).header.Get("Location")
			if at != "/desk/" && !strings.HasPrefix(at, "/desk/") {
				t.Errorf("%q led to %q", next, at)
			}
		}
	})
}

// TestEachRightIsAskedForAtEachRoute asks every address as everybody: who lacks the
// right is refused before anything else is looked at.
func TestEachRightIsAskedForAtEachRoute(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := newHouse(t, d)
		people := map[staff.Role]*browser{}
		for _, role := range staff.Roles() {
			people[role] = h.as(role)
		}
		path := people[staff.Admin].begin("A story")
		id := strings.TrimPrefix(path, "/desk/stories/")
		fill := strings.NewReplacer("{story}", id, "{person}", "1", "{view}", "1", "{note}", "1", "{revision}", "1", "{link}", "none", "{$}", "")
		seen := 0
		for _, r := range h.desk.Table() {
			at := "/desk" + fill.Replace(r.Path)
			if strings.Contains(at, "/stream") || strings.HasPrefix(r.Path, "/sign-out") {
				continue
			}
			ask := func(b *browser) answer {
				if r.Method == "GET" {
					return b.get(at)
				}
				return b.do("POST", at, "application/json", "{}")
			}
			out := ask(h.browser())
			signed := out.status == 401 || out.status == 303 && strings.HasPrefix(out.header.Get("Location"), "/desk/sign-in")
			if want := r.Right != "open"; signed != want && r.Path != "/sign-in" {
				t.Errorf("%s %s, signed out: %d", r.Method, at, out.status)
			}
			for role, b := range people {
				may := r.Right == "open" || r.Right == "own" || contains(role.Rights(), staff.Right(r.Right))
				got := ask(b)
				if may == (got.status == 403 && !strings.Contains(got.text, "show once more")) && got.status != 404 {
					t.Errorf("%s %s as %s: %d %.200s", r.Method, at, role, got.status, got.text)
				}
				seen++
			}
		}
		if seen < 200 {
			t.Errorf("only %d cells were looked at", seen)
		}
	})
}

func contains(all []staff.Right, one staff.Right) bool {
	for _, r := range all {
		if r == one {
			return true
		}
	}
	return false
}

func TestWhatIsPrivateIsKeptByNobody(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Admin)
		path := b.begin("A story")
		for _, at := range []string{"/desk/", "/desk/stories", "/desk/me", "/desk/people", "/desk/log", path, path + "/history", "/desk/nowhere", path + "/state", "/desk/find?q=a"} {
			a := b.get(at)
			for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin"} {
				if a.header.Get(name) != want {
					t.Errorf("%s: %s is %q", at, name, a.header.Get(name))
				}
			}
			csp := a.header.Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "require-trusted-types-for 'script'", "'strict-dynamic'", "frame-ancestors 'none'", "base-uri 'none'"} {
				if !strings.Contains(csp, want) {
					t.Errorf("%s: the policy lacks %s: %s", at, want, csp)
				}
			}
			if strings.Contains(csp, "unsafe") {
				t.Errorf("%s: %s", at, csp)
			}
		}
		for _, c := range b.client.Jar.(*cookiejar.Jar).Cookies(mustParse(b.server.URL)) {
			if len(c.Value) < 40 {
				t.Errorf("the cookie %s can be guessed", c.Name)
			}
		}
	})
}

func mustParse(text string) *url.URL {
	at, err := url.Parse(text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestAnotherSiteCanDoNothing(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Admin)
		path := b.begin("A story")
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "same-site"}} {
			b.want(b.form(path+"/plan", url.Values{"stage": {"ready"}}, headers...), 403)
			b.want(b.do("POST", path+"/steps", "application/json", "{}", headers...), 403)
		}
	})
}

func TestACodeThatWasTypedTwiceIsNoProof(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		form := h.proof("writer@paper.example")
		first, second := h.browser(), h.browser()
		first.want(first.form("/desk/sign-in", form), 303)
		second.want(second.form("/desk/sign-in", form), 401)
	})
}

// TestWhoIsSignedOutLosesNothing sends a form after the session has ended, signs in on
// the page that comes, and sends it again.
func TestWhoIsSignedOutLosesNothing(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.as(staff.Writer)
		h.forward(staff.SessionIdle)
		typed := `He wrote "union select" and O'Brien's <script>alert('1')</script> -- 100%; می‌روم`
		page := b.want(b.form("/desk/stories/new", url.Values{"edition": {"en"}, "genre": {"news"}, "headline": {typed}, "stage": {"idea"}}), 401)
		form := h.proof("writer@paper.example")
		for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`).FindAllStringSubmatch(page.text, -1) {
			form.Set(m[1], unescape(m[2]))
		}
		if form.Get("kept.headline") != typed {
			t.Fatalf("kept %q", form.Get("kept.headline"))
		}
		again := b.want(b.form("/desk/sign-in", form), 200)
		resend := url.Values{}
		for _, m := range regexp.MustCompile(`(?s)<input type="hidden" name="([^"]+)" value="([^"]*)">|<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(again.text, -1) {
			resend.Set(m[1]+m[3], unescape(m[2]+m[4]))
		}
		if resend.Get("headline") != typed {
			t.Fatalf("given back: %q", resend.Get("headline"))
		}
		made := b.want(b.form("/desk/stories/new", resend), 303)
		_, data := b.data(made.header.Get("Location"))
		if text, _ := json.Marshal(data["past"]); !strings.Contains(unescapeJSON(string(text)), "O'Brien") {
			t.Errorf("got %s", text)
		}
		if a := b.send(made.header.Get("Location")+"/steps", map[string]any{}); a.status == 401 {
			t.Error("not signed in")
		}
		h.forward(staff.SessionIdle)
		if a := b.want(b.send(made.header.Get("Location")+"/steps", map[string]any{}), 401); a.value["signIn"] != true {
			t.Errorf("a script is told %s", a.text)
		}
	})
}

func unescape(text string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&", "&#43;", "+").Replace(text)
}

func unescapeJSON(text string) string { return strings.NewReplacer(`\u0027`, "'").Replace(text) }

func TestALinkFromElsewhereIsAskedForAgainFromHere(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b := h.browser()
		page := b.want(b.get("/desk/stories?q=x", "Sec-Fetch-Site", "cross-site"), 200)
		if !strings.Contains(page.text, `http-equiv="refresh" content="0;url=/desk/stories?q=x"`) {
			t.Errorf("got %s", page.text)
		}
	})
}

func TestSomebodyInvitedComesInOnceAndHasWhatTheyChose(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		admin := h.as(staff.Admin)
		page := admin.want(admin.form("/desk/people", url.Values{"email": {"Sara@paper.example"}, "name": {"سارا"}, "role": {"editor"}, "language": {"fa"}, "editions[]": {"fa"}}), 200)
		link := regexp.MustCompile(`/desk/welcome/[\w-]+`).FindString(page.text)
		b := h.browser()
		welcome := b.want(b.get(link), 200)
		if !strings.Contains(welcome.text, `lang="fa" dir="rtl"`) || !strings.Contains(welcome.text, "سارا") {
			t.Errorf("got %.300s", welcome.text)
		}
		own := strings.ReplaceAll(regexp.MustCompile(`name="secret" value="([^"]+)"`).FindStringSubmatch(welcome.text)[1], " ", "")
		code, err := staff.CodeAt(own, h.now())
		h.must(err)
		good := url.Values{"password": {"چهار اسب آبی در باران"}, "again": {"چهار اسب آبی در باران"}, "secret": {own}, "code": {code}}
		for name, wrong := range map[string]string{"password": "short", "again": "another", "code": "000000"} {
			form := url.Values{}
			for key := range good {
				form.Set(key, good.Get(key))
			}
			form.Set(name, wrong)
			if name == "password" {
				form.Set("again", wrong)
			}
			b.want(b.form(link, form), 422)
		}
		codes := b.want(b.form(link, good), 200)
		if n := strings.Count(codes.text, "<code>"); n != 10 {
			t.Errorf("%d recovery codes", n)
		}
		b.want(b.form(link, good), 410)
		b.want(b.get("/desk/"), 200)
		b.want(b.get("/desk/people"), 403)
		// Her edition is the Persian one.
		b.want(b.form("/desk/stories/new", url.Values{"edition": {"en"}, "genre": {"news"}, "headline": {"x"}}), 403)
		b.want(b.form("/desk/stories/new", url.Values{"edition": {"fa"}, "genre": {"news"}, "headline": {"x"}}), 303)
		path := admin.begin("An English story")
		if a := b.write(path, "c", 1, steps(3, "x")); a.status != 403 {
			t.Errorf("she writes in another edition: %d %s", a.status, a.text)
		}
		twice := admin.want(admin.form("/desk/people", url.Values{"email": {"sara@paper.example"}, "name": {"Kept <name>"}, "role": {"writer"}}), 409)
		if !strings.Contains(twice.text, "Kept &lt;name&gt;") {
			t.Error("what was typed is lost")
		}
	})
}

func TestWhatChangesWhoMayDoWhatWantsAProofOfTheLastMinutes(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		admin := h.as(staff.Admin)
		h.forward(staff.ConfirmedFor)
		ask := url.Values{"email": {"new@paper.example"}, "name": {"New"}, "role": {"writer"}}
		page := admin.want(admin.form("/desk/people", ask), 403)
		if !strings.Contains(page.text, "new@paper.example") || strings.Contains(page.text, "/desk/welcome/") {
			t.Errorf("got %s", page.text)
		}
		h.forward(time.Minute)
		admin.want(admin.form("/desk/confirm", url.Values{"password": {word}, "code": {"000000"}}), 401)
		form := h.proof("admin@paper.example")
		form.Set("resume", "/desk/people")
		form.Set("kept.email", "new@paper.example")
		again := admin.want(admin.form("/desk/confirm", form), 200)
		if !strings.Contains(again.text, `action="/desk/people"`) || !strings.Contains(again.text, "new@paper.example") {
			t.Errorf("got %s", again.text)
		}
		admin.want(admin.form("/desk/people", ask), 200)
	})
}

func TestRemoteSignOutReachesAnOpenStoryWithinASecond(t *testing.T) {
	both(t, func(t *testing.T, h *house) {
		b, admin := h.as(staff.Writer), h.as(staff.Admin)
		path := b.begin("A story")
		version, data := b.data(path)
		if data["secret"] == nil {
			t.Fatal("nothing can be kept in the browser")
		}
		lines := b.stream(path, "c1", version)
		lines.wait("event: people")
		admin.want(admin.form("/desk/people/1", url.Values{"do": {"end"}, "wipe": {"on"}}), 303)
		if got := lines.wait("event: out"); !strings.Contains(got, `"wipe":true`) {
			t.Errorf("got %s", got)
		}
		b.want(b.get("/desk/"), 303)
		again := h.as(staff.Writer)
		if _, now := again.data(path); now["secret"] == data["secret"] {
			t.Error("what was kept can be read")
		}
	})
}

// lines is an open stream.
type lines struct {
	t    *testing.T
	mu   sync.Mutex
	text strings.Builder
}

func (b *browser) stream(path, client string, version int64) *lines {
	b.t.Helper()
	ctx, cancel := context.WithCancel(b.t.Context())
	b.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, "GET", fmt.Sprintf("%s%s/stream?client=%s&version=%d", b.server.URL, path, client, version), nil)
	b.must(err)
	out, err := b.client.Do(r)
	b.must(err)
	if out.StatusCode != 200 || !strings.HasPrefix(out.Header.Get("Content-Type"), "text/event-stream") {
		b.t.Fatalf("got %d", out.StatusCode)
	}
	l := &lines{t: b.t}
	go func() {
		defer out.Body.Close()
		buffer := make([]byte, 4096)
		for {
			n, err := out.Body.Read(buffer)
			l.mu.Lock()
			l.text.Write(buffer[:n])
			l.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return l
}

// wait returns what has come once it contains a text.
func (l *lines) wait(text string) string {
	l.t.Helper()
	for range 500 {
		l.mu.Lock()
		got := l.text.String()
		l.mu.Unlock()
		if at := strings.Index(got, text); at >= 0 && strings.Contains(got[at:], "\n\n") {
			return got
		}
		time.Sleep(10 * time.Millisecond)
	}
	l.t.Fatalf("no %q in %q", text, l.text.String())
	return ""
}
