package app

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/event"
	"broadsheet/internal/platform/hook"
	"broadsheet/internal/platform/job"
	"broadsheet/internal/web/api"
)

// The kinds of jobs that are this room's own.
const (
	// tidying removes what nobody needs any more, once a day.
	tidying = "tidy"
	// ranking ranks Most Viewed, once a minute.
	ranking = "rank"
)

// How long is remembered what nobody needs after that: events, far longer than
// any node is behind; jobs that are done; receipts that were good; deliveries;
// what was answered to requests with a key; and sessions that ended.
const (
	keepEvents     = 7 * 24 * time.Hour
	keepJobs       = 7 * 24 * time.Hour
	keepReceipts   = 90 * 24 * time.Hour
	keepDeliveries = 30 * 24 * time.Hour
	keepKeys       = 7 * 24 * time.Hour
	keepSessions   = 30 * 24 * time.Hour
)

// deliverers is how many webhooks are told at the same time.
const deliverers = 3

// line up the jobs of this node: kinds that must not wait for each other have
// queues of their own.
func (n *Newsroom) lineUp() {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	queue := func(kinds map[string]job.Do) {
		name := fmt.Sprintf("%s-%d-%d", host, os.Getpid(), n.Mint.Next())
		n.queues = append(n.queues, job.New(n.DB, name, n.now, kinds))
	}
	queue(map[string]job.Do{publish.Due: n.Desk.PublishDue})
	queue(map[string]job.Do{publish.Prove: n.prove})
	for range deliverers {
		queue(map[string]job.Do{hook.Kind: n.Hooks.Deliver})
	}
	queue(map[string]job.Do{redact.Job: n.Redactions.Run})
	queue(map[string]job.Do{publish.Indexing: n.indexAll})
	queue(map[string]job.Do{tidying: n.tidy, ranking: n.rank})
}

// plan asks for the jobs that come back by themselves, where none is waiting.
func (n *Newsroom) plan(ctx context.Context) error {
	return n.DB.Update(ctx, func(tx *db.Tx) error {
		for kind, next := range map[string]job.Job{tidying: tidyOn(n.now()), ranking: rankAt(n.now())} {
			waiting, err := job.Waiting(tx, kind)
			if err != nil {
				return err
			}
			if waiting {
				continue
			}
			if err := job.AddOnce(tx, next); err != nil {
				return err
			}
		}
		return n.planIndexing(tx)
	})
}

// planIndexing asks for an indexing at the start and once a day, unless one waits.
func (n *Newsroom) planIndexing(tx *db.Tx) error {
	waiting, err := job.Waiting(tx, publish.Indexing)
	if err != nil || waiting {
		return err
	}
	return n.Desk.IndexSoon(tx)
}

// indexAll brings the search index up to what is live.
func (n *Newsroom) indexAll(ctx context.Context, _ job.Job) error {
	made, err := n.Desk.Index(ctx)
	if made > 0 {
		slog.Info("the search index was brought up to date", "stories", made)
	}
	return err
}

// tidyOn is the tidying of a day. Its identity is the day's number, so that
// there is one, whoever asks for it; those that are minted are far larger.
func tidyOn(day time.Time) job.Job {
	const seconds = 24 * 60 * 60
	return job.Job{ID: day.Unix() / seconds, Kind: tidying, RunAt: day}
}

// rankAt is the ranking of a minute. Its identity is the minute's number, which
// is larger than any day's.
func rankAt(minute time.Time) job.Job {
	return job.Job{ID: minute.Unix() / 60, Kind: ranking, RunAt: minute}
}

// tidy forgets what is old, sweeps what unfinished imports left, and comes back
// tomorrow.
func (n *Newsroom) tidy(ctx context.Context, _ job.Job) error {
	if err := n.Desk.Sweep(ctx, false); err != nil {
		return err
	}
	now := n.now()
	return n.DB.Update(ctx, func(tx *db.Tx) error {
		for _, forget := range []func() error{
			func() error { return n.Log.Forget(tx, now.Add(-keepEvents)) },
			func() error { return job.Forget(tx, now.Add(-keepJobs)) },
			func() error { return publish.ForgetReceipts(tx, now.Add(-keepReceipts)) },
			func() error { return n.Hooks.Forget(tx, now.Add(-keepDeliveries)) },
			func() error { return api.ForgetKeys(tx, now.Add(-keepKeys)) },
			func() error { return readership.Forget(tx, now) },
			func() error { return staff.ForgetSessions(tx, now.Add(-keepSessions)) },
		} {
			if err := forget(); err != nil {
				return err
			}
		}
		if err := n.planIndexing(tx); err != nil {
			return err
		}
		return job.AddOnce(tx, tidyOn(now.AddDate(0, 0, 1)))
	})
}

// rank ranks Most Viewed, and comes back in a minute.
func (n *Newsroom) rank(ctx context.Context, _ job.Job) error {
	err := n.ranker.Rank(ctx, func(tx *db.Tx, editions []string) error {
		e := event.Event{At: n.now(), Kind: "most viewed changed"}
		for _, key := range editions {
			e.Tags = append(e.Tags, string(ref.MostViewedTag(key)))
		}
		return n.Log.Append(tx, e)
	})
	if err != nil {
		return err
	}
	return n.DB.Update(ctx, func(tx *db.Tx) error {
		return job.AddOnce(tx, rankAt(n.now().Add(time.Minute)))
	})
}
