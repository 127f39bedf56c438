package hook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/fetch"
	"broadsheet/internal/platform/hook"
	"broadsheet/internal/platform/job"
)

// clock is a clock in the test's hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// heard is one request as a receiver gets it.
type heard struct {
	header http.Header
	body   string
}

// receiver hears what is sent and answers with a status.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	all    []heard
	// meanwhile runs while a request is being answered.
	meanwhile func()
}

func receive(t *testing.T, status int) *receiver {
	t.Helper()
	r := &receiver{status: status, meanwhile: func() {}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	r.mu.Lock()
	status, meanwhile := r.status, r.meanwhile
	r.all = append(r.all, heard{request.Header, string(body)})
	r.mu.Unlock()
	meanwhile()
	w.Header().Set("Location", "/elsewhere")
	w.WriteHeader(status)
	fmt.Fprint(w, "the receiver's own words")
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) heard() []heard {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.all
}

func at(server *httptest.Server) netip.AddrPort {
	return netip.MustParseAddrPort(server.Listener.Addr().String())
}

// minted makes identities that grow, for all stores on one database.
var minted atomic.Int64

// house is a store with its clock and a queue.
type house struct {
	*hook.Store
	*clock
	t     *testing.T
	db    *db.DB
	queue *job.Queue
}

// open builds a store that may reach the receivers.
func open(t *testing.T, d *db.DB, receivers ...*receiver) *house {
	t.Helper()
	var allow []netip.AddrPort
	for _, r := range receivers {
		allow = append(allow, at(r.Server))
	}
	return openAllowing(t, d, allow...)
}

func openAllowing(t *testing.T, d *db.DB, allow ...netip.AddrPort) *house {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)}
	outside := fetch.New(fetch.Options{Allow: allow})
	store := hook.New(d, outside, func() int64 { return 1<<60 + minted.Add(1) }, c.Now)
	queue := job.New(d, "node", c.Now, map[string]job.Do{hook.Kind: store.Deliver})
	return &house{store, c, t, d, queue}
}

func (h *house) update(do func(tx *db.Tx) error) {
	h.t.Helper()
	if err := h.db.Update(h.t.Context(), do); err != nil {
		h.t.Fatal(err)
	}
}

// add makes an active webhook.
func (h *house) add(url string, events ...string) (made hook.Hook) {
	h.t.Helper()
	h.update(func(tx *db.Tx) (err error) {
		made, err = h.Put(tx, hook.Hook{URL: url, Events: events, Active: true, By: 7})
		return err
	})
	return made
}

func (h *house) announce(name string, subject int64) {
	h.t.Helper()
	h.update(func(tx *db.Tx) error {
		return h.Announce(tx, hook.Event{Name: name, Subject: subject, Payload: `{"headline":"Dëad <sea> & عاجل"}`, At: h.Now()})
	})
}

// work does all that is due.
func (h *house) work() (jobs int) {
	h.t.Helper()
	for {
		done, err := h.queue.Next(h.t.Context())
		if err != nil {
			h.t.Fatal(err)
		}
		if !done {
			return jobs
		}
		jobs++
	}
}

func (h *house) deliveries(id int64) (all []hook.Delivery) {
	h.t.Helper()
	h.update(func(tx *db.Tx) (err error) {
		all, err = h.Deliveries(tx, id, 0, 200)
		return err
	})
	return all
}

func (h *house) find(id int64) (found hook.Hook) {
	h.t.Helper()
	h.update(func(tx *db.Tx) (err error) {
		found, err = h.Find(tx, id)
		return err
	})
	return found
}

