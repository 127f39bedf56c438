package api

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// Limits of what names places, in characters.
const (
	longestName       = 200
	longestDefinition = 2000
	mostAliases       = 100
)

// editionView is an edition.
type editionView struct {
	Key       string `json:"key"`
	Language  string `json:"language"`
	Direction string `json:"direction"`
	Name      string `json:"name"`
	Title     string `json:"title"`
	Motto     string `json:"motto,omitempty"`
	TimeZone  string `json:"time_zone"`
	Calendar  string `json:"calendar"`
	Digits    string `json:"digits"`
}

// editionList are the editions.
type editionList struct {
	Editions []editionView `json:"editions"`
}

func editionsOf(tx *db.Tx) (editionList, error) {
	list := editionList{Editions: []editionView{}}
	all, err := edition.All(tx)
	for _, e := range all {
		list.Editions = append(list.Editions, editionView{e.Key, e.Language, e.Direction(), e.Name, e.Title, e.Motto, e.TimeZone, string(e.Calendar), string(e.Digits)})
	}
	return list, err
}

func (a *API) listEditions(q *asked) (*reply, error) {
	var list editionList
	err := a.view(q.Context(), func(tx *db.Tx) (err error) {
		list, err = editionsOf(tx)
		return err
	})
	return &reply{value: list}, err
}

