package redact

import (
	"encoding/json"
	"fmt"
	"strings"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/platform/db"
)

// written is a story as it is being written: its document, and the steps that lead on.
type written struct {
	story ref.Story
	stamp int64
	doc   string
	steps []string
}

// writing takes what must go from what people are writing: the steps of a story that hold
// any of it are forgotten, and whoever writes reads the story anew, as it was last saved.
// What was typed letter by letter is found as it was typed.
func (w *work) writing() error {
	for behind := ref.Story(0); ; {
		var page []written
		err := w.DB.View(w.ctx, func(tx *db.Tx) (err error) {
			page, err = writtenBehind(tx, behind)
			return err
		})
		if err != nil {
			return fmt.Errorf("look through what is being written: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		var changes []change
		for _, m := range page {
			if w.request.Kind == Story && m.story == w.request.Story || w.request.Kind != Story && w.holds(m.text()) {
				changes = append(changes, w.forget(m))
			}
			behind = m.story
		}
		if err := w.commit(changes); err != nil {
			return err
		}
	}
}

// writtenPage is how many stories are looked at in one transaction.
const writtenPage = 50

func writtenBehind(tx *db.Tx, behind ref.Story) ([]written, error) {
	page, err := db.List(tx, func(r db.Row) (m written, err error) {
		return m, r.Scan(&m.story, &m.stamp, &m.doc)
	}, `select story, stamp, doc from manuscript where story > $1 and doc <> '' order by story limit $2`, behind, writtenPage)
	if err != nil {
		return nil, err
	}
	for n := range page {
		page[n].steps, err = db.List(tx, db.Value[string], `select step from manuscript_step where story = $1 order by version limit $2`, page[n].story, all)
		if err != nil {
			return nil, err
		}
	}
	return page, nil
}

// text is all that the document and the steps say, in the order in which it was typed.
func (m written) text() string {
	var out strings.Builder
	add := func(document, between string) {
		var value any
		if json.Unmarshal([]byte(document), &value) == nil {
			said(value, between, &out)
		}
	}
	add(m.doc, "\n")
	out.WriteString("\n")
	for _, step := range m.steps {
		add(step, "")
	}
	out.WriteString("\n")
	for _, step := range m.steps { // and each by itself
		add(step, "\n")
	}
	return out.String()
}

// said writes the texts of a document, each behind what stands between them.
func said(value any, between string, out *strings.Builder) {
	switch v := value.(type) {
	case string:
		out.WriteString(between)
		out.WriteString(v)
	case []any:
		for _, one := range v {
			said(one, between, out)
		}
	case map[string]any:
		for key, one := range v {
			if key != "type" && key != "stepType" {
				said(one, between, out)
			}
		}
	}
}

// forget drops the steps of a story. A document that is empty is made anew of the last
// save by whoever opens it.
func (w *work) forget(m written) change {
	return change{place: "manuscript", do: func(tx *db.Tx) error {
		if err := still(tx.Exec(`update manuscript set version = version + 1, base = version + 1, folded = version + 1, stamp = $1, doc = '' where story = $2 and stamp = $3`, w.Mint.Next(), m.story, m.stamp)); err != nil {
			return err
		}
		_, err := tx.Exec(`delete from manuscript_step where story = $1`, m.story)
		return err
	}}
}