// genuine is what the documents tell receivers to do.
func genuine(secret, signature, body string, now time.Time) bool {
	stamp, proof, ok := strings.Cut(signature, ",")
	if !ok {
		return false
	}
	var unix int64
	if _, err := fmt.Sscanf(stamp, "t=%d", &unix); err != nil || now.Sub(time.Unix(unix, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.%s", unix, body)
	return hmac.Equal([]byte(proof), []byte("v1="+hex.EncodeToString(mac.Sum(nil))))
}

func TestADeliveryIsSignedAndSaysWhatHappened(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 204)
		h := open(t, d, r)
		made := h.add(r.URL+"/in?a=b", "story.*")
		if len(made.Secret) < 43 {
			t.Fatalf("the secret %q is short of 256 bits", made.Secret)
		}
		h.announce("story.published", 42)
		h.work()
		all := r.heard()
		if len(all) != 1 {
			t.Fatalf("heard %d requests, want 1", len(all))
		}
		got := all[0]
		id := h.deliveries(made.ID)[0].ID
		want := fmt.Sprintf(`{"delivery":"%d","event":"story.published","subject":"42","at":"2026-03-20T12:00:00.000Z","data":{"headline":"Dëad <sea> & عاجل"}}`, id)
		if got.body != want || !json.Valid([]byte(got.body)) {
			t.Errorf("got body %s, want %s", got.body, want)
		}
		for name, want := range map[string]string{"Content-Type": "application/json", "Broadsheet-Event": "story.published", "Broadsheet-Delivery": fmt.Sprint(id), "User-Agent": "Broadsheet"} {
			if got.header.Get(name) != want {
				t.Errorf("got %s %q, want %q", name, got.header.Get(name), want)
			}
		}
		signature := got.header.Get("Broadsheet-Signature")
		if !genuine(made.Secret, signature, got.body, h.Now()) {
			t.Errorf("the signature %s does not verify", signature)
		}
		if genuine(made.Secret, signature, got.body+" ", h.Now()) || genuine("other", signature, got.body, h.Now()) || genuine(made.Secret, signature, got.body, h.Now().Add(time.Hour)) {
			t.Error("a false signature verifies")
		}
		if one := h.deliveries(made.ID)[0]; one.State() != hook.Delivered || one.Attempts != 1 || one.Status != 204 || one.Failure != "" || !one.Due.IsZero() {
			t.Errorf("got %+v", one)
		}
	})
}

func TestTheSecretIsShownOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.update(func(tx *db.Tx) error {
			all, err := h.All(tx)
			if err != nil || len(all) != 1 || all[0].Secret != "" {
				t.Errorf("got %+v, %v", all, err)
			}
			changed, err := h.Put(tx, hook.Hook{ID: made.ID, URL: r.URL + "/new", Events: []string{"a"}, Active: true})
			if err != nil || changed.Secret != "" || changed.URL != r.URL+"/new" || changed.By != 7 || !changed.CreatedAt.Equal(made.CreatedAt) {
				t.Errorf("got %+v, %v", changed, err)
			}
			return nil
		})
		h.announce("a", 1)
		h.work()
		if got := r.heard()[0]; !genuine(made.Secret, got.header.Get("Broadsheet-Signature"), got.body, h.Now()) {
			t.Error("a change of the webhook changed its secret")
		}
		var renewed string
		h.update(func(tx *db.Tx) (err error) {
			renewed, err = h.Renew(tx, made.ID)
			return err
		})
		h.announce("a", 1)
		h.work()
		if got := r.heard()[1]; renewed == made.Secret || !genuine(renewed, got.header.Get("Broadsheet-Signature"), got.body, h.Now()) {
			t.Error("the new secret does not sign")
		}
	})
}

func TestAWebhookHearsWhatItAskedFor(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		everything, group, one := h.add(r.URL, "*"), h.add(r.URL, "story.*"), h.add(r.URL, "front.changed", "story.withdrawn")
		off := h.add(r.URL, "*")
		h.update(func(tx *db.Tx) error {
			_, err := h.Put(tx, hook.Hook{ID: off.ID, URL: r.URL, Events: []string{"*"}})
			return err
		})
		for _, name := range []string{"story.published", "story.withdrawn", "front.changed", "storyteller"} {
			h.announce(name, 1)
		}
		for _, want := range []struct {
			hook hook.Hook
			n    int
		}{{everything, 4}, {group, 2}, {one, 2}, {off, 0}} {
			if got := len(h.deliveries(want.hook.ID)); got != want.n {
				t.Errorf("the webhook for %v has %d deliveries, want %d", want.hook.Events, got, want.n)
			}
		}
	})
}

