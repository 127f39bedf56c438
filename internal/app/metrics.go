package app

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/pagecache"
)

// metrics are what an operator's Prometheus asks for. What only the database
// knows is read when it asks, and left out when the database does not answer.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	visible  prometheus.Histogram
	late     prometheus.Histogram
}

// scrapeWithin is how long the database may take to answer for a scrape.
const scrapeWithin = 2 * time.Second

func newMetrics(n *Newsroom) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "broadsheet_http_requests_total", Help: "Answers by kind of address and class of status."}, []string{"route", "status"}),
		visible: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "broadsheet_publish_visible_seconds", Help: "From a change's commit until every page on every node was seen to show it.",
			Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2, 5, 10}}),
		late: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "broadsheet_schedule_late_seconds", Help: "How late planned publications went live.",
			Buckets: []float64{.1, .5, 1, 2, 10, 60, 600, 3600, 86400}}),
	}
	m.registry.MustRegister(m.requests, m.visible, m.late, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &scrape{n})
	return m
}

// proven counts a receipt that was settled.
func (m *metrics) proven(r publish.Receipt) {
	if !r.Seen.IsZero() {
		m.visible.Observe(max(0, r.Seen.Sub(r.Done).Seconds()))
	}
	if !r.Due.Equal(r.Done) {
		m.late.Observe(r.Done.Sub(r.Due).Seconds())
	}
}

// handler answers a scrape.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// counted counts the answers of a handler.
func (m *metrics) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, whole := &statusSeen{ResponseWriter: w, status: http.StatusOK}, false
		defer func() {
			if !whole { // it panicked
				seen.status = http.StatusInternalServerError
			}
			m.requests.WithLabelValues(routeOf(r.URL.Path), statuses[seen.status/100%10]).Inc()
		}()
		next.ServeHTTP(seen, r)
		whole = true
	})
}

// statuses are the classes of status.
var statuses = [10]string{1: "1xx", 2: "2xx", 3: "3xx", 4: "4xx", 5: "5xx"}

// statusSeen remembers the status of an answer.
type statusSeen struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (s *statusSeen) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap gives http.ResponseController what it controls.
func (s *statusSeen) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// routeOf is the kind of an address: few, so that nobody can make many.
func routeOf(path string) string {
	switch {
	case strings.HasPrefix(path, "/api/"):
		return "api"
	case strings.HasPrefix(path, "/media/"), strings.HasPrefix(path, "/assets/"):
		return "media"
	case path == "/view", path == "/view.gif":
		return "view"
	case path == "/healthz", path == "/readyz":
		return "operations"
	case strings.HasSuffix(path, ".xml"), strings.HasSuffix(path, ".txt"):
		return "feed"
	case strings.HasSuffix(path, "/search"):
		return "search"
	}
	return "page"
}

// scrape reads what there is to say at the moment of being asked.
type scrape struct{ n *Newsroom }

// Describe says nothing: what is collected depends on the database.
func (s *scrape) Describe(chan<- *prometheus.Desc) {}

// Collect reads everything.
func (s *scrape) Collect(out chan<- prometheus.Metric) {
	say := func(kind prometheus.ValueType, name, help string, value float64, labels ...string) {
		var names, values []string
		for at := 0; at < len(labels); at += 2 {
			names, values = append(names, labels[at]), append(values, labels[at+1])
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("broadsheet_"+name, help, names, nil), kind, value, values...)
	}
	gauge := func(name, help string, value float64, labels ...string) {
		say(prometheus.GaugeValue, name, help, value, labels...)
	}
	total := func(name, help string, value int64) { say(prometheus.CounterValue, name, help, float64(value)) }
	if s.n.site != nil {
		pageCounts(s.n.site.Pages().Stats(), total, gauge)
	}
	if s.n.views != nil {
		counted, waiting := s.n.views.Counts()
		total("views_counted_total", "Views that this node counted.", counted)
		gauge("views_spooled", "Views of this node that the database does not have yet.", float64(waiting))
	}
	logCounts(s.n.Log.Counts(), total, gauge)
	gauge("clock_skew_seconds", "How far this machine's clock is ahead of the database's.", s.n.DB.Skew().Seconds())
	gauge("outbox_cursor", "The last event that this node was told.", float64(s.n.Log.Cursor()))
	ctx, cancel := context.WithTimeout(context.Background(), scrapeWithin)
	defer cancel()
	var k known
	err := s.n.DB.View(ctx, func(tx *db.Tx) (err error) {
		k, err = s.n.known(tx)
		return err
	})
	if err != nil {
		gauge("database_up", "Whether the database answers.", 0)
		return
	}
	gauge("database_up", "Whether the database answers.", 1)
	k.say(gauge, s.n.Log.Cursor())
}

