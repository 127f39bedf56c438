// Package ref holds the identities of the newsroom's nouns and the tags of the
// pages that show them. It is what rooms on one floor may say of each other;
// it is not a place for behaviour, and imports nothing of Broadsheet.
package ref

import (
	"errors"
	"strconv"
)

// The identities are minted by a Mint: 63 bits, ordered by time, never reused.
// In JSON they are strings, because readers in other languages lose integers
// above 2^53.
type (
	// Story identifies a story for life, whatever its address or headline.
	Story int64
	// Revision identifies one save of a story.
	Revision int64
	// Asset identifies a picture, film, recording or document.
	Asset int64
	// Section identifies a section of one edition.
	Section int64
	// Topic identifies a topic in all its languages.
	Topic int64
	// Author identifies someone who signs stories.
	Author int64
	// Staff identifies a person of the desk.
	Staff int64
	// Batch identifies one import.
	Batch int64
)

// ErrIdentity says that a text is not an identity.
var ErrIdentity = errors.New("not an identity")

// ID is any of the identities.
type ID interface{ ~int64 }

// Parse reads an identity from its decimal form.
func Parse[T ID](s string) (T, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, ErrIdentity
	}
	return T(n), nil
}

func marshal(n int64) ([]byte, error) {
	b := make([]byte, 0, 22)
	b = append(b, '"')
	b = strconv.AppendInt(b, n, 10)
	return append(b, '"'), nil
}

func unmarshal[T ID](b []byte, id *T) error {
	if len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"' {
		return ErrIdentity
	}
	n, err := Parse[T](string(b[1 : len(b)-1]))
	if err == nil {
		*id = n
	}
	return err
}

// MarshalJSON writes the identity as a string.
func (id Story) MarshalJSON() ([]byte, error) { return marshal(int64(id)) }

// UnmarshalJSON reads the identity from a string.
func (id *Story) UnmarshalJSON(b []byte) error { return unmarshal(b, id) }

// MarshalJSON writes the identity as a string.
func (id Revision) MarshalJSON() ([]byte, error) { return marshal(int64(id)) }

// UnmarshalJSON reads the identity from a string.
func (id *Revision) UnmarshalJSON(b []byte) error { return unmarshal(b, id) }

// MarshalJSON writes the identity as a string.
func (id Asset) MarshalJSON() ([]byte, error) { return marshal(int64(id)) }

// UnmarshalJSON reads the identity from a string.
func (id *Asset) UnmarshalJSON(b []byte) error { return unmarshal(b, id) }

// MarshalJSON writes the identity as a string.
func (id Section) MarshalJSON() ([]byte, error) { return marshal(int64(id)) }

// UnmarshalJSON reads the identity from a string.
func (id *Section) UnmarshalJSON(b []byte) error { return unmarshal(b, id) }

// MarshalJSON writes the identity as a string.
func (id Topic) MarshalJSON() ([]byte, error) { return marshal(int64(id)) }

// UnmarshalJSON reads the identity from a string.
func (id *Topic) UnmarshalJSON(b []byte) error { return unmarshal(b, id) }

// MarshalJSON writes the identity as a string.
func (id Author) MarshalJSON() ([]byte, error) { return marshal(int64(id)) }

// UnmarshalJSON reads the identity from a string.
func (id *Author) UnmarshalJSON(b []byte) error { return unmarshal(b, id) }

// MarshalJSON writes the identity as a string.
func (id Staff) MarshalJSON() ([]byte, error) { return marshal(int64(id)) }

// UnmarshalJSON reads the identity from a string.
func (id *Staff) UnmarshalJSON(b []byte) error { return unmarshal(b, id) }
