package lang_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"broadsheet/internal/platform/lang"
)

func TestSlugsKeepTheirScript(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"Hello, World!":             "hello-world",
		"O'Brien’s U.S. visit":      "obriens-us-visit",
		"  War—and/or peace: 2026 ": "war-and-or-peace-2026",
		"rock & roll -- again":      "rock-roll-again",
		"1,000 metres":              "1000-metres",
		"می‌روم به «خانهٔ» ما؟":       "می-روم-به-خانه-ما",
		"قناتُ المدينة، كتـاب":        "قنات-المدينة-كتاب",
		"سال ۱۴۰۵":                    "سال-۱۴۰۵",
		"École d’été":                 "école-dété",
		"E\u0301cole":                 "école",
		"İzmir":                       "izmir",
		"J\u030c":                     "\u01f0",
		"👩‍👩‍👧 ☺️ !!":                 "",
		"1️⃣ first":                   "1-first",
		"\u2067متن\u2069\u202e\u200f": "متن",
		"a\xffb":                      "ab",
		"-- -":                        "",
		"हिन्दी समाचार":               "हिन्दी-समाचार",
		"x\ty\nz":                     "x-y-z",
		"Müller & Söhne GmbH":         "müller-söhne-gmbh",
		"a\u034fb\u115fc":             "abc",
	} {
		if got := lang.Slug(text); got != want {
			t.Errorf("%+q: got %+q, want %+q", text, got, want)
		}
	}
}

func TestLongSlugsEndWithAWord(t *testing.T) {
	words := lang.Slug(strings.Repeat("newspaper ", 20))
	if want := strings.TrimSuffix(strings.Repeat("newspaper-", 9), "-"); words != want {
		t.Errorf("got %q, want %q", words, want)
	}
	if got, want := lang.Slug(strings.Repeat("x", 95)+"آب"), strings.Repeat("x", 95); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := lang.Slug(strings.Repeat("x", 96)+" y"), strings.Repeat("x", 96); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := lang.Slug("a "+strings.Repeat("گ", 60)), "a-"+strings.Repeat("گ", 47); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzSlug(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := lang.Slug(s)
		switch {
		case !utf8.ValidString(got), !norm.NFC.IsNormalString(got):
			t.Fatalf("%+q: %+q is no NFC", s, got)
		case len(got) > 96:
			t.Fatalf("%+q: %+q has %d bytes", s, got, len(got))
		case strings.Contains(got, "--"), strings.HasPrefix(got, "-"), strings.HasSuffix(got, "-"), strings.ContainsAny(got, "/?#%&. \u200c\u200d"):
			t.Fatalf("%+q: %+q is no slug", s, got)
		}
		if again := lang.Slug(got); again != got {
			t.Fatalf("%+q: got %+q, then %+q", s, got, again)
		}
	})
}
