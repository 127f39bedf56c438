package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"broadsheet/internal/platform/db"
)

const (
	// HeadsFile is the name of the file of heads, and keyFile of the key that
	// signs them, in a node's folder.
	HeadsFile = "audit-heads"
	keyFile   = "audit.key"
	// witnessEvery is how often the log's head is signed when it has changed.
	witnessEvery = time.Minute
	// noteWithin is how long that may take.
	noteWithin = 10 * time.Second
)

// Witness signs the log's head with a key of this node and notes it outside the
// database: in a file, and in the program's own log, so that whoever ships that
// has it in a second place.
type Witness struct {
	db     *db.DB
	folder string
	now    func() time.Time
	last   Head
}

// NewWitness returns the witness of a node with a folder.
func NewWitness(d *db.DB, folder string, now func() time.Time) *Witness {
	return &Witness{db: d, folder: folder, now: now}
}

// Run signs the head each minute in which it changed, until ctx ends, and once
// more then.
func (w *Witness) Run(ctx context.Context) {
	tick := time.NewTicker(witnessEvery)
	defer tick.Stop()
	for {
		w.note(ctx)
		if ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (w *Witness) note(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteWithin)
	defer cancel()
	if err := w.Note(ctx); err != nil && !errors.Is(err, db.ErrUnavailable) {
		slog.Error("witness the audit log", "error", err)
	}
}

// Note signs the head if it has changed. A log in which the last entry that was
// signed is another or gone is not signed: that is a *Broken.
func (w *Witness) Note(ctx context.Context) error {
	key, err := w.key()
	if err != nil {
		return err
	}
	var head Head
	err = w.db.View(ctx, func(tx *db.Tx) (err error) {
		if w.last.Seq > 0 {
			seal, err := sealOf(tx, w.last.Seq)
			if errors.Is(err, db.ErrNotFound) || err == nil && seal != w.last.Seal {
				return &Broken{w.last.Seq, "is not the one that was signed at " + w.last.At}
			}
			if err != nil {
				return err
			}
		}
		head, err = end(tx, w.now())
		return err
	})
	if err != nil {
		return fmt.Errorf("read the head of the audit log: %w", err)
	}
	if head.Seq == w.last.Seq {
		return nil
	}
	head = head.sign(key)
	if err := w.append(head); err != nil {
		return fmt.Errorf("note the head of the audit log: %w", err)
	}
	slog.Info("audit head", "seq", head.Seq, "seal", head.Seal, "at", head.At, "key", head.Key, "signature", head.Signature)
	w.last = head
	return nil
}

// append writes a head to the file, on a line of its own even after one that was
// cut off.
func (w *Witness) append(h Head) (err error) {
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(w.folder, HeadsFile), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	length, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	last := []byte{'\n'}
	if length > 0 {
		if _, err := f.ReadAt(last, length-1); err != nil {
			return err
		}
	}
	if last[0] != '\n' {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return err
	}
	return f.Sync()
}

// key is this node's key, made when it is absent.
func (w *Witness) key() (ed25519.PrivateKey, error) {
	path := filepath.Join(w.folder, keyFile)
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, key, err = ed25519.GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	if err := writeKey(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})); err != nil {
		return nil, fmt.Errorf("keep the key that signs the audit log's head: %w", err)
	}
	return key, nil
}

// writeKey makes the file whole, or not at all.
func writeKey(path string, text []byte) error {
	f, err := os.OpenFile(path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return os.Rename(path+".part", path)
}

func readKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the key that signs the audit log's head: %w", err)
	}
	if block, _ := pem.Decode(text); block != nil {
		any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if key, ok := any.(ed25519.PrivateKey); ok && err == nil {
			return key, nil
		}
	}
	return nil, fmt.Errorf("%s is not the key that signs the audit log's head: put the right one there, or take it away and a new one is made", path)
}

// PublicKey is the public half of the key in a node's folder, hexadecimal; empty
// when there is none.
func PublicKey(folder string) (string, error) {
	key, err := readKey(filepath.Join(folder, keyFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(key.Public().(ed25519.PublicKey)), nil
}
