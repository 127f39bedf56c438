package main

import (
	"context"
	"fmt"
	"time"
)

// The goals of an import of everything.
const (
	goalImport       = 60 * time.Second
	goalImportMemory = 300
	goalImportAgain  = 10 * time.Second
)

// importing measures how long it takes to bring in an archive, and that doing it
// again changes nothing. It runs once, not in rounds: an import is long enough
// that what else the machine does evens out.
func (b *bench) importing(ctx context.Context) error {
	articles, err := b.corpus()
	if err != nil {
		return err
	}
	dir, err := b.newsroom(ctx, "large")
	if err != nil {
		return err
	}
	first, err := b.importAll(ctx, dir, articles)
	if err != nil {
		return err
	}
	again, err := b.importAll(ctx, dir, articles)
	if err != nil {
		return err
	}
	b.imported = dir
	judgeImports(b.report, first, again)
	return nil
}

func judgeImports(r *report, first, again arrival) {
	named := func(name, unit, note string) figure {
		return figure{Part: partImport, Name: name, Unit: unit, Note: note}
	}
	note := fmt.Sprintf("%d items, %d added, %d refused", first.items, first.added, first.refused)
	r.goal(named("import of everything: time", "s", note), atMost, goalImport.Seconds(), first.took.Seconds())
	r.goal(named("import of everything: most memory", "MB", ""), atMost, goalImportMemory, first.peak)
	r.goal(named("the same again: time", "s", fmt.Sprintf("%d unchanged", again.unchanged)), atMost, goalImportAgain.Seconds(), again.took.Seconds())
	r.goal(named("the same again: added or updated", "", ""), atMost, 0, float64(again.added+again.updated))
	r.tell(named("the same again: most memory", "MB", ""), again.peak)
	r.tell(named("items per second", "", ""), float64(first.items)/first.took.Seconds())
}
