package app

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// backupBegin is a backup that is to be noted.
type backupBegin struct {
	Place string
	// Gone are the places of backups that were killed, and of which nothing is
	// left.
	Gone []string
	// Database is what whoever asks takes for the newsroom's, empty when they
	// leave it to the program that serves.
	Database string
}

// backupNote is the row that remembers a backup. At is a moment before the one
// that it is of; Hash is empty until the file is whole.
type backupNote struct {
	ID    int64
	At    time.Time
	Place string
	Bytes int64
	Hash  string
}

// noteID is minted as that of one node of a thousand: backups are not made in the
// same millisecond.
func noteID(d *db.DB) int64 { return ref.NewMint(rand.IntN(ref.Nodes), d.Now).Next() }

// beginBackup writes the row, before anything is read. On a full disk it is
// written when the backup ends, if there is room then.
func beginBackup(ctx context.Context, d *db.DB, b backupBegin) (backupNote, error) {
	note := backupNote{ID: noteID(d), At: d.Now().Truncate(time.Millisecond), Place: b.Place}
	err := d.Update(ctx, func(tx *db.Tx) error {
		for _, place := range b.Gone {
			if _, err := tx.Exec(`delete from backup where place = $1 and hash = ''`, place); err != nil {
				return err
			}
		}
		return note.put(tx)
	})
	if errors.Is(err, db.ErrFull) {
		return note, nil
	}
	return note, err
}

// endBackup writes what the file has, or takes back the note of one that there
// is not.
func endBackup(ctx context.Context, d *db.DB, note backupNote) error {
	return d.Update(ctx, func(tx *db.Tx) error {
		if note.Hash != "" {
			return note.put(tx)
		}
		_, err := tx.Exec(`delete from backup where id = $1`, note.ID)
		return err
	})
}

// noteOrigin notes, in a newsroom that was restored, the backup that it came from:
// what the backup itself knew of it was written before its file was whole.
func noteOrigin(tx *db.Tx, note backupNote) error {
	n, err := tx.Exec(`update backup set bytes = $1, hash = $2 where place = $3 and hash = ''`, note.Bytes, note.Hash, note.Place)
	if err != nil || n > 0 {
		return err
	}
	return note.put(tx)
}

func (b backupNote) put(tx *db.Tx) error {
	_, err := tx.Exec(`insert into backup (id, at, place, bytes, hash) values ($1, $2, $3, $4, $5)
		on conflict (id) do update set bytes = excluded.bytes, hash = excluded.hash`, b.ID, b.At.UnixMilli(), b.Place, b.Bytes, b.Hash)
	return err
}
