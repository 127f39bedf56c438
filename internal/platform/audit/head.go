package audit

import (
	"bufio"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/platform/db"
)

// Head is where the log was at a moment, signed with a key that is not in the
// database. As a line of JSON it is what stands in a file of heads.
type Head struct {
	// Seq and Seal are those of the last entry.
	Seq  int64  `json:"seq"`
	Seal string `json:"seal"`
	// At is when it was signed, as RFC 3339 has it.
	At string `json:"at"`
	// Key is the public key and Signature what it made of the rest, both
	// hexadecimal.
	Key       string `json:"key"`
	Signature string `json:"signature"`
}

// text is what is signed.
func (h Head) text() []byte {
	return []byte("broadsheet audit head " + strconv.FormatInt(h.Seq, 10) + " " + h.Seal + " " + h.At)
}

// sign signs the head.
func (h Head) sign(key ed25519.PrivateKey) Head {
	h.Key = hex.EncodeToString(key.Public().(ed25519.PublicKey))
	h.Signature = hex.EncodeToString(ed25519.Sign(key, h.text()))
	return h
}

// signed tells whether the head is what its key signed.
func (h Head) signed() bool {
	key, err := hex.DecodeString(h.Key)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	signature, err := hex.DecodeString(h.Signature)
	return err == nil && ed25519.Verify(key, h.text(), signature)
}

// ErrHead is the kind of the error of a head that proves nothing.
var ErrHead = errors.New("a head of the audit log cannot be believed")

// Heads are what is known of a log from outside the database.
type Heads struct {
	// Count is how many there are.
	Count int
	// last is the one that reaches farthest.
	last Head
	at   map[int64]Head
}

// longestLine is the longest line that a program's log may have.
const longestLine = 1 << 20

// ReadHeads reads the heads that a file holds: lines of JSON, or of a program's
// log; other lines are passed over. Each must be signed with one of keys.
func ReadHeads(file io.Reader, keys []string) (*Heads, error) {
	all := &Heads{at: map[int64]Head{}}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, longestLine)
	for n := 1; lines.Scan(); n++ {
		h, ok := readHead(lines.Text())
		if !ok {
			continue
		}
		if err := all.add(h, keys); err != nil {
			return nil, fmt.Errorf("%w: line %d %w", ErrHead, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the heads of the audit log: %w", err)
	}
	return all, nil
}

// readHead reads one line; false when there is none in it.
func readHead(line string) (h Head, ok bool) {
	if at := strings.IndexByte(line, '{'); at >= 0 {
		err := json.Unmarshal([]byte(line[at:]), &h)
		return h, err == nil && h.Signature != ""
	}
	for _, field := range strings.Fields(line) {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "seq":
			h.Seq, _ = strconv.ParseInt(value, 10, 64) // what is no number is not signed
		case "seal":
			h.Seal = value
		case "at":
			h.At = value
		case "key":
			h.Key = value
		case "signature":
			h.Signature = value
		}
	}
	return h, h.Signature != ""
}

func (all *Heads) add(h Head, keys []string) error {
	known := false
	for _, key := range keys {
		known = known || strings.EqualFold(key, h.Key)
	}
	switch before, twice := all.at[h.Seq]; {
	case !known:
		return fmt.Errorf("is signed with the key %s, which is not known here; give it with --key if one of your nodes has it: each line of a node's audit-heads has its \"key\"", h.Key)
	case !h.signed():
		return fmt.Errorf("is not what its key signed; compare it with another copy")
	case twice && before.Seal != h.Seal:
		return fmt.Errorf("names another seal for entry %d than an earlier line: one of the two logs is not the newsroom's", h.Seq)
	}
	all.Count++
	all.at[h.Seq] = h
	if h.Seq >= all.last.Seq {
		all.last = h
	}
	return nil
}

// Last is the entry up to which the heads reach, and when that was signed.
func (all *Heads) Last() (seq int64, at string) { return all.last.Seq, all.last.At }

// agree checks an entry against the head that names it.
func (all *Heads) agree(e Entry) error {
	if h, named := all.at[e.Seq]; named && h.Seal != e.Seal {
		return &Broken{e.Seq, "is not the one that was signed at " + h.At + ": it or one before it was changed, and the rest sealed anew"}
	}
	return nil
}

// reached checks that the log is as long as the heads say.
func (all *Heads) reached(entries int64) error {
	if all.last.Seq > entries {
		return &Broken{entries + 1, fmt.Sprintf("is missing: at %s the log had %d entries", all.last.At, all.last.Seq)}
	}
	return nil
}

// end reads where the log is now; a zero head when it is empty.
func end(tx *db.Tx, now time.Time) (h Head, err error) {
	if h.Seq, err = db.Find(tx, db.Value[int64], `select n from counter where name = 'audit'`); err != nil {
		return h, err
	}
	h.At = now.UTC().Format("2006-01-02T15:04:05.000Z07:00")
	h.Seal, err = sealOf(tx, h.Seq)
	return h, err
}