func TestWhatDidNotHappenIsNotTold(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		h.add(r.URL, "*")
		no := errors.New("no")
		err := d.Update(t.Context(), func(tx *db.Tx) error {
			if err := h.Announce(tx, hook.Event{Name: "a", Payload: "{}", At: h.Now()}); err != nil {
				return err
			}
			return no
		})
		if !errors.Is(err, no) || h.work() != 0 || len(r.heard()) != 0 {
			t.Errorf("got %v and %d requests, want none", err, len(r.heard()))
		}
	})
}

func TestAReceiverThatWasDownHearsItLater(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 503)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.announce("story.published", 1)
		h.work()
		one := h.deliveries(made.ID)[0]
		if one.State() != hook.Waiting || one.Status != 503 || one.Failure != "The receiver answered 503 Service Unavailable." || !one.Due.Equal(h.Now().Add(10*time.Second)) {
			t.Errorf("got %+v", one)
		}
		h.Forward(9 * time.Second)
		if h.work() != 0 {
			t.Error("it was sent again too early")
		}
		h.Forward(time.Second)
		h.work()
		r.answer(200)
		h.Forward(time.Minute)
		h.work()
		all := r.heard()
		if len(all) != 3 {
			t.Fatalf("heard %d requests, want 3", len(all))
		}
		for _, again := range all {
			if again.body != all[0].body || again.header.Get("Broadsheet-Delivery") != fmt.Sprint(one.ID) {
				t.Errorf("got %s %s, want the same as at first", again.header.Get("Broadsheet-Delivery"), again.body)
			}
		}
		if !genuine(made.Secret, all[2].header.Get("Broadsheet-Signature"), all[2].body, h.Now()) {
			t.Error("the last attempt is not signed anew")
		}
		h.Forward(48 * time.Hour)
		if one := h.deliveries(made.ID)[0]; h.work() != 0 || one.State() != hook.Delivered || one.Attempts != 3 {
			t.Errorf("got %+v, want it delivered and at rest", one)
		}
	})
}

func TestADeliveryIsGivenUpAfterTheLastWait(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 500)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.announce("a", 1)
		h.work()
		for _, wait := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour} {
			if one := h.deliveries(made.ID)[0]; one.State() != hook.Waiting || !one.Due.Equal(h.Now().Add(wait)) {
				t.Errorf("after %d attempts it is due at %v, want %v", one.Attempts, one.Due, h.Now().Add(wait))
			}
			h.Forward(wait)
			h.work()
		}
		one := h.deliveries(made.ID)[0]
		if one.State() != hook.GivenUp || one.Attempts != 8 || one.Status != 500 || one.Failure == "" || !one.Due.IsZero() {
			t.Errorf("got %+v", one)
		}
		h.Forward(48 * time.Hour)
		if h.work() != 0 || len(r.heard()) != 8 {
			t.Errorf("heard %d requests, want 8", len(r.heard()))
		}
	})
}

func TestAReceiverThatIsGoneIsSwitchedOff(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 503)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.announce("a", 1)
		h.work() // this one comes back later
		r.answer(410)
		h.announce("b", 2)
		h.work()
		if h.find(made.ID).Active {
			t.Error("the webhook is still on")
		}
		h.announce("c", 3)
		h.Forward(time.Minute)
		h.work()
		all := h.deliveries(made.ID)
		if len(all) != 2 || len(r.heard()) != 2 {
			t.Fatalf("%d deliveries and %d requests, want 2 and 2", len(all), len(r.heard()))
		}
		if b, a := all[0], all[1]; b.State() != hook.GivenUp || b.Status != 410 || a.State() != hook.GivenUp || a.Status != 503 || a.Failure != "The webhook is switched off." {
			t.Errorf("got %+v and %+v", b, a)
		}
	})
}

