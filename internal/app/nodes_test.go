package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/web/site"
)

// running is a newsroom that is being served as a program of its own would.
type running struct {
	*Newsroom
	t   *testing.T
	url string
}

// serving serves a newsroom until the test ends, or until stop is called.
func serving(t *testing.T, c Config) (s *running, stop func()) {
	t.Helper()
	c.Addr, c.Express, c.LoftMB = "127.0.0.1:0", true, 16
	if c.CacheMB == 0 {
		c.CacheMB = 16
	}
	n, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := n.Serve(ctx, c, out)
		out.CloseWithError(err) // who waits for it to be ready waits no longer
		ended <- err
	}()
	line := make([]byte, 200)
	count, err := ready.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(stop)
	return &running{n, t, strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(line[:count])), "ready "), "/")}, stop
}

// house makes a newsroom with one edition and returns how it is reached.
func house(t *testing.T, database string) Config {
	t.Helper()
	c := Config{Data: t.TempDir(), Database: database}
	n, err := Create(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if err := n.Init(t.Context(), "Test", []string{"en"}); err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *running) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// write makes a draft.
func (s *running) write(headline string) (d story.Draft) {
	s.t.Helper()
	s.must(s.DB.Update(s.t.Context(), func(tx *db.Tx) error {
		sections, err := section.All(tx)
		if err != nil {
			return err
		}
		c := story.Content{Headline: headline, Genre: story.News, Section: sections[0].ID, Body: body.FromText("Some text.")}
		d, err = s.Stories.Create(tx, 1, "en", 0, 0, c)
		return err
	}))
	return d
}

func (s *running) publish(d story.Draft) story.Card {
	s.t.Helper()
	c, err := s.Desk.Story(s.t.Context(), publish.Order{Story: d.ID, Sequence: d.Sequence})
	s.must(err)
	return c
}

func (s *running) get(address string) (status int, header http.Header, text string) {
	s.t.Helper()
	answer, err := http.Get(s.url + address)
	s.must(err)
	defer answer.Body.Close()
	whole, err := io.ReadAll(answer.Body)
	s.must(err)
	return answer.StatusCode, answer.Header, string(whole)
}

// until waits for a condition, as long as a slow machine may need.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for tick := time.Tick(5 * time.Millisecond); ; <-tick {
		if holds() {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it never came to be: %s", what)
		}
	}
}

// receipt waits for the newest receipt of a story to be settled.
func (s *running) receipt(id ref.Story) (r publish.Receipt) {
	s.t.Helper()
	until(s.t, "a settled receipt", func() bool {
		s.must(s.DB.View(s.t.Context(), func(tx *db.Tx) error {
			all, err := publish.Receipts(tx, id, 0, 1)
			if err == nil && len(all) > 0 {
				r = all[0]
			}
			return err
		}))
		return r.State != "" && r.State != publish.Open
	})
	return r
}

// each engine, for one node.
func eachEngine(t *testing.T, test func(*testing.T, Config)) {
	t.Run("sqlite", func(t *testing.T) { test(t, house(t, "")) })
	t.Run("postgres", func(t *testing.T) { test(t, house(t, dbtest.PostgresURL(t))) })
}

func TestAReceiptProvesThatReadersSeeAStoryAndThatItIsGone(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		s, _ := serving(t, c)
		d := s.write("The moon's \"pull\" & the tide")
		live := s.publish(d)
		r := s.receipt(d.ID)
		if r.State != publish.Seen || r.What != publish.ShowsStory || r.Version != live.Version || len(r.Lines) < 8 || r.Seen.Before(r.Done) {
			t.Errorf("got %+v", r)
		}
		s.must(s.Desk.Withdraw(t.Context(), d.ID, "Law."))
		if r := s.receipt(d.ID); r.State != publish.Seen || r.What != publish.HidesStory || len(r.Lines) < 8 {
			t.Errorf("withdrawn: got %+v", r)
		}
	})
}

