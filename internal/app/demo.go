package app

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/demo"
	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/job"
)

// Furnish fills an empty newsroom with the demonstration: editions, sections,
// topics, authors, pictures, stories and fronts. A newsroom that has editions
// is left as it is.
func (n *Newsroom) Furnish(ctx context.Context, progress Progress) error {
	there, err := n.Editions(ctx)
	if err != nil || len(there) > 0 {
		return err
	}
	f := &furnisher{Newsroom: n, progress: progress, noon: lastNoon(n.now()),
		pictures: map[string]ref.Asset{}, films: map[string]ref.Asset{}, files: map[string]ref.Asset{}, topics: map[string]ref.Topic{}, authors: map[string]ref.Author{},
		sections: map[string]map[string]ref.Section{}, stories: map[string]map[string]ref.Story{}}
	for _, bring := range []func(context.Context) error{f.drawPictures, f.bringFilms, f.bringFiles} {
		if err := bring(ctx); err != nil {
			return fmt.Errorf("furnish the demonstration: %w", err)
		}
	}
	if err := n.Desk.House(ctx, f.all); err != nil {
		return fmt.Errorf("furnish the demonstration: %w", err)
	}
	if err := n.rank(ctx, job.Job{}); err != nil {
		return fmt.Errorf("furnish the demonstration: %w", err)
	}
	return nil
}

// furnisher fills a newsroom. Its maps lead from the names in the files to
// identities.
type furnisher struct {
	*Newsroom
	progress Progress
	// noon is the one that "-0d" in the files counts from: the last that has
	// passed, so that no story comes from the future.
	noon  time.Time
	drawn []asset.Asset
	// pictures are by the names of their files, films and documents too.
	pictures, films, files map[string]ref.Asset
	topics                 map[string]ref.Topic
	authors                map[string]ref.Author
	// sections and stories are by edition, then by name.
	sections map[string]map[string]ref.Section
	stories  map[string]map[string]ref.Story
	editions []edition.Edition
	// genres are those that sections gather, by their names.
	genres map[string]string
}

func lastNoon(now time.Time) time.Time {
	now = now.UTC()
	noon := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC)
	if noon.After(now) {
		noon = noon.AddDate(0, 0, -1)
	}
	return noon
}

// all writes everything in one transaction: a demonstration is whole or not
// there.
func (f *furnisher) all(tx *db.Tx) error {
	for _, step := range []func(*db.Tx) error{f.putEditions, f.putPictures, f.putSections, f.putTopics, f.putAuthors, f.putStories, f.putPages, f.putFronts, f.putViews, f.putStaff} {
		if err := step(tx); err != nil {
			return err
		}
	}
	return nil
}

