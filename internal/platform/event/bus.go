package event

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Bus is one node's end of what connects the nodes of a newsroom. It carries
// nudges and nothing else. A nudge may be lost, doubled, late or false: it says
// that there may be something new, and the outbox says what.
type Bus interface {
	// Nudge tells the other nodes. It may wait for the network, a second or two
	// and no longer; an error says that they hear of it by polling.
	Nudge() error
	// Hear has heard called for each nudge of another node, and when some may
	// have been missed. heard must not wait. There is one, set once.
	Hear(heard func())
	// Connected tells whether nudges can go and come.
	Connected() bool
	// Ignored counts the messages that were no nudge this program knows: those of
	// another version, or of somebody else.
	Ignored() int64
	// Close takes the node off the bus. Nothing is heard afterwards.
	Close() error
}

// ErrAddress says that a text is not the address of a bus.
var ErrAddress = errors.New("not the address of a bus")

// OpenBus opens the bus at an address for the nodes of the newsroom with a
// name: nats:// or tls://, or nothing for a node that is alone. See Dial.
func OpenBus(address, newsroom string) (Bus, error) {
	switch {
	case address == "":
		return new(Local).Node(), nil
	case strings.HasPrefix(address, "nats://"), strings.HasPrefix(address, "tls://"):
		return Dial(address, newsroom)
	}
	return nil, fmt.Errorf("%w: it begins with nats:// or tls://, as in nats://user:password@host:4222; a node that is alone has none", ErrAddress)
}

// Local connects nodes within one program. Its zero value is ready.
type Local struct {
	mu    sync.Mutex
	nodes map[*localNode]bool
}

// Node returns the end of one more node.
func (l *Local) Node() Bus {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.nodes == nil {
		l.nodes = map[*localNode]bool{}
	}
	n := &localNode{on: l, heard: func() {}}
	l.nodes[n] = true
	return n
}

type localNode struct {
	on    *Local
	heard func()
}

func (n *localNode) Nudge() error {
	n.on.mu.Lock()
	defer n.on.mu.Unlock()
	if !n.on.nodes[n] {
		return errClosed
	}
	for other := range n.on.nodes {
		if other != n {
			other.heard()
		}
	}
	return nil
}

func (n *localNode) Hear(heard func()) {
	n.on.mu.Lock()
	defer n.on.mu.Unlock()
	n.heard = heard
}

func (n *localNode) Connected() bool {
	n.on.mu.Lock()
	defer n.on.mu.Unlock()
	return n.on.nodes[n]
}

func (n *localNode) Ignored() int64 { return 0 }

func (n *localNode) Close() error {
	n.on.mu.Lock()
	defer n.on.mu.Unlock()
	delete(n.on.nodes, n)
	return nil
}

// errClosed is what a closed bus answers.
var errClosed = errors.New("the bus is closed")
