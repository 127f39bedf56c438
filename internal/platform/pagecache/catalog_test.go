package pagecache

import (
	"fmt"
	"hash/maphash"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"
)

// shelved are tags like those of a story: its own, some that a few share, some
// that many do, and what every page has.
func shelved(i int) []Tag {
	return distinct([]Tag{
		Tag(fmt.Sprintf("story:%d", 1<<40+i)), Tag(fmt.Sprintf("asset:%d", 1<<40+i)),
		Tag(fmt.Sprintf("author:%d", i%500)), Tag(fmt.Sprintf("topic:%d", i%2000)), Tag(fmt.Sprintf("topic:%d", i%1999)),
		Tag(fmt.Sprintf("section:%d", i%30)), Tag(fmt.Sprintf("latest:%d", i%3)), Tag(fmt.Sprintf("front:%d", i%3)), "edition:en", "frame",
	})
}

func TestTheCatalogCostsWhatItSays(t *testing.T) {
	const pages = 100_000
	shapes := map[string]func(i int) []Tag{
		"ten tags": shelved,
		"no tags":  func(int) []Tag { return nil },
		"one own":  func(i int) []Tag { return []Tag{Tag(fmt.Sprintf("story:%d", 1<<40+i))} },
	}
	for name, tags := range shapes {
		var g catalog
		before := heapNow()
		g.init(maphash.MakeSeed())
		for i := range pages {
			g.add(nameOf(fmt.Sprint("host/some/longish/path/", i)), tags(i))
		}
		used, cost := heapNow()-before, g.cost.Load()
		t.Logf("%s: %d bytes an entry, %d said", name, used/pages, cost/pages)
		if used > cost || used < cost/2 {
			t.Errorf("%s: uses %d kB, says %d", name, used>>10, cost>>10)
		}
		// Worn by replacing and removing, it takes no more.
		for i := range 3 * pages {
			g.cut(g.oldest)
			id := g.add(nameOf(fmt.Sprint("new", i)), tags(i))
			g.retag(id, tags(i+1))
		}
		if used, cost := heapNow()-before, g.cost.Load(); used > cost+cost/5 {
			t.Errorf("%s, worn: uses %d kB, says %d", name, used>>10, cost>>10)
		}
		t.Logf("%s, worn: %d bytes an entry, %d said", name, (heapNow()-before)/pages, g.cost.Load()/pages)
		runtime.KeepAlive(&g)
	}
}

func heapNow() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestTheCatalogFindsTheCarriersOfATag compares with the simplest one there is.
func TestTheCatalogFindsTheCarriersOfATag(t *testing.T) {
	var g catalog
	g.init(maphash.MakeSeed())
	rnd := rand.New(rand.NewPCG(7, 8))
	plain := map[name][]Tag{}
	var order []name
	some := func() (tags []Tag) {
		for range rnd.IntN(6) {
			tags = append(tags, Tag(fmt.Sprint(rnd.IntN(40))))
		}
		return distinct(tags)
	}
	for range 20_000 {
		n := nameOf(fmt.Sprint(rnd.IntN(300)))
		order = slices.DeleteFunc(order, func(o name) bool { return o == n })
		switch id := g.find(n); {
		case id == 0:
			plain[n] = some()
			g.add(n, plain[n])
			order = append(order, n)
		case rnd.IntN(3) == 0:
			delete(plain, n)
			g.cut(id)
		default:
			plain[n] = some()
			g.retag(id, plain[n])
			g.touch(id)
			order = append(order, n)
		}
		tag := Tag(fmt.Sprint(rnd.IntN(40)))
		var got, want []name
		for _, id := range g.carriers(tag) {
			got = append(got, g.records.at(id).name)
		}
		for n, tags := range plain {
			if slices.Contains(tags, tag) {
				want = append(want, n)
			}
		}
		if !slices.Equal(sorted(got), sorted(want)) {
			t.Fatalf("%s: got %d carriers, want %d", tag, len(got), len(want))
		}
	}
	var used []name
	for id := g.oldest; id != 0; id = g.records.at(id).newer {
		used = append(used, g.records.at(id).name)
	}
	if !slices.Equal(used, order) {
		t.Errorf("the order of use is another")
	}
	for n := range maps.Clone(plain) {
		g.cut(g.find(n))
	}
	if g.cost.Load() != 0 || len(g.byTag)+len(g.ids) != 0 || g.oldest+g.newest != 0 {
		t.Errorf("emptied: costs %d, has %d tags", g.cost.Load(), len(g.byTag))
	}
}

func sorted(names []name) []name {
	slices.SortFunc(names, func(a, b name) int { return slices.Compare(a[:], b[:]) })
	return names
}

// BenchmarkWriteToTheLoft is the keeper's work for a page of 64 kB.
func BenchmarkWriteToTheLoft(b *testing.B) {
	c := New(Options{MaxBytes: 8 << 20})
	defer c.Close()
	var body []byte
	for i := 0; len(body) < 64_000; i++ {
		body = fmt.Appendf(body, "<p class=\"par\">Paragraph %d, about %x.</p>\n", i, i*i*7919)
	}
	e, err := c.packer.entry(&Page{Type: "text/html", Body: body, Tags: shelved(1)})
	if err != nil {
		b.Fatal(err)
	}
	root, err := os.OpenRoot(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer root.Close()
	l := &loft{}
	l.root.Store(root)
	i := 0
	for b.Loop() {
		i++
		l.crate = e.crate(l.crate, "host/some/longish/path")
		if err := l.write(nameOf(fmt.Sprint(i%20_000)).path(), l.crate); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(l.crate)), "bytes")
}

// BenchmarkPurgeOfOneInAHundredThousand is the catalog's part of a withdrawal.
func BenchmarkPurgeOfOneInAHundredThousand(b *testing.B) {
	var g catalog
	g.init(maphash.MakeSeed())
	for i := range 100_000 {
		g.add(nameOf(fmt.Sprint(i)), shelved(i))
	}
	i := 0
	for b.Loop() {
		i = (i + 1) % 100_000
		for _, id := range g.carriers(Tag(fmt.Sprintf("story:%d", 1<<40+i))) {
			n := g.records.at(id).name
			g.cut(id)
			g.add(n, shelved(i))
		}
	}
}
