package api

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/strictjson"
)

// MaxBody is how many bytes a request may send: a story's body with what is around it.
const MaxBody = 6 << 20

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// tagOf is the entity tag of a draft's save, or of a front's version.
func tagOf(n int64) string { return `"` + itoa(n) + `"` }

// plainPath tells whether an address is text.
func plainPath(path string) bool {
	_, _, bad := lang.Control(path)
	return !bad && utf8.ValidString(path)
}

// read takes the body, whole.
func (q *asked) read(w http.ResponseWriter) error {
	if q.Method != http.MethodPost && q.Method != http.MethodPut {
		return nil
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, q.Body, MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return errTooLarge
	}
	if err != nil {
		return &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The request did not arrive whole. Nothing was changed; send it again."}
	}
	q.body = text
	if len(text) == 0 {
		return nil
	}
	kind, parameters, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	charset := parameters["charset"]
	if err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") || q.Header.Get("Content-Encoding") != "" {
		return &problem{Status: http.StatusUnsupportedMediaType, kind: "media-type", Detail: "Send JSON in UTF-8, not compressed, with Content-Type: application/json."}
	}
	return nil
}

// into decodes the body. An empty one is an empty object.
func (q *asked) into(v any) error {
	body := q.body
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	return strictjson.Decode(bytes.NewReader(body), v, strictjson.Limits{Bytes: MaxBody, Depth: 200})
}

// known reads the parameters of the address. It refuses those that the address
// does not have, and those given twice or not as text.
func (q *asked) known(names []string) (err error) {
	if q.values, err = url.ParseQuery(q.URL.RawQuery); err != nil {
		return &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The part of the address after ? cannot be read."}
	}
	for name, given := range q.values {
		if !slices.Contains(names, name) {
			return &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: fmt.Sprintf("There is no parameter %.100q here; there are %s.", name, cmp.Or(strings.Join(names, ", "), "none")), Errors: []wrong{{Field: "query", Reason: "has an unknown parameter"}}}
		}
		if len(given) > 1 || !plainPath(given[0]) {
			return &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The parameter " + name + " must be given once, as text.", Errors: []wrong{{Field: name, Reason: "is given twice, or is no text"}}}
		}
	}
	return nil
}

// identity reads the identity of the path.
func identity[T ~int64](q *asked, name string) (T, error) {
	text := q.PathValue(name)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || itoa(n) != text {
		return 0, db.ErrNotFound // no such thing can be here
	}
	return T(n), nil
}

// parameter reads an identity from the query; 0 when it is not given.
func parameter[T ~int64](values url.Values, name string) (T, error) {
	text := values.Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || itoa(n) != text {
		return 0, &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "The parameter " + name + " is no identity.", Errors: []wrong{{Field: name, Reason: "is no identity"}}}
	}
	return T(n), nil
}

// maxPage is how many things one answer lists at most.
const maxPage = 100

// limit reads how many things are wanted.
func limit(values url.Values) (int, error) {
	text := values.Get("limit")
	if text == "" {
		return 20, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxPage || strconv.Itoa(n) != text {
		return 0, &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: fmt.Sprintf("The parameter limit goes from 1 to %d.", maxPage), Errors: []wrong{{Field: "limit", Reason: "is out of its range"}}}
	}
	return n, nil
}

// page reads which part of a list is wanted: what stands behind the identity
// before, 0 for the beginning, and how much of it.
func page[T ~int64](q *asked) (before T, size int, err error) {
	if size, err = limit(q.values); err != nil {
		return 0, 0, err
	}
	before, err = parameter[T](q.values, "before")
	return before, size, err
}

// sequence reads which save the asker means, from If-Match.
func (q *asked) sequence() (int64, error) {
	text := q.Header.Get("If-Match")
	if text == "" {
		return 0, &problem{Status: http.StatusPreconditionRequired, kind: "condition-needed", Detail: `Say which save you mean: If-Match with the ETag that you read, as "7".`}
	}
	n, err := strconv.ParseInt(strings.Trim(text, `"`), 10, 64)
	if err != nil || n < 0 || text != `"`+itoa(n)+`"` {
		return 0, &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: `If-Match takes one ETag that you read, as "7".`, Errors: []wrong{{Field: "If-Match", Reason: "is no save's number in quotation marks"}}}
	}
	return n, nil
}

// moment reads a time of JSON: RFC 3339.
func moment(field, text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.Year() < 1970 || at.Year() > 9999 {
		return at, invalid(field, "is no time such as 2026-03-20T18:00:00Z")
	}
	return at, nil
}

