package search

import (
	"fmt"
	"strconv"
	"strings"

	"broadsheet/internal/platform/db"
)

// index is an index on any engine.
type index struct{ engine }

// batchFacet is the facet of the documents of an import.
func batchFacet(batch int64) string { return "batch" + strconv.FormatInt(batch, 10) }

func (x index) Prepare(d Document) Entry {
	facets := strings.Join(d.Facets, " ")
	if d.Batch != 0 {
		d.Facets = append(d.Facets[:len(d.Facets):len(d.Facets)], batchFacet(d.Batch))
	}
	return Entry{number(d), d.Story, d.Batch, d.State, d.Edition, facets, x.text(lexemes(d))}
}

func (x index) Put(tx *db.Tx, e Entry) error {
	if err := x.Remove(tx, e.story); err != nil {
		return err
	}
	return x.Add(tx, e)
}

func (x index) Add(tx *db.Tx, e Entry) error {
	for {
		taken, err := x.add(tx, e)
		if err != nil {
			return fmt.Errorf("index story %d: %w", e.story, err)
		}
		if !taken {
			return nil
		}
		e.document++
	}
}

func (x index) Remove(tx *db.Tx, story int64) error {
	if err := x.remove(tx, story); err != nil {
		return fmt.Errorf("forget the words of story %d: %w", story, err)
	}
	return nil
}

// hidden are the imports that are not live.
func hidden(tx *db.Tx) ([]string, error) {
	batches, err := db.List(tx, db.Value[int64], `select id from batch where state <> 'live' order by id limit 10000`)
	if err != nil {
		return nil, fmt.Errorf("look which imports are not live: %w", err)
	}
	facets := make([]string, len(batches))
	for n, id := range batches {
		facets[n] = batchFacet(id)
	}
	return facets, nil
}

// asked is a query made ready.
type asked struct {
	asker
	in     span
	hidden []string
	facets [][]string
	// nothing says that nothing was asked.
	nothing bool
}

func (x index) prepare(tx *db.Tx, q Query) (a asked, err error) {
	a = asked{asker: asker{prefix(q.Edition), Terms(q.Text, q.Language)}, in: within(q.From, q.Until), facets: q.Facets}
	a.nothing = len(a.terms) == 0 && (strings.TrimSpace(q.Text) != "" || len(q.Facets) == 0 && q.From.IsZero() && q.Until.IsZero())
	if a.nothing {
		return a, nil
	}
	if err := x.ready(tx); err != nil {
		return a, err
	}
	a.hidden, err = hidden(tx)
	return a, err
}

// everything is all that the query finds.
func (x index) everything(a asked) string {
	var e expression
	if len(a.terms) > 0 {
		e = a.each(a.anywhere)
	}
	return x.match(a.narrowed(e, a.facets, a.hidden))
}

func (x index) Find(tx *db.Tx, q Query) ([]Hit, error) {
	a, err := x.prepare(tx, q)
	if err != nil || a.nothing {
		return nil, err
	}
	tiers := []expression{nil}
	if len(a.terms) > 0 {
		tiers = []expression{a.each(a.anywhere)}
		if q.Order == Best {
			tiers = a.tiers()
		}
	}
	var hits []Hit
	for n := max(0, q.Behind.Tier-1); n < len(tiers) && len(hits) < q.Limit; n++ {
		in := a.in
		if n == q.Behind.Tier-1 {
			in.until = min(in.until, q.Behind.Document)
		}
		found, err := x.newest(tx, x.match(a.narrowed(tier(tiers, n), a.facets, a.hidden)), in, q.Limit-len(hits))
		if err != nil {
			return nil, fmt.Errorf("search for %q: %w", q.Text, err)
		}
		for _, f := range found {
			hits = append(hits, Hit{f.story, Place{n + 1, f.document}})
		}
	}
	return hits, nil
}

// tier is what is in a tier and in none before it.
func tier(tiers []expression, n int) expression {
	if n == 0 {
		return tiers[0]
	}
	return without{tiers[n], either(tiers[:n:n])}
}

func (x index) Count(tx *db.Tx, q Query) (int, error) {
	a, err := x.prepare(tx, q)
	if err != nil || a.nothing {
		return 0, err
	}
	n, err := x.count(tx, x.everything(a), a.in, Counted+1)
	if err != nil {
		return 0, fmt.Errorf("count what a search for %q finds: %w", q.Text, err)
	}
	return n, nil
}

func (x index) Tally(tx *db.Tx, q Query) (Tally, error) {
	t := Tally{Facets: map[string]int{}}
	a, err := x.prepare(tx, q)
	if err != nil || a.nothing {
		return t, err
	}
	found, err := x.facets(tx, x.everything(a), a.in, Counted+1)
	if err != nil {
		return t, fmt.Errorf("count what a search for %q finds: %w", q.Text, err)
	}
	if t.Count = len(found); t.Count > Counted {
		t.Count, t.More, found = Counted, true, found[:Counted]
	}
	for _, facets := range found {
		for facet := range strings.FieldsSeq(facets) {
			t.Facets[facet]++
		}
	}
	return t, nil
}
