package wire

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
)

// item makes an item of a row.
func (a *articles) item(r record) (publish.Item, error) {
	cells := r.content.(map[string]any)
	text := func(field string) string { return a.tidy.text(r, a.columns.text(cells, field)) }
	line := func(field string) string { return a.tidy.line(r, field, a.columns.text(cells, field)) }
	item := publish.Item{Key: r.key, Hash: r.hash}
	c := &item.Content
	c.Headline, c.Short = line("headline"), line("short")
	c.Kicker, c.Dateline = line("kicker"), line("dateline")
	c.Standfirst = strings.TrimSpace(text("standfirst"))
	c.Slug = line("slug")
	c.Body = a.body(r, cells)
	c.Origin = a.origin(cells, line("source"))
	item.Section, item.Topics = a.filed(r, cells)
	c.Genre = genre(a.run.o.Genre, line("genre"), item.Section)
	item.Byline = a.tidy.byline(r, a.columns.list(cells, "author"))
	item.Published, item.Updated = a.when(r, cells)
	a.sign(r, &item)
	return item, nil
}

// body makes the body of a row, of its HTML, or of its text.
func (a *articles) body(r record, cells map[string]any) body.Body {
	src, marked := a.columns.text(cells, "html"), true
	if src == "" {
		src, marked = a.columns.text(cells, "body"), a.markup
	}
	if src == "" {
		return nil
	}
	if marked {
		made, losses := body.FromHTML(src, body.HTMLOptions{})
		a.tidy.lost(r, losses)
		return made
	}
	return body.FromText(paragraphs(a.tidy.text(r, src)))
}

// lineIsParagraph is from how many characters on, on average, the lines of a
// text without blank lines are its paragraphs.
const lineIsParagraph = 80

// paragraphs sets blank lines between the lines of a text that has none and
// whose lines are too long for anything but paragraphs.
func paragraphs(s string) string {
	s = strings.Trim(s, "\n")
	lines := strings.Split(s, "\n")
	for _, l := range lines {
		if strings.TrimSpace(l) == "" {
			return s
		}
	}
	if len(lines) == 1 || utf8.RuneCountInString(s)/len(lines) < lineIsParagraph {
		return s
	}
	return strings.Join(lines, "\n\n")
}

func (a *articles) origin(cells map[string]any, source string) *story.Origin {
	address := strings.TrimSpace(a.columns.text(cells, "url"))
	if !body.Usable(address) {
		address = ""
	}
	if u, err := url.Parse(address); err == nil && source == "" {
		source = u.Hostname()
	}
	if source == "" && address == "" {
		return nil
	}
	return &story.Origin{Source: source, Address: address}
}

// filed is the row's section and its topics: of several sections the first is
// the section, the others are topics.
func (a *articles) filed(r record, cells map[string]any) (section string, topics []string) {
	sections := a.columns.list(cells, "section")
	if s, ok := a.columns.value(cells, "section").(string); ok {
		sections = []string{strings.TrimSpace(s)} // a name may have a comma
	}
	for n, name := range sections {
		if name = a.tidy.line(r, "section", name); n == 0 {
			section = name
		} else {
			topics = append(topics, name)
		}
	}
	topics = append(topics, a.columns.list(cells, "subsection")...)
	topics = append(topics, a.columns.list(cells, "topics")...)
	return section, a.tidy.topics(r, topics)
}

// when is a row's date: its own, else that of its link, of the file, or of the
// import. A row from the future comes as a draft.
func (a *articles) when(r record, cells map[string]any) (published, updated time.Time) {
	written := a.columns.text(cells, "date")
	published, ok := a.dates.read(written)
	switch link, inLink := a.dates.inLink(a.columns.text(cells, "url")); {
	case ok:
	case written != "":
		published = a.dated
		a.run.ledger.changed(r.name(), fmt.Sprintf("has a date that cannot be read (%.40q): %s", written, strings.TrimPrefix(a.datedHow, "has no date: ")))
	case inLink && a.linkDates:
		published = link
		a.run.ledger.changed(r.name(), "has no date: dated by its link")
	default:
		published = a.dated
		a.run.ledger.changed(r.name(), a.datedHow)
	}
	updated, _ = a.dates.read(a.columns.text(cells, "updated"))
	if published.After(a.run.o.Now.Add(24 * time.Hour)) {
		a.run.ledger.changed(r.name(), "is dated in the future: kept as a draft")
		return time.Time{}, time.Time{}
	}
	return published, updated
}

// sign moves an opening signature or a dateline out of the text, and drops a
// standfirst that only repeats the first paragraph.
func (a *articles) sign(r record, item *publish.Item) {
	c := &item.Content
	if c.Standfirst != "" && c.Standfirst == strings.TrimSpace(first(c.Body)) {
		c.Standfirst = ""
		a.run.ledger.changed(r.name(), "the standfirst repeats the first paragraph: shown once")
	}
	a.openings.sign(r, item, a.run.ledger)
}

// sign takes the house's name from the beginning of an unsigned text, and a
// city before a dash.
func (o *openings) sign(r record, item *publish.Item, l *ledger) {
	c := &item.Content
	if found, ok := openingOf(c.Standfirst); ok && len(item.Byline) == 0 && o.house(found.name) {
		c.Standfirst = c.Standfirst[found.length:]
		item.Byline = []publish.Name{{Name: found.name, House: true}}
		l.changed(r.name(), fmt.Sprintf("the opening %q became the byline", found.name))
	}
	found, ok := openingOf(first(c.Body))
	if !ok {
		return
	}
	house := o.house(found.name) && !found.place() && (len(item.Byline) == 0 || item.Byline[0].House && lang.Fold(item.Byline[0].Name) == lang.Fold(found.name))
	place := !house && found.place() && c.Dateline == ""
	if !house && !place {
		return
	}
	cut, ok := cutStart(c.Body, found.length)
	if !ok {
		return
	}
	c.Body = cut
	if place {
		c.Dateline = found.name
		l.changed(r.name(), fmt.Sprintf("the opening %q became the dateline", found.name))
		return
	}
	item.Byline = []publish.Name{{Name: found.name, House: true}}
	l.changed(r.name(), fmt.Sprintf("the opening %q became the byline", found.name))
}

// genres are the names of genres as sections and columns have them.
var genres = map[string]story.Genre{
	"news": story.News, "analysis": story.Analysis, "analyses": story.Analysis, "opinion": story.Opinion, "opinions": story.Opinion,
	"viewpoint": story.Opinion, "interview": story.Interview, "interviews": story.Interview, "explainer": story.Explainer,
	"explainers": story.Explainer, "report": story.Report, "reportage": story.Report,
	"تحلیل": story.Analysis, "تحليل": story.Analysis, "تحليلات": story.Analysis, "رأي": story.Opinion, "آراء": story.Opinion,
	"یادداشت": story.Opinion, "دیدگاه": story.Opinion, "گفتگو": story.Interview, "گفت‌وگو": story.Interview, "مقابلات": story.Interview,
	"گزارش": story.Report,
}

// genre is the one named, else that of the section's name, else the one
// ordered for items that name none, else news.
func genre(ordered story.Genre, names ...string) story.Genre {
	for _, name := range names {
		if g, ok := genres[strings.ToLower(strings.TrimSpace(name))]; ok {
			return g
		}
	}
	if ordered != "" {
		return ordered
	}
	return story.News
}
