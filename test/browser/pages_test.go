package browser_test

import (
	"slices"
	"testing"

	"broadsheet/test/browser/stage"
)

// TestNoAwaitedPageHasCome keeps the list of page types honest: one that answers
// is looked at by all tests.
func TestNoAwaitedPageHasCome(t *testing.T) {
	come, err := set.Newsroom.Come(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range come {
		t.Errorf("%s answers: take %q from Awaited in stage/pages.go, so that every test looks at it", p.Path, p.Name)
	}
	for _, name := range stage.Awaited() {
		if !slices.Contains(stage.Kinds(), name) {
			t.Errorf("%q is awaited, and no page type", name)
		}
	}
}

// TestEveryPageTypeIsLookedAt counts what the others go through.
func TestEveryPageTypeIsLookedAt(t *testing.T) {
	if want := (len(stage.Kinds()) - len(stage.Awaited())) * len(stage.Editions()); len(set.pages) != want || want < 75 {
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
