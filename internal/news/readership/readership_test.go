package readership

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// room is a database with a clock, and a folder for views that wait.
type room struct {
	t     testing.TB
	db    *db.DB
	mint  *ref.Mint
	spool string
	mu    sync.Mutex
	at    time.Time
	count int
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

func newRoom(t testing.TB, d *db.DB) *room {
	r := &room{t: t, db: d, spool: filepath.Join(t.TempDir(), "views"), at: time.Date(2026, 3, 20, 12, 59, 0, 0, time.UTC)}
	r.mint = ref.NewMint(1, r.now)
	return r
}

func (r *room) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *room) pass(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = r.at.Add(d)
}

func (r *room) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *room) open() *Counter {
	r.t.Helper()
	c, err := Open(r.t.Context(), Options{DB: r.db, Mint: r.mint, Spool: r.spool, Now: r.now})
	r.must(err)
	return c
}

// read has n new readers read a story.
func (r *room) read(c *Counter, id ref.Story, n int) {
	r.t.Helper()
	for range n {
		r.count++
		if !c.View([]byte(c.Mark(id)), reader(r.count)) {
			r.t.Fatal("a view was not counted")
		}
	}
}

func reader(n int) Reader {
	return Reader{netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), firefox}
}

// expect compares all rows of the database with what was viewed.
func (r *room) expect(want map[place]int64) {
	r.t.Helper()
	got := map[place]int64{}
	r.must(r.db.View(r.t.Context(), func(tx *db.Tx) error {
		_, err := db.List(tx, func(row db.Row) (none struct{}, err error) {
			var at place
			var n int64
			err = row.Scan(&at.story, &at.hour, &n)
			got[at] = n
			return none, err
		}, `select story, hour, n from view_hour order by story, hour limit 1000000`)
		return err
	}))
	for at, n := range want {
		if got[at] != n {
			r.t.Errorf("story %d in hour %d: got %d views, want %d", at.story, at.hour, got[at], n)
		}
	}
	if len(got) != len(want) {
		r.t.Errorf("got %d rows, want %d", len(got), len(want))
	}
}

func (r *room) hour() int64 { return hourOf(r.now()) }

// kill ends a counter as the end of its process would.
func kill(c *Counter) { c.spool.close() }

func both(t *testing.T, test func(t *testing.T, r *room)) {
	dbtest.Both(t, func(t *testing.T, d *db.DB) { test(t, newRoom(t, d)) })
}

func TestEveryViewIsInTheDatabaseAfterAGracefulStop(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		ctx, stop := context.WithCancel(t.Context())
		var running, readers sync.WaitGroup
		running.Go(func() { c.Run(ctx) })
		want := map[place]int64{}
		for hour := range 2 {
			for n := range 8 {
				readers.Go(func() {
					for m := range 500 {
						id := ref.Story(1 + m%7)
						if !c.View([]byte(c.Mark(id)), reader(hour<<16|n<<12|m)) {
							t.Error("a view was not counted")
						}
					}
				})
			}
			readers.Wait()
			for m := range 500 {
				want[place{ref.Story(1 + m%7), r.hour()}] += 8
			}
			r.must(c.keep())
			r.pass(time.Minute)
		}
		stop()
		running.Wait()
		r.must(c.Close(t.Context()))
		r.expect(want)
		if left := files(t, r.spool); len(left) > 0 {
			t.Errorf("%v waits although all is written", left)
		}
	})
}

func TestRunningKeepsAndWritesByItself(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { c.Run(ctx) })
		r.read(c, 7, 3)
		until(t, 4*keepEvery, func() bool { return len(files(t, r.spool)) > 0 })
		until(t, 4*writeEvery, func() bool { return len(files(t, r.spool)) == 0 })
		r.expect(map[place]int64{{7, r.hour()}: 3})
		stop()
		running.Wait()
		r.must(c.Close(t.Context()))
	})
}