func readHouse(name string, into any) error {
	text, err := demo.Files.ReadFile("house/" + name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (f *furnisher) putEditions(tx *db.Tx) error {
	var list []struct{ Key, Name, Title, Motto string }
	if err := readHouse("editions.json", &list); err != nil {
		return err
	}
	for position, text := range list {
		e := edition.Default(text.Key)
		e.Name, e.Title, e.Motto = text.Name, text.Title, text.Motto
		if err := edition.Put(tx, e, position); err != nil {
			return err
		}
		f.editions = append(f.editions, e)
		f.sections[e.Key], f.stories[e.Key] = map[string]ref.Section{}, map[string]ref.Story{}
	}
	return nil
}

func (f *furnisher) putSections(tx *db.Tx) error {
	var list []struct {
		ID, Genre string
		Words     map[string]struct{ Name, Slug, Description string }
	}
	if err := readHouse("sections.json", &list); err != nil {
		return err
	}
	f.genres = map[string]string{}
	for n, s := range list {
		f.genres[s.ID] = s.Genre
		for _, e := range f.editions {
			words := s.Words[e.Language]
			id := ref.New[ref.Section](f.Mint)
			err := section.Put(tx, section.Section{ID: id, Edition: e.Key, Slug: words.Slug, Position: n + 1, Name: words.Name, Description: words.Description, Genre: s.Genre})
			if err != nil {
				return err
			}
			f.sections[e.Key][s.ID] = id
		}
	}
	return nil
}

func (f *furnisher) putTopics(tx *db.Tx) error {
	var list []struct {
		ID, Kind, Picture string
		Focus             int
		Related           []string
		Words             map[string]topic.Words
	}
	if err := readHouse("topics.json", &list); err != nil {
		return err
	}
	for _, t := range list {
		f.topics[t.ID] = ref.New[ref.Topic](f.Mint)
	}
	for _, t := range list {
		put := topic.Topic{ID: f.topics[t.ID], Focus: t.Focus, Kind: t.Kind, Picture: f.pictures[t.Picture], Words: t.Words}
		for _, name := range t.Related {
			if f.topics[name] == 0 {
				return fmt.Errorf("topic %s: there is no topic %q", t.ID, name)
			}
			put.Related = append(put.Related, f.topics[name])
		}
		if err := topic.Put(tx, put); err != nil {
			return err
		}
	}
	return nil
}

func (f *furnisher) putAuthors(tx *db.Tx) error {
	var list []struct {
		ID    string
		House bool
		Words map[string]author.Words
	}
	if err := readHouse("authors.json", &list); err != nil {
		return err
	}
	for _, a := range list {
		id := ref.New[ref.Author](f.Mint)
		if err := author.Put(tx, author.Author{ID: id, House: a.House, Words: a.Words}); err != nil {
			return err
		}
		f.authors[a.ID] = id
	}
	return nil
}

// letter is a text of the demonstration: lines of a head, then Markdown.
type letter struct {
	head map[string]string
	text string
}

// readLetter reads a file of "Key: value" lines, an empty line, and a text.
func readLetter(name string) (*letter, error) {
	bytes, err := demo.Files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	head, text, ok := strings.Cut(string(bytes), "\n\n")
	if !ok {
		return nil, fmt.Errorf("%s has no empty line after its head", name)
	}
	l := &letter{head: map[string]string{}, text: text}
	for line := range strings.SplitSeq(head, "\n") {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%s: the head has a line without a colon: %q", name, line)
		}
		l.head[key] = strings.TrimSpace(value)
	}
	return l, nil
}

// first is the letter as it was first published: "Was: right | wrong" in its head
// says what stood there instead.
func (l *letter) first() *letter {
	right, wrong, changed := strings.Cut(l.head["Was"], " | ")
	if !changed {
		return l
	}
	was := &letter{head: maps.Clone(l.head), text: strings.ReplaceAll(l.text, right, wrong)}
	was.head["Standfirst"] = strings.ReplaceAll(l.head["Standfirst"], right, wrong)
	return was
}

// list is a value that names several things.
func (l *letter) list(key string) []string {
	var all []string
	for name := range strings.SplitSeq(l.head[key], ",") {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// eachStory reads every story in every edition's language.
func (f *furnisher) eachStory(do func(name, language string, text *letter) error) error {
	folders, err := demo.Files.ReadDir("stories")
	if err != nil {
		return err
	}
	for _, folder := range folders {
		for _, e := range f.editions {
			text, err := readLetter("stories/" + folder.Name() + "/" + e.Language + ".md")
			if errors.Is(err, fs.ErrNotExist) {
				continue // a story may exist in one edition only
			}
			if err != nil {
				return err
			}
			if err := do(folder.Name(), e.Language, text); err != nil {
				return fmt.Errorf("%s in %s: %w", folder.Name(), e.Language, err)
			}
		}
	}
	return nil
}

// putStories writes all stories before it makes them live: they name each other.
func (f *furnisher) putStories(tx *db.Tx) error {
	twins := map[string]ref.Story{}
	err := f.eachStory(func(name, language string, text *letter) error {
		e := f.edition(language)
		if twins[name] == 0 {
			twins[name] = ref.New[ref.Story](f.Mint)
		}
		content, err := f.content(e, text.first())
		if err != nil {
			return err
		}
		draft, err := f.Stories.Create(tx, 0, e.Key, twins[name], 0, content)
		f.stories[e.Key][name] = draft.ID
		return err
	})
	if err != nil {
		return err
	}
	return f.eachStory(func(name, language string, text *letter) error {
		at, err := f.when(text.head["Published"])
		if err != nil {
			return err
		}
		return f.showStory(tx, f.edition(language), name, text, at)
	})
}

// showStory makes a story live, with the stories that it names.
func (f *furnisher) showStory(tx *db.Tx, e edition.Edition, name string, text *letter, at time.Time) error {
	draft, err := f.Stories.Draft(tx, f.stories[e.Key][name])
	if err != nil {
		return err
	}
	for _, other := range text.list("Related") {
		id := f.stories[e.Key][other]
		if id == 0 {
			return fmt.Errorf("there is no story %q to be related to", other)
		}
		draft.Content.Related = append(draft.Content.Related, id)
	}
	if len(draft.Content.Related) > 0 {
		if draft, err = f.Stories.Save(tx, 0, draft.ID, draft.Sequence, draft.Content); err != nil {
			return err
		}
	}
	if _, err = f.Desk.StoryIn(tx, publish.Order{Story: draft.ID, Sequence: draft.Sequence, At: at}); err != nil || text.head["Was"] == "" {
		return err
	}
	return f.correct(tx, e, draft, text)
}

// correct publishes the text as it is over the one that was wrong.
func (f *furnisher) correct(tx *db.Tx, e edition.Edition, draft story.Draft, text *letter) error {
	at, err := f.when(text.head["Corrected"])
	if err != nil {
		return err
	}
	right, err := f.content(e, text)
	if err != nil {
		return err
	}
	right.Related = draft.Content.Related
	if draft, err = f.Stories.Save(tx, 0, draft.ID, draft.Sequence, right); err != nil {
		return err
	}
	_, err = f.Desk.StoryIn(tx, publish.Order{Story: draft.ID, Sequence: draft.Sequence, At: at, Kind: story.Correction, Note: text.head["Correction"]})
	return err
}

func (f *furnisher) edition(language string) edition.Edition {
	for _, e := range f.editions {
		if e.Language == language {
			return e
		}
	}
	return edition.Edition{}
}

func (f *furnisher) content(e edition.Edition, text *letter) (c story.Content, err error) {
	head := text.head
	c = story.Content{
		Headline: head["Headline"], Short: head["Short"], Standfirst: head["Standfirst"], Slug: head["Slug"],
		Genre: story.Genre(head["Genre"]), Section: f.sections[e.Key][head["Section"]], Picture: f.pictures[head["Picture"]],
		Alt: head["Alt"], Caption: head["Caption"], Kicker: head["Kicker"], Dateline: head["Dateline"], Film: f.films[head["Film"]], NoTerms: head["Terms"] == "no",
	}
	if c.Film == 0 && head["Film"] != "" {
		return c, fmt.Errorf("there is no film %q", head["Film"])
	}
	if c.Picture == 0 && head["Picture"] != "" {
		return c, fmt.Errorf("there is no picture %q", head["Picture"])
	}
	for _, name := range text.list("Topics") {
		if f.topics[name] == 0 {
			return c, fmt.Errorf("there is no topic %q", name)
		}
		c.Topics = append(c.Topics, f.topics[name])
	}
	for _, name := range text.list("Authors") {
		if f.authors[name] == 0 {
			return c, fmt.Errorf("there is no author %q", name)
		}
		c.Byline = append(c.Byline, story.Signature{Author: f.authors[name]})
	}
	c.Body, err = body.FromMarkdown([]byte(text.text), body.MarkdownOptions{
		Asset: func(name string) (ref.Asset, bool) {
			id := max(f.pictures[name], f.films[name], f.files[name])
			return id, id != 0
		},
		Topic: func(name string) (ref.Topic, bool) { return f.topics[name], f.topics[name] != 0 },
		Time:  f.when,
	})
	return c, err
}

// when reads "-2d 09:40": days before the demonstration's day, and the clock.
func (f *furnisher) when(text string) (time.Time, error) {
	days, clock, ok := strings.Cut(text, " ")
	n, err := strconv.Atoi(strings.TrimSuffix(days, "d"))
	at, err2 := time.Parse("15:04", clock)
	if !ok || err != nil || err2 != nil {
		return time.Time{}, fmt.Errorf("%q is no time like \"-2d 09:40\"", text)
	}
	return f.noon.AddDate(0, 0, n).Add(-12 * time.Hour).Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute), nil
}

// putPages writes the standing pages, in the order of their positions.
func (f *furnisher) putPages(tx *db.Tx) error {
	names, err := fs.Glob(demo.Files, "house/*.en.md")
	if err != nil {
		return err
	}
	for _, name := range names {
		twin := ref.New[ref.Story](f.Mint)
		for _, e := range f.editions {
			text, err := readLetter(strings.TrimSuffix(name, "en.md") + e.Language + ".md")
			if err != nil {
				return err
			}
			if err := f.putPage(tx, e, twin, text); err != nil {
				return fmt.Errorf("%s in %s: %w", name, e.Language, err)
			}
		}
	}
	return nil
}

func (f *furnisher) putPage(tx *db.Tx, e edition.Edition, twin ref.Story, text *letter) error {
	content, err := f.content(e, text)
	if err != nil {
		return err
	}
	content.Genre = story.Page
	position, err := strconv.Atoi(text.head["Position"])
	if err != nil {
		return fmt.Errorf("%q is no position", text.head["Position"])
	}
	draft, err := f.Stories.Create(tx, 0, e.Key, twin, 0, content)
	if err != nil {
		return err
	}
	// The footer has the oldest first.
	at := f.noon.AddDate(0, 0, -30).Add(time.Duration(position) * time.Minute)
	_, err = f.Desk.StoryIn(tx, publish.Order{Story: draft.ID, Sequence: draft.Sequence, At: at})
	return err
}

// picks are the stories that were picked for a front, by its containers.
type picks struct {
	Lead       string
	Choice     []string `json:"editors-choice"`
	Analysis   []string
	Opinion    []string
	Explainers []string
	Gallery    []string
	// Live is what is told live.
	Live string
	// Sections are those picked for the fronts of sections.
	Sections map[string]picks
}

// of are the stories picked for a kind of container.
func (p picks) of(kind string) []string {
	switch kind {
	case front.Lead:
		if p.Lead == "" {
			return nil
		}
		return []string{p.Lead}
	case front.Choice:
		return p.Choice
	case front.AnalysisBand:
		return p.Analysis
	case front.OpinionBand:
		return p.Opinion
	case front.ExplainerBand:
		return p.Explainers
	case front.GalleryBand:
		return p.Gallery
	}
	return nil
}

// putFronts arranges the fronts: the same picks in all editions.
func (f *furnisher) putFronts(tx *db.Tx) error {
	var picked picks
	if err := readHouse("front.json", &picked); err != nil {
		return err
	}
	for _, e := range f.editions {
		if err := f.launch(tx, e, front.Of(e.Key), picked); err != nil {
			return err
		}
		for name, p := range picked.Sections {
			id := f.sections[e.Key][name]
			if id == 0 {
				return fmt.Errorf("front.json: there is no section %q", name)
			}
			if err := f.launch(tx, e, front.Place{Edition: e.Key, Section: id, Genre: story.Genre(f.genres[name])}, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// launch puts the picks into the slots of a front that nobody has arranged yet.
func (f *furnisher) launch(tx *db.Tx, e edition.Edition, of front.Place, p picks) error {
	plan := front.Default(of)
	if of.Section != 0 && len(p.Choice) > 0 {
		plan.Containers = slices.Insert(plan.Containers, 1, front.Container{Kind: front.Choice, Size: 4})
	}
	for n := range plan.Containers {
		c := &plan.Containers[n]
		c.Slots = f.slots(e, p.of(c.Kind))
	}
	return front.Launch(tx, of, front.Launched{Version: 1, At: f.noon, Plan: plan})
}

// putViews tells of views that nobody had, so that there is something to rank: as
// many as the letters of a story's name make.
func (f *furnisher) putViews(tx *db.Tx) error {
	for _, e := range f.editions {
		for name, id := range f.stories[e.Key] {
			published, err := f.published(tx, id)
			if err != nil {
				return err
			}
			sum := sha256.Sum256([]byte(name))
			for n, ago := range []time.Duration{2 * time.Hour, 50 * time.Hour, 300 * time.Hour} {
				if at := f.now().Add(-ago); at.After(published) {
					if err := readership.Bring(tx, id, at, 20+int64(sum[n])<<n); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// published is when a story was first published.
func (f *furnisher) published(tx *db.Tx, id ref.Story) (time.Time, error) {
	found, err := story.Cards(tx, []ref.Story{id})
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return found[0].Published, nil
}

func (f *furnisher) slots(e edition.Edition, names []string) []front.Slot {
	var slots []front.Slot
	for _, name := range names {
		if id := f.stories[e.Key][name]; id != 0 {
			slots = append(slots, front.Slot{Story: id})
		}
	}
	return slots
}
