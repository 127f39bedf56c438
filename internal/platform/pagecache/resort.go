package pagecache

import "fmt"

// reach finds the last resort of a flight: what memory has, or else the loft. It
// may be purged the moment after, so who gives it asks good first.
func (c *Cache) reach(f *flight) {
	c.mu.Lock()
	copied := c.drops.n
	if c.good(f) {
		c.mu.Unlock()
		return
	}
	if s := c.shelf.lastResort(f.key); s != nil {
		f.copy, f.copied = s.entry, copied
		c.mu.Unlock()
		return
	}
	c.mu.Unlock()
	e := c.loft.read(f.key)
	if e == nil {
		return
	}
	c.mu.Lock()
	f.copy, f.copied = e, copied
	c.mu.Unlock()
}

// good says whether a flight has a last resort that was not purged since it was
// found. Purges are remembered only until the flight lands.
func (c *Cache) good(f *flight) bool {
	return f.copy != nil && !c.drops.purgedSince(f.copied, f.copy.tags)
}

// fallBack answers a failed render with an older copy, if there is one.
func (c *Cache) fallBack(f *flight) {
	if f.away && c.good(f) {
		f.entry, f.stale, f.err = f.copy, true, nil
		c.stale.Add(1)
	}
}

// inPlace is the copy for a reader whose patience is at its end. A flight that
// has landed has a better answer.
func (c *Cache) inPlace(f *flight) *Entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.landed || !c.good(f) {
		return nil
	}
	c.late.Add(1)
	return f.copy
}

// panicked is the panic of a render that ran aside, for its leader to panic with
// if it still waits. If nobody does, the next render will tell.
type panicked struct {
	value any
	stack []byte
}

// Error returns the panic with the stack of its render.
func (p *panicked) Error() string { return fmt.Sprintf("%v, rendering aside:\n%s", p.value, p.stack) }