func TestARedirectIsAFailure(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for _, status := range []int{301, 302, 303, 307, 308} {
			r := receive(t, status)
			h := open(t, d, r)
			made := h.add(r.URL, "*")
			h.announce("a", 1)
			h.work()
			if one := h.deliveries(made.ID)[0]; one.State() != hook.Waiting || one.Status != status || len(r.heard()) != 1 {
				t.Errorf("got %+v after %d requests", one, len(r.heard()))
			}
			h.update(func(tx *db.Tx) error { return h.Delete(tx, made.ID) })
		}
	})
}

// TestWhatReceiversWriteIsNotKept has receivers send back what they were sent,
// in every place where it could be picked up.
func TestWhatReceiversWriteIsNotKept(t *testing.T) {
	answers := []string{"HTTP/1.1 500 عاجل\r\nX: عاجل\r\nContent-Length: 8\r\n\r\nعاجل", "عاجل عاجل عاجل\r\n\r\n", "HTTP/1.1 عاجل\r\n\r\n", "HTTP/1.1 200 OK\r\nعاجل\r\n\r\n"}
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for _, answer := range answers {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				io.WriteString(conn, answer)
			}))
			h := openAllowing(t, d, at(server))
			made := h.add(server.URL, "*")
			h.announce("a", 1)
			h.work()
			server.Close()
			if one := h.deliveries(made.ID)[0]; one.Failure == "" || strings.Contains(one.Failure, "عاجل") {
				t.Errorf("%q: got failure %q", answer, one.Failure)
			}
			h.update(func(tx *db.Tx) error { return h.Delete(tx, made.ID) })
		}
	})
}

// TestADeathBetweenSendingAndSettlingSendsTheSameAgain has the node freeze at the
// moment at which it asks what time it is to write the answer down, and wake when
// another node has done its work.
func TestADeathBetweenSendingAndSettlingSendsTheSameAgain(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.announce("a", 1)
		frozen, woken := make(chan struct{}), make(chan struct{})
		freeze := sync.OnceFunc(func() { close(frozen) })
		dying := hook.New(d, fetch.New(fetch.Options{Allow: []netip.AddrPort{at(r.Server)}}), func() int64 { return 1<<60 + minted.Add(1) }, func() time.Time {
			if len(r.heard()) > 0 {
				freeze()
				<-woken
			}
			return h.Now()
		})
		var node sync.WaitGroup
		node.Go(func() {
			job.New(d, "dead", h.Now, map[string]job.Do{hook.Kind: dying.Deliver}).Next(t.Context())
		})
		<-frozen
		if one := h.deliveries(made.ID)[0]; one.State() != hook.Waiting || len(r.heard()) != 1 {
			t.Errorf("got %+v after %d requests, want it unsettled after 1", one, len(r.heard()))
		}
		h.Forward(time.Minute + time.Second) // the dead node's lease has run out
		h.work()
		all := r.heard()
		if len(all) != 2 || all[0].body != all[1].body || all[0].header.Get("Broadsheet-Delivery") != all[1].header.Get("Broadsheet-Delivery") {
			t.Errorf("heard %v, want the same twice", all)
		}
		close(woken)
		node.Wait()
		if one := h.deliveries(made.ID)[0]; one.State() != hook.Delivered {
			t.Errorf("got %+v", one)
		}
	})
}

