package site

import (
	"slices"
	"strings"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
)

// topicAt finds the topic of the address; one that the topic left answers with
// where it is now.
func (r *reading) topicAt(tail string) (topic.Topic, *answer, error) {
	t, err := topic.At(r.tx, r.here.Language, r.names["topic"])
	if err != nil {
		return t, nil, missing(err)
	}
	r.saw(t.ID.Tag())
	moved, err := r.present("topic", t.Words[r.here.Language].Slug, tail)
	return t, moved, err
}

// topic is all about one topic: what it is, and what was published on it.
func (s *Site) topic(r *reading) (*answer, error) {
	t, moved, err := r.topicAt("")
	if moved != nil || err != nil {
		return moved, err
	}
	words := t.Words[r.here.Language]
	view := TopicPage{ListPage: ListPage{Frame: r.frame(words.Name, words.Definition), Heading: words.Name}, Definition: words.Definition, Aliases: words.Aliases}
	view.Feeds = append(view.Feeds, r.feedLinks(words.Name, join(r.here.Key, "topic", words.Slug)+"/")...)
	if err := r.list(&view.ListPage, r.onTopic(t.ID)); err != nil {
		return nil, err
	}
	if err := r.mayKnow(t); err != nil {
		return nil, missing(err)
	}
	r.alsoIn(&view.Frame, r.topicAddresses(t))
	for _, step := range []func(*TopicPage, topic.Topic) error{r.setTopicWords, r.setTopicPicture, r.setTopicRelated} {
		if err := step(&view, t); err != nil {
			return nil, err
		}
	}
	view.Data = r.topicData(&view)
	return r.set("topic", view)
}

// mayKnow is db.ErrNotFound for a topic that readers of the edition may not know of:
// one that has neither a definition nor a story.
func (r *reading) mayKnow(t topic.Topic) error {
	words := t.Words[r.here.Language]
	if words.Name != "" && words.Definition != "" {
		return nil
	}
	told, err := story.ToldIn(r.tx, r.here.Key, []ref.Topic{t.ID})
	return found(words.Name != "" && len(told) > 0, err)
}

// found is db.ErrNotFound where nothing was.
func found(any bool, err error) error {
	if err == nil && !any {
		return db.ErrNotFound
	}
	return err
}

// topicAddresses are the addresses of a topic's page by edition: of those that have
// a definition of it.
func (r *reading) topicAddresses(t topic.Topic) map[string]string {
	all := map[string]string{}
	for _, e := range r.house.editions {
		if words, ok := t.Words[e.Language]; ok && (words.Definition != "" || e.Key == r.here.Key) {
			all[e.Key] = join(e.Key, "topic", words.Slug)
		}
	}
	return all
}

// setTopicWords are the words about the topic beyond its definition. They stand on
// the first page only.
func (r *reading) setTopicWords(view *TopicPage, t topic.Topic) error {
	for n := range view.Cards {
		view.Cards[n].Time.Long = r.longDate(view.Cards[n].Time)
	}
	count, err := story.Count(r.tx, r.here.Key, t.ID)
	if err != nil {
		return err
	}
	view.Count = r.words().N("focus.stories", count)
	if view.Newer != "" {
		return nil
	}
	words := t.Words[r.here.Language]
	view.About = paragraphs(words.About)
	for _, f := range words.Facts {
		view.Facts = append(view.Facts, Fact(f))
	}
	for _, q := range words.Questions {
		view.Questions = append(view.Questions, Question(q))
	}
	if !t.Checked.IsZero() && len(words.Facts) > 0 {
		at := r.stamp(t.Checked)
		view.Checked = &at
	}
	return nil
}

// paragraphs are the parts of a text between empty lines.
func paragraphs(text string) []string {
	var all []string
	for part := range strings.SplitSeq(text, "\n\n") {
		if strings.TrimSpace(part) != "" {
			all = append(all, part)
		}
	}
	return all
}

func (r *reading) setTopicPicture(view *TopicPage, t topic.Topic) error {
	pictures, err := r.assets(t.Picture)
	if err != nil {
		return err
	}
	if a, ok := pictures[t.Picture]; ok {
		view.Picture = r.picture(a)
		r.showPicture(&view.Frame, a, a.Words[r.here.Language].Alt)
	}
	return nil
}

