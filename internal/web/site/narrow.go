package site

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/search"
)

// narrow is what narrows a search beside its words.
type narrow struct {
	sections []section.Section
	genres   []story.Genre
	topic    *named[ref.Topic]
	author   *named[ref.Author]
	// from is the first moment, end the first that is too late; zero for none.
	from, end time.Time
}

// named is a topic or an author with name and slug in the edition's language.
type named[T any] struct {
	id         T
	name, slug string
}

func (n narrow) any() bool {
	return len(n.sections)+len(n.genres) > 0 || n.topic != nil || n.author != nil || !n.from.IsZero() || !n.end.IsZero()
}

// mostChosen bounds how many values of a filter are looked at.
const mostChosen = 50

// read reads the filters of an address; wrong says in a sentence which is none.
func (n *narrow) read(r *reading) (wrong string, err error) {
	words := r.words()
	for _, slug := range limited(r.many["section"]) {
		in, ok := r.here.bySlug[slug]
		if !ok {
			return words.T("search.unknown.section", lang.Clip(isolated(slug), maxAsked/2)), nil
		}
		n.sections = append(n.sections, in)
	}
	for _, key := range limited(r.many["genre"]) {
		g := story.Genre(key)
		if !g.Valid() || g == story.Page {
			return words.T("search.unknown.genre", lang.Clip(isolated(key), maxAsked/2)), nil
		}
		n.genres = append(n.genres, g)
	}
	for _, read := range []func(*reading) (string, error){n.readTopic, n.readAuthor, n.readDays} {
		if wrong, err := read(r); wrong != "" || err != nil {
			return wrong, err
		}
	}
	return "", nil
}

// limited are the first values, each once.
func limited(values []string) []string {
	var once []string
	for _, v := range values[:min(len(values), mostChosen)] {
		if !slices.Contains(once, v) {
			once = append(once, v)
		}
	}
	return once
}

func (n *narrow) readTopic(r *reading) (wrong string, err error) {
	slug := r.query["topic"]
	if slug == "" {
		return "", nil
	}
	t, err := topic.At(r.tx, r.here.Language, slug)
	if err == nil {
		err = r.mayKnow(t)
	}
	if errors.Is(err, db.ErrNotFound) {
		return r.words().T("search.unknown.topic", lang.Clip(isolated(slug), maxAsked/2)), nil
	}
	words := t.Words[r.here.Language]
	n.topic = &named[ref.Topic]{t.ID, words.Name, words.Slug}
	return "", err
}

func (n *narrow) readAuthor(r *reading) (wrong string, err error) {
	slug := r.query["author"]
	if slug == "" {
		return "", nil
	}
	a, err := author.At(r.tx, r.here.Language, slug)
	if err == nil {
		err = r.mayKnowOf(a)
	}
	if errors.Is(err, db.ErrNotFound) {
		return r.words().T("search.unknown.author", lang.Clip(isolated(slug), maxAsked/2)), nil
	}
	words := a.Words[r.here.Language]
	n.author = &named[ref.Author]{a.ID, words.Name, words.Slug}
	return "", err
}

// readDays reads the days from and to, both included, in the edition's time zone and
// calendar.
func (n *narrow) readDays(r *reading) (wrong string, err error) {
	for _, name := range []string{"from", "to"} {
		typed := strings.TrimSpace(r.query[name])
		if typed == "" {
			continue
		}
		civil, ok := r.here.Locale().ParseDay(typed)
		if !ok {
			return r.words().T("search.day", lang.Clip(isolated(typed), maxAsked/2), r.here.dayExample()), nil
		}
		day := lang.StartOf(civil, r.here.location)
		if name == "from" {
			n.from = day
		} else {
			n.end = r.here.dayAfter(day)
		}
	}
	if !n.from.IsZero() && !n.end.IsZero() && !n.from.Before(n.end) {
		return r.words().T("search.days"), nil
	}
	return "", nil
}

// groups are the facets that answers must have. Without words, lists are asked for,
// and standing pages are in none.
func (n narrow) groups(terms []search.Term) [][]string {
	var groups [][]string
	if len(n.sections) > 0 {
		groups = append(groups, n.sectionGroup())
	}
	if len(n.genres) > 0 {
		groups = append(groups, n.genreGroup())
	}
	if n.topic != nil {
		groups = append(groups, []string{story.TopicFacet(n.topic.id)})
	}
	if n.author != nil {
		groups = append(groups, []string{story.AuthorFacet(n.author.id)})
	}
	if len(terms) == 0 && len(groups) == 0 {
		groups = append(groups, []string{story.Listed})
	}
	return groups
}

// sectionGroup has, for a section that gathers a genre, the genre.
func (n narrow) sectionGroup() []string {
	var group []string
	for _, in := range n.sections {
		group = append(group, sectionFacet(in))
	}
	return group
}

func sectionFacet(in section.Section) string {
	if in.Genre != "" {
		return story.GenreFacet(story.Genre(in.Genre))
	}
	return story.SectionFacet(in.ID)
}