// TestAJobThatIsDoneTwiceSendsOnce is a node that dies when the attempt is
// settled and its job is not.
func TestAJobThatIsDoneTwiceSendsOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		for _, status := range []int{200, 500} {
			r := receive(t, status)
			h := open(t, d, r)
			made := h.add(r.URL, "*")
			h.announce("a", 1)
			twice := func(ctx context.Context, j job.Job) error { return errors.Join(h.Deliver(ctx, j), h.Deliver(ctx, j)) }
			q := job.New(d, "node", h.Now, map[string]job.Do{hook.Kind: twice})
			if done, err := q.Next(t.Context()); !done || err != nil {
				t.Fatal(done, err)
			}
			if len(r.heard()) != 1 {
				t.Errorf("%d: heard %d requests, want 1", status, len(r.heard()))
			}
			h.Forward(time.Minute)
			h.work()
			if want := map[int]int{200: 1, 500: 2}[status]; len(r.heard()) != want {
				t.Errorf("%d: heard %d requests a minute later, want %d: one chain of attempts", status, len(r.heard()), want)
			}
			h.update(func(tx *db.Tx) error { return h.Delete(tx, made.ID) })
		}
	})
}

// TestANodeThatWasOvertakenChangesNothing has a second node take the job, send
// and settle while the first waits for its answer.
func TestANodeThatWasOvertakenChangesNothing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 500)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.announce("a", 1)
		var overtaken atomic.Bool
		var taken job.Job
		r.meanwhile = func() {
			if overtaken.Swap(true) {
				return
			}
			r.answer(503)
			if err := h.Deliver(context.WithoutCancel(t.Context()), taken); err != nil {
				t.Error(err)
			}
		}
		slow := job.New(d, "slow", h.Now, map[string]job.Do{hook.Kind: func(ctx context.Context, j job.Job) error {
			taken = j
			return h.Deliver(ctx, j)
		}})
		if done, err := slow.Next(t.Context()); !done || err != nil {
			t.Fatal(done, err)
		}
		if one := h.deliveries(made.ID)[0]; len(r.heard()) != 2 || one.Attempts != 1 || one.Status != 503 {
			t.Errorf("got %+v after %d requests, want the first to settle alone, after 2", one, len(r.heard()))
		}
		h.Forward(10 * time.Second)
		if h.work() != 1 {
			t.Error("there is more than one job for the next attempt")
		}
	})
}

func TestAProgramThatEndsDoesNotCountTheAttempt(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.announce("a", 1)
		ctx, end := context.WithCancel(t.Context())
		release := make(chan struct{})
		r.meanwhile = func() { end(); <-release }
		if done, err := h.queue.Next(ctx); !done || err != nil {
			t.Fatal(done, err)
		}
		close(release)
		if one := h.deliveries(made.ID)[0]; one.State() != hook.Waiting || one.Attempts != 0 || one.Failure != "" {
			t.Errorf("got %+v, want it as before", one)
		}
		h.Forward(2 * time.Minute)
		h.work()
		if one := h.deliveries(made.ID)[0]; one.State() != hook.Delivered {
			t.Errorf("got %+v", one)
		}
	})
}

