package app

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/readership"
)

// freePort is an address that nothing listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func TestOperatorsSeeHowItStands(t *testing.T) {
	eachEngine(t, func(t *testing.T, c Config) {
		c.AdminAddr = freePort(t)
		s, _ := serving(t, c)
		d := s.write("Counted")
		s.publish(d)
		s.receipt(d.ID)
		s.get("/en/no-such-section/")
		if !s.views.View([]byte(s.views.Mark(d.ID)), readership.Reader{Agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}) {
			t.Error("a view was not counted")
		}
		scrape := func() string {
			t.Helper()
			answer, err := http.Get("http://" + c.AdminAddr + "/metrics")
			s.must(err)
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			s.must(err)
			return string(text)
		}
		text := scrape()
		for _, line := range []string{
			"broadsheet_database_up 1", `broadsheet_receipts{state="seen"} 1`, "broadsheet_publish_visible_seconds_count 1", `broadsheet_http_requests_total{route="page",status="4xx"} 1`,
			"broadsheet_outbox_lag 0", "broadsheet_planned_waiting 0", "broadsheet_nodes 1", "broadsheet_page_cache_entries ", "go_goroutines ", "broadsheet_clock_skew_seconds ",
			"broadsheet_views_counted_total 1", "broadsheet_views_spooled ", "broadsheet_outbox_told_total ", "broadsheet_outbox_told_late_seconds ", "broadsheet_bus_connected 1",
		} {
			if !strings.Contains(text, line) {
				t.Errorf("a scrape does not say %q", line)
			}
		}
		if status, _, _ := s.get("/metrics"); status != http.StatusNotFound {
			t.Errorf("readers get %d at /metrics", status)
		}
		s.must(s.DB.Close())
		if text := scrape(); !strings.Contains(text, "broadsheet_database_up 0") || strings.Contains(text, "broadsheet_receipts") {
			t.Error("a scrape does not say that the database is away")
		}
	})
}

func TestAPageThatPanicsCountsAsAFault(t *testing.T) {
	onBoth(t, func(t *testing.T, n *Newsroom) {
		m := newMetrics(n)
		func() {
			defer func() { recover() }()
			m.counted(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") })).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/en/", nil))
		}()
		w := httptest.NewRecorder()
		m.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if want := `broadsheet_http_requests_total{route="page",status="5xx"} 1`; !strings.Contains(w.Body.String(), want) {
			t.Errorf("a scrape does not say %q", want)
		}
	})
}

func TestANewsroomThatEndsTLSProvesItsPublications(t *testing.T) {
	c := house(t, "")
	files, known := certified(t, c.Data, "paper.example", time.Now().AddDate(0, 2, 0))
	c.TLS, c.Host = files, []string{"paper.example"}
	s, _ := serving(t, c)
	if !strings.HasPrefix(s.url, "https://") {
		t.Fatalf("it is ready at %s", s.url)
	}
	d := s.write("Over TLS")
	s.publish(d)
	if r := s.receipt(d.ID); r.State != publish.Seen {
		t.Errorf("the receipt is %+v", r)
	}
	r, err := http.NewRequest(http.MethodGet, s.url+"/en/", nil)
	s.must(err)
	r.Host = "paper.example"
	answer, err := client(known, 0).Do(r)
	s.must(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	s.must(err)
	if answer.StatusCode != http.StatusOK || answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" || !strings.Contains(string(text), `"https://paper.example/en/"`) {
		t.Errorf("got %s %d %v", answer.Proto, answer.StatusCode, answer.Header)
	}
}