// until waits for a condition.
func until(t *testing.T, most time.Duration, holds func() bool) {
	t.Helper()
	late := time.After(most)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-late:
			t.Fatal("waited in vain")
		case <-tick.C:
		}
	}
}

func files(t testing.TB, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestAKillLosesOnlyWhatWasNotKept(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		r.read(c, 1, 5)
		r.must(c.keep())
		r.read(c, 1, 4)
		r.read(c, 2, 1)
		r.must(c.keep())
		r.read(c, 1, 100)
		kill(c)
		c = r.open()
		r.read(c, 2, 1)
		r.must(c.Close(t.Context()))
		r.expect(map[place]int64{{1, r.hour()}: 9, {2, r.hour()}: 2})
	})
}

func TestABatchIsWrittenOnceWhereverTheProgramEnds(t *testing.T) {
	ends := map[string]func(r *room, c *Counter){
		"before it is sealed": func(*room, *Counter) {},
		"when it is sealed":   func(r *room, c *Counter) { _, _, err := c.seal(); r.must(err) },
		"when the database has it": func(r *room, c *Counter) {
			b, _, err := c.seal()
			r.must(err)
			r.must(c.store(r.t.Context(), b))
		},
		"when the database has it and more waits": func(r *room, c *Counter) {
			b, _, err := c.seal()
			r.must(err)
			r.must(c.store(r.t.Context(), b))
			r.read(c, 1, 10)
			r.must(c.keep())
		},
	}
	both(t, func(t *testing.T, r *room) {
		want := int64(0)
		for name, end := range ends {
			c := r.open()
			r.read(c, 1, 3)
			r.must(c.keep())
			want += 3
			end(r, c)
			if strings.HasSuffix(name, "waits") {
				want += 10
			}
			kill(c)
			c = r.open()
			r.must(c.write(t.Context()))
			r.must(c.Close(t.Context()))
			t.Log(name)
			r.expect(map[place]int64{{1, r.hour()}: want})
		}
	})
}

func TestABatchWhoseWritingWasUncertainIsWrittenOnce(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		r.read(c, 1, 3)
		r.must(c.keep())
		b, _, err := c.seal()
		r.must(err)
		r.must(c.store(t.Context(), b)) // it is there, but nobody heard
		r.read(c, 1, 1)
		r.must(c.keep())
		r.must(c.write(t.Context()))
		r.must(c.Close(t.Context()))
		r.expect(map[place]int64{{1, r.hour()}: 4})
	})
}

func TestATornLineIsNoLine(t *testing.T) {
	for _, torn := range []string{"x", "deadbeef 1 2 3\n", "1234", strings.Repeat("\x00", 5000), "00000000 \n"} {
		both(t, func(t *testing.T, r *room) {
			c := r.open()
			r.read(c, 1, 2)
			r.must(c.keep())
			kill(c)
			file, err := os.OpenFile(filepath.Join(r.spool, openName), os.O_APPEND|os.O_WRONLY, 0)
			r.must(err)
			_, err = file.WriteString(torn)
			r.must(err)
			r.must(file.Close())
			c = r.open()
			r.read(c, 1, 3)
			r.must(c.keep())
			kill(c)
			c = r.open()
			r.must(c.Close(t.Context()))
			r.expect(map[place]int64{{1, r.hour()}: 5})
		})
	}
}

func TestAnOutageOfTheDatabaseLosesNothing(t *testing.T) {
	const stories, rounds, each = 8_000, 6, 5_000
	both(t, func(t *testing.T, r *room) {
		c, target := r.open(), r.db.Place()
		r.must(r.db.Close())
		want := map[place]int64{}
		for round := range rounds {
			for n := range each {
				id := ref.Story(1 + (round*each+n*7)%stories)
				want[place{id, r.hour()}]++
				c.count(id, r.hour())
			}
			r.must(c.keep())
			if err := c.write(t.Context()); err == nil {
				t.Fatal("a database that is closed takes views")
			}
			r.pass(10 * time.Second)
			if round == rounds/2 {
				kill(c)
				c = again(t, r, c)
			}
		}
		d, err := db.Open(t.Context(), target)
		r.must(err)
		t.Cleanup(func() { d.Close() })
		c.db, r.db = d, d
		began := time.Now()
		r.must(c.write(t.Context()))
		r.must(c.Close(t.Context()))
		t.Logf("caught up in %v", time.Since(began))
		r.expect(want)
	})
}

