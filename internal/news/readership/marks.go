package readership

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"strconv"
	"sync"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// A mark is what the page of a story carries and its beacon sends: the story,
// and a proof that this newsroom wrote it, so that a view needs no look into
// the database to know that there is such a story. It is the same for all
// readers and for ever; it is no secret.
//
//	<identity, base 36>.<the first 8 bytes of an HMAC-SHA256, base64url>

const (
	// proofSize is how many bytes of the HMAC a mark has: guessing one takes
	// 2^63 views.
	proofSize = 8
	// maxMark is longer than any mark.
	maxMark = 64
	// keySize is the size of the key in bytes.
	keySize = 32
)

// marks writes and reads marks.
type marks struct{ macs sync.Pool }

func newMarks(key []byte) *marks {
	m := &marks{}
	m.macs.New = func() any { return hmac.New(sha256.New, key) }
	return m
}

// append writes the mark of a story behind b.
func (m *marks) append(b []byte, id ref.Story) []byte {
	mac := m.macs.Get().(hash.Hash)
	defer m.macs.Put(mac)
	var room [sha256.Size]byte
	mac.Reset()
	mac.Write(binary.BigEndian.AppendUint64(append(room[:0], "view"...), uint64(id)))
	sum := mac.Sum(room[:0])
	b = strconv.AppendInt(b, int64(id), 36)
	b = append(b, '.')
	return base64.RawURLEncoding.AppendEncode(b, sum[:proofSize])
}

// read returns the story of a mark; false when this newsroom did not write it.
func (m *marks) read(mark []byte) (ref.Story, bool) {
	end := bytes.IndexByte(mark, '.')
	if end < 0 || len(mark) > maxMark {
		return 0, false
	}
	n, err := strconv.ParseInt(string(mark[:end]), 36, 64)
	if err != nil || n <= 0 {
		return 0, false
	}
	var room [maxMark]byte
	ours := m.append(room[:0], ref.Story(n))
	return ref.Story(n), subtle.ConstantTimeCompare(ours, mark) == 1
}

// setting is the name under which the key of the marks is kept.
const setting = "view-key"

// readKey returns the key that all nodes share. The first node makes it.
func readKey(ctx context.Context, d *db.DB) (key []byte, err error) {
	err = d.View(ctx, func(tx *db.Tx) (err error) {
		key, err = findKey(tx)
		return err
	})
	if !errors.Is(err, db.ErrNotFound) {
		return key, err
	}
	fresh := make([]byte, keySize)
	rand.Read(fresh) // it never fails
	err = d.Update(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(`insert into setting (name, value) values ($1, $2) on conflict (name) do nothing`, setting, hex.EncodeToString(fresh))
		if err == nil {
			key, err = findKey(tx)
		}
		return err
	})
	if errors.Is(err, db.ErrFull) {
		// Readers are served from a full disk. The pages of this run carry marks
		// that the next one does not know.
		slog.Warn("the disk is full: views are counted for this run of the program only")
		return fresh, nil
	}
	return key, err
}

func findKey(tx *db.Tx) ([]byte, error) {
	text, err := db.Find(tx, db.Value[string], `select value from setting where name = $1`, setting)
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != keySize {
		return nil, fmt.Errorf("the setting %s is not a key: remove it, and another is made", setting)
	}
	return key, nil
}
