package cli

import (
	"fmt"

	"broadsheet/internal/app"
)

// doctor says what is wrong.
type doctor struct {
	JSON bool `name:"json" help:"Print the findings as JSON."`

	Data     string `help:"The newsroom's folder." default:"data" placeholder:"DIR" group:"newsroom"`
	Database string `help:"postgres:// URL; SQLite in the data folder when left out." placeholder:"URL" group:"newsroom"`
	Media    string `help:"Where pictures are kept: s3://BUCKET?region=… or file:///…; the data folder when left out." placeholder:"URL" group:"newsroom"`
	Theme    string `help:"The theme's folder, when it is not DATA/theme." placeholder:"DIR" group:"newsroom"`
	app.TLS  `embed:"" group:"newsroom"`
}

// Run prints the findings, and fails when one of them is a fault.
func (d *doctor) Run(c *call) error {
	found := app.Doctor(c.ctx, app.Config{Data: d.Data, Database: d.Database, Theme: d.Theme, Media: d.Media, TLS: d.TLS})
	faults := 0
	for _, f := range found {
		if f.Severity == app.Fail {
			faults++
		}
	}
	if d.JSON {
		if err := printJSON(c, found); err != nil {
			return err
		}
	} else {
		show(c, found)
	}
	if faults > 0 {
		return fmt.Errorf("%d of %d checks found a fault", faults, len(found))
	}
	return nil
}

// show prints a line for each finding, and one more for its remedy.
func show(c *call, found []app.Finding) {
	for _, f := range found {
		fmt.Fprintf(c.out, "%-4s  %s: %s\n", f.Severity, f.Check, f.Message)
		if f.Remedy != "" {
			fmt.Fprintf(c.out, "      %s\n", f.Remedy)
		}
	}
}
