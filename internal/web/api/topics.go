package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// topicWords are what editors say of a topic.
type topicWords struct {
	// Kind is concept, technique, place, person, organisation or keyword.
	Kind string `json:"kind"`
	// Focus is the place in In Focus, from 1; 0 keeps the topic out of it.
	Focus   int                  `json:"focus,omitempty"`
	Picture ref.Asset            `json:"picture,omitzero"`
	Words   map[string]topicText `json:"words"`
	// Related are the topics set beside this one, the nearest first.
	Related []ref.Topic `json:"related,omitempty"`
	// Checked is when the facts were last held against their sources, RFC 3339.
	Checked string `json:"checked,omitempty"`
}

// topicText are a topic's words in one language.
type topicText struct {
	Name       string   `json:"name"`
	Slug       string   `json:"slug"`
	Aliases    []string `json:"aliases,omitempty"`
	Definition string   `json:"definition,omitempty"`
	// About says at length what it is: paragraphs with empty lines between them.
	About     string           `json:"about,omitempty"`
	Facts     []topic.Fact     `json:"facts,omitempty"`
	Questions []topic.Question `json:"questions,omitempty"`
}

// topicView is a topic.
type topicView struct {
	ID ref.Topic `json:"id"`
	topicWords
}

// topicList is a page of topics. Before leads to the next; empty at the end.
type topicList struct {
	Topics []topicView `json:"topics"`
	Before string      `json:"before,omitempty"`
}

func topicOf(t topic.Topic) topicView {
	view := topicView{t.ID, topicWords{t.Kind, t.Focus, t.Picture, map[string]topicText{}, t.Related, stamp(t.Checked)}}
	for language, w := range t.Words {
		view.Words[language] = topicText(w)
	}
	return view
}

// topicKinds are the kinds of topics.
var topicKinds = map[string]bool{"concept": true, "technique": true, "place": true, "person": true, "organisation": true, "keyword": true}

func (w topicWords) check(spoken map[string]bool) error {
	if !topicKinds[w.Kind] {
		return invalid("kind", fmt.Sprintf("%.50q is not one we know: concept, technique, place, person, organisation or keyword", w.Kind))
	}
	if w.Focus < 0 {
		return invalid("focus", "is a place from 1, or 0")
	}
	if len(w.Words) == 0 {
		return invalid("words", "are in no language")
	}
	var found []*wrong
	for language, words := range w.Words {
		if !spoken[language] {
			found = append(found, &wrong{Field: "words", Reason: fmt.Sprintf("are in %.20q, which is no language here", language)})
		}
		found = append(found, nameFault("words."+language+".name", words.Name), slugFault(words.Slug), textFault("words."+language+".definition", words.Definition, longestDefinition))
		if len(words.Aliases) > mostAliases {
			found = append(found, &wrong{Field: "words." + language + ".aliases", Reason: fmt.Sprintf("are %d of at most %d", len(words.Aliases), mostAliases)})
			words.Aliases = nil
		}
		for _, alias := range words.Aliases {
			found = append(found, nameFault("words."+language+".aliases", alias))
		}
		found = append(found, aboutFault("words."+language, words))
	}
	return firstWrong(found...)
}

// Limits of what is told about a topic.
const (
	longestAbout  = 20_000
	mostFacts     = 50
	mostQuestions = 50
	mostRelated   = 20
)

// aboutFault is what is wrong with the longer words of a topic.
func aboutFault(place string, w topicText) *wrong {
	if len(w.Facts) > mostFacts || len(w.Questions) > mostQuestions {
		return &wrong{Field: place, Reason: fmt.Sprintf("have %d facts and %d questions; there may be %d and %d", len(w.Facts), len(w.Questions), mostFacts, mostQuestions)}
	}
	found := []*wrong{textFault(place+".about", w.About, longestAbout)}
	for _, f := range w.Facts {
		found = append(found, nameFault(place+".facts.name", f.Name), nameFault(place+".facts.value", f.Value))
	}
	for _, q := range w.Questions {
		found = append(found, nameFault(place+".questions.question", q.Question), textFault(place+".questions.answer", q.Answer, longestDefinition))
	}
	for _, one := range found {
		if one != nil {
			return one
		}
	}
	return nil
}