func logCounts(c event.Counts, total func(string, string, int64), gauge func(string, string, float64, ...string)) {
	connected := 0.0
	if c.Connected {
		connected = 1
	}
	total("outbox_told_total", "Events that this node was told.", c.Told)
	gauge("outbox_told_late_seconds", "How long after its time this node was told the last event.", c.Lag.Seconds())
	gauge("bus_connected", "Whether nudges reach other nodes and come from them.", connected)
	total("bus_nudges_total", "Nudges that came from other nodes.", c.Nudges)
	total("bus_unsent_total", "Nudges that the bus did not take.", c.Unsent)
	total("bus_ignored_total", "Messages on the bus that were no nudge.", c.Ignored)
}

func pageCounts(s pagecache.Stats, total func(string, string, int64), gauge func(string, string, float64, ...string)) {
	total("page_cache_hits_total", "Answers from memory.", s.Hits)
	total("page_cache_renders_total", "Pages that were made.", s.Renders)
	total("page_cache_spoiled_total", "Pages that changed while they were made.", s.Spoiled)
	total("page_cache_stale_total", "Older copies that answered because the database did not.", s.Stale)
	total("page_cache_evicted_total", "Pages that made room for others.", s.Evicted)
	gauge("page_cache_entries", "Pages that are kept.", float64(s.Entries))
	gauge("page_cache_bytes", "Memory for kept pages.", float64(s.Bytes))
}

// known is what the database knows.
type known struct {
	receipts                           map[string]int64
	waiting, refused                   int64
	plannedLate                        float64
	end                                int64
	jobsWaiting, jobsFailing, jobsLate int64
	deliveriesWaiting, deliveriesLost  int64
	nodes                              int64
	backup                             int64
}

func (n *Newsroom) known(tx *db.Tx) (k known, err error) {
	now := n.now()
	if k.receipts, err = publish.CountReceipts(tx, now.AddDate(0, 0, -1)); err != nil {
		return k, err
	}
	number := func(into *int64, statement string, args ...any) {
		if err == nil {
			*into, err = db.Find(tx, db.Value[int64], statement, args...)
		}
	}
	next := int64(0)
	number(&k.waiting, `select count(*) from planned where failure = ''`)
	number(&k.refused, `select count(*) from planned where failure <> ''`)
	number(&next, `select coalesce(min(at), 0) from planned where failure = ''`)
	number(&k.end, `select n from counter where name = 'outbox'`)
	number(&k.jobsWaiting, `select count(*) from job where done_at = 0`)
	number(&k.jobsFailing, `select count(*) from job where done_at = 0 and failure <> ''`)
	number(&k.jobsLate, `select count(*) from job where done_at = 0 and run_at < $1 and lease_until < $2`, now.Add(-lateJob).UnixMilli(), now.UnixMilli())
	number(&k.deliveriesWaiting, `select count(*) from delivery where done_at = 0`)
	number(&k.deliveriesLost, `select count(*) from delivery where done_at > $1 and (status < 200 or status > 299)`, now.AddDate(0, 0, -1).UnixMilli())
	number(&k.nodes, `select count(*) from node where seen_at > $1`, now.Add(-time.Minute).UnixMilli())
	number(&k.backup, `select coalesce(max(at), 0) from backup where hash <> ''`)
	if next > 0 {
		k.plannedLate = max(0, now.Sub(time.UnixMilli(next)).Seconds())
	}
	if n.Alone() {
		k.nodes = 1
	}
	return k, err
}

func (k known) say(gauge func(string, string, float64, ...string), cursor int64) {
	for _, state := range []string{publish.Open, publish.Seen, publish.Repaired, publish.Failed, publish.Superseded} {
		gauge("receipts", "Receipts of the last day.", float64(k.receipts[state]), "state", state)
	}
	for _, g := range []struct {
		name, help string
		value      float64
	}{
		{"planned_waiting", "Publications that wait for their time.", float64(k.waiting)},
		{"planned_refused", "Planned publications that could not go live.", float64(k.refused)},
		{"planned_late_seconds", "How late the latest planned publication is that still waits.", k.plannedLate},
		{"outbox_end", "The newest event.", float64(k.end)},
		{"outbox_lag", "Events that this node was not told yet.", float64(max(0, k.end-cursor))},
		{"jobs_waiting", "Jobs that are not done.", float64(k.jobsWaiting)},
		{"jobs_failing", "Jobs that failed and are tried again.", float64(k.jobsFailing)},
		{"jobs_late", "Jobs that should have begun five minutes ago.", float64(k.jobsLate)},
		{"deliveries_waiting", "Deliveries to webhooks that wait.", float64(k.deliveriesWaiting)},
		{"deliveries_lost", "Deliveries given up in the last day.", float64(k.deliveriesLost)},
		{"nodes", "Nodes that reported themselves in the last minute.", float64(k.nodes)},
		{"backup_timestamp_seconds", "When the newest backup was made.", float64(k.backup) / 1000},
	} {
		gauge(g.name, g.help, g.value)
	}
}
