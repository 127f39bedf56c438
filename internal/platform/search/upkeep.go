package search

import (
	"fmt"

	"broadsheet/internal/platform/db"
)

// Behind returns which of the stories have no entry, one of an older shape, or one
// of another text: states are the callers' numbers for the texts of now.
func Behind(tx *db.Tx, states map[int64]int64) ([]int64, error) {
	stories := make([]int64, 0, len(states))
	for story := range states {
		stories = append(stories, story)
	}
	list, err := db.Pack(stories)
	if err != nil || len(stories) == 0 {
		return nil, err
	}
	type entry struct{ story, state, version int64 }
	entries, err := db.List(tx, func(r db.Row) (e entry, err error) {
		err = r.Scan(&e.story, &e.state, &e.version)
		return e, err
	}, `select story, state, version from search_entry where story in (select cast(value as bigint) from json_each(cast($1 as text))) order by story limit 100000`, list)
	if err != nil {
		return nil, fmt.Errorf("look what the search index lacks: %w", err)
	}
	missing := map[int64]bool{}
	for _, story := range stories {
		missing[story] = true
	}
	for _, e := range entries {
		missing[e.story] = e.state != states[e.story] || e.version != Version
	}
	behind := stories[:0]
	for _, story := range stories {
		if missing[story] {
			behind = append(behind, story)
		}
	}
	return behind, nil
}

// Outdate says that something else of stories has changed than their texts, so that
// their entries are behind.
func Outdate(tx *db.Tx, stories []int64) error {
	list, err := db.Pack(stories)
	if err != nil || len(stories) == 0 {
		return err
	}
	_, err = tx.Exec(`update search_entry set state = 0 where story in (select cast(value as bigint) from json_each(cast($1 as text)))`, list)
	if err != nil {
		return fmt.Errorf("note that %d stories are behind in the search index: %w", len(stories), err)
	}
	return nil
}

// Kept lists the stories that have entries, by their numbers, behind one.
func Kept(tx *db.Tx, behind int64, limit int) ([]int64, error) {
	return db.List(tx, db.Value[int64], `select story from search_entry where story > $1 order by story limit $2`, behind, limit)
}
