package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/net/html"
)

// viewsEach is how many views a second are wanted.
const viewsEach = 20_000

// views is the counting of readers: a million beacons, exact when the program
// is asked to stop, and nearly so when it is killed.
func views(ctx context.Context, r *run) error {
	url, err := r.engine(ctx)
	if err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data"), url)
	if err != nil {
		return err
	}
	n, err := room.node(ctx, "--trusted-proxy", "127.0.0.1/32")
	if err != nil {
		return err
	}
	c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: r.size(200, 60), patience: time.Minute}
	if err := c.write(ctx, 4, r.seed); err != nil {
		return err
	}
	b, err := r.beacons(ctx, n.url())
	if err != nil {
		return err
	}
	total := r.size(1_000_000, 20_000)
	began := time.Now()
	accepted, err := b.post(ctx, total)
	if err != nil {
		return err
	}
	rate := float64(accepted) / time.Since(began).Seconds()
	r.report.exactly("views accepted", accepted, total)
	r.report.atLeast("views accepted a second", rate, "", float64(r.size(viewsEach, 2000)))
	n.stop()
	r.report.exactly("exit code after SIGTERM", n.code, 0)
	if err := n.start(ctx); err != nil {
		return err
	}
	if err := r.count(ctx, b, room, "after SIGTERM", accepted, 0); err != nil {
		return err
	}
	if err := r.sameReaders(ctx, b, room); err != nil {
		return err
	}
	return r.killedCounting(ctx, b, room, n)
}

// sameReaders reads some stories twice, which counts once.
func (r *run) sameReaders(ctx context.Context, b *beacons, room *newsroom) error {
	before, err := b.counted(ctx, room)
	if err != nil {
		return err
	}
	from := b.sent.Load()
	for range 3 {
		b.sent.Store(from)
		if _, err := b.post(ctx, 1000); err != nil {
			return err
		}
	}
	return r.count(ctx, b, room, "of three times the same", before+1000, 0)
}

// killedCounting posts views at a steady pace, longer than what may be lost
// lasts, and kills the node meanwhile.
func (r *run) killedCounting(ctx context.Context, b *beacons, room *newsroom, n *node) error {
	before, err := b.counted(ctx, room)
	if err != nil {
		return err
	}
	b.pace = r.size(viewsEach, 1000)
	accepted, err := b.post(ctx, b.pace*r.size(40, 16))
	if err != nil {
		return err
	}
	n.kill()
	if err := n.start(ctx); err != nil {
		return err
	}
	return r.count(ctx, b, room, "after kill -9", before+accepted, 10*b.pace)
}

// count waits until the number of views stands, and judges it.
func (r *run) count(ctx context.Context, b *beacons, room *newsroom, when string, want, mayLack int) error {
	counted := 0
	// What is lost never comes: more patience would only wait for it.
	err := patience(ctx, 20*time.Second, 250*time.Millisecond, func() (err error) {
		if counted, err = b.counted(ctx, room); err == nil && counted < want {
			err = fmt.Errorf("%d of %d", counted, want)
		}
		return err
	})
	if err != nil && counted == 0 {
		return fmt.Errorf("count the views: %w", err)
	}
	r.report.atMost("views lost "+when, float64(want-counted), "", float64(mayLack))
	r.report.atLeast("views counted "+when, float64(counted), "", float64(want-mayLack))
	r.report.atMost("views counted and never accepted, "+when, float64(max(0, counted-want)), "", 0)
	return nil
}

// beacons post views as the script of a story's page does, each from an address
// of its own, through a trusted proxy.
type beacons struct {
	address string
	// path and body are how the page says that it was read.
	path  string
	marks []string
	// pace is how many are sent a second; 0 means as many as are answered.
	pace   int
	sent   atomic.Int64
	reader *reader
}

// beacons reads the marks of stories from their pages.
func (r *run) beacons(ctx context.Context, url string) (*beacons, error) {
	b := &beacons{address: url[len("http://"):], path: "/view", reader: newReader(url)}
	l, err := b.reader.sitemaps(ctx)
	if err != nil {
		return nil, err
	}
	for at := range l.heads {
		if len(b.marks) >= 50 {
			break
		}
		out, err := b.reader.get(ctx, at)
		if err != nil {
			return nil, err
		}
		if m := markOf(out.body); m != "" {
			b.marks = append(b.marks, m)
		}
	}
	if len(b.marks) == 0 {
		return nil, fmt.Errorf("no story's page has the mark that its beacon sends")
	}
	return b, nil
}