func TestTwoNodesDeliverOnce(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		const events = 40
		for n := range events {
			h.announce("a", int64(n))
		}
		var nodes sync.WaitGroup
		for n := range 3 {
			q := job.New(d, fmt.Sprint("node", n), h.Now, map[string]job.Do{hook.Kind: h.Deliver})
			nodes.Go(func() {
				for len(r.heard()) < events {
					if _, err := q.Next(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		nodes.Wait()
		seen := map[string]int{}
		for _, one := range r.heard() {
			seen[one.header.Get("Broadsheet-Delivery")]++
		}
		if len(r.heard()) != events || len(seen) != events {
			t.Errorf("heard %d requests of %d deliveries, want %d of %d", len(r.heard()), len(seen), events, events)
		}
		for _, one := range h.deliveries(made.ID) {
			if one.State() != hook.Delivered {
				t.Errorf("got %+v", one)
			}
		}
	})
}

// silence accepts connections and says nothing on them: it closes them, so that
// no test waits for a timeout.
func silence(t *testing.T) (address netip.AddrPort, asked *atomic.Int64, wake func(http.Handler)) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	asked = &atomic.Int64{}
	var awake atomic.Pointer[http.Handler]
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if handler := awake.Load(); handler != nil {
			(*handler).ServeHTTP(w, r)
			return
		}
		asked.Add(1)
		panic(http.ErrAbortHandler)
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return netip.MustParseAddrPort(listener.Addr().String()), asked, func(h http.Handler) { awake.Store(&h) }
}

func TestASilentReceiverDoesNotHoldUpTheOthers(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		address, asked, wake := silence(t)
		good := receive(t, 200)
		h := openAllowing(t, d, address, at(good.Server))
		silent := h.add("http://"+address.String(), "*")
		h.add(good.URL, "*")
		const events = 30
		for n := range events {
			h.announce("a", int64(n))
		}
		h.work()
		if asked.Load() != 1 || len(good.heard()) != events {
			t.Errorf("the silent one was asked %d times and the good one %d, want 1 and %d", asked.Load(), len(good.heard()), events)
		}
		if h.find(silent.ID).SilentAt.IsZero() {
			t.Error("the webhook does not say that its receiver is silent")
		}
		for range 60 {
			h.Forward(10 * time.Second)
			h.work()
		}
		if n := asked.Load(); n < 8 || n > 16 {
			t.Errorf("asked %d times within ten minutes, want about once a minute", n)
		}
		wake(good)
		for h.work(); len(good.heard()) < 2*events && h.Now().Before(time.Date(2026, 3, 20, 13, 30, 0, 0, time.UTC)); h.work() {
			h.Forward(10 * time.Second)
		}
		t.Logf("all arrived %v after the receiver came back", h.Now().Sub(time.Date(2026, 3, 20, 12, 10, 0, 0, time.UTC)))
		for _, one := range h.deliveries(silent.ID) {
			if one.State() != hook.Delivered {
				t.Errorf("got %+v", one)
			}
		}
		if !h.find(silent.ID).SilentAt.IsZero() {
			t.Error("the webhook still says that its receiver is silent")
		}
	})
}

func TestASilentReceiverIsGivenUpInTheEnd(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		address, asked, _ := silence(t)
		h := openAllowing(t, d, address)
		made := h.add("http://"+address.String(), "*")
		for n := range 5 {
			h.announce("a", int64(n))
		}
		jobs := h.work()
		for range 60 * 40 {
			h.Forward(time.Minute)
			jobs += h.work()
		}
		for _, one := range h.deliveries(made.ID) {
			if one.State() != hook.GivenUp || one.Failure == "" {
				t.Errorf("got %+v", one)
			}
		}
		t.Logf("%d jobs, %d requests for 5 deliveries", jobs, asked.Load())
	})
}

func TestNoDeliveryWaitsForASilentReceiverForEver(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		address, asked, _ := silence(t)
		h := openAllowing(t, d, address)
		made := h.add("http://"+address.String(), "*")
		h.announce("a", 1)
		h.work()
		h.update(func(tx *db.Tx) error {
			return h.Announce(tx, hook.Event{Name: "b", Subject: 2, Payload: "{}", At: h.Now().Add(-18 * time.Hour)})
		})
		h.work()
		if one := h.deliveries(made.ID)[0]; one.State() != hook.GivenUp || one.Attempts != 0 || asked.Load() != 1 {
			t.Errorf("got %+v after %d requests", one, asked.Load())
		}
	})
}

