package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"
)

// taken is one backup with the time in which it was made.
type taken struct {
	file          string
	began, ended  time.Time
	took, restore time.Duration
}

// backups is R12 as far as one file goes: backups while serving, all restored.
func backups(ctx context.Context, r *run) error {
	url, err := r.engine(ctx)
	if err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data"), url)
	if err != nil {
		return err
	}
	n, err := room.node(ctx)
	if err != nil {
		return err
	}
	want := r.size(20, 3)
	writing, stop := context.WithCancel(ctx)
	defer stop()
	// Eight writers, each six times a second and a bit: fifty writes a second.
	c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: 1 << 30, each: time.Second * writers / 50, patience: time.Minute}
	var all sync.WaitGroup
	var failure error
	began := time.Now()
	all.Go(func() { failure = c.write(writing, writers, r.seed) })
	made, err := r.backUp(ctx, room, want)
	rate := float64(r.ledger.done()) / time.Since(began).Seconds()
	stop()
	all.Wait()
	if err == nil {
		err = failure
	}
	if err != nil {
		return err
	}
	c.answered()
	r.report.atLeast("writes a second meanwhile", rate, "", float64(r.size(30, 10)))
	var tooks, restores []time.Duration
	for number := range made {
		b := &made[number]
		if err := r.restored(ctx, room, b, number); err != nil {
			return fmt.Errorf("backup %d: %w", number+1, err)
		}
		tooks, restores = append(tooks, b.took), append(restores, b.restore)
		r.say("backup %d of %d restored and compared", number+1, len(made))
	}
	r.report.exactly("backups made and restored", len(restores), want)
	r.report.took("a backup", tooks, 0, 0, 0)
	r.report.took("a restore until it serves", restores, 0, 0, 0)
	return r.verdict(ctx, room, n.url())
}

// backUp makes backups, a moment apart.
func (r *run) backUp(ctx context.Context, room *newsroom, want int) ([]taken, error) {
	var made []taken
	for n := range want {
		pause(ctx, time.Duration(r.size(2000, 700))*time.Millisecond)
		b := taken{file: r.folder(fmt.Sprintf("backup-%d", n+1)), began: time.Now()}
		if _, err := r.cli(ctx, append([]string{"backup", b.file}, room.where()...)...); err != nil {
			return made, err
		}
		b.ended = time.Now()
		b.took = b.ended.Sub(b.began)
		made = append(made, b)
	}
	return made, nil
}

// restored brings a backup back into a new place and compares it with the
// ledger of the time in which it was made.
func (r *run) restored(ctx context.Context, of *newsroom, b *taken, number int) error {
	data, url := r.folder(fmt.Sprintf("restored-%d", number+1)), ""
	if of.url != "" {
		var err error
		if url, err = r.borrowed(ctx, of.url); err != nil {
			return err
		}
	}
	began := time.Now()
	if _, err := r.cli(ctx, append([]string{"restore", b.file}, whereabouts(data, url)...)...); err != nil {
		return err
	}
	room := &newsroom{r: r, data: data, url: url, section: of.section}
	n, err := room.node(ctx)
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	defer n.stop()
	b.restore = time.Since(began)
	// Secrets may be new on a restored newsroom: a token is made there.
	if room.editor, err = room.token(ctx, "editor@paper.example", "read,write,publish"); err != nil {
		return err
	}
	histories := r.ledger.histories()
	possible := make([][]state, len(histories))
	for i, h := range histories {
		possible[i] = h.between(b.began, b.ended)
	}
	j := room.judge(n.url())
	found, err := j.these(ctx, possible)
	if err != nil {
		return err
	}
	r.report.found(found...)
	return r.oneMoment(ctx, j, histories, possible)
}

// oneMoment checks that a backup shows one moment: where a deed is in it, every
// deed that was acknowledged before that one was asked for is in it too.
func (r *run) oneMoment(ctx context.Context, j *judge, histories []history, possible [][]state) error {
	var newest time.Time
	present := make([]int, len(histories))
	for n, states := range possible {
		last := states[len(states)-1]
		if last.id == "" || len(states) == 1 {
			present[n] = last.deeds
			continue
		}
		saw, err := j.look(ctx, last)
		if err != nil {
			return err
		}
		saw.lists = nil
		for i := len(states) - 1; i >= 0; i-- {
			if j.compareOne(states[i], saw) {
				present[n] = states[i].deeds
				break
			}
		}
		if sent := nthSent(histories[n], present[n]); sent.After(newest) && states[0].deeds < present[n] {
			newest = sent
		}
	}
	for n, h := range histories {
		next := nth(h, present[n]+1)
		if next != nil && !next.acked.IsZero() && next.acked.Before(newest) {
			r.report.found(finding{lost, next.Own, "backup", fmt.Sprintf("without its deed %d", present[n]+1), "all that was acknowledged before what is there was asked for"})
		}
	}
	return nil
}

// compareOne tells whether what was seen of a story is a state.
func (j *judge) compareOne(s state, saw sights) bool {
	if saw.deskState == http.StatusNotFound {
		return !s.there()
	}
	return len(j.compare(s, saw)) == 0
}

// nth is the nth deed that was not refused, from 1; nil when there is none.
func nth(h history, n int) *entry {
	for i := range h {
		if h[i].refused {
			continue
		}
		if n--; n == 0 {
			return &h[i]
		}
	}
	return nil
}

func nthSent(h history, n int) time.Time {
	if e := nth(h, n); e != nil {
		return e.sent
	}
	return time.Time{}
}
