package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// failover is R9: the primary dies and its standby takes over.
func failover(ctx context.Context, r *run) error {
	r.asked("postgres")
	primary, err := r.postgres(ctx, "primary")
	if err != nil {
		return err
	}
	standby, err := r.standby(ctx, primary, "standby")
	if err != nil {
		return err
	}
	room, err := r.newsroom(ctx, r.folder("data"), pair(primary, standby))
	if err != nil {
		return err
	}
	n, err := room.node(ctx)
	if err != nil {
		return err
	}
	rounds, deeds := r.size(20, 1), r.size(10_000, 300)
	c := &crew{ledger: r.ledger, report: r.report, room: room, url: n.url(), want: 1 << 30, patience: 2 * time.Minute, steady: true}
	reading := &reading{ended: func() {}, bad: map[string]int{}}
	// The writers are at work through all failovers, and until there are enough
	// deeds.
	writing, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	var failure error
	ended := make(chan struct{})
	all.Go(func() {
		defer close(ended)
		failure = c.write(writing, writers, r.seed)
	})
	var gaps []time.Duration
	for round := range rounds {
		if err := r.until(ctx, ended, (round+1)*deeds/(rounds+1)); err != nil {
			break
		}
		if round == 0 {
			reading = r.readAll(ctx, n.url())
			defer reading.stop()
		}
		gap, err := r.promote(ctx, primary, standby)
		if err != nil {
			return fmt.Errorf("failover %d: %w", round+1, err)
		}
		gaps = append(gaps, gap)
		r.say("failover %d of %d, write gap %v, %s", round+1, rounds, gap.Round(time.Millisecond), r.ledger.summary())
		if primary, standby, err = swap(ctx, primary, standby); err != nil {
			return fmt.Errorf("failover %d: %w", round+1, err)
		}
	}
	if err := r.until(ctx, ended, deeds); err != nil {
		r.report.note("the writers ended early: %v", err)
	}
	stop()
	all.Wait()
	reading.stop()
	if failure != nil {
		return failure
	}
	c.answered()
	r.report.exactly("failovers", len(gaps), rounds)
	r.report.took("write gap", gaps, 0, 0, 15*time.Second)
	r.report.atLeast("acknowledged", float64(r.ledger.done()), "", float64(deeds))
	reading.judged(r.report, "meanwhile", r.size(100_000, 1000))
	return r.verdict(ctx, room, n.url())
}

// pair is the address of two servers of which one takes writes.
func pair(a, b *postgres) string {
	return fmt.Sprintf("postgres://broadsheet@127.0.0.1:%d,127.0.0.1:%d/paper?sslmode=disable&target_session_attrs=read-write&connect_timeout=2", a.port, b.port)
}

// standby makes a copy of a server that follows it, and has the server
// acknowledge nothing that the copy has not got.
func (r *run) standby(ctx context.Context, of *postgres, name string) (*postgres, error) {
	p, err := r.bare(name)
	if err != nil {
		return nil, err
	}
	return p, p.follow(ctx, of)
}

// follow copies a server and follows it.
func (p *postgres) follow(ctx context.Context, of *postgres) error {
	if err := os.RemoveAll(p.data()); err != nil {
		return fmt.Errorf("clear a server's folder: %w", err)
	}
	from := fmt.Sprintf("host=127.0.0.1 port=%d user=broadsheet application_name=standby", of.port)
	if _, err := p.as(ctx, "pg_basebackup", "-d", from, "-D", p.data(), "-R", "-X", "stream", "-c", "fast"); err != nil {
		return err
	}
	if err := p.start(ctx); err != nil {
		return err
	}
	for _, statement := range []string{"alter system set synchronous_standby_names = '*'", "select pg_reload_conf()"} {
		if _, err := of.ask(ctx, statement); err != nil {
			return err
		}
	}
	return patience(ctx, time.Minute, 100*time.Millisecond, func() error {
		rows, err := of.ask(ctx, "select sync_state from pg_stat_replication")
		if err == nil && strings.Join(rows, "") != "sync" {
			err = fmt.Errorf("the standby is %q, not sync", strings.Join(rows, ""))
		}
		return err
	})
}

// promote kills the primary and makes the standby the one that takes writes. The
// gap is the time from the death to the next acknowledged deed.
func (r *run) promote(ctx context.Context, primary, standby *postgres) (time.Duration, error) {
	died := time.Now()
	primary.die()
	// The new primary has nobody that follows it yet, and must not wait for one.
	if err := standby.alone(); err != nil {
		return 0, err
	}
	if _, err := standby.as(ctx, "pg_ctl", "-D", standby.data(), "-w", "promote"); err != nil {
		return 0, err
	}
	promoted := r.ledger.done()
	if err := patience(ctx, 2*time.Minute, 5*time.Millisecond, func() error {
		if r.ledger.done() == promoted {
			return fmt.Errorf("nothing is acknowledged")
		}
		return nil
	}); err != nil {
		return 0, err
	}
	return time.Since(died), nil
}

// alone takes the wait for a standby out of a server's settings, which were
// copied with everything else.
func (p *postgres) alone() error {
	at := filepath.Join(p.data(), "postgresql.auto.conf")
	text, err := os.ReadFile(at)
	if err != nil {
		return fmt.Errorf("read a server's settings: %w", err)
	}
	var kept strings.Builder
	for line := range strings.Lines(string(text)) {
		if !strings.HasPrefix(line, "synchronous_standby_names") {
			kept.WriteString(line)
		}
	}
	// The file is the server's own: it is written in place, so that it stays so.
	if err := os.WriteFile(at, []byte(kept.String()), 0o600); err != nil {
		return fmt.Errorf("write a server's settings: %w", err)
	}
	return nil
}

// swap makes the dead server a standby of the new primary.
func swap(ctx context.Context, dead, alive *postgres) (primary, standby *postgres, err error) {
	os.Remove(filepath.Join(dead.data(), "postmaster.pid"))
	return alive, dead, dead.follow(ctx, alive)
}
