package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"broadsheet/internal/app"
	"broadsheet/internal/news/wire"
)

// imports brings stories in.
type imports struct {
	Articles articles `cmd:"" help:"JSON Lines, JSON or CSV, plain or gzip."`
	WXR      wxr      `cmd:"" name:"wxr" help:"WordPress eXtended RSS."`
}

// common are the flags of all imports.
type common struct {
	File    []string `arg:"" help:"The files; each comes whole or not at all." placeholder:"FILE"`
	Edition string   `required:"" help:"The edition that the stories join." placeholder:"KEY"`
	Section string   `help:"The section of stories that name none: its slug; the edition's first when left out." placeholder:"SLUG"`
	DryRun  bool     `help:"Read and report; change nothing."`
	Report  string   `help:"Write the report to this file as JSON." placeholder:"FILE"`
	JSON    bool     `name:"json" help:"Print the report as JSON."`

	Data     string `help:"The newsroom's folder." default:"data" placeholder:"DIR" group:"newsroom"`
	Database string `help:"postgres:// URL; SQLite in the data folder when left out." placeholder:"URL" group:"newsroom"`
}

// articles imports lists of articles.
type articles struct {
	common  `embed:""`
	Map     map[string]string `mapsep:"," help:"Which column is which: headline=title,body=text." placeholder:"FIELD=COLUMN"`
	Charset string            `help:"How the text is encoded, when it is not UTF-8." placeholder:"NAME"`
	Genre   string            `help:"The genre of stories that name none." placeholder:"GENRE"`
}

// Run imports the files.
func (a *articles) Run(c *call) error {
	return a.common.run(c, app.ImportOrder{Format: "articles", Mapping: a.Map, Charset: a.Charset, Genre: a.Genre})
}

// wxr imports WordPress exports.
type wxr struct {
	common `embed:""`
	Genre  string `help:"The genre of posts." placeholder:"GENRE"`
}

// Run imports the files.
func (w *wxr) Run(c *call) error {
	return w.common.run(c, app.ImportOrder{Format: "wxr", Genre: w.Genre})
}

// run imports one file after the other. A file that is refused does not keep
// the next from coming, but the command fails.
func (f *common) run(c *call, order app.ImportOrder) error {
	order.Edition, order.Section, order.DryRun = f.Edition, f.Section, f.DryRun
	if err := f.tryReport(); err != nil {
		return err
	}
	var reports []wire.Report
	var failures []error
	for _, path := range f.File {
		shown := progressTo(c.err)
		report, err := app.Import(c.ctx, app.Config{Data: f.Data, Database: f.Database}, order, path, func(p wire.Progress) {
			shown(path, p.Bytes, p.Size)
		})
		report.File = path
		reports = append(reports, report)
		if err != nil {
			failures = append(failures, err)
			fmt.Fprintln(c.err, "broadsheet:", sentence(err))
			if c.ctx.Err() != nil || errors.Is(err, app.ErrUsage) {
				break
			}
			continue
		}
		if !f.JSON {
			summary(c.out, report, f.DryRun)
		}
	}
	if err := f.keep(c, reports); err != nil {
		return err
	}
	return refused(failures, len(f.File))
}

// refused is the command's own failure; each file's reason is on stderr already.
func refused(failures []error, files int) error {
	switch {
	case len(failures) == 0:
		return nil
	case files == 1:
		return said{failures[0]}
	}
	return fmt.Errorf("%d of %d files were refused", len(failures), files)
}

// said is an error that a person has read already.
type said struct{ error }

// Unwrap gives the error itself, for its kind.
func (s said) Unwrap() error { return s.error }

// summary says in a few lines what came.
func summary(w io.Writer, r wire.Report, dry bool) {
	would := ""
	if dry {
		would = "would be "
	}
	fmt.Fprintf(w, "%s: %d items; %s%d added, %d updated, %d unchanged, %d refused\n", r.File, r.Items, would, r.Added, r.Updated, r.Unchanged, len(r.Refused))
	for _, part := range []struct {
		what  string
		count int
	}{{"drafts, which readers do not see", r.Drafts}, {"standing pages", r.Pages}, {"attachments, by their records", r.Attachments}, {"comments, kept", r.Comments}, {"items that are no stories", len(r.Skipped)}} {
		if part.count > 0 {
			fmt.Fprintf(w, "  %d %s\n", part.count, part.what)
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "  %s\n", note)
	}
	for n, item := range r.Refused {
		if n == 5 {
			fmt.Fprintf(w, "  … and %d more; --report FILE has them all\n", len(r.Refused)-n)
			break
		}
		fmt.Fprintf(w, "  refused %s (%s): %s\n", item.Item, item.Place, item.Reason)
	}
}

// tryReport finds out before anything is imported whether the report can be
// written.
func (f *common) tryReport() error {
	if f.Report == "" {
		return nil
	}
	file, err := os.OpenFile(f.Report, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write the report: %w; nothing was imported", err)
	}
	return file.Close()
}

// keep writes the report where it was asked for: one object for one file, else
// a list.
func (f *common) keep(c *call, reports []wire.Report) error {
	var all any = reports
	if len(reports) == 1 {
		all = reports[0]
	}
	if f.JSON {
		if err := json.NewEncoder(c.out).Encode(all); err != nil {
			return fmt.Errorf("print the report: %w", err)
		}
	}
	if f.Report == "" {
		return nil
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err == nil {
		err = os.WriteFile(f.Report, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
