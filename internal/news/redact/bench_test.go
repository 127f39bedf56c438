package redact

import (
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/db/dbtest"
)

// BenchmarkANameInAThousandStories takes a name out of a thousand stories with
// five versions each, among five times as many without it. It reports when the
// first transaction was told (readers-s), when every row and every node was
// clean (rows-s), the processor time until then (rows-cpu-s), and how long the files
// took (files-s).
func BenchmarkANameInAThousandStories(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		thousand(b, func() (string, string) { return filepath.Join(b.TempDir(), "broadsheet.db"), "sqlite" })
	})
	b.Run("postgres", func(b *testing.B) { thousand(b, func() (string, string) { return dbtest.PostgresURL(b), "pgx" }) })
}

func thousand(b *testing.B, target func() (string, string)) {
	const with, without, versions = 1000, 5000, 5
	for b.Loop() {
		b.StopTimer()
		at, driver := target()
		h := newHouse(b, at, driver)
		h.fill(with, versions, true)
		h.fill(without, 1, false)
		h.must(h.log.CatchUp(b.Context()))
		asked, err := h.room.Ask(b.Context(), 7, name)
		h.must(err)
		h.must(h.room.Confirm(b.Context(), 8, asked.ID))
		var first, clean time.Duration
		cpu := used()
		b.StartTimer()
		begun := time.Now()
		done := make(chan struct{})
		go func() { // as the relay does
			defer close(done)
			for first == 0 {
				h.must(h.log.CatchUp(b.Context()))
				h.mu.Lock()
				if len(h.dropped) > 0 {
					first = time.Since(begun)
				}
				h.mu.Unlock()
				time.Sleep(5 * time.Millisecond)
			}
		}()
		h.nodes = func() []Node {
			clean = time.Since(begun)
			b.ReportMetric((used() - cpu).Seconds(), "rows-cpu-s")
			return []Node{{Name: "one", ReadTo: h.log.Cursor()}}
		}
		h.must(h.run(b.Context(), asked.ID))
		<-done
		b.ReportMetric(first.Seconds(), "readers-s")
		b.ReportMetric(clean.Seconds(), "rows-s")
		b.ReportMetric((time.Since(begun) - clean).Seconds(), "files-s")
		b.StopTimer()
		if d := h.redaction(asked.ID); d.Report.Stories != with || d.Report.Revisions != with*versions {
			b.Fatalf("it took the name from %+v", d.Report.Found)
		}
		h.db.Close()
		b.StartTimer()
	}
}

// used is the processor time that this process has had; on PostgreSQL the
// server's is not in it.
func used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// fill publishes stories of about 700 words, several versions of each.
func (h *house) fill(stories, versions int, named bool) {
	h.t.Helper()
	who := "The mayor"
	if named {
		who = "Quillon Vexmoor"
	}
	filler := strings.Repeat("Water was brought to the upper villages by a tunnel that nobody had measured for a hundred years. ", 6)
	for n := 0; n < stories; n += 50 {
		h.update(func(tx *db.Tx) error {
			for m := n; m < n+50; m++ {
				content := story.Content{Headline: fmt.Sprintf("%s and well number %d", who, m), Standfirst: "What " + who + " said about it.", Genre: story.News, Section: h.en}
				for p := range 6 {
					content.Body = append(content.Body, body.Block{Key: body.Key(fmt.Sprint("b", p)), Value: body.Paragraph{Text: body.Text{{Text: filler}, {Text: "So says ", Marks: body.Emphasis}, {Text: who + "."}}}})
				}
				d, err := h.stories.Create(tx, 7, "en", 0, 0, content)
				if err != nil {
					return err
				}
				for v := range versions {
					if v > 0 {
						content.Kicker = fmt.Sprint("Version ", v)
						if d, err = h.stories.Save(tx, 7, d.ID, d.Sequence, content); err != nil {
							return err
						}
					}
					if _, err := h.desk.StoryIn(tx, publish.Order{By: 7, Story: d.ID, Sequence: d.Sequence}); err != nil {
						return err
					}
				}
			}
			return nil
		})
	}
}
