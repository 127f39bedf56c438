package desk

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// findTopics finds topics by the beginnings of their names.
func (v *visit) findTopics(tx *db.Tx, q, editionKey string, all *[]found) error {
	e, _ := v.edition(editionKey)
	topics, err := topic.Beginning(tx, e.Language, q, mostFound)
	for _, t := range topics {
		words := topicIn(t, e.Language)
		*all = append(*all, found{Kind: "topic", ID: fmt.Sprint(int64(t.ID)), Text: words.Name, Sub: lang.Clip(words.Definition, 90), Lang: e.Language, Dir: e.Direction()})
	}
	return err
}

// findAuthors finds authors by the beginnings of their names.
func (v *visit) findAuthors(tx *db.Tx, q, editionKey string, all *[]found) error {
	e, _ := v.edition(editionKey)
	authors, err := author.Beginning(tx, e.Language, q, mostFound)
	for _, a := range authors {
		words := a.Words[e.Language]
		*all = append(*all, found{Kind: "author", ID: fmt.Sprint(int64(a.ID)), Text: words.Name, Sub: words.Covers, Lang: e.Language, Dir: e.Direction()})
	}
	return err
}

// newTopic makes a topic of a name that nobody has used yet, for a story that needs it.
func (d *Desk) newTopic(v *visit) error {
	var asked struct {
		Edition string `json:"edition"`
		Name    string `json:"name"`
	}
	if err := v.into(&asked); err != nil {
		return err
	}
	e, ok := v.edition(asked.Edition)
	name := strings.TrimSpace(asked.Name)
	if !ok || name == "" || len(story.CheckLine("name", name, story.MaxKicker)) > 0 {
		return invalid("name", "fault.topic")
	}
	var id ref.Topic
	err := v.update(func(tx *db.Tx) (err error) {
		if lang.Slug(name) == "" {
			return invalid("name", "fault.topic")
		}
		id, err = d.Desk.TopicIn(tx, e.Language, name)
		d.note(v, "topic.made", fmt.Sprint("topic:", int64(id)), tx)
		return err
	})
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]any{"id": fmt.Sprint(int64(id)), "name": name})
}

// Picture is a picture that somebody brought.
type Picture struct {
	// Bytes is the file as it came.
	Bytes []byte
	By    ref.Staff
	// Language is that of Alt and Caption.
	Language             string
	Alt, Caption, Credit string
}

// ErrPicture is what Upload returns for bytes that are no picture that can be shown.
var ErrPicture = errors.New("this is no picture that can be shown")

// MaxPicture is how many bytes a picture may have.
const MaxPicture = 20 << 20

// upload takes a picture: the file as it is, its words in the address.
func (d *Desk) upload(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	q := v.URL.Query()
	p := Picture{By: v.by(), Alt: q.Get("alt"), Caption: q.Get("caption"), Credit: q.Get("credit")}
	for field, text := range map[string]string{"alternative text": p.Alt, "caption": p.Caption, "credit": p.Credit} {
		if problems := story.CheckLine(field, text, story.MaxStandfirst); len(problems) > 0 {
			return &publish.Refused{Problems: problems}
		}
	}
	err = v.view(func(tx *db.Tx) error {
		draft, err := v.reaches(tx, id)
		if e, ok := v.edition(draft.Edition); ok {
			p.Language = e.Language
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Bytes, err = io.ReadAll(http.MaxBytesReader(v.w, v.Body, MaxPicture))
	if _, long := errors.AsType[*http.MaxBytesError](err); long {
		return &problem{status: http.StatusRequestEntityTooLarge, key: "fault.picture.large"}
	}
	if err != nil {
		return &problem{status: http.StatusBadRequest, key: "fault.form"}
	}
	made, err := d.Upload(v.Context(), p)
	if errors.Is(err, ErrPicture) {
		return &problem{status: http.StatusUnsupportedMediaType, key: "fault.picture"}
	}
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, map[string]any{"id": fmt.Sprint(int64(made.ID)), "picture": picture(made, p.Language)})
}
