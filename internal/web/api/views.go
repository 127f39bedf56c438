package api

import (
	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// viewRoutes are what is read most, and what is kept out of it.
func (a *API) viewRoutes() []route {
	return []route{
		{get, "/content/most-viewed", public, a.kept(a.contentMostViewed), doc{says: "What was read most in a day, a week or a month, in an edition or one of its sections.",
			query: []string{"edition", "section", "span", "limit"}, answer: contentList{}}},
		{get, "/most-viewed", staff.Read, a.mostViewed, doc{says: "What was read most, with numbers.", query: []string{"edition", "section", "span", "limit"}, answer: viewedList{}}},
		{put, "/stories/{id}/most-viewed", staff.Publish, a.excludeStory, doc{says: "Keep a story out of Most Viewed, with a reason.", body: exclusion{}, answer: nothing{}}},
		{remove, "/stories/{id}/most-viewed", staff.Publish, a.includeStory, doc{says: "Let a story into Most Viewed again.", answer: nothing{}}},
	}
}

// exclusion is why a story stays out of Most Viewed.
type exclusion struct {
	Reason string `json:"reason"`
}

// viewed is a story with how often it was read.
type viewed struct {
	Story ref.Story `json:"story"`
	Views int64     `json:"views"`
}

// viewedList is a ranking.
type viewedList struct {
	Viewed []viewed `json:"viewed"`
}

// ranking is which ranking is asked for.
type ranking struct {
	edition string
	section ref.Section
	span    readership.Span
	limit   int
}

func (q *asked) ranking() (r ranking, err error) {
	values := q.values
	if r.section, err = parameter[ref.Section](values, "section"); err != nil {
		return r, err
	}
	if r.limit, err = limit(values); err != nil {
		return r, err
	}
	if r.edition = values.Get("edition"); r.edition == "" {
		return r, badParameter("edition", "is not given")
	}
	r.span = readership.Span(values.Get("span"))
	if r.span == "" {
		r.span = readership.Day
	}
	if !r.span.Known() {
		return r, badParameter("span", "is day, week or month")
	}
	return r, nil
}

func (a *API) contentMostViewed(r *reading) (any, error) {
	wanted, err := r.ranking()
	if err != nil {
		return nil, err
	}
	r.saw(ref.MostViewedTag(wanted.edition), ref.EditionTag(wanted.edition))
	top, err := readership.Top(r.tx, wanted.edition, wanted.section, wanted.span, wanted.limit)
	if err != nil {
		return nil, err
	}
	ids := make([]ref.Story, len(top))
	for n, v := range top {
		ids[n] = v.Story
	}
	cards, err := story.Cards(r.tx, ids)
	list := contentList{Stories: []contentCard{}}
	for _, c := range cards {
		list.Stories = append(list.Stories, r.card(c))
	}
	return list, err
}

func (a *API) mostViewed(q *asked) (*reply, error) {
	wanted, err := q.ranking()
	if err != nil {
		return nil, err
	}
	list := viewedList{Viewed: []viewed{}}
	err = a.view(q.Context(), func(tx *db.Tx) error {
		top, err := readership.Top(tx, wanted.edition, wanted.section, wanted.span, wanted.limit)
		for _, v := range top {
			list.Viewed = append(list.Viewed, viewed{v.Story, v.Views})
		}
		return err
	})
	return &reply{value: list}, err
}

func (a *API) excludeStory(q *asked) (*reply, error) {
	var e exclusion
	if err := q.into(&e); err != nil {
		return nil, err
	}
	if err := firstWrong(nameFault("reason", e.Reason)); err != nil {
		return nil, err
	}
	return a.ranked(q, "story.excluded", func(tx *db.Tx, id ref.Story) error {
		return readership.Exclude(tx, id, e.Reason, q.who.Person.ID, a.Now())
	})
}

func (a *API) includeStory(q *asked) (*reply, error) {
	return a.ranked(q, "story.included", func(tx *db.Tx, id ref.Story) error { return readership.Include(tx, id) })
}

// ranked changes what may stand in Most Viewed; the next ranking shows it.
func (a *API) ranked(q *asked, act string, change func(*db.Tx, ref.Story) error) (*reply, error) {
	id, err := identity[ref.Story](q, "id")
	if err != nil {
		return nil, err
	}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if _, err := a.Stories.Draft(tx, id); err != nil {
			return nil, err
		}
		if err := change(tx, id); err != nil {
			return nil, err
		}
		return &reply{value: nothing{}}, a.Desk.SettledIn(tx, q.who.Person.ID, act, "story:"+itoa(int64(id)))
	})
}