func TestOnlyPublicReceiversAreTold(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d) // nothing is allowed
		for _, address := range []string{r.URL, "http://localhost/", "ftp://example.org/", "https://a:b@example.org/", "https://example.org:8443/", "https://example.org/" + strings.Repeat("a", 2000), ""} {
			err := d.Update(t.Context(), func(tx *db.Tx) error {
				_, err := h.Put(tx, hook.Hook{URL: address, Events: []string{"*"}, Active: true})
				return err
			})
			if !errors.Is(err, hook.ErrURL) {
				t.Errorf("%.40s: got %v, want %v", address, err, hook.ErrURL)
			}
		}
		// One that was allowed when it was put, and is not any more.
		made := open(t, d, r).add(r.URL, "*")
		h.announce("a", 1)
		h.work()
		if one := h.deliveries(made.ID)[0]; len(r.heard()) != 0 || !strings.Contains(one.Failure, "not allowed") {
			t.Errorf("got %+v after %d requests", one, len(r.heard()))
		}
	})
}

func TestWebhooksAreChecked(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		h := open(t, d)
		put := func(made hook.Hook) (err error) {
			return d.Update(t.Context(), func(tx *db.Tx) error {
				_, err := h.Put(tx, made)
				return err
			})
		}
		const url = "https://example.org/hook"
		for _, events := range [][]string{nil, {""}, {"Story"}, {"a b"}, {"*.a"}, {"a.*.b"}, {"a*"}, {".a"}, {"a."}, {".*"}, {"**"}, {"a\r\nX: y"}, {"a", "é"}, {strings.Repeat("a", 65)}, make([]string, 51)} {
			if err := put(hook.Hook{URL: url, Events: events}); !errors.Is(err, hook.ErrEvents) {
				t.Errorf("%q: got %v, want %v", events, err, hook.ErrEvents)
			}
		}
		if err := put(hook.Hook{ID: 99, URL: url, Events: []string{"*"}}); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("one that is not there: got %v, want %v", err, db.ErrNotFound)
		}
		for n := range hook.Most {
			if err := put(hook.Hook{URL: url, Events: []string{"a-b_1.c", "a.b.*", "*"}}); err != nil {
				t.Fatalf("number %d: %v", n, err)
			}
		}
		if err := put(hook.Hook{URL: url, Events: []string{"*"}}); !errors.Is(err, hook.ErrTooMany) {
			t.Errorf("one more: got %v, want %v", err, hook.ErrTooMany)
		}
		for _, e := range []hook.Event{{Name: "A", Payload: "{}"}, {Name: "a", Payload: ""}, {Name: "a", Payload: "{"}, {Name: "a\n", Payload: "{}"}} {
			if err := d.Update(t.Context(), func(tx *db.Tx) error { return h.Announce(tx, e) }); err == nil {
				t.Errorf("%+v was announced", e)
			}
		}
	})
}

func TestATestIsAPing(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		made := h.add(r.URL, "story.published")
		var id int64
		h.update(func(tx *db.Tx) (err error) {
			id, err = h.Test(tx, made.ID)
			return err
		})
		h.work()
		if got := r.heard(); len(got) != 1 || got[0].header.Get("Broadsheet-Event") != "ping" || got[0].header.Get("Broadsheet-Delivery") != fmt.Sprint(id) {
			t.Errorf("heard %v", got)
		}
		h.update(func(tx *db.Tx) error {
			if _, err := h.Put(tx, hook.Hook{ID: made.ID, URL: r.URL, Events: []string{"*"}}); err != nil {
				return err
			}
			if _, err := h.Test(tx, made.ID); !errors.Is(err, hook.ErrOff) {
				t.Errorf("off: got %v, want %v", err, hook.ErrOff)
			}
			if _, err := h.Test(tx, 5); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("none: got %v, want %v", err, db.ErrNotFound)
			}
			return nil
		})
	})
}

