package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/news/publish"
)

// articles is a file of rows: JSON Lines, a JSON array, or CSV.
type articles struct {
	run      *run
	columns  *columns
	dates    *dates
	openings *openings
	tidy     *tidy
	// markup says that the bodies are HTML.
	markup bool
	// linkDates says that every link tells its date, where no row has one.
	linkDates bool
	// dated is when a row without a date was published, and how that was
	// found.
	dated    time.Time
	datedHow string
	stem     string
}

func newArticles(r *run) (*articles, error) {
	c, err := newColumns(r.o.Mapping)
	if err != nil {
		return nil, err
	}
	a := &articles{run: r, columns: c, openings: newOpenings(), tidy: &tidy{r.ledger}, stem: stem(r.ledger.r.File)}
	a.dates = &dates{zone: r.o.Edition.Location(), american: r.o.Edition.Region == "US"}
	a.openings.mine(r.o.Edition.Title)
	return a, nil
}

// stem is a file's name without the ends that say how it is packed.
func stem(file string) string {
	for {
		switch end := strings.ToLower(path.Ext(file)); end {
		case ".gz", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt":
			file = file[:len(file)-len(end)]
		default:
			return file
		}
	}
}

// rows opens the file from its start.
func (a *articles) rows(ctx context.Context) (rows, error) {
	from, err := a.run.input.unpacked(ctx)
	if err != nil {
		return nil, err
	}
	t, err := newText(from, a.run.o.Charset)
	if err != nil {
		return nil, err
	}
	return newRows(t)
}

// each goes over the rows.
func (a *articles) each(ctx context.Context, do func(n int, r row) error) error {
	rows, err := a.rows(ctx)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		r, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(n, r); err != nil {
			return err
		}
	}
}

// survey reads the file for what its rows have in common: first where the
// fields stand, then what is in them.
func (a *articles) survey(ctx context.Context) (string, error) {
	total := 0
	var early []row // what is read before the columns are known
	l := &learned{a: a}
	err := a.each(ctx, func(n int, r row) error {
		total = n
		a.columns.see(r.cells)
		if n <= earlyRows {
			early = append(early, row{cells: r.cells})
			return nil
		}
		if n == earlyRows+1 {
			if err := l.catchUp(early); err != nil {
				return err
			}
			early = nil
		}
		l.row(r)
		return nil
	})
	if err != nil {
		return "", err
	}
	if total == 0 {
		return "", &Fault{Reason: "there are no items in the file"}
	}
	if err := l.catchUp(early); err != nil {
		return "", err
	}
	unread, err := a.columns.settle()
	if err != nil {
		return "", err
	}
	if len(unread) > 0 {
		a.run.ledger.note("not read, because no field of ours was named for it: %s", strings.Join(unread, ", "))
	}
	return Articles, l.conclude()
}

// earlyRows are read before it is decided where the fields stand.
const earlyRows = 100

// learned is what a survey gathers.
type learned struct {
	a                       *articles
	headlines, dated, links int
	bodies, markup, undated int
}

func (l *learned) catchUp(early []row) error {
	if len(early) == 0 {
		return nil
	}
	if _, err := l.a.columns.settle(); err != nil {
		return err
	}
	for _, r := range early {
		l.row(r)
	}
	return nil
}

func (l *learned) row(r row) {
	c, a := l.a.columns, l.a
	if strings.TrimSpace(c.text(r.cells, "headline")) != "" {
		l.headlines++
	}
	if date := c.text(r.cells, "date"); date != "" {
		l.dated++
		a.dates.learn(date)
	} else {
		l.undated++
		address := c.text(r.cells, "url")
		if _, ok := a.dates.inLink(address); ok {
			l.links++
		}
	}
	standfirst, text := c.text(r.cells, "standfirst"), c.text(r.cells, "body")
	if text != "" {
		l.bodies++
		if looksMarked(text) {
			l.markup++
		}
	}
	a.openings.learn(standfirst, text)
	a.openings.mine(c.text(r.cells, "source"))
}