// longestKey bounds an idempotency key.
const longestKey = 200

// change runs an act in one transaction of the desk. With an Idempotency-Key the
// answer is kept in the same transaction: who asks again gets it, and nothing is
// done twice. A redaction cleans what is kept.
func (a *API) change(q *asked, act func(*db.Tx) (*reply, error)) (out *reply, err error) {
	key := q.Header.Get("Idempotency-Key")
	if _, given := q.Header["Idempotency-Key"]; len(key) > longestKey || !plainPath(key) || given && key == "" {
		return nil, &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: fmt.Sprintf("An Idempotency-Key is a text of 1 to %d bytes.", longestKey)}
	}
	err = a.Desk.Do(q.Context(), func(tx *db.Tx) error {
		if key == "" {
			out, err = act(tx)
			return err
		}
		request := q.fingerprint()
		if out, err = a.before(tx, q, key, request); err != nil || out != nil {
			return err
		}
		if out, err = act(tx); err != nil {
			return err
		}
		return a.remember(tx, q, key, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// fingerprint tells one request from another.
func (q *asked) fingerprint() string {
	sum := sha256.New()
	for _, part := range []string{q.Method, q.URL.Path, q.Header.Get("If-Match")} {
		fmt.Fprintf(sum, "%d %s ", len(part), part)
	}
	sum.Write(q.body)
	return hex.EncodeToString(sum.Sum(nil))
}

// before takes the key, or finds what was answered when it was taken before.
func (a *API) before(tx *db.Tx, q *asked, key, request string) (*reply, error) {
	took, err := tx.Exec(`insert into idempotency (staff, key, request, status, subject, answer, at) values ($1, $2, $3, 0, 0, '', $4) on conflict (staff, key) do nothing`,
		q.who.Person.ID, key, request, a.Now().UnixMilli())
	if err != nil || took == 1 {
		return nil, err
	}
	type kept struct {
		request string
		answer  answered
	}
	k, err := db.Find(tx, func(r db.Row) (k kept, err error) {
		var text string
		if err := r.Scan(&k.request, &text); err != nil || text == "" {
			return k, err
		}
		return k, db.Unpack(text, &k.answer)
	}, `select request, answer from idempotency where staff = $1 and key = $2`, q.who.Person.ID, key)
	if err != nil {
		return nil, fmt.Errorf("look up what was answered before: %w", err)
	}
	if k.request != request {
		return nil, &problem{Status: http.StatusUnprocessableEntity, kind: "key-reused", Detail: "This Idempotency-Key was used for another request. Nothing was changed; choose a new key."}
	}
	return k.answer.reply(), nil
}

// answered is an answer as it is kept.
type answered struct {
	Status   int             `json:"status"`
	ETag     string          `json:"etag,omitempty"`
	Location string          `json:"location,omitempty"`
	Value    json.RawMessage `json:"value"`
}

func (k answered) reply() *reply {
	return &reply{status: k.Status, value: k.Value, etag: k.ETag, location: k.Location, replayed: true}
}

func (a *API) remember(tx *db.Tx, q *asked, key string, out *reply) error {
	again := out.again
	if again == nil {
		again = out.value
	}
	value, err := db.Pack(again)
	if err != nil {
		return err
	}
	text, err := db.Pack(answered{out.status, out.etag, out.location, json.RawMessage(value)})
	if err != nil {
		return err
	}
	about, _ := again.(done) // of anything else there is no story
	_, err = tx.Exec(`update idempotency set status = $1, subject = $2, answer = $3 where staff = $4 and key = $5`,
		out.status, int64(about.ID), text, q.who.Person.ID, key)
	if err != nil {
		return fmt.Errorf("keep what was answered: %w", err)
	}
	return nil
}

// ForgetKeys removes the idempotency keys from before a moment.
func ForgetKeys(tx *db.Tx, before time.Time) error {
	if _, err := tx.Exec(`delete from idempotency where at < $1`, before.UnixMilli()); err != nil {
		return fmt.Errorf("forget old keys: %w", err)
	}
	return nil
}

// done is what an act answers: which thing it was about, and what it is now.
type done struct {
	ID       ref.Story    `json:"id"`
	Sequence int64        `json:"sequence,omitempty"`
	Revision ref.Revision `json:"revision,omitzero"`
	State    string       `json:"state,omitempty"`
	Version  int64        `json:"version,omitempty"`
	// Address is where readers find the story.
	Address   string `json:"address,omitempty"`
	Published string `json:"published,omitempty"`
	Updated   string `json:"updated,omitempty"`
}
