package desk

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// slot is how many characters the narrowest slot of a front holds, by language.
var slot = map[string]int{"en": 80, "ar": 70, "fa": 70}

// checks are what keeps a content from going live at the desk: what publishing refuses,
// and what readers should not have to see, which somebody may waive for a time.
func (v *visit) checks(tx *db.Tx, e edition.Edition, c story.Content) ([]finding, error) {
	problems, err := publish.Unfit(tx, e.Key, c)
	if err != nil {
		return nil, err
	}
	seen := map[story.Problem]bool{}
	for _, p := range problems {
		seen[p] = true
	}
	for _, p := range story.Ready(c) {
		if !seen[p] {
			problems = append(problems, p)
		}
	}
	found := v.findings(problems)
	front := cmp.Or(c.Short, c.Headline)
	if most := cmp.Or(slot[base(e.Language)], slot["en"]); utf8.RuneCountInString(front) > most && c.Genre != story.Page {
		field := "headline"
		if c.Short != "" {
			field = "short headline"
		}
		found = append(found, v.waivable(field, "slot", v.words.T("check.slot", v.number(utf8.RuneCountInString(front)), v.number(most))))
	}
	pictures, err := asset.ByID(tx, withLead(c))
	if err != nil {
		return nil, err
	}
	byID := map[ref.Asset]asset.Asset{}
	for _, a := range pictures {
		byID[a.ID] = a
	}
	if a, ok := byID[c.Picture]; ok {
		if a.Credit == "" {
			found = append(found, v.waivable("picture", "credit", v.words.T("check.credit.lead")))
		}
		if c.Alt == "" && a.Words[e.Language].Alt == "" {
			found = append(found, v.waivable("picture", "alt", v.words.T("check.alt.lead")))
		}
	}
	for n, b := range c.Body {
		figure, ok := b.Value.(body.Figure)
		a, here := byID[figure.Asset]
		if !ok || !here {
			continue
		}
		place := fmt.Sprintf("block %d", n+1)
		if a.Credit == "" {
			f := v.waivable("body", "credit-"+string(b.Key), v.words.T("check.credit", v.number(n+1)))
			f.Place = place
			found = append(found, f)
		}
		if figure.Alt == "" && a.Words[e.Language].Alt == "" {
			f := v.waivable("body", "alt-"+string(b.Key), v.words.T("check.alt", v.number(n+1)))
			f.Place = place
			found = append(found, f)
		}
	}
	return found, nil
}

func withLead(c story.Content) (ids []ref.Asset) {
	for _, id := range append(body.Pictures(c.Body), c.Picture) {
		if id != 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// waivable is a check that a publication may go out without, for a time.
func (v *visit) waivable(field, key, sentence string) finding {
	return finding{Key: field + "." + key, Must: true, Field: field, Sentence: sentence, Waivable: true}
}

// unmet refuses a publication whose checks are not met and were not waived.
func (v *visit) unmet(tx *db.Tx, draft story.Draft, waived []string) error {
	e, _ := v.edition(draft.Edition)
	found, err := v.checks(tx, e, draft.Content)
	if err != nil {
		return err
	}
	left := []finding{}
	for _, f := range found {
		if !f.Waivable || !slices.Contains(waived, f.Key) {
			left = append(left, f)
		}
	}
	if len(left) == 0 {
		return nil
	}
	return &problem{status: http.StatusUnprocessableEntity, key: "fault.refused", more: map[string]any{"checks": left}}
}
