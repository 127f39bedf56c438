package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"broadsheet/internal/app"
	"broadsheet/internal/news/redact"
)

// redaction takes from everywhere what must not be kept.
type redaction struct {
	Ask     redactAsk     `cmd:"" help:"Ask for a redaction, which another person must confirm."`
	Confirm redactConfirm `cmd:"" help:"Have a redaction done that another person asked for."`
	Refuse  redactRefuse  `cmd:"" help:"Say no to a redaction that another person asked for, or take one's own back."`
	Show    redactShow    `cmd:"" help:"Tell what a redaction that waits is of and would change, how far one is, and what still holds what went."`
}

// redactAsk asks.
type redactAsk struct {
	place
	User    string   `help:"Who asks: an e-mail address." required:"" placeholder:"ADDRESS"`
	Kind    string   `help:"What goes: name, passage, picture or story." required:"" enum:"name,passage,picture,story" placeholder:"KIND"`
	Text    []string `help:"A name or passage in one of its writings; may be given again." sep:"none" placeholder:"TEXT"`
	Story   int64    `help:"The story that goes, or in which a passage stands." placeholder:"ID"`
	Picture int64    `help:"The picture that goes." placeholder:"ID"`
	Reason  string   `help:"Why, for the log; it must not name what goes." required:"" placeholder:"TEXT"`
	Mark    string   `help:"What stands in its place; the edition's usual mark when left out." placeholder:"TEXT"`
	Preview bool     `help:"Only say what would change."`
	JSON    bool     `name:"json" help:"For machines."`
}

// Run asks, or previews.
func (r *redactAsk) Run(c *call) error {
	out, err := app.Redact(c.ctx, r.config(), app.RedactOrder{User: r.User, Kind: r.Kind, Texts: r.Text, Story: r.Story, Asset: r.Picture, Reason: r.Reason, Mark: r.Mark, Preview: r.Preview})
	if err != nil {
		return err
	}
	if r.JSON {
		return json.NewEncoder(c.out).Encode(out)
	}
	if r.Preview {
		fmt.Fprintf(c.out, "It would change %s:\n", storiesAndSaves(out.Found))
		places(c.out, out.Found.Places)
		return nil
	}
	fmt.Fprintf(c.out, "Redaction %d waits for another person: broadsheet redact confirm %d%s --user ADDRESS\n", out.ID, out.ID, c.where)
	fmt.Fprintf(c.out, "The key of its seal, shown this once: %s\n", out.Key)
	return nil
}

// storiesAndSaves counts them in words.
func storiesAndSaves(f redact.Found) string {
	return several(f.Stories, "story", "stories") + " and " + several(f.Revisions, "save", "saves")
}

func several(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func places(w io.Writer, found map[string]int) {
	for _, table := range slices.Sorted(maps.Keys(found)) {
		fmt.Fprintf(w, "  %s: %d\n", table, found[table])
	}
}

// target is what goes, as far as it may be told.
func target(w io.Writer, o app.RedactOrder) {
	for _, text := range o.Texts {
		fmt.Fprintf(w, "Text: %s\n", text)
	}
	if o.Story != 0 {
		fmt.Fprintf(w, "Story: %d\n", o.Story)
	}
	if o.Asset != 0 {
		fmt.Fprintf(w, "Picture: %d\n", o.Asset)
	}
	if o.Mark != "" {
		fmt.Fprintf(w, "Mark: %s\n", o.Mark)
	}
}

// redactConfirm confirms.
type redactConfirm struct {
	place
	ID   int64  `arg:"" help:"The redaction."`
	User string `help:"Who confirms: an e-mail address." required:"" placeholder:"ADDRESS"`
	JSON bool   `name:"json" help:"For machines."`
}

// Run confirms.
func (r *redactConfirm) Run(c *call) error {
	out, err := app.ConfirmRedaction(c.ctx, r.config(), app.SettleOrder{User: r.User, ID: r.ID})
	return tellRedaction(c, out, err, r.JSON)
}

// redactRefuse says no.
type redactRefuse struct {
	place
	ID   int64  `arg:"" help:"The redaction."`
	User string `help:"Who refuses, or takes back what they asked for: an e-mail address." required:"" placeholder:"ADDRESS"`
	JSON bool   `name:"json" help:"For machines."`
}

// Run refuses.
func (r *redactRefuse) Run(c *call) error {
	out, err := app.RefuseRedaction(c.ctx, r.config(), app.SettleOrder{User: r.User, ID: r.ID})
	return tellRedaction(c, out, err, r.JSON)
}

// redactShow tells how far one is.
type redactShow struct {
	place
	ID   int64 `arg:"" help:"The redaction."`
	JSON bool  `name:"json" help:"For machines."`
}

// Run tells.
func (r *redactShow) Run(c *call) error {
	out, err := app.ShowRedaction(c.ctx, r.config(), r.ID)
	return tellRedaction(c, out, err, r.JSON)
}

func tellRedaction(c *call, out app.Redacted, err error, asJSON bool) error {
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(c.out).Encode(out)
	}
	fmt.Fprintf(c.out, "Redaction %d of a %s is %s. Why: %s\n", out.ID, out.Order.Kind, out.State, out.Order.Reason)
	target(c.out, out.Order)
	if out.Found.Places != nil {
		fmt.Fprintf(c.out, "Found in %s:\n", storiesAndSaves(out.Found))
	}
	places(c.out, out.Found.Places)
	for _, sentence := range out.Left {
		fmt.Fprintf(c.out, "Left: %s\n", sentence)
	}
	return nil
}
