package app

import "broadsheet/internal/platform/event"

// heard is called for every event, once on this node, in order: what pages show
// has changed, and there may be work to do.
func (n *Newsroom) heard(e event.Event) {
	switch {
	case n.site == nil:
	case e.Missed:
		n.site.Clear()
	default:
		n.site.Drop(e.Tags, e.Purge)
	}
	for _, queue := range n.queues {
		queue.Nudge()
	}
}
