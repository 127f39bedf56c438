package search

import "broadsheet/internal/platform/db"

// mergeText goes on with merging the index. A step that changed fewer than two rows
// did nothing but note that.
func mergeText(tx *db.Tx, pages int) (more bool, err error) {
	return merging(tx, func() error {
		_, err := tx.Exec(`insert into search_text (search_text, rank) values ('merge', $1)`, pages)
		return err
	})
}

// mergeEarlier goes on with merging the index of an earlier program.
func mergeEarlier(tx *db.Tx, pages int) (more bool, err error) {
	return merging(tx, func() error {
		_, err := tx.Exec(`insert into search_word (search_word, rank) values ('merge', $1)`, pages)
		return err
	})
}

func merging(tx *db.Tx, step func() error) (more bool, err error) {
	before, err := db.Find(tx, db.Value[int64], `select total_changes()`)
	if err != nil {
		return false, err
	}
	if err := step(); err != nil {
		return false, err
	}
	after, err := db.Find(tx, db.Value[int64], `select total_changes()`)
	return after-before >= 2, err
}