func TestANodeThatShowsOldPagesIsRepairedAndReported(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		s, _ := serving(t, c)
		// A fault: two pages are kept without the tag of what they list.
		for _, address := range []string{"/en/latest/", "/en/feed.xml"} {
			_, _, err := s.site.Pages().Fetch(t.Context(), site.Key(strings.TrimPrefix(s.url, "http://"), address), func(context.Context) (*pagecache.Page, error) {
				return &pagecache.Page{Type: "text/html; charset=utf-8", Body: []byte("<p>An old page."), Tags: []pagecache.Tag{pagecache.Tag(ref.EditionTag("en"))}}, nil
			})
			s.must(err)
		}
		d := s.write("The second")
		s.publish(d)
		if _, _, page := s.get("/en/latest/"); strings.Contains(page, "The second") {
			t.Fatal("the fault does not bite")
		}
		r := s.receipt(d.ID)
		repaired := 0
		for _, l := range r.Lines {
			if l.Repaired {
				repaired++
			}
		}
		if r.State != publish.Repaired || repaired < 2 {
			t.Errorf("got %s with %d lines repaired", r.State, repaired)
		}
		if _, _, page := s.get("/en/latest/"); !strings.Contains(page, "The second") {
			t.Error("readers still see the old page")
		}
	})
}

// bus runs a NATS server for the test.
func TestANodeThatMissedEventsShowsNothingThatItKept(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		s, _ := serving(t, c)
		const address = "/en/latest/"
		_, _, err := s.site.Pages().Fetch(t.Context(), site.Key(strings.TrimPrefix(s.url, "http://"), address), func(context.Context) (*pagecache.Page, error) {
			return &pagecache.Page{Type: "text/html; charset=utf-8", Body: []byte("<p>Withdrawn."), Tags: []pagecache.Tag{"story:1"}}, nil
		})
		s.must(err)
		if _, _, page := s.get(address); !strings.Contains(page, "Withdrawn.") {
			t.Fatal("the page is not kept")
		}
		s.must(s.DB.Update(t.Context(), func(tx *db.Tx) error {
			old := s.now().Add(-time.Hour)
			if err := s.Log.Append(tx, event.Event{At: old, Kind: "withdrawn", Tags: []string{"story:1"}, Purge: true}); err != nil {
				return err
			}
			return s.Log.Forget(tx, old.Add(time.Minute))
		}))
		until(t, "the page is gone", func() bool {
			_, _, page := s.get(address)
			return !strings.Contains(page, "Withdrawn.")
		})
	})
}

func bus(t *testing.T) string {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the bus did not start")
	}
	return s.ClientURL()
}

// three nodes of one newsroom.
func three(t *testing.T, address string) (nodes [3]*running, stop [3]func()) {
	t.Helper()
	c := house(t, dbtest.PostgresURL(t))
	media := t.TempDir()
	for n := range nodes {
		own := c
		if n > 0 {
			own.Data = t.TempDir()
		}
		own.Bus, own.Media = address, "file://"+media
		nodes[n], stop[n] = serving(t, own)
	}
	return nodes, stop
}

func TestThreeNodesShowOneAnothersChanges(t *testing.T) {
	for name, address := range map[string]string{"with a bus": bus(t), "by polling": ""} {
		t.Run(name, func(t *testing.T) {
			nodes, _ := three(t, address)
			until(t, "three nodes", func() bool {
				all, err := nodes[0].nodes(t.Context())
				return err == nil && len(all) == 3
			})
			for n := range 3 {
				d := nodes[n].write(fmt.Sprint("Written on node ", n))
				live := nodes[n].publish(d)
				for other := range nodes {
					until(t, "the story on every front", func() bool {
						_, _, page := nodes[other].get("/en/")
						return strings.Contains(page, live.Headline)
					})
				}
				r := nodes[n].receipt(d.ID)
				on := map[string]bool{}
				for _, l := range r.Lines {
					on[l.Node] = true
				}
				if r.State != publish.Seen || len(r.Lines) < 24 || len(on) != 3 || len(r.Silent) != 0 {
					t.Errorf("node %d: got %s with %d lines", n, r.State, len(r.Lines))
				}
				nodes[n].must(nodes[(n+1)%3].Desk.Withdraw(t.Context(), d.ID, "Law."))
				for other := range nodes {
					until(t, "the story gone from every node", func() bool {
						status, _, _ := nodes[other].get(live.Address("news"))
						return status == http.StatusGone
					})
				}
			}
		})
	}
}

