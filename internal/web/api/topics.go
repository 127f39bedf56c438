package api

import (
	"errors"
	"fmt"
	"net/http"

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
}

// topicText are a topic's words in one language.
type topicText struct {
	Name       string   `json:"name"`
	Slug       string   `json:"slug"`
	Aliases    []string `json:"aliases,omitempty"`
	Definition string   `json:"definition,omitempty"`
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
	view := topicView{t.ID, topicWords{t.Kind, t.Focus, t.Picture, map[string]topicText{}}}
	for language, w := range t.Words {
		view.Words[language] = topicText{w.Name, w.Slug, w.Aliases, w.Definition}
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
	}
	return firstWrong(found...)
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
	t := topic.Topic{ID: id, Focus: w.Focus, Kind: w.Kind, Picture: w.Picture, Words: map[string]topic.Words{}}
	for language, words := range w.Words {
		t.Words[language] = topic.Words{Name: words.Name, Slug: lang.Slug(words.Slug), Aliases: words.Aliases, Definition: words.Definition}
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
			if before.Focus > 0 {
				shown = append(shown, ref.FrameTag)
			}
		}
		if t.Focus > 0 {
			shown = append(shown, ref.FrameTag) // every page may name what is in focus
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
