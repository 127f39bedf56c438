package app

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/redact"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
	"broadsheet/internal/web/site"
)

// redactions builds the room that takes from everywhere what must not be kept.
func (n *Newsroom) redactions() *redact.Room {
	return redact.New(redact.Parts{
		DB: n.DB, Log: n.Log, Index: n.Index, Mint: n.Mint, Now: n.now,
		Seal: func(tx *db.Tx, at time.Time, by ref.Staff, act, subject, detail string) error {
			audit.Append(tx, audit.Entry{At: at, By: int64(by), Act: act, Subject: subject, Detail: detail})
			return nil
		},
		Announce: func(tx *db.Tx, _ time.Time, redaction int64, id ref.Story) error {
			return n.tell(tx, "story.redacted", int64(id), fmt.Sprintf(`{"act":"story.redacted","story":"%d","redaction":"%d"}`, id, redaction))
		},
		Settle: n.foldAll, Nodes: n.keepers, Remove: n.removePicture,
	})
}

// keepers lists the nodes that must drop what they keep.
func (n *Newsroom) keepers(tx *db.Tx) (all []redact.Node, err error) {
	nodes, err := n.listed(tx, redactionSilence)
	for _, at := range nodes {
		all = append(all, redact.Node{Name: at.name, ReadTo: at.readTo, Silent: at.silent})
	}
	return all, err
}

// redactionSilence is for how long a node that says nothing is waited for. One
// that is silent longer is named in the report: it may be cut off, and serve.
const redactionSilence = 30 * time.Second

// removePicture removes all files of a picture, a film or a document.
func (n *Newsroom) removePicture(ctx context.Context, a asset.Asset) (removed int, err error) {
	for _, key := range site.MediaKeys(a) {
		if _, err := n.Media.Stat(ctx, key); err == nil {
			removed++
		}
		if err := n.Media.Delete(ctx, key); err != nil {
			return removed, fmt.Errorf("remove a picture's file: %w", err)
		}
	}
	return removed, nil
}

// RedactOrder is what is to be redacted, as the command line has it.
type RedactOrder struct {
	// User is who asks, by e-mail address.
	User   string
	Kind   string
	Texts  []string
	Story  int64
	Asset  int64
	Reason string
	Mark   string
	// Preview changes nothing.
	Preview bool
}

// Redacted is what became of an order.
type Redacted struct {
	ID int64
	// Key opens the seal; shown once.
	Key   string
	State string
	// Order is what was asked for: whole while it waits, later without what went.
	Order RedactOrder
	// Found is what would be found while it waits, and what was found since.
	Found redact.Found
	// Left are sentences about what still holds what went.
	Left []string
}

// Redact asks for a redaction, or previews one.
func Redact(ctx context.Context, c Config, o RedactOrder) (Redacted, error) {
	return command(ctx, c, "redact", o, (*Newsroom).redact)
}

func (n *Newsroom) redact(ctx context.Context, o RedactOrder) (out Redacted, err error) {
	by, err := n.person(ctx, o.User)
	if err != nil {
		return out, err
	}
	request := redact.Request{Kind: redact.Kind(o.Kind), Texts: o.Texts, Story: ref.Story(o.Story), Asset: ref.Asset(o.Asset), Reason: o.Reason, Mark: o.Mark}
	if o.Preview {
		out.Found, err = n.Redactions.Preview(ctx, request)
		return out, asRedactUsage(err)
	}
	asked, err := n.Redactions.Ask(ctx, by, request)
	return Redacted{ID: asked.ID, Key: asked.Key, State: redact.Waiting}, asRedactUsage(err)
}

func asRedactUsage(err error) error {
	if errors.Is(err, redact.ErrRequest) {
		return fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return err
}

// SettleOrder is who settles which redaction.
type SettleOrder struct {
	User string
	ID   int64
}

// ConfirmRedaction has a redaction done that another person asked for. A program
// that serves the newsroom does it; where none does it is done here.
func ConfirmRedaction(ctx context.Context, c Config, o SettleOrder) (Redacted, error) {
	return command(ctx, c, "redact-confirm", o, (*Newsroom).confirmRedaction)
}

func (n *Newsroom) confirmRedaction(ctx context.Context, o SettleOrder) (out Redacted, err error) {
	if err := n.settleRedaction(ctx, o, n.Redactions.Confirm); err != nil {
		return out, err
	}
	if err := n.redactHere(ctx, o.ID); err != nil {
		return out, err
	}
	return n.showRedaction(ctx, o.ID)
}

// RefuseRedaction says no to a redaction, or takes back one's own.
func RefuseRedaction(ctx context.Context, c Config, o SettleOrder) (Redacted, error) {
	return command(ctx, c, "redact-refuse", o, (*Newsroom).refuseRedaction)
}

func (n *Newsroom) refuseRedaction(ctx context.Context, o SettleOrder) (out Redacted, err error) {
	if err := n.settleRedaction(ctx, o, n.Redactions.Refuse); err != nil {
		return out, err
	}
	return n.showRedaction(ctx, o.ID)
}

func (n *Newsroom) settleRedaction(ctx context.Context, o SettleOrder, settle func(context.Context, ref.Staff, int64) error) error {
	by, err := n.person(ctx, o.User)
	if err != nil {
		return err
	}
	return asNoRedaction(settle(ctx, by, o.ID), o.ID)
}

// ShowRedaction tells how far a redaction is, and what still holds what went.
func ShowRedaction(ctx context.Context, c Config, id int64) (Redacted, error) {
	return command(ctx, c, "redact-show", id, (*Newsroom).showRedaction)
}

func (n *Newsroom) showRedaction(ctx context.Context, id int64) (out Redacted, err error) {
	var d redact.Redaction
	err = n.DB.View(ctx, func(tx *db.Tx) (err error) {
		d, err = redact.Find(tx, id)
		return err
	})
	if err != nil {
		return out, asNoRedaction(err, id)
	}
	out = Redacted{ID: d.ID, Found: d.Report.Found, State: d.State, Order: RedactOrder{Kind: string(d.Kind), Reason: d.Reason}, Left: d.Report.Remains()}
	if d.State == redact.Waiting {
		out.Order.Texts, out.Order.Story, out.Order.Asset, out.Order.Mark = d.Request.Texts, int64(d.Request.Story), int64(d.Request.Asset), d.Request.Mark
	}
	for _, b := range d.Report.Backups {
		out.Left = append(out.Left, fmt.Sprintf("the backup of %s at %s still holds it", b.At.Format(time.RFC3339), b.Place))
	}
	return out, nil
}

// asNoRedaction says in words that there is none of an identity.
func asNoRedaction(err error, id int64) error {
	if errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("there is no redaction %d here: %w", id, err)
	}
	return err
}

// redactHere does a redaction that was confirmed, unless a program serves the
// newsroom, whose job it is. That finds nothing left to do when it starts later.
func (n *Newsroom) redactHere(ctx context.Context, id int64) error {
	if n.site != nil {
		return nil
	}
	if !n.Alone() {
		if serving, err := n.nodes(ctx); err != nil || len(serving) > 0 {
			return err
		}
	}
	return n.Redactions.Run(ctx, job.Job{Kind: redact.Job, Payload: strconv.FormatInt(id, 10)})
}

// person finds somebody of the desk by address.
func (n *Newsroom) person(ctx context.Context, email string) (id ref.Staff, err error) {
	err = n.DB.View(ctx, func(tx *db.Tx) error {
		p, err := someone(tx, email)
		id = p.ID
		return err
	})
	return id, err
}
