package pagecache

// maxDrops bounds the memory of drops: beyond it all renders under way count as
// spoiled, which costs a render and never truth.
const maxDrops = 10_000

// drops remembers which tags were dropped since the oldest render under way
// began. Nothing is remembered while nothing renders.
type drops struct {
	// n counts the drops.
	n uint64
	// floor: whatever began before it is spoiled.
	floor    uint64
	at       map[Tag]uint64
	watchers int
}

func (d *drops) note(tags []Tag) {
	d.n++
	if d.watchers == 0 {
		return
	}
	for _, tag := range tags {
		d.at[tag] = d.n
	}
	if len(d.at) > maxDrops {
		d.floor = d.n
		clear(d.at)
	}
}

func (d *drops) noteAll() {
	d.n++
	d.floor = d.n
	clear(d.at)
}

// since says whether one of tags was dropped after the first began drops.
func (d *drops) since(began uint64, tags []Tag) bool {
	if began < d.floor {
		return true
	}
	if began == d.n {
		return false
	}
	for _, tag := range tags {
		if d.at[tag] > began {
			return true
		}
	}
	return false
}

func (d *drops) unwatch() {
	if d.watchers--; d.watchers == 0 {
		clear(d.at)
	}
}
