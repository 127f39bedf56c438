package cli

import (
	"encoding/json"
	"fmt"

	"broadsheet/internal/app"
)

// backup writes a newsroom into one file.
type backup struct {
	File     string `arg:"" help:"The file to make; one that is there already is left alone." placeholder:"FILE"`
	NoVerify bool   `name:"no-verify" help:"Do not read the file back, and restore nothing on trial."`
	JSON     bool   `name:"json" help:"Print what the backup has as JSON."`
	// Incomplete is for a newsroom that has lost some for good.
	Incomplete bool `help:"Make it although files that pictures name are missing."`

	Data     string `help:"The newsroom's folder." default:"data" placeholder:"DIR" group:"newsroom"`
	Database string `help:"postgres:// URL; SQLite in the data folder when left out." placeholder:"URL" group:"newsroom"`
	Media    string `help:"Where pictures are kept: s3://BUCKET?region=… or file:///…; the data folder when left out." placeholder:"URL" group:"newsroom"`
	Theme    string `help:"The theme's folder, when it is not DATA/theme." placeholder:"DIR" group:"newsroom"`
}

// Run makes the backup.
func (b *backup) Run(c *call) error {
	config := app.Config{Data: b.Data, Database: b.Database, Theme: b.Theme, Media: b.Media}
	report, err := app.Backup(c.ctx, config, app.BackupOrder{File: b.File, NoVerify: b.NoVerify, Incomplete: b.Incomplete}, progressTo(c.err))
	if err != nil {
		return err
	}
	if b.JSON {
		return printJSON(c, report)
	}
	fmt.Fprintf(c.out, "%s: %s as of %s; %d rows, %d media files, %s\n", report.File, report.Newsroom, report.At.Format("2006-01-02 15:04:05.000 MST"),
		report.Rows, report.Totals.Media.Files, size(report.Bytes))
	if report.Verified {
		fmt.Fprintln(c.out, "It was read back and restored on trial; every row is the same.")
	} else {
		fmt.Fprintln(c.out, "It was not verified: nobody has read it back.")
	}
	if missing := report.Totals.Missing; missing > 0 {
		fmt.Fprintf(c.out, "It is without %d files that pictures name: they are not in the media store.\n", missing)
	}
	return nil
}

// printJSON prints an answer for machines.
func printJSON(c *call, answer any) error {
	if err := json.NewEncoder(c.out).Encode(answer); err != nil {
		return fmt.Errorf("print the answer: %w", err)
	}
	return nil
}

// size says bytes as people do.
func size(bytes int64) string {
	const unit = 1024
	if bytes < unit {
		return fmt.Sprintf("%d bytes", bytes)
	}
	at, n := float64(bytes), 0
	for ; at >= unit && n < 4; n++ {
		at /= unit
	}
	return fmt.Sprintf("%.1f %s", at, [...]string{"bytes", "KiB", "MiB", "GiB", "TiB"}[n])
}