// again is what opening the folder of a killed counter gives, for a database
// that is away.
func again(t *testing.T, r *room, killed *Counter) *Counter {
	t.Helper()
	c := &Counter{db: r.db, mint: r.mint, now: r.now, marks: killed.marks, crawlers: killed.crawlers, loose: tally{}, writing: make(chan struct{}, 1)}
	for n := range c.shards {
		c.shards[n].views = tally{}
	}
	spool, err := openSpool(r.spool)
	r.must(err)
	c.spool = spool
	return c
}

func TestWhatWaitsLongTakesNoMoreRoomThanItSays(t *testing.T) {
	s, err := openSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	want, views := int64(0), tally{}
	for n := range 50_000 {
		views[place{ref.Story(1<<60 + n), 500_000}] = 1
	}
	for range 40 {
		if err := s.keep(views); err != nil {
			t.Fatal(err)
		}
		want++
	}
	info, err := s.root.Stat(openName)
	if err != nil {
		t.Fatal(err)
	}
	if most := int64(mergeAt + 2<<20); info.Size() > most || info.Size() != s.size {
		t.Errorf("the file has %d bytes, want at most %d", info.Size(), most)
	}
	again := tally{}
	if _, err := s.read(openName, again); err != nil {
		t.Fatal(err)
	}
	for at, n := range again {
		if n != want {
			t.Fatalf("story %d: got %d, want %d", at.story, n, want)
		}
	}
	if len(again) != len(views) {
		t.Errorf("got %d stories, want %d", len(again), len(views))
	}
}

func TestWithoutRoomOnDiskViewsAreKeptInMemory(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		r.read(c, 1, 1)
		r.must(c.keep())
		good := c.spool.open
		c.spool.open = full(t, r.spool)
		r.read(c, 1, 2)
		if err := c.keep(); err == nil {
			t.Fatal("the disk took what it could not")
		}
		// What had reached the disk before there was no more room is not counted
		// a second time.
		_, err := good.WriteAt(tally{{1, r.hour()}: 2, {2, r.hour() + 1}: 1}.lines(), c.spool.size)
		r.must(err)
		c.spool.open.Close()
		c.spool.open = good
		r.read(c, 1, 1)
		r.must(c.keep())
		kill(c)
		c = r.open()
		r.must(c.Close(t.Context()))
		r.expect(map[place]int64{{1, r.hour()}: 4})
	})
}

func TestWithoutRoomOnDiskViewsStillReachTheDatabase(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		r.must(c.keep())
		c.spool.open = full(t, r.spool)
		r.read(c, 1, 2)
		if err := c.keep(); err == nil {
			t.Fatal("the disk took what it could not")
		}
		r.must(c.write(t.Context()))
		r.expect(map[place]int64{{1, r.hour()}: 2})
		r.must(c.Close(t.Context()))
	})
}

// full is an open file that takes nothing.
func full(t *testing.T, folder string) *os.File {
	t.Helper()
	file, err := os.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestViewsThatAreLostAtTheEndAreAnError(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		c.spool.open = full(t, r.spool)
		r.read(c, 1, 2)
		r.must(r.db.Close())
		if err := c.Close(t.Context()); err == nil || !strings.Contains(err.Error(), "lost") {
			t.Errorf("got %v, want that views are lost", err)
		}
	})
}

