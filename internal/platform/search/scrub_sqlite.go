package search

import "broadsheet/internal/platform/db"

// merge goes on with merging the index. A step that changed fewer than two rows
// did nothing but note that.
func merge(tx *db.Tx, pages int) (more bool, err error) {
	before, err := db.Find(tx, db.Value[int64], `select total_changes()`)
	if err != nil {
		return false, err
	}
	if _, err := tx.Exec(`insert into search_word (search_word, rank) values ('merge', $1)`, pages); err != nil {
		return false, err
	}
	after, err := db.Find(tx, db.Value[int64], `select total_changes()`)
	return after-before >= 2, err
}