func (n narrow) genreGroup() []string {
	var group []string
	for _, g := range n.genres {
		group = append(group, story.GenreFacet(g))
	}
	return group
}

// fields are the filters as an address has them.
func (n narrow) fields() []Kept {
	var fields []Kept
	for _, in := range n.sections {
		fields = append(fields, Kept{"section", in.Slug})
	}
	for _, g := range n.genres {
		fields = append(fields, Kept{"genre", string(g)})
	}
	if n.topic != nil {
		fields = append(fields, Kept{"topic", n.topic.slug})
	}
	if n.author != nil {
		fields = append(fields, Kept{"author", n.author.slug})
	}
	if !n.from.IsZero() {
		fields = append(fields, Kept{"from", n.from.Format(time.DateOnly)})
	}
	if !n.end.IsZero() {
		fields = append(fields, Kept{"to", n.last().Format(time.DateOnly)})
	}
	return fields
}

// last is a moment of the last day.
func (n narrow) last() time.Time { return n.end.Add(-time.Nanosecond) }

// example is the day that stands for all others where one tells how they are written:
// an equinox.
var example = time.Date(2026, time.March, 20, 0, 0, 0, 0, time.UTC)

// typesDays says that days are typed: browsers' own fields for days know no calendar
// but the Gregorian one.
func (t *tongue) typesDays() bool { return t.Calendar != lang.Gregorian && t.Calendar != "" }

// dayExample is a day as the edition's readers may type it.
func (t *tongue) dayExample() string {
	if t.typesDays() {
		return t.Locale().NumericDay(example)
	}
	return t.Digits.String(example.Format(time.DateOnly))
}

// dayText is a day as the edition's form has it.
func (t *tongue) dayText(day time.Time) string {
	if t.typesDays() {
		return t.Locale().NumericDay(day)
	}
	return day.Format(time.DateOnly)
}

// address is the search without a filter, nil for none, and with more fields.
func (f *finding) address(without *Kept, more ...Kept) string {
	return f.addressOf(f.asked, without, more...)
}

func (f *finding) addressOf(asked string, without *Kept, more ...Kept) string {
	fields := f.fields()
	if without != nil {
		fields = slices.DeleteFunc(fields, func(k Kept) bool { return k == *without })
	}
	if f.newest {
		fields = append(fields, Kept{"sort", "newest"})
	}
	return searchAddress(f.here.Key, asked, append(fields, more...))
}

// addressIn is the search in another edition, which has other sections and topics.
func (f *finding) addressIn(key string) string {
	fields := slices.DeleteFunc(f.fields(), func(k Kept) bool { return k.Name == "section" || k.Name == "topic" || k.Name == "author" })
	return searchAddress(key, f.asked, fields)
}

func searchAddress(key, asked string, fields []Kept) string {
	var values []string
	if asked != "" {
		values = append(values, "q="+queryEscape(asked))
	}
	for _, k := range fields {
		values = append(values, k.Name+"="+queryEscape(k.Value))
	}
	if len(values) == 0 {
		return join(key, "search")
	}
	return join(key, "search") + "?" + strings.Join(values, "&")
}

// show fills in what was asked: the fields of the form, the filters that hold and
// the two orders.
func (f *finding) show(view *SearchPage) {
	words := f.words()
	if f.here.typesDays() {
		view.DayExample = f.here.dayExample()
	}
	for _, k := range f.fields() {
		without := f.address(&k)
		view.Chosen = append(view.Chosen, Link{Text: f.filterName(k), Href: without})
		switch k.Name {
		case "from":
			view.From = f.here.dayText(f.from)
		case "to":
			view.To = f.here.dayText(f.last())
		case "topic", "author":
			view.Kept = append(view.Kept, k)
		}
	}
	if view.Fault != "" {
		// What could not be read stays in the form.
		view.From = cmp.Or(view.From, lang.Clip(f.reading.query["from"], maxAsked/2))
		view.To = cmp.Or(view.To, lang.Clip(f.reading.query["to"], maxAsked/2))
	}
	if f.asked != "" {
		view.Kept = append([]Kept{{"q", lang.Clip(f.asked, maxAsked)}}, view.Kept...)
	}
	if len(view.Chosen) > 0 {
		view.Anew = searchAddress(f.here.Key, f.asked, nil)
	}
	if f.newest {
		view.Kept = append(view.Kept, Kept{"sort", "newest"})
	}
	if len(f.terms) == 0 {
		view.Sorted = words.T("search.sorted.newest")
		return
	}
	other := *f
	other.newest = !f.newest
	view.Sorted, view.Sort = words.T("search.sorted.best"), Link{Text: words.T("search.sort.newest"), Href: other.address(nil)}
	if f.newest {
		view.Sorted, view.Sort.Text = words.T("search.sorted.newest"), words.T("search.sort.best")
	}
}

// filterName is a filter in words.
func (f *finding) filterName(k Kept) string {
	words := f.words()
	switch k.Name {
	case "section":
		return f.here.bySlug[k.Value].Name
	case "genre":
		return words.T("genre." + k.Value)
	case "topic":
		return f.topic.name
	case "author":
		return f.author.name
	case "from":
		return words.T("search.since", f.here.Locale().DateInYear(f.from))
	}
	return words.T("search.until", f.here.Locale().DateInYear(f.last()))
}