// How many topics stand beside a topic: with their definitions, and by name.
const (
	relatedTopics = 4
	besideTopics  = 8
)

// setTopicRelated lists the topics that editors set beside this one, then those that
// its stories are on as well.
func (r *reading) setTopicRelated(view *TopicPage, t topic.Topic) error {
	often, err := topic.Beside(r.tx, r.here.Key, t.ID, relatedTopics+besideTopics)
	if err != nil {
		return err
	}
	ids := slices.Concat(t.Related, often)
	found, err := topic.ByID(r.tx, ids)
	if err != nil {
		return err
	}
	byID := map[ref.Topic]topic.Topic{}
	for _, one := range found {
		byID[one.ID] = one
	}
	told, err := story.ToldIn(r.tx, r.here.Key, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		one, ok := byID[id]
		delete(byID, id)
		words := one.Words[r.here.Language]
		switch {
		case !ok || words.Name == "" || one.Merged != 0:
		case words.Definition != "" && len(view.Related) < relatedTopics:
			view.Related = append(view.Related, r.topicValue(one, nil))
		case len(view.Beside) < besideTopics && slices.Contains(told, id):
			r.saw(id.Tag())
			view.Beside = append(view.Beside, Link{Text: words.Name, Href: join(r.here.Key, "topic", words.Slug)})
		}
	}
	return nil
}

func (r *reading) onTopic(id ref.Topic) func(story.Cursor, int) ([]story.Card, error) {
	return func(behind story.Cursor, limit int) ([]story.Card, error) {
		return story.OnTopic(r.tx, r.here.Key, id, behind, limit)
	}
}

// inFocus lists the topics that the paper follows, with their definitions, and all
// that have one from A to Z.
func (s *Site) inFocus(r *reading) (*answer, error) {
	title := r.words().T("focus.title")
	view := FocusPage{Frame: r.frame(title, r.words().T("focus.note"))}
	r.saw(ref.TopicsTag)
	for _, t := range r.house.focus {
		if !t.Followed(r.here.Language) {
			continue
		}
		value, err := r.followed(t)
		if err != nil {
			return nil, err
		}
		view.Topics = append(view.Topics, value)
	}
	var all []Topic
	for _, t := range r.house.defined {
		if t.Words[r.here.Language].Definition != "" {
			all = append(all, r.topicValue(t, nil))
		}
	}
	view.Letters = letters(all, r.here.Language)
	view.Data = r.focusData(&view)
	return r.set("focus", view)
}

// followed is a topic with how many stories there are on it, and the newest.
func (r *reading) followed(t topic.Topic) (Topic, error) {
	value := r.topicValue(t, r.house.pictures)
	count, err := story.Count(r.tx, r.here.Key, t.ID)
	if err != nil {
		return value, err
	}
	value.Stories = r.words().N("focus.stories", count)
	latest, err := story.OnTopic(r.tx, r.here.Key, t.ID, story.Cursor{}, 1)
	if err != nil || len(latest) == 0 {
		return value, err
	}
	card := r.card(latest[0], nil)
	value.Latest = &card
	return value, nil
}

// letters groups the topics by their first letter, in the order of the
// letters' code points, which in all three scripts is the alphabet's closely
// enough for an index of a page.
func letters(topics []Topic, language string) []Letter {
	var groups []Letter
	for _, t := range sortedByName(topics, language) {
		first := firstLetter(t.Name, language)
		if len(groups) == 0 || groups[len(groups)-1].Letter != first {
			groups = append(groups, Letter{Letter: first})
		}
		last := &groups[len(groups)-1]
		last.Topics = append(last.Topics, Link{Text: t.Name, Href: t.Href})
	}
	return groups
}

// longDate is the full date of a card's time, in the edition's calendar.
func (r *reading) longDate(t Time) string {
	at, err := time.Parse(isoMinute, t.ISO)
	if err != nil {
		return ""
	}
	return r.here.Locale().LongDate(at.In(r.here.location))
}
