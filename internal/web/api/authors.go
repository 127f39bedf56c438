package api

import (
	"errors"
	"fmt"
	"net/http"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// authorWords are what editors say of an author.
type authorWords struct {
	// House marks the publication's own byline.
	House   bool                  `json:"house,omitempty"`
	Picture ref.Asset             `json:"picture,omitzero"`
	Words   map[string]authorText `json:"words"`
}

// authorText are an author's words in one language.
type authorText struct {
	Name string `json:"name"`
	Slug string `json:"slug"`
	Bio  string `json:"bio,omitempty"`
	// Covers says in a line what the author writes about.
	Covers string `json:"covers,omitempty"`
}

// authorView is an author.
type authorView struct {
	ID ref.Author `json:"id"`
	authorWords
}

// authorList is a page of authors. Before leads to the next; empty at the end.
type authorList struct {
	Authors []authorView `json:"authors"`
	Before  string       `json:"before,omitempty"`
}

func authorOf(of author.Author) authorView {
	view := authorView{of.ID, authorWords{of.House, of.Picture, map[string]authorText{}}}
	for language, w := range of.Words {
		view.Words[language] = authorText(w)
	}
	return view
}

func (w authorWords) check(spoken map[string]bool) error {
	if len(w.Words) == 0 {
		return invalid("words", "are in no language")
	}
	var found []*wrong
	for language, words := range w.Words {
		if !spoken[language] {
			found = append(found, &wrong{Field: "words", Reason: fmt.Sprintf("are in %.20q, which is no language here", language)})
		}
		found = append(found, nameFault("words."+language+".name", words.Name), slugFault(words.Slug), textFault("words."+language+".bio", words.Bio, longestDefinition), textFault("words."+language+".covers", words.Covers, longestName))
	}
	return firstWrong(found...)
}

func (a *API) listAuthors(q *asked) (*reply, error) {
	before, size, err := page[ref.Author](q)
	if err != nil {
		return nil, err
	}
	list := authorList{Authors: []authorView{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		all, err := author.All(tx, before, size+1)
		if len(all) > size {
			all = all[:size]
			list.Before = itoa(int64(all[size-1].ID))
		}
		for _, one := range all {
			list.Authors = append(list.Authors, authorOf(one))
		}
		return err
	})
	return &reply{value: list}, err
}

func authorAt(tx *db.Tx, id ref.Author) (author.Author, error) {
	found, err := author.ByID(tx, []ref.Author{id})
	if err != nil || len(found) == 0 {
		return author.Author{}, errors.Join(err, db.ErrNotFound)
	}
	return found[0], nil
}

func (a *API) readAuthor(q *asked) (*reply, error) {
	id, err := identity[ref.Author](q, "id")
	if err != nil {
		return nil, err
	}
	var view authorView
	err = a.view(q.Context(), func(tx *db.Tx) error {
		one, err := authorAt(tx, id)
		view = authorOf(one)
		return err
	})
	return placed(view, http.StatusOK, ""), err
}

func (a *API) createAuthor(q *asked) (*reply, error) {
	return a.putAuthor(q, ref.New[ref.Author](a.Mint), "")
}

func (a *API) saveAuthor(q *asked) (*reply, error) {
	id, err := identity[ref.Author](q, "id")
	if err != nil {
		return nil, err
	}
	match, err := q.match()
	if err != nil {
		return nil, err
	}
	return a.putAuthor(q, id, match)
}

// putAuthor adds an author, or changes the one that match tags.
func (a *API) putAuthor(q *asked, id ref.Author, match string) (*reply, error) {
	var w authorWords
	if err := q.into(&w); err != nil {
		return nil, err
	}
	one := author.Author{ID: id, House: w.House, Picture: w.Picture, Words: map[string]author.Words{}}
	for language, words := range w.Words {
		one.Words[language] = author.Words{Name: words.Name, Slug: lang.Slug(words.Slug), Bio: words.Bio, Covers: words.Covers}
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		spoken, err := languages(tx)
		if err != nil {
			return nil, err
		}
		if err := w.check(spoken); err != nil {
			return nil, err
		}
		before := one
		if match != "" {
			if before, err = author.Lock(tx, id); err != nil {
				return nil, err
			}
			if err := q.asSeen(match, authorOf(before), authorOf(one)); err != nil {
				return nil, err
			}
			one.Batch = before.Batch
		}
		if err := pictureHere(tx, one.Picture); err != nil {
			return nil, err
		}
		if err := author.Put(tx, one); err != nil {
			return nil, taken(err, author.ErrTaken, "author")
		}
		if err := a.Desk.ResignIn(tx, before, one); err != nil {
			return nil, err
		}
		return placed(authorOf(one), statusOf(match), Prefix+"authors/"+itoa(int64(id))),
			a.Desk.SettledIn(tx, q.who.Person.ID, "author.saved", "author:"+itoa(int64(id)), id.Tag())
	})
}
