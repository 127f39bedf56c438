package search

import (
	"context"
	"fmt"

	"broadsheet/internal/platform/db"
)

// mergePages is how many pages of the index one transaction of a scrub writes:
// with four kilobytes each, a few milliseconds' work.
const mergePages = 400

// Scrub takes the words of documents that were removed from the index's own
// structure, in short transactions. FTS5 only notes that a document is gone and
// keeps its words until it merges; PostgreSQL's index is written anew with its
// table, which is the database's work.
func Scrub(ctx context.Context, d *db.DB) error {
	if d.Engine() != db.SQLite {
		return nil
	}
	for _, merge := range []func(*db.Tx, int) (bool, error){mergeText, mergeEarlier} {
		if err := mergeAll(ctx, d, merge); err != nil {
			return fmt.Errorf("take removed words from the index: %w", err)
		}
	}
	return nil
}

func mergeAll(ctx context.Context, d *db.DB, merge func(*db.Tx, int) (bool, error)) error {
	// The first step marks all there is as one merge, the others go on with it.
	for pages := -mergePages; ; pages = mergePages {
		more := false
		err := d.Erase(ctx, func(tx *db.Tx) (err error) {
			more, err = merge(tx, pages)
			return err
		})
		if err != nil || !more {
			return err
		}
	}
}
