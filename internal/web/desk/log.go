package desk

import (
	"strconv"

	"broadsheet/internal/news/ref"

	"broadsheet/internal/platform/audit"
	"broadsheet/internal/platform/db"
)

// logPage is who did what, the last first.
type logPage struct {
	Frame
	Entries []entry
	Before  string
}

// entry is one act in the log.
type entry struct{ Seq, At, By, Act, Subject, Detail string }

// logLength is how many acts a page of the log has.
const logLength = 100

func (d *Desk) logPage(v *visit) error {
	before, err := strconv.ParseInt(v.URL.Query().Get("before"), 10, 64)
	if err != nil || before < 1 {
		before = 1<<63 - 1
	}
	page := logPage{Frame: v.frame(v.words.T("log.title"))}
	err = v.view(func(tx *db.Tx) error {
		names, err := v.names(tx)
		if err != nil {
			return err
		}
		all, err := audit.Before(tx, before, logLength+1)
		if len(all) > logLength {
			all = all[:logLength]
			page.Before = strconv.FormatInt(all[logLength-1].Seq, 10)
		}
		for _, e := range all {
			by := names[ref.Staff(e.By)]
			page.Entries = append(page.Entries, entry{v.number(int(e.Seq)), v.clock(e.At), by, e.Act, e.Subject, e.Detail})
		}
		return err
	})
	if err != nil {
		return err
	}
	return v.page("log", page)
}