func TestTwoNodesCountTheSameStoriesAtOnce(t *testing.T) {
	const batches, stories = 20, 700
	both(t, func(t *testing.T, r *room) {
		var nodes sync.WaitGroup
		for node := range 2 {
			other := newRoom(t, r.db)
			other.mint = ref.NewMint(10+node, other.now)
			nodes.Go(func() {
				c := other.open()
				for n := range batches {
					for m := range stories {
						// The nodes meet the stories in opposite orders.
						id := m
						if node == 1 {
							id = stories - 1 - m
						}
						c.count(ref.Story(1+id), r.hour()-int64(n%2))
					}
					if err := c.keep(); err != nil {
						t.Error(err)
					}
					if err := c.write(t.Context()); err != nil {
						t.Error(err)
					}
				}
				if err := c.Close(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		nodes.Wait()
		want := map[place]int64{}
		for m := range stories {
			want[place{ref.Story(1 + m), r.hour()}] = batches
			want[place{ref.Story(1 + m), r.hour() - 1}] = batches
		}
		r.expect(want)
	})
}

func TestAllNodesKnowEachOthersMarks(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		one := r.open()
		other := newRoom(t, r.db).open()
		if !other.View([]byte(one.Mark(9)), reader(1)) {
			t.Error("the mark of another node is refused")
		}
	})
}

func TestAForgedMarkCountsNothing(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t))
	c := r.open()
	mark, other := c.Mark(123456), c.Mark(123457)
	if len(mark) > maxMark {
		t.Errorf("a mark has %d bytes", len(mark))
	}
	name, proof, _ := strings.Cut(mark, ".")
	_, otherProof, _ := strings.Cut(other, ".")
	for _, forged := range []string{
		"", ".", name, name + ".", "." + proof, name + "." + otherProof, mark + "A", mark[:len(mark)-1], "0" + mark, strings.ToUpper(name) + "." + proof,
		"-" + mark, "+" + mark, mark + "\n", strings.Repeat("z", 70) + "." + proof, "0." + proof, "\xff." + proof,
	} {
		if c.View([]byte(forged), reader(1)) {
			t.Errorf("%q was counted", forged)
		}
	}
	if !c.View([]byte(mark), reader(1)) {
		t.Error("our own mark was not counted")
	}
	r.must(c.Close(t.Context()))
	r.expect(map[place]int64{{123456, r.hour()}: 1})
}

func TestAReloadCountsOnce(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t))
	c := r.open()
	view := func(id ref.Story, addr, agent string, want bool) {
		t.Helper()
		if got := c.View([]byte(c.Mark(id)), Reader{netip.MustParseAddr(addr), agent}); got != want {
			t.Errorf("story %d, %s, %s: got %v, want %v", id, addr, agent, got, want)
		}
	}
	view(1, "192.0.2.1", firefox, true)
	view(1, "192.0.2.1", firefox, false)
	view(1, "::ffff:192.0.2.1", firefox, false)
	view(2, "192.0.2.1", firefox, true)
	view(1, "192.0.2.2", firefox, true)
	view(1, "192.0.2.1", firefox+" x", true)
	view(1, "2001:db8::1", firefox, true)
	view(1, "2001:db8::ffff:1", firefox, false) // its device has made up another
	view(1, "2001:db8:0:1::1", firefox, true)
	r.pass(time.Hour) // another hour of the same day
	view(1, "192.0.2.1", firefox, false)
	r.pass(11 * time.Hour) // the next day
	view(1, "192.0.2.1", firefox, true)
	view(1, "192.0.2.1", firefox, false)
}

func TestOneAddressCountsSoOftenADayAndNoMore(t *testing.T) {
	r := newRoom(t, dbtest.SQLite(t))
	c := r.open()
	views := func(id ref.Story, addr func(n int) string) (counted int) {
		for n := range 2 * mostFrom {
			if c.View([]byte(c.Mark(id)), Reader{netip.MustParseAddr(addr(n)), fmt.Sprint(firefox, " ", n)}) {
				counted++
			}
		}
		return counted
	}
	one := func(int) string { return "192.0.2.1" }
	household := func(n int) string { return fmt.Sprintf("2001:db8::%x", n) }
	for _, test := range []struct {
		name string
		id   ref.Story
		from func(int) string
		want int
	}{
		{"changing agents", 1, one, mostFrom},
		{"again", 1, one, 0},
		{"another story", 2, one, mostFrom},
		{"changing addresses of one household", 1, household, mostFrom},
		{"many addresses", 1, func(n int) string { return fmt.Sprintf("198.51.%d.%d", n/250, n%250) }, 2 * mostFrom},
	} {
		if got := views(test.id, test.from); got != test.want {
			t.Errorf("%s: got %d views, want %d", test.name, got, test.want)
		}
	}
	r.pass(24 * time.Hour)
	if got := views(1, one); got != mostFrom {
		t.Errorf("the next day: got %d views, want %d", got, mostFrom)
	}
}