func TestAStoryIsPublishedAtItsTimeByOneNodeThoughAnotherStops(t *testing.T) {
	nodes, stop := three(t, "")
	var drafts []story.Draft
	for n := range 6 {
		d := nodes[0].write(fmt.Sprint("At its time ", n))
		drafts = append(drafts, d)
		nodes[0].must(nodes[0].Desk.Do(t.Context(), func(tx *db.Tx) error {
			return nodes[0].Desk.ScheduleIn(tx, publish.Planned{Story: d.ID, Sequence: 1, At: nodes[0].now().Add(time.Second), By: 1})
		}))
	}
	stop[0]()
	for _, d := range drafts {
		var versions []story.Version
		until(t, "the scheduled story live", func() bool {
			nodes[1].must(nodes[1].DB.View(t.Context(), func(tx *db.Tx) (err error) {
				versions, err = nodes[1].Stories.Versions(tx, d.ID)
				return err
			}))
			return len(versions) > 0
		})
		if r := nodes[1].receipt(d.ID); len(versions) != 1 || versions[0].At.Before(r.Due) {
			t.Errorf("got %d versions, the first at %v, due %v", len(versions), versions[0].At, r.Due)
		}
	}
}

func TestWithTheDatabaseAwayEverythingThatWasReadIsReadStill(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		c.CacheMB = 1 // far too small for all pages
		s, _ := serving(t, c)
		addresses := []string{"/", "/en/", "/en/latest/", "/en/feed.xml", "/sitemap.xml", "/robots.txt"}
		for n := range 40 {
			addresses = append(addresses, s.publish(s.write(fmt.Sprint("Story ", n))).Address("news"))
		}
		gone := s.publish(s.write("Withdrawn"))
		read := func(want string) {
			t.Helper()
			for _, address := range addresses {
				if status, header, _ := s.get(address); status != http.StatusOK || want == "stale" && header.Get("Warning") == "" && header.Get("Cache-Control") == "no-store" {
					t.Errorf("%s answers %d", address, status)
				}
			}
		}
		s.get(gone.Address("news"))
		s.must(s.Desk.Withdraw(t.Context(), gone.ID, "Law."))
		s.receipt(gone.ID)
		read("fresh")
		until(t, "all pages in the loft", func() bool { return s.site.Pages().Stats().Loft.Entries >= len(addresses)-1 })
		s.must(s.DB.Close())
		read("stale")
		if status, _, page := s.get(gone.Address("news")); status == http.StatusOK {
			t.Errorf("a withdrawn story is shown: %.200s", page)
		}
		if status, header, page := s.get("/en/news/never-read"); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" || !strings.Contains(page, "</html>") {
			t.Errorf("what was never read answers %d", status)
		}
		if status, _, _ := s.get("/healthz"); status != http.StatusOK {
			t.Errorf("healthz answers %d", status)
		}
		if status, _, text := s.get("/readyz"); status != http.StatusOK || text != "ready; the database is away, kept pages are still served, nothing can be written\n" {
			t.Errorf("readyz answers %d %q", status, text)
		}
	})
}

func TestANodeLeavesTheListBeforeItFinishesWhatIsOnItsWay(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		c.AdminAddr = freePort(t)
		s, stop := serving(t, c)
		if status, _, text := s.get("/readyz"); status != http.StatusOK || text != "ready\n" {
			t.Errorf("readyz answers %d %q", status, text)
		}
		if nodes, err := s.nodes(t.Context()); err != nil || len(nodes) != 1 || nodes[0].id != s.self.id {
			t.Errorf("it serves, and the list is %+v, %v", nodes, err)
		}
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		s.must(err)
		defer conn.Close()
		fmt.Fprint(conn, "POST /view HTTP/1.1\r\nHost: paper.example\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
		answers := bufio.NewReader(conn)
		line, err := answers.ReadString('\n')
		if err != nil || !strings.Contains(line, "100") {
			t.Fatalf("got %q, %v", line, err)
		}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			stop()
		}()
		until(t, "it says that it stops", func() bool {
			answer, err := http.Get("http://" + c.AdminAddr + "/readyz")
			if err != nil {
				return false
			}
			defer answer.Body.Close()
			return answer.StatusCode == http.StatusServiceUnavailable
		})
		if !s.Alone() {
			until(t, "it is off the list", func() bool {
				nodes, err := s.nodes(t.Context())
				return err == nil && len(nodes) == 0
			})
		}
		select {
		case <-ended:
			t.Error("it did not wait for what is on its way")
		default:
		}
		fmt.Fprint(conn, "ab")
		if rest, err := io.ReadAll(answers); !strings.Contains(string(rest), " 204 ") {
			t.Errorf("the answer on its way is %q, %v", rest, err)
		}
		<-ended
	})
}

func TestANodeThatStartsSendsReadersElsewhere(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		w := httptest.NewRecorder()
		n.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		if w.Code != http.StatusServiceUnavailable {
			t.Errorf("got %d", w.Code)
		}
	})
}