// relatedHere refuses related topics that are not here.
func relatedHere(tx *db.Tx, id ref.Topic, related []ref.Topic) error {
	if len(related) > mostRelated || slices.Contains(related, id) {
		return invalid("related", fmt.Sprintf("are at most %d other topics", mostRelated))
	}
	found, err := topic.ByID(tx, related)
	if err == nil && len(found) < len(related) {
		return invalid("related", "names a topic that is not here, or one twice")
	}
	return err
}

func (a *API) listTopics(q *asked) (*reply, error) {
	before, size, err := page[ref.Topic](q)
	if err != nil {
		return nil, err
	}
	var list topicList
	err = a.view(q.Context(), func(tx *db.Tx) (err error) {
		list, err = topicsOf(tx, before, size)
		return err
	})
	return &reply{value: list}, err
}

func topicsOf(tx *db.Tx, before ref.Topic, size int) (topicList, error) {
	list := topicList{Topics: []topicView{}}
	all, err := topic.All(tx, before, size+1)
	if len(all) > size {
		all = all[:size]
		list.Before = itoa(int64(all[size-1].ID))
	}
	for _, t := range all {
		list.Topics = append(list.Topics, topicOf(t))
	}
	return list, err
}

func topicAt(tx *db.Tx, id ref.Topic) (topic.Topic, error) {
	found, err := topic.ByID(tx, []ref.Topic{id})
	if err != nil || len(found) == 0 {
		return topic.Topic{}, errors.Join(err, db.ErrNotFound)
	}
	return found[0], nil
}

func (a *API) readTopic(q *asked) (*reply, error) {
	id, err := identity[ref.Topic](q, "id")
	if err != nil {
		return nil, err
	}
	var view topicView
	err = a.view(q.Context(), func(tx *db.Tx) error {
		t, err := topicAt(tx, id)
		view = topicOf(t)
		return err
	})
	return placed(view, http.StatusOK, ""), err
}

func (a *API) createTopic(q *asked) (*reply, error) {
	return a.putTopic(q, ref.New[ref.Topic](a.Mint), "")
}

func (a *API) saveTopic(q *asked) (*reply, error) {
	id, err := identity[ref.Topic](q, "id")
	if err != nil {
		return nil, err
	}
	match, err := q.match()
	if err != nil {
		return nil, err
	}
	return a.putTopic(q, id, match)
}

// putTopic adds a topic, or changes the one that match tags.
func (a *API) putTopic(q *asked, id ref.Topic, match string) (*reply, error) {
	var w topicWords
	if err := q.into(&w); err != nil {
		return nil, err
	}
	t := topic.Topic{ID: id, Focus: w.Focus, Kind: w.Kind, Picture: w.Picture, Words: map[string]topic.Words{}, Related: w.Related}
	for language, words := range w.Words {
		words.Slug = lang.Slug(words.Slug)
		t.Words[language] = topic.Words(words)
	}
	if w.Checked != "" {
		at, err := time.Parse(time.RFC3339, w.Checked)
		if err != nil {
			return nil, invalid("checked", "is no time, such as 2026-11-23T09:00:00Z")
		}
		t.Checked = at.UTC()
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		spoken, err := languages(tx)
		if err != nil {
			return nil, err
		}
		if err := w.check(spoken); err != nil {
			return nil, err
		}
		shown := []ref.Tag{id.Tag(), ref.TopicsTag}
		if match != "" {
			before, err := topic.Lock(tx, id)
			if err != nil {
				return nil, err
			}
			if err := q.asSeen(match, topicOf(before), topicOf(t)); err != nil {
				return nil, err
			}
			t.Merged, t.Batch = before.Merged, before.Batch
			if before.Focus > 0 || before.Defined() {
				shown = append(shown, ref.FrameTag)
			}
		}
		if t.Focus > 0 || t.Defined() {
			shown = append(shown, ref.FrameTag) // every page may name what is in focus, every story explain it
		}
		if err := relatedHere(tx, id, t.Related); err != nil {
			return nil, err
		}
		if err := pictureHere(tx, t.Picture); err != nil {
			return nil, err
		}
		if err := topic.Put(tx, t); err != nil {
			return nil, taken(err, topic.ErrTaken, "topic")
		}
		return placed(topicOf(t), statusOf(match), Prefix+"topics/"+itoa(int64(id))),
			a.Desk.SettledIn(tx, q.who.Person.ID, "topic.saved", "topic:"+itoa(int64(id)), shown...)
	})
}
