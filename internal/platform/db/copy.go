package db

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A copy of a database that either engine can take in: every row of every table
// as one line of canonical JSON, a list of its columns in the catalog's order,
// rows in the order of their keys by bytes. The same rows give the same lines
// on both engines, so that two databases are equal when their lines are.
//
// This file and scrub_postgres.go alone put statements together. What they put
// together are names of tables and columns, in quotation marks, and they come
// from the catalog that this program's migrations made, or are constants: names
// in a file are compared with those and never become text of a statement. Values
// are parameters, as everywhere.

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	// Type is bigint, text or boolean.
	Type string `json:"type"`
}

// The types that columns have.
const (
	typeInt  = "bigint"
	typeText = "text"
	typeBool = "boolean"
)

// Table is a table as the catalog knows it.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	// Key are the names of the columns of its primary key, in order.
	Key []string `json:"key"`
}

// ErrOtherTable says that lines were written by a table of another shape.
var ErrOtherTable = errors.New("the table has other columns here")

// Same tells whether two tables have the same columns, in the same order.
func (t Table) Same(other Table) bool {
	return t.Name == other.Name && slices.Equal(t.Columns, other.Columns)
}

// uncopied are the tables that no copy holds: what the migrations keep of
// themselves, what is made anew from the others, and the keys of certificates,
// which a newsroom gets again by itself.
func uncopied(name string) bool {
	switch name {
	case "goose_db_version", "certificate", "certificate_lock":
		return true
	}
	return strings.HasPrefix(name, "search_") || strings.HasPrefix(name, "sqlite_")
}

// catalogRow is a column in the catalog; key is its place in the primary key,
// from 1, and 0 outside of it.
type catalogRow struct {
	table  string
	column Column
	key    int
}

func scanCatalog(r Row) (c catalogRow, err error) {
	err = r.Scan(&c.table, &c.column.Name, &c.column.Type, &c.key)
	if c.column.Type = strings.ToLower(c.column.Type); c.column.Type == "integer" {
		c.column.Type = typeInt // how SQLite spells an identity
	}
	return c, err
}

// Tables lists the tables that a copy holds, by name.
func Tables(tx *Tx) ([]Table, error) {
	read := catalogOfSQLite
	if tx.engine == Postgres {
		read = catalogOfPostgres
	}
	rows, err := read(tx)
	if err != nil {
		return nil, fmt.Errorf("read the catalog: %w", err)
	}
	var tables []Table
	keys := map[string]map[int]string{}
	for _, c := range rows {
		if uncopied(c.table) {
			continue
		}
		if c.column.Type != typeInt && c.column.Type != typeText && c.column.Type != typeBool {
			return nil, fmt.Errorf("the column %s of the table %s is of the type %s, which no copy can hold", c.column.Name, c.table, c.column.Type)
		}
		if len(tables) == 0 || tables[len(tables)-1].Name != c.table {
			tables = append(tables, Table{Name: c.table})
			keys[c.table] = map[int]string{}
		}
		t := &tables[len(tables)-1]
		t.Columns = append(t.Columns, c.column)
		if c.key > 0 {
			keys[c.table][c.key] = c.column.Name
		}
	}
	for n := range tables {
		t := &tables[n]
		for place := 1; place <= len(keys[t.Name]); place++ {
			t.Key = append(t.Key, keys[t.Name][place])
		}
		if len(t.Key) == 0 {
			return nil, fmt.Errorf("the table %s has no primary key, and so no order", t.Name)
		}
	}
	return tables, nil
}

// quoted is a name of the catalog as statements have it.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quotedAll(t Table) string {
	names := make([]string, len(t.Columns))
	for n, c := range t.Columns {
		names[n] = quoted(c.Name)
	}
	return strings.Join(names, ", ")
}

// words joins the words of a statement.
func words(parts ...string) string { return strings.Join(parts, " ") }

// Count tells how many rows a table has.
func Count(tx *Tx, t Table) (int64, error) {
	n, err := Find(tx, Value[int64], words("select", "count(*)", "from", quoted(t.Name)))
	if err != nil {
		return 0, fmt.Errorf("count the rows of %s: %w", t.Name, err)
	}
	return n, nil
}

