package cli

import (
	"fmt"
	"strings"

	"broadsheet/internal/app"
)

// restore brings a newsroom back.
type restore struct {
	File string `arg:"" help:"The file of a backup." placeholder:"FILE"`
	JSON bool   `name:"json" help:"Print what came back as JSON."`

	Data     string `help:"The folder to restore into: new, or empty." default:"data" placeholder:"DIR" group:"newsroom"`
	Database string `help:"postgres:// URL of an empty database; SQLite in the data folder when left out." placeholder:"URL" group:"newsroom"`
	Media    string `help:"Where pictures are kept: s3://BUCKET?region=… or file:///…; the data folder when left out." placeholder:"URL" group:"newsroom"`
}

// Run restores.
func (r *restore) Run(c *call) error {
	report, err := app.Restore(c.ctx, app.Config{Data: r.Data, Database: r.Database, Media: r.Media}, r.File, progressTo(c.err))
	if err != nil {
		return err
	}
	if r.JSON {
		return printJSON(c, report)
	}
	fmt.Fprintf(c.out, "%s is back as of %s, in %s: %d rows, %d media files (%s), %d stories in the search index.\n", report.Newsroom,
		report.At.Format("2006-01-02 15:04:05.000 MST"), report.Data, report.Rows, report.Media.Files, size(report.Media.Bytes), report.Indexed)
	if report.Missing > 0 {
		fmt.Fprintf(c.out, "It is without %d files that pictures name: the backup was made without them.\n", report.Missing)
	}
	switch {
	case len(report.Aside) > 0:
		fmt.Fprintf(c.out, "Its settings are in %s and not in use: %s. Take over what is still true.\n", report.Settings, strings.Join(report.Aside, "; "))
	case report.Settings != "":
		fmt.Fprintf(c.out, "Its settings are in %s.\n", report.Settings)
	}
	return nil
}