func TestBeyondItsBoundADayForgetsLittle(t *testing.T) {
	d := &day{}
	const part = uint64(5) << (64 - partBits)
	add := func(n uint64) bool {
		hash := n * 0x9e3779b97f4a7c15
		return d.add(part|hash>>partBits, hash)
	}
	missed := 0
	const beyond = 200_000
	for n := range uint64(exactEach + beyond) {
		if !add(n + 1) {
			if n < exactEach {
				t.Fatal("a view was taken for another within the bound")
			}
			missed++
		}
		if add(n + 1) {
			t.Fatal("a reload was counted")
		}
	}
	if missed > beyond/1000 {
		t.Errorf("%d of %d views were taken for others", missed, beyond)
	}
	again := 0
	for n := range uint64(exactEach + beyond) {
		if add(n + 1) {
			again++
		}
	}
	if again > beyond/100 {
		t.Errorf("%d of %d reloads counted again", again, exactEach+beyond)
	}
	if got := len(d.parts[5].exact); got != 2*exactEach {
		t.Errorf("the table has %d places, want %d", got, 2*exactEach)
	}
}

func TestCrawlersDoNotCount(t *testing.T) {
	c := readCrawlers()
	for _, agent := range []string{
		"", "curl/8.5.0", "Wget/1.21", "python-requests/2.32", "Go-http-client/2.0",
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
		"Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
		"Mozilla/5.0 (compatible; Baiduspider/2.0)", "facebookexternalhit/1.1", "WhatsApp/2.23.20", "Mozilla/5.0 (compatible; UnheardOfCrawler/0.1)",
		"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Windows NT 10.0) someone@example.org", "PTST/1 xPTST/", "Mozilla/5.0 Acunetix",
	} {
		if !c.wrote(agent) {
			t.Errorf("%q counts", agent)
		}
	}
}

func TestBrowsersCount(t *testing.T) {
	c := readCrawlers()
	for _, agent := range []string{
		firefox,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0.0.0]",
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/140.0.0.0 Mobile Safari/537.36 Instagram 400.0",
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; U; Android 12; fa-ir) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0 UCBrowser/13.4 Mobile Safari/537.36",
		"Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/34.1244; U; en) Presto/2.8.119 Version/11.10",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) coc_coc_browser/130 Chrome/130.0 Safari/537.36",
		"Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0", "Lynx/2.9.0", "w3m/0.5.3",
	} {
		if c.wrote(agent) {
			t.Errorf("%q does not count", agent)
		}
	}
}

func TestTheFinderFindsWhatLookingForEachNameFinds(t *testing.T) {
	names := []string{"\nab", "bab", "abba", "ba b", "cab", "abbacab", "bb"}
	c := newCrawlers(names)
	var try func(text string)
	try = func(text string) {
		if text != "" {
			want := slices.ContainsFunc(names, func(name string) bool { return strings.Contains("\n"+text, name) })
			if got := c.wrote(text); got != want {
				t.Errorf("%q: got %v, want %v", text, got, want)
			}
		}
		if len(text) < 6 {
			for _, next := range "abc x" {
				try(text + string(next))
			}
		}
	}
	try("")
}