// order is the key of a table, texts by their bytes.
func order(tx *Tx, t Table) string {
	parts := make([]string, len(t.Key))
	for n, name := range t.Key {
		parts[n] = quoted(name)
		at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
		if tx.engine == Postgres && at >= 0 && t.Columns[at].Type == typeText {
			parts[n] += ` collate "C"`
		}
	}
	return strings.Join(parts, ", ")
}

// checkEvery is after how many rows a long walk looks whether it is still
// wanted.
const checkEvery = 256

// Dump tells every row of a table, as a line without its line feed. The line is
// good until the next one.
func Dump(tx *Tx, t Table, tell func(line []byte) error) error {
	rows, err := tx.query(words("select", quotedAll(t), "from", quoted(t.Name), "order by", order(tx, t)), nil)
	if err != nil {
		return fmt.Errorf("read the table %s: %w", t.Name, kind(err))
	}
	defer rows.Close()
	values := make([]value, len(t.Columns))
	into := make([]any, len(t.Columns))
	for n := range values {
		into[n] = &values[n]
	}
	var line []byte
	for count := 0; rows.Next(); count++ {
		if count%checkEvery == 0 && tx.ctx.Err() != nil {
			return tx.ctx.Err()
		}
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read the table %s: %w", t.Name, kind(err))
		}
		line = append(line[:0], '[')
		for n := range values {
			if n > 0 {
				line = append(line, ',')
			}
			if line, err = values[n].appendTo(line, t.Columns[n].Type); err != nil {
				return fmt.Errorf("read the column %s of %s: %w", t.Columns[n].Name, t.Name, err)
			}
		}
		if err := tell(append(line, ']')); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the table %s: %w", t.Name, kind(err))
	}
	return nil
}

// value is a column of a row as the driver gives it.
type value struct{ is any }

// Scan takes what the driver gives. Bytes are the driver's own, and copied.
func (v *value) Scan(src any) error {
	if b, ok := src.([]byte); ok {
		src = string(b)
	}
	v.is = src
	return nil
}

// notText is the object that stands for a text whose bytes are no UTF-8, which
// only SQLite can hold: none should be there, and none may be lost.
const notText = `{"base64":`

func (v *value) appendTo(line []byte, as string) ([]byte, error) {
	switch is := v.is.(type) {
	case nil:
		return append(line, "null"...), nil
	case int64:
		if as == typeBool {
			return strconv.AppendBool(line, is != 0), nil
		}
		if as == typeInt {
			return strconv.AppendInt(line, is, 10), nil
		}
	case bool:
		if as == typeBool {
			return strconv.AppendBool(line, is), nil
		}
	case string:
		if as != typeText {
			break
		}
		if !utf8.ValidString(is) {
			line = append(line, notText...)
			line = appendText(line, base64.StdEncoding.EncodeToString([]byte(is)))
			return append(line, '}'), nil
		}
		return appendText(line, is), nil
	}
	return line, fmt.Errorf("it holds a %T where a %s is wanted", v.is, as)
}