func TestDeliveriesAreListedInPages(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		made, other := h.add(r.URL, "*"), h.add(r.URL, "*")
		for n := range 7 {
			h.announce("a", int64(n))
		}
		var subjects []int64
		h.update(func(tx *db.Tx) error {
			for before := int64(0); ; {
				page, err := h.Deliveries(tx, made.ID, before, 3)
				if err != nil || len(page) == 0 {
					return err
				}
				for _, one := range page {
					subjects, before = append(subjects, one.Subject), one.ID
				}
			}
		})
		if fmt.Sprint(subjects) != "[6 5 4 3 2 1 0]" {
			t.Errorf("got %v", subjects)
		}
		if n := len(h.deliveries(other.ID)); n != 7 {
			t.Errorf("the other has %d, want 7", n)
		}
	})
}

func TestWhatIsScrubbedIsNeitherKeptNorSent(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 500)
		h := open(t, d, r)
		made := h.add(r.URL, "*")
		h.announce("a", 1)
		h.announce("a", 2)
		h.work()
		h.update(func(tx *db.Tx) error {
			n, countErr := hook.Telling(tx, []int64{1})
			if n != 1 {
				t.Errorf("%d tell of it before, want 1", n)
			}
			err := hook.Scrub(tx, []int64{1})
			left, listErr := db.List(tx, db.Value[int64], `select subject from delivery where payload <> '' or failure <> '' order by id limit 10`)
			if fmt.Sprint(left) != "[2]" {
				t.Errorf("there are still texts about %v, want about 2 alone", left)
			}
			payloads, jobErr := db.List(tx, db.Value[string], `select payload from job order by id limit 10`)
			for _, payload := range payloads {
				if strings.Trim(payload, "0123456789") != "" {
					t.Errorf("a job holds %q", payload)
				}
			}
			return errors.Join(countErr, err, listErr, jobErr)
		})
		r.answer(200)
		h.Forward(time.Minute)
		h.work()
		all := h.deliveries(made.ID)
		if len(r.heard()) != 3 || all[0].State() != hook.Delivered || all[1].State() != hook.GivenUp {
			t.Errorf("heard %d requests, want 3; got %+v", len(r.heard()), all)
		}
	})
}

// TestWhatIsScrubbedWhileItIsSentStaysScrubbed scrubs between sending and
// settling.
func TestWhatIsScrubbedWhileItIsSentStaysScrubbed(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 500)
		h := open(t, d, r)
		h.add(r.URL, "*")
		h.announce("a", 1)
		r.meanwhile = func() {
			err := d.Update(context.WithoutCancel(t.Context()), func(tx *db.Tx) error {
				return hook.Scrub(tx, []int64{1})
			})
			if err != nil {
				t.Error(err)
			}
		}
		h.work()
		h.Forward(time.Minute)
		h.work()
		if n := len(r.heard()); n != 1 {
			t.Errorf("heard %d requests, want 1", n)
		}
	})
}

func TestDeletedAndForgottenDeliveriesAreGone(t *testing.T) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) {
		r := receive(t, 200)
		h := open(t, d, r)
		made, other := h.add(r.URL, "*"), h.add(r.URL, "b")
		h.announce("a", 1)
		h.work()
		h.Forward(time.Hour)
		h.announce("b", 2)
		h.update(func(tx *db.Tx) error { return h.Forget(tx, h.Now().Add(-time.Minute)) })
		if all := h.deliveries(made.ID); len(all) != 1 || all[0].Event != "b" {
			t.Errorf("got %+v, want the one that waits", all)
		}
		h.update(func(tx *db.Tx) error { return h.Delete(tx, made.ID) })
		h.work()
		if len(h.deliveries(made.ID)) != 0 || len(r.heard()) != 2 {
			t.Errorf("heard %d requests, want 2: the deleted webhook's is not sent", len(r.heard()))
		}
		if all := h.deliveries(other.ID); len(all) != 1 || all[0].State() != hook.Delivered {
			t.Errorf("got %+v", all)
		}
		err := d.Update(t.Context(), func(tx *db.Tx) error { return h.Delete(tx, made.ID) })
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("got %v, want %v", err, db.ErrNotFound)
		}
	})
}