// viewPicture is the address of the picture that counts where no script runs.
var viewPicture = regexp.MustCompile(`/view\.gif\?([A-Za-z0-9._~-]+)`)

// markOf finds a page's mark: where the script finds it, or where a browser
// without script does.
func markOf(page []byte) string {
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return ""
	}
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "data-count" {
				return a.Val
			}
		}
	}
	if found := viewPicture.FindSubmatch(page); found != nil {
		return string(found[1])
	}
	return ""
}

// pumps is how many connections views come over.
const pumps = 4

// pipe is how many requests are sent before their answers are read.
const pipe = 32

// post sends views from new addresses and returns how many were accepted.
func (b *beacons) post(ctx context.Context, total int) (int, error) {
	var accepted, left atomic.Int64
	left.Store(int64(total))
	var all sync.WaitGroup
	var mu sync.Mutex
	var failure error
	for range pumps {
		all.Go(func() {
			if err := b.pump(ctx, &left, &accepted); err != nil {
				mu.Lock()
				failure = err
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return int(accepted.Load()), failure
}

// pump sends views over one connection, some at a time.
func (b *beacons) pump(ctx context.Context, left, accepted *atomic.Int64) error {
	c, err := net.Dial("tcp", b.address)
	if err != nil {
		return fmt.Errorf("post views: %w", err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	in := bufio.NewReaderSize(c, 64<<10)
	var out bytes.Buffer
	began, done := time.Now(), 0
	for ctx.Err() == nil {
		if b.pace > 0 {
			pause(ctx, time.Until(began.Add(time.Duration(done)*time.Second*pumps/time.Duration(b.pace))))
		}
		n := int(min(pipe, left.Add(-pipe)+pipe))
		if n <= 0 {
			return nil
		}
		done += n
		out.Reset()
		for range n {
			b.write(&out)
		}
		if _, err := c.Write(out.Bytes()); err != nil {
			return fmt.Errorf("post views: %w", err)
		}
		for range n {
			r, err := http.ReadResponse(in, nil)
			if err != nil {
				return fmt.Errorf("post views: %w", err)
			}
			io.Copy(io.Discard, r.Body) // it ends where the header says
			r.Body.Close()
			if r.StatusCode/100 == 2 {
				accepted.Add(1)
			} else {
				return fmt.Errorf("a view is answered %s", r.Status)
			}
		}
	}
	return ctx.Err()
}

// agent is what the readers' browser calls itself.
const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// write writes one view. Addresses are of 10.0.0.0/8 and go on from there.
func (b *beacons) write(out *bytes.Buffer) {
	n := b.sent.Add(1)
	body := b.marks[int(n)%len(b.marks)]
	out.WriteString("POST " + b.path + " HTTP/1.1\r\nHost: " + b.address + "\r\nUser-Agent: " + agent +
		"\r\nContent-Type: text/plain;charset=UTF-8\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-For: ")
	fmt.Fprintf(out, "%d.%d.%d.%d", 11+n>>24, n>>16&255, n>>8&255, n&255)
	out.WriteString("\r\nContent-Length: ")
	out.WriteString(strconv.Itoa(len(body)))
	out.WriteString("\r\n\r\n")
	out.WriteString(body)
}

// allViews adds up what is in the database. The public address gives ranks, which
// are made now and then; a sum that must be exact is asked where it is kept.
const allViews = "select coalesce(sum(n), 0) from view_hour"

// counted is how many views the newsroom has counted.
func (b *beacons) counted(ctx context.Context, room *newsroom) (int, error) {
	if room.url != "" {
		rows, err := psql(ctx, room.url, allViews)
		if err != nil || len(rows) != 1 {
			return 0, fmt.Errorf("count the views: %w", err)
		}
		return strconv.Atoi(rows[0])
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(room.data, "broadsheet.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return 0, fmt.Errorf("count the views: %w", err)
	}
	defer db.Close()
	n := 0
	if err := db.QueryRowContext(ctx, allViews).Scan(&n); err != nil {
		return 0, fmt.Errorf("count the views: %w", err)
	}
	return n, nil
}