// sectionWords are what editors say of a section.
type sectionWords struct {
	Edition     string `json:"edition"`
	Slug        string `json:"slug"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Position orders the navigation, from 1; 0 keeps the section out of it.
	Position int `json:"position"`
	// Genre is set when the section gathers all stories of it.
	Genre story.Genre `json:"genre,omitempty"`
}

// sectionView is a section.
type sectionView struct {
	ID ref.Section `json:"id"`
	sectionWords
}

// sectionList are sections.
type sectionList struct {
	Sections []sectionView `json:"sections"`
}

func sectionOf(s section.Section) sectionView {
	return sectionView{s.ID, sectionWords{s.Edition, s.Slug, s.Name, s.Description, s.Position, story.Genre(s.Genre)}}
}

func sectionsOf(tx *db.Tx, key string) (sectionList, error) {
	list := sectionList{Sections: []sectionView{}}
	all, err := section.All(tx)
	for _, s := range all {
		if key == "" || s.Edition == key {
			list.Sections = append(list.Sections, sectionOf(s))
		}
	}
	return list, err
}

func (a *API) listSections(q *asked) (*reply, error) {
	var list sectionList
	err := a.view(q.Context(), func(tx *db.Tx) (err error) {
		list, err = sectionsOf(tx, q.values.Get("edition"))
		return err
	})
	return &reply{value: list}, err
}

func (a *API) readSection(q *asked) (*reply, error) {
	id, err := identity[ref.Section](q, "id")
	if err != nil {
		return nil, err
	}
	var view sectionView
	err = a.view(q.Context(), func(tx *db.Tx) error {
		s, err := section.ByID(tx, id)
		view = sectionOf(s)
		return err
	})
	return placed(view, http.StatusOK, ""), err
}

func (a *API) createSection(q *asked) (*reply, error) {
	return a.putSection(q, ref.New[ref.Section](a.Mint), "")
}

func (a *API) saveSection(q *asked) (*reply, error) {
	id, err := identity[ref.Section](q, "id")
	if err != nil {
		return nil, err
	}
	match, err := q.match()
	if err != nil {
		return nil, err
	}
	return a.putSection(q, id, match)
}

// putSection adds a section, or changes the one that match tags.
func (a *API) putSection(q *asked, id ref.Section, match string) (*reply, error) {
	var w sectionWords
	if err := q.into(&w); err != nil {
		return nil, err
	}
	if err := firstWrong(nameFault("name", w.Name), textFault("description", w.Description, longestDefinition), slugFault(w.Slug)); err != nil {
		return nil, err
	}
	if w.Genre != "" && !slices.Contains(story.Genres, w.Genre) {
		return nil, invalid("genre", fmt.Sprintf("%.50q is not one we know: take %s", w.Genre, story.OneOf(story.Genres)))
	}
	s := section.Section{ID: id, Edition: w.Edition, Slug: lang.Slug(w.Slug), Position: w.Position, Name: w.Name, Description: w.Description, Genre: string(w.Genre)}
	return a.change(q, func(tx *db.Tx) (*reply, error) {
		if match != "" {
			before, err := section.Lock(tx, id)
			if err != nil {
				return nil, err
			}
			if before.Edition != w.Edition {
				return nil, invalid("edition", "of a section cannot be changed")
			}
			if err := q.asSeen(match, sectionOf(before), sectionOf(s)); err != nil {
				return nil, err
			}
			s.Batch = before.Batch
			s.Former = before.Moved(s.Slug).Former
		} else if _, err := edition.Find(tx, w.Edition); errors.Is(err, db.ErrNotFound) {
			return nil, invalid("edition", fmt.Sprintf("%.50q is not here", w.Edition))
		} else if err != nil {
			return nil, err
		}
		if err := section.Put(tx, s); err != nil {
			return nil, taken(err, section.ErrTaken, "section")
		}
		return placed(sectionOf(s), statusOf(match), Prefix+"sections/"+itoa(int64(id))),
			a.Desk.SettledIn(tx, q.who.Person.ID, "section.saved", "section:"+itoa(int64(id)), ref.FrameTag)
	})
}

// statusOf is that of a place which was added, or changed when it was tagged.
func statusOf(match string) int {
	if match == "" {
		return http.StatusCreated
	}
	return http.StatusOK
}

// taken is the problem with a slug that belongs to another of its kind; any other
// error stays what it is.
func taken(err, kind error, noun string) error {
	if !errors.Is(err, kind) {
		return err
	}
	return &problem{Status: http.StatusConflict, kind: "conflict", Detail: "Nothing was changed. The slug belongs to another " + noun + "; choose another.",
		Errors: []wrong{{Field: "slug", Reason: "belongs to another " + noun}}}
}

// placed answers with a section, a topic or an author under its entity tag.
func placed(view any, status int, location string) *reply {
	return &reply{status: status, value: view, etag: placeTag(view), location: location}
}

// placeTag is the entity tag of a section, a topic or an author: a hash of what is
// said of it.
func placeTag(view any) string {
	text, err := encode(view)
	if err != nil {
		panic(err) // the views are texts and numbers
	}
	sum := sha256.Sum256(text)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// placeTags are texts that could be one.
var placeTags = regexp.MustCompile(`^"[0-9a-f]{32}"$`)

// match reads from If-Match how a section, a topic or an author was when the asker
// read it.
func (q *asked) match() (string, error) {
	text := q.Header.Get("If-Match")
	if text == "" {
		return "", &problem{Status: http.StatusPreconditionRequired, kind: "condition-needed", Detail: "Say what you change: If-Match with the ETag that reading it gave."}
	}
	if !placeTags.MatchString(text) {
		return "", &problem{Status: http.StatusBadRequest, kind: "bad-request", Detail: "If-Match takes one ETag, as reading this address gives it.", Errors: []wrong{{Field: "If-Match", Reason: "is no ETag of this address"}}}
	}
	return text, nil
}

// asSeen refuses a change of what somebody else changed after it was read, and
// shows who may read it how it is now. One's own change that arrives once more is
// no conflict.
func (q *asked) asSeen(match string, now, wanted any) error {
	if tag := placeTag(now); tag == match || tag == placeTag(wanted) {
		return nil
	}
	p := &problem{Status: http.StatusConflict, kind: "stale", Detail: "Somebody changed it meanwhile. Nothing was changed; read it again, and send what you want to change of that."}
	if q.who.May(staff.Read) {
		p.Newest = now
	}
	return p
}

// firstWrong is the problem with all fields that are wrong; nil when none is.
func firstWrong(found ...*wrong) error {
	p := &problem{Status: http.StatusUnprocessableEntity, kind: "invalid"}
	for _, w := range found {
		if w != nil {
			p.Errors = append(p.Errors, *w)
		}
	}
	if len(p.Errors) == 0 {
		return nil
	}
	p.Detail = unchanged("the " + p.Errors[0].Field + " " + p.Errors[0].Reason)
	return p
}

func nameFault(field, text string) *wrong {
	if strings.TrimSpace(text) == "" {
		return &wrong{Field: field, Reason: "is empty"}
	}
	if at, r, bad := lang.BidiFault(text); bad {
		return &wrong{field, fmt.Sprintf("byte %d", at), fmt.Sprintf("has a direction mark that could make it read as another text (%U)", r)}
	}
	return textFault(field, text, longestName)
}

func textFault(field, text string, limit int) *wrong {
	if found := story.CheckLine(field, text, limit); len(found) > 0 {
		return &wrong{field, found[0].Place, found[0].Reason}
	}
	return nil
}

func slugFault(slug string) *wrong {
	made := lang.Slug(slug)
	if made == "" {
		return &wrong{Field: "slug", Reason: "is empty"}
	}
	if ref.Reserved(made) {
		return &wrong{Field: "slug", Reason: "is one of the paper's own words"}
	}
	return textFault("slug", slug, longestName)
}

// languages are those of the editions.
func languages(tx *db.Tx) (map[string]bool, error) {
	all, err := edition.All(tx)
	spoken := map[string]bool{}
	for _, e := range all {
		spoken[e.Language] = true
	}
	return spoken, err
}

func pictureHere(tx *db.Tx, id ref.Asset) error {
	if id == 0 {
		return nil
	}
	found, err := asset.ByID(tx, []ref.Asset{id})
	if err == nil && len(found) == 0 {
		return invalid("picture", "is one that is not here")
	}
	return err
}
