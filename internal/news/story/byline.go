package story

import (
	"fmt"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// resignedAtOnce is how many stories are read before they are written.
const resignedAtOnce = 500

// Resign writes an author's present name and slug under the live stories of an
// edition: lists copy them, so that they are one query.
func (s *Store) Resign(tx *db.Tx, edition string, now Signature) error {
	type signed struct {
		id     ref.Story
		byline []Signature
	}
	for behind := ref.Story(0); ; {
		page, err := db.List(tx, func(r db.Row) (v signed, err error) {
			var text string
			if err := r.Scan(&v.id, &text); err != nil {
				return v, err
			}
			return v, db.Unpack(text, &v.byline)
		}, `select l.story, l.byline from live_author a join live l on l.story = a.story
			where a.author = $1 and a.edition = $2 and l.story > $3 and l.byline <> ''
			union select story, byline from live where edition = $2 and genre = 'page' and story > $3 and byline <> ''
			order by story limit $4`, now.Author, edition, behind, resignedAtOnce)
		if err != nil {
			return fmt.Errorf("list what author %d signed: %w", now.Author, err)
		}
		for _, v := range page {
			for n := range v.byline {
				if v.byline[n].Author == now.Author {
					v.byline[n] = now
				}
			}
			text, err := db.Pack(v.byline)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(`update live set byline = $1 where story = $2`, text, v.id); err != nil {
				return fmt.Errorf("sign story %d: %w", v.id, err)
			}
		}
		if len(page) < resignedAtOnce {
			return nil
		}
		behind = page[len(page)-1].id
	}
}