// appendText writes a JSON string in the one way that a copy knows: quotation
// marks, backslashes and controls escaped, everything else as it is.
func appendText(line []byte, text string) []byte {
	const digits = "0123456789abcdef"
	line = append(line, '"')
	from := 0
	for n := 0; n < len(text); n++ {
		c := text[n]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		line = append(line, text[from:n]...)
		from = n + 1
		if c < ' ' {
			line = append(line, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		} else {
			line = append(line, '\\', c)
		}
	}
	return append(append(line, text[from:]...), '"')
}

// Empty removes every row of a table.
func Empty(tx *Tx, t Table) error {
	if _, err := tx.Exec(words("delete", "from", quoted(t.Name))); err != nil {
		return fmt.Errorf("empty the table %s: %w", t.Name, err)
	}
	return nil
}

// Load adds rows to a table of the catalog: lines as Dump tells them, each
// ended by a line feed.
func Load(tx *Tx, t Table, lines []byte) error {
	if len(lines) == 0 {
		return nil
	}
	add := loadSQLite
	if tx.engine == Postgres {
		add = loadPostgres
	}
	if err := add(tx, t, lines); err != nil {
		return fmt.Errorf("fill the table %s: %w", t.Name, err)
	}
	return nil
}

// loadSQLite adds row by row: there is no way to a server between.
func loadSQLite(tx *Tx, t Table, lines []byte) error {
	places := make([]string, len(t.Columns))
	for n := range places {
		places[n] = "$" + strconv.Itoa(n+1)
	}
	statement := words("insert", "into", quoted(t.Name), "("+quotedAll(t)+")", "values", "("+strings.Join(places, ", ")+")")
	for line := range bytes.Lines(lines) {
		args, err := parse(t, line)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(statement, args...); err != nil {
			return err
		}
	}
	return nil
}

// parse reads a row's values.
func parse(t Table, line []byte) ([]any, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(line, &parts); err != nil {
		return nil, fmt.Errorf("a row cannot be read: %w", err)
	}
	if len(parts) != len(t.Columns) {
		return nil, fmt.Errorf("a row has %d values: %w", len(parts), ErrOtherTable)
	}
	args := make([]any, len(parts))
	for n, part := range parts {
		var err error
		if args[n], err = parseValue(part, t.Columns[n].Type); err != nil {
			return nil, fmt.Errorf("a row's %s cannot be read: %w", t.Columns[n].Name, err)
		}
	}
	return args, nil
}

func parseValue(part json.RawMessage, as string) (any, error) {
	if string(part) == "null" {
		return nil, nil
	}
	switch {
	case as == typeInt:
		return strconv.ParseInt(string(part), 10, 64)
	case as == typeBool:
		return strconv.ParseBool(string(part))
	case bytes.HasPrefix(part, []byte(notText)):
		var coded struct {
			Bytes []byte `json:"base64"`
		}
		err := json.Unmarshal(part, &coded)
		return string(coded.Bytes), err
	}
	var text string
	err := json.Unmarshal(part, &text)
	return text, err
}

// batchBytes is about how much one statement carries to the server.
const batchBytes = 256 << 10

// loadPostgres adds many rows with one statement: the lines are a JSON array
// that the server takes apart.
func loadPostgres(tx *Tx, t Table, lines []byte) error {
	// Quotation marks within texts are escaped: this is never one.
	if bytes.Contains(lines, []byte(notText)) {
		return errors.New("it has a text whose bytes are no UTF-8, which PostgreSQL cannot hold; SQLite can")
	}
	columns := make([]string, len(t.Columns))
	for n, c := range t.Columns {
		columns[n] = "cast(r ->> " + strconv.Itoa(n) + " as " + c.Type + ")"
	}
	statement := words("insert", "into", quoted(t.Name), "("+quotedAll(t)+")",
		"select", strings.Join(columns, ", "), "from", "json_array_elements(cast($1 as json)) as r",
		"where", "json_array_length(r) = "+strconv.Itoa(len(t.Columns)))
	for len(lines) > 0 {
		batch, count := nextBatch(&lines)
		added, err := tx.Exec(statement, batch)
		if err != nil {
			return err
		}
		if added != count {
			return fmt.Errorf("%d of %d rows have their columns: %w", added, count, ErrOtherTable)
		}
	}
	return nil
}

// nextBatch takes the next lines as a JSON array.
func nextBatch(lines *[]byte) (string, int64) {
	var batch strings.Builder
	batch.WriteByte('[')
	count := int64(0)
	for len(*lines) > 0 && (count == 0 || batch.Len() < batchBytes) && count < math.MaxInt16 {
		line, rest, _ := bytes.Cut(*lines, []byte{'\n'})
		if count > 0 {
			batch.WriteByte(',')
		}
		batch.Write(line)
		count++
		*lines = rest
	}
	batch.WriteByte(']')
	return batch.String(), count
}

// Patient lets a transaction that does other work between its statements, such
// as copying files, stay open: the server ends others that are idle.
func Patient(tx *Tx) error {
	if tx.engine == SQLite {
		return nil
	}
	if _, err := tx.Exec("set local idle_in_transaction_session_timeout = 0"); err != nil {
		return fmt.Errorf("ask the server for patience: %w", err)
	}
	return nil
}

// MigrateTo brings the schema to a version that this program knows, for a copy
// that an older one made. A database that is past it is refused.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	provider, err := d.provider()
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if version > d.newest(provider) {
		return fmt.Errorf("it is of schema %d, this program knows %d: %w", version, d.newest(provider), ErrNewer)
	}
	has, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("ask %s for its version: %w", d.place, kind(err))
	}
	if has > version {
		return fmt.Errorf("%s has schema %d already, the copy is of %d: make an empty database", d.place, has, version)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		return fmt.Errorf("bring the database %s to schema %d: %w", d.place, version, kind(err))
	}
	return nil
}
