package story

import (
	"fmt"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// resignedAtOnce is how many stories are read before they are written.
const resignedAtOnce = 500

// signed is a live story's byline, as text too.
type signed struct {
	id     ref.Story
	text   string
	byline []Signature
}

func scanSigned(r db.Row) (s signed, err error) {
	if err := r.Scan(&s.id, &s.text); err != nil {
		return s, err
	}
	return s, db.Unpack(s.text, &s.byline)
}

// Resign writes an author's present name and slug under the live stories of an
// edition: lists copy them, so that they are one query.
func (s *Store) Resign(tx *db.Tx, edition string, now Signature) error {
	for behind := ref.Story(0); ; {
		page, err := db.List(tx, scanSigned, `select l.story, l.byline from live_author a join live l on l.story = a.story
			where a.author = $1 and a.edition = $2 and l.story > $3 and l.byline <> ''
			union select story, byline from live where edition = $2 and genre = 'page' and story > $3 and byline <> ''
			order by story limit $4`, now.Author, edition, behind, resignedAtOnce)
		if err != nil {
			return fmt.Errorf("list what author %d signed: %w", now.Author, err)
		}
		for _, one := range page {
			same, err := one.resign(tx, now)
			if err != nil {
				return fmt.Errorf("sign story %d: %w", one.id, err)
			}
			if !same {
				break // it was published anew meanwhile, and is read again
			}
			behind = one.id
		}
		if len(page) == 0 {
			return nil
		}
	}
}

// resign writes the byline with an author's present name, if it still is as it was
// read.
func (s signed) resign(tx *db.Tx, now Signature) (same bool, err error) {
	for n := range s.byline {
		if s.byline[n].Author == now.Author {
			s.byline[n] = now
		}
	}
	text, err := db.Pack(s.byline)
	if err != nil || text == s.text {
		return true, err
	}
	changed, err := tx.Exec(`update live set byline = $1 where story = $2 and byline = $3`, text, s.id, s.text)
	return changed > 0, err
}
