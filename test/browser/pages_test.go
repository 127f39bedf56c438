package browser_test

import (
	"testing"

	"broadsheet/test/browser/stage"
)

// TestEveryPageTypeIsLookedAt counts what the others go through.
func TestEveryPageTypeIsLookedAt(t *testing.T) {
	if want := len(stage.Kinds()) * len(stage.Editions()); len(set.pages) != want || want < 100 {
		t.Errorf("got %d pages, want %d", len(set.pages), want)
	}
	seen := map[string]string{}
	for _, p := range set.pages {
		if other := seen[p.Path]; other != "" {
			t.Logf("%s is the page %s too", other, p.Name)
		}
		seen[p.Path] = p.Name
	}
}

// TestEveryPageSaysWhatItIs looks at the title and the description that stand in
// lists of results: both are there, and no two editions share a title.
func TestEveryPageSaysWhatItIs(t *testing.T) {
	titles := map[string]stage.Page{}
	for _, p := range set.pages {
		if p.Status >= 400 {
			continue
		}
		document, err := set.Newsroom.Document(t.Context(), p.Path)
		if err != nil {
			t.Fatal(err)
		}
		title, description := document.Describes()
		if title == "" || description == "" {
			t.Errorf("%s (%s): got the title %q and the description %q", p.Name, p.Path, title, description)
		}
		if other, ok := titles[title]; ok && other.Edition != p.Edition {
			t.Errorf("%s and %s both are called %q", other.Path, p.Path, title)
		}
		titles[title] = p
	}
}