// TestNothingAboutAReaderIsWritten looks for a reader in every byte of the
// spool and every row of the database.
func TestNothingAboutAReaderIsWritten(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		by := Reader{netip.MustParseAddr("203.0.113.77"), "Mozilla/5.0 (ZeldaPhone) Kestrel/17"}
		r.read(c, 1, 1)
		if !c.View([]byte(c.Mark(1)), by) {
			t.Fatal("the view was not counted")
		}
		r.must(c.keep())
		kept := everything(t, r)
		r.must(c.write(t.Context()))
		kept = append(kept, everything(t, r)...)
		if !bytes.Contains(kept, []byte("view-key")) || !bytes.Contains(kept, []byte(strconv.FormatInt(r.hour(), 36))) {
			t.Fatal("the test does not see what is kept")
		}
		origin, hash := c.seen.turn(r.now()).hashes(1, by)
		raw := binary.NativeEndian.AppendUint64(nil, hash)
		for _, trace := range []string{
			"203.0.113", "cb00714d", "\xcb\x00\x71\x4d", "ZeldaPhone", "Kestrel", string(raw), string(binary.BigEndian.AppendUint64(nil, hash)),
			fmt.Sprint(hash), fmt.Sprint(int64(hash)), hex.EncodeToString(raw), strconv.FormatUint(hash, 16), strconv.FormatUint(hash, 36),
		} {
			if bytes.Contains(kept, []byte(trace)) {
				t.Errorf("%q is kept", trace)
			}
		}
		r.pass(24 * time.Hour)
		c.tick()
		if today := c.seen.today.Load(); today.parts[origin>>(64-partBits)].exact != nil {
			t.Error("the reader is in memory the next day")
		}
	})
}

// everything is all that is on disk, and all rows.
func everything(t *testing.T, r *room) (all []byte) {
	t.Helper()
	folders := []string{r.spool}
	if r.db.Engine() == db.SQLite {
		folders = append(folders, filepath.Dir(r.db.Place()))
	}
	for _, folder := range folders {
		r.must(filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			all = append(all, text...)
			return err
		}))
	}
	if r.db.Engine() == db.SQLite {
		return all
	}
	r.must(r.db.View(t.Context(), func(tx *db.Tx) error {
		tables, err := db.List(tx, db.Value[string], `select tablename from pg_tables where schemaname = 'public'`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			rows, err := db.List(tx, db.Value[string], `select cast(t as text) from "`+table+`" t`)
			if err != nil {
				return err
			}
			all = append(all, strings.Join(rows, "\n")...)
		}
		return nil
	}))
	return all
}

func TestOldViewsAreForgotten(t *testing.T) {
	both(t, func(t *testing.T, r *room) {
		c := r.open()
		r.read(c, 1, 1)
		r.must(c.keep())
		r.must(c.write(t.Context()))
		old := r.hour()
		r.pass(rememberViews)
		r.read(c, 1, 2)
		r.must(c.Close(t.Context()))
		forget := func() {
			r.must(r.db.Update(t.Context(), func(tx *db.Tx) error { return Forget(tx, r.now()) }))
		}
		forget()
		r.expect(map[place]int64{{1, old}: 1, {1, r.hour()}: 2})
		r.pass(time.Hour)
		forget()
		r.expect(map[place]int64{{1, r.hour() - 1}: 2})
		r.must(r.db.View(t.Context(), func(tx *db.Tx) error {
			n, err := db.Find(tx, db.Value[int], `select count(*) from view_batch`)
			if n != 1 {
				t.Errorf("%d batches are remembered, want the last one", n)
			}
			return err
		}))
	})
}

func BenchmarkView(b *testing.B) {
	r := newRoom(b, dbtest.SQLite(b))
	c := r.open()
	marks := make([][]byte, 1000)
	for n := range marks {
		marks[n] = []byte(c.Mark(r.mintStory()))
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		c.View(marks[n%len(marks)], reader(n))
	}
}

func (r *room) mintStory() ref.Story { return ref.New[ref.Story](r.mint) }

func BenchmarkCrawlers(b *testing.B) {
	c := readCrawlers()
	agent := "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
	for b.Loop() {
		c.wrote(agent)
	}
}
