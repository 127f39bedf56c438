package main

import "time"

// history is what was done to one story, in order. One writer works on a story
// and begins a deed only when the one before was answered, so that at any
// moment at most the last one is unknown.
type history []entry

// state is what a story must look like after some of its deeds.
type state struct {
	// deeds is how many of the history are in it.
	deeds int
	id    string
	own   string
	// draft is the sum of the newest save; saves are the sums of all.
	draft string
	saves []string

	live, gone bool
	version    int
	// sum, headline and address are those that readers see.
	sum, headline, address string
	// publications counts those that made a version.
	publications  int
	draftHeadline string
}

// there tells whether the story exists.
func (s state) there() bool { return s.draft != "" }

// after is the state once a deed has happened.
func (s state) after(e entry) state {
	s.deeds++
	s.own = e.Own
	if e.Story != "" {
		s.id = e.Story
	}
	switch e.Act {
	case creating, saving:
		s.draft, s.draftHeadline = e.Sum, e.Headline
		s.saves = append(s.saves[:len(s.saves):len(s.saves)], e.Sum)
	case publishing, correcting:
		s.live, s.gone = true, false
		s.sum, s.headline = s.draft, s.draftHeadline
		s.publications++
		s.version = known(e.Version, s.version+1)
	case withdrawing:
		s.live, s.gone = false, true
	case restoring:
		// Readers get the text of before, as a version of its own.
		s.live, s.gone = true, false
		s.publications++
		s.version = known(e.Version, s.version+1)
	}
	if e.Address != "" {
		s.address = e.Address
	}
	return s
}

func known(told, guessed int) int {
	if told > 0 {
		return told
	}
	return guessed
}

// between are the states that a story may be in when somebody looked at it in
// the time from one moment to another: at least what was acknowledged before the
// first, at most what was sent before the second. The oldest comes first.
func (h history) between(from, to time.Time) []state {
	var s state
	possible := []state{s}
	for _, e := range h {
		if e.refused {
			continue
		}
		if !e.sent.Before(to) {
			break
		}
		s = s.after(e)
		if !e.acked.IsZero() && e.acked.Before(from) {
			possible = possible[:0]
		}
		possible = append(possible, s)
	}
	return possible
}

// now are the states that a story may be in at this moment.
func (h history) now() []state {
	now := time.Now()
	return h.between(now, now)
}
