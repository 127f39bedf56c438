package pagecache

// maxDrops bounds the memory of drops: beyond it all renders under way count as
// spoiled, which costs a render and never truth.
const maxDrops = 10_000

// drops remembers which tags were dropped since the oldest render under way
// began, and which of them were purged. Nothing is remembered while nothing
// renders.
type drops struct {
	// n counts the drops.
	n        uint64
	all      marks
	purges   marks
	watchers int
}

// marks say at which drop a tag was touched last.
type marks struct {
	// floor: whatever began before it is spoiled.
	floor uint64
	at    map[Tag]uint64
}

func (d *drops) init() {
	d.all.at, d.purges.at = map[Tag]uint64{}, map[Tag]uint64{}
}

func (d *drops) note(tags []Tag) {
	d.n++
	if d.watchers > 0 {
		d.all.set(tags, d.n)
	}
}

func (d *drops) notePurge(tags []Tag) {
	d.note(tags)
	if d.watchers > 0 {
		d.purges.set(tags, d.n)
	}
}

func (d *drops) noteAll() {
	d.n++
	d.all.raise(d.n)
	d.purges.raise(d.n)
}

// since says whether one of tags was dropped after the first began drops.
func (d *drops) since(began uint64, tags []Tag) bool { return d.all.since(began, d.n, tags) }

// purgedSince says the same of purges.
func (d *drops) purgedSince(began uint64, tags []Tag) bool { return d.purges.since(began, d.n, tags) }

func (d *drops) unwatch() {
	if d.watchers--; d.watchers == 0 {
		clear(d.all.at)
		clear(d.purges.at)
	}
}

func (m *marks) set(tags []Tag, n uint64) {
	for _, tag := range tags {
		m.at[tag] = n
	}
	if len(m.at) > maxDrops {
		m.raise(n)
	}
}

func (m *marks) raise(n uint64) {
	m.floor = n
	clear(m.at)
}

func (m *marks) since(began, n uint64, tags []Tag) bool {
	if began < m.floor {
		return true
	}
	if began == n {
		return false
	}
	for _, tag := range tags {
		if m.at[tag] > began {
			return true
		}
	}
	return false
}