// looksMarked tells whether a text is HTML: it begins with an element that
// holds a paragraph or more.
func looksMarked(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s[:min(len(s), 200)]))
	for _, start := range []string{"<p>", "<p ", "<div>", "<div ", "<h1", "<h2", "<h3", "<ul>", "<figure", "<article", "<section", "<!-- wp:", "<blockquote"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return false
}

func (l *learned) conclude() error {
	a, ledger := l.a, l.a.run.ledger
	if l.headlines == 0 {
		return &Fault{Reason: fmt.Sprintf("no item has a headline; there are %s: name the one that holds it, as headline=NAME", a.columns.names())}
	}
	a.markup = l.markup*2 > l.bodies
	if l.markup > 0 && !a.markup {
		ledger.note("%d bodies look like HTML and came in as plain text, like the others; name their column as html=NAME if they are HTML", l.markup)
	}
	if a.dates.unclear > 0 && (a.dates.dayFirst > 0) == (a.dates.monthFirst > 0) {
		order := "day/month/year"
		if a.dates.monthLeads() {
			order = "month/day/year"
		}
		ledger.note("dates such as 03/04/2017 were read as %s", order)
	}
	a.linkDates = l.undated > 0 && l.links == l.undated
	a.dated, a.datedHow = a.run.o.Now, "has no date: dated at its import"
	if t, ok := a.dates.inName(ledger.r.File); ok {
		a.dated, a.datedHow = t, "has no date: dated by the file's name"
	}
	return nil
}

func (a *articles) begin(*publish.Batch) {}

// records reads the rows once more.
func (a *articles) records(ctx context.Context, yield func(record) error) error {
	return a.each(ctx, func(n int, r row) error {
		rec := record{number: n, place: fmt.Sprintf("line %d", r.line), size: len(r.raw), content: r.cells}
		headline := strings.TrimSpace(a.columns.text(r.cells, "headline"))
		rec.hash = a.hash(r)
		rec.key = a.key(r, headline)
		switch {
		case r.partial:
			rec.refused = "the file was cut off inside this row"
		case headline == "":
			rec.refused = "it has no headline"
		}
		return yield(rec)
	})
}

// hash covers all that was read, and how it was to be read.
func (a *articles) hash(r row) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s|%d|%v|", a.run.o.Genre, a.run.o.Section, a.run.o.Mapping)
	io.WriteString(h, strings.TrimSpace(string(r.raw)))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// key is the row's identity at home: the number or code that it has there
// together with its site, else its address, else its headline and date. A
// number alone says nothing outside its file, whose name joins it then.
func (a *articles) key(r row, headline string) string {
	id := strings.TrimSpace(a.columns.text(r.cells, "id"))
	address := strings.TrimSpace(a.columns.text(r.cells, "url"))
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	key := address
	switch {
	case id != "" && (strings.Contains(id, "://") || len(id) == 36 && strings.Count(id, "-") == 4):
		key = id // known everywhere by itself
	case id != "" && host != "":
		key = host + " " + id
	case id != "":
		key = a.stem + " " + id
	case address != "" && host == "":
		key = a.stem + " " + address
	case address == "":
		key = headline + "\n" + a.columns.text(r.cells, "date")
		if a.columns.text(r.cells, "date") == "" {
			// A headline alone names nothing: another text is another story.
			key += "\n" + a.columns.text(r.cells, "body")
		}
	}
	if len(key) > mostKey || !utf8.ValidString(key) || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' }) {
		sum := sha256.Sum256([]byte(key))
		return hashed + hex.EncodeToString(sum[:16])
	}
	return key
}

const (
	// mostKey is how long a key may be in the database.
	mostKey = 400
	// hashed begins the key of an item that has no name of its own.
	hashed = "sha256:"
)