// count says how many answers there are, and how many each filter would leave. The
// counts of a kind of filter are without the filters of that kind: they are joined
// by "or".
func (f *finding) count(view *SearchPage) (tally search.Tally, err error) {
	if tally, err = f.site.index.Tally(f.tx, f.query); err != nil {
		return tally, err
	}
	words := f.words()
	view.Count = words.N("search.count", tally.Count)
	most := f.here.Locale().Number(search.Counted)
	if tally.More {
		view.Count = words.T("search.count.more", most)
	}
	genres, sections := tally, tally
	if len(f.genres) > 0 {
		if genres, err = f.tallyWithout(func(n *narrow) { n.genres = nil }); err != nil {
			return tally, err
		}
	}
	if len(f.sections) > 0 {
		if sections, err = f.tallyWithout(func(n *narrow) { n.sections = nil }); err != nil {
			return tally, err
		}
	}
	if tally.More || genres.More || sections.More {
		view.Bounded = words.T("search.bounded", most)
	}
	view.Facets = f.withOptions(Facet{Name: "genre", Title: words.T("search.genres"), Options: f.genreOptions(genres)},
		Facet{Name: "section", Title: words.T("search.sections"), Options: f.sectionOptions(sections)})
	topics, err := f.topicOptions(tally)
	view.Facets = append(view.Facets, f.withOptions(Facet{Title: words.T("search.topics"), Options: topics})...)
	return tally, err
}

func (f *finding) withOptions(facets ...Facet) []Facet {
	return slices.DeleteFunc(facets, func(facet Facet) bool { return len(facet.Options) == 0 })
}

func (f *finding) tallyWithout(leave func(*narrow)) (search.Tally, error) {
	wider, q := f.narrow, f.query
	leave(&wider)
	q.Facets = wider.groups(f.terms)
	return f.site.index.Tally(f.tx, q)
}

func (f *finding) option(value, text string, count int, chosen bool) Option {
	return Option{Value: value, Text: text, Count: f.here.Locale().Number(int64(count)), Chosen: chosen}
}

func (f *finding) genreOptions(t search.Tally) (options []Option) {
	for _, g := range story.Genres {
		count, chosen := t.Facets[story.GenreFacet(g)], slices.Contains(f.genres, g)
		if count > 0 || chosen {
			options = append(options, f.option(string(g), f.words().T("genre."+string(g)), count, chosen))
		}
	}
	return options
}

// mostSections and mostTopics bound how many filters of a kind are offered.
const (
	mostSections = 12
	mostTopics   = 8
)

// sectionOptions are the sections with answers, those with most answers first; of
// very many these only.
func (f *finding) sectionOptions(t search.Tally) (options []Option) {
	counts := map[ref.Section]int{}
	var shown []section.Section
	for _, in := range f.here.bySlug {
		chosen := slices.ContainsFunc(f.sections, func(s section.Section) bool { return s.ID == in.ID })
		count := t.Facets[sectionFacet(in)]
		if chosen || in.Genre == "" && count > 0 {
			counts[in.ID] = count
			shown = append(shown, in)
		}
	}
	slices.SortFunc(shown, func(a, b section.Section) int {
		if counts[a.ID] != counts[b.ID] {
			return counts[b.ID] - counts[a.ID]
		}
		return strings.Compare(a.Slug, b.Slug)
	})
	for n, in := range shown {
		chosen := slices.ContainsFunc(f.sections, func(s section.Section) bool { return s.ID == in.ID })
		if n < mostSections || chosen {
			options = append(options, f.option(in.Slug, in.Name, counts[in.ID], chosen))
		}
	}
	return options
}

// topicOptions are the topics that most answers are on, as links: one is chosen at a
// time.
func (f *finding) topicOptions(t search.Tally) ([]Option, error) {
	counts := map[ref.Topic]int{}
	var ids []ref.Topic
	for facet, count := range t.Facets {
		number, ok := strings.CutPrefix(facet, "t")
		if id, err := ref.Parse[ref.Topic](number); ok && err == nil {
			counts[id] = count
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b ref.Topic) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return cmp.Compare(a, b)
	})
	found, err := topic.ByID(f.tx, ids[:min(len(ids), mostTopics)])
	if err != nil {
		return nil, err
	}
	var options []Option
	for _, id := range ids[:min(len(ids), mostTopics)] {
		at := slices.IndexFunc(found, func(t topic.Topic) bool { return t.ID == id })
		if at < 0 || f.topic != nil && f.topic.id == id {
			continue
		}
		words := found[at].Words[f.here.Language]
		if words.Name == "" {
			continue
		}
		option := f.option(words.Slug, words.Name, counts[id], false)
		other := *f
		other.topic = &named[ref.Topic]{id, words.Name, words.Slug}
		option.Href = other.address(nil)
		options = append(options, option)
	}
	return options, nil
}
