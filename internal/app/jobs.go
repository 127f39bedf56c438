package app

import (
	"context"
	"fmt"
	"os"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
)

// The kinds of jobs.
const (
	// tidying removes what nobody needs any more, once a day.
	tidying = "tidy"
)

// keepEvents is how long the outbox remembers: far longer than any node is
// behind. keepJobs is the same for jobs that are done.
const (
	keepEvents = 7 * 24 * time.Hour
	keepJobs   = 30 * 24 * time.Hour
)

// jobs is the queue of this node.
func (n *Newsroom) jobs() *job.Queue {
	host, err := os.Hostname()
	if err != nil {
		host = "node"
	}
	name := fmt.Sprintf("%s-%d-%d", host, os.Getpid(), n.Mint.Next())
	return job.New(n.DB, name, n.now, map[string]job.Do{tidying: n.tidy})
}

// plan asks for the jobs that come back by themselves, where none is waiting.
func (n *Newsroom) plan(ctx context.Context) error {
	return n.DB.Update(ctx, func(tx *db.Tx) error {
		waiting, err := job.Waiting(tx, tidying)
		if err != nil || waiting {
			return err
		}
		return job.AddOnce(tx, tidyOn(n.now()))
	})
}

// tidyOn is the tidying of a day. Its identity is the day's number, so that
// there is one, whoever asks for it; those that are minted are far larger.
func tidyOn(day time.Time) job.Job {
	const seconds = 24 * 60 * 60
	return job.Job{ID: day.Unix() / seconds, Kind: tidying, RunAt: day}
}

// tidy forgets old events and finished jobs, sweeps what unfinished imports
// left, and comes back tomorrow.
func (n *Newsroom) tidy(ctx context.Context, _ job.Job) error {
	if err := n.Desk.Sweep(ctx, false); err != nil {
		return err
	}
	return n.DB.Update(ctx, func(tx *db.Tx) error {
		if err := n.Log.Forget(tx, n.now().Add(-keepEvents)); err != nil {
			return err
		}
		if err := job.Forget(tx, n.now().Add(-keepJobs)); err != nil {
			return err
		}
		return job.AddOnce(tx, tidyOn(n.now().AddDate(0, 0, 1)))
	})
}
