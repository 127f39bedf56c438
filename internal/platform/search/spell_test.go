package search_test

import (
	"slices"
	"testing"

	"broadsheet/internal/platform/search"
)

func TestMisspeltWordsAreFoundAgain(t *testing.T) {
	spellers := map[string]*search.Speller{
		"en": search.NewSpeller("en", slices.Values([]string{"Railways agree on one timetable", "A railway across the desert", "Tehran opens a railway", "The desert blooms", "Tale of the night", "Tables"})),
		"ar": search.NewSpeller("ar", slices.Values([]string{"الحكومة تناقش الميزانية", "أزمة المياه في المدينة", "المدينة القديمة"})),
		"fa": search.NewSpeller("fa", slices.Values([]string{"کشاورزان و خشکسالی", "می‌روند به دریاچه", "انتخابات ریاست‌جمهوری", "خشکسالی تازه"})),
	}
	for _, test := range []struct{ edition, asked, want string }{
		{"en", "raliway", "railway"}, {"en", "Tehrna", "Tehran"}, {"en", "railwya timetabel", "railway timetable"}, {"en", `"desrt" night`, `"desert" night`},
		{"en", "railway", ""}, {"en", "railways", ""}, {"en", "timetables", ""}, {"en", "zzzzzz", ""}, {"en", "th", ""}, {"en", "1405", ""}, {"en", "", ""}, {"en", "tablle", "Tables"},
		{"en", "desert\xff raliway", "desert\xff railway"},
		{"ar", "الحكومه", ""}, {"ar", "الحكوة", "الحكومة"}, {"ar", "المدنية القديمة", "المدينة القديمة"}, {"ar", "أزمه المايه", "أزمه المياه"},
		{"fa", "خشکسالى", ""}, {"fa", "خشکسلی", "خشکسالی"}, {"fa", "انتخبات", "انتخابات"}, {"fa", "كشاورزان", ""}, {"fa", "کشاروزان", "کشاورزان"}, {"fa", "دریچه", "دریاچه"},
	} {
		if got := spellers[test.edition].Suggest(test.asked); got != test.want {
			t.Errorf("%q in %s: got %q, want %q", test.asked, test.edition, got, test.want)
		}
	}
}

func TestOfWordsAsNearTheMostFrequentIsMeant(t *testing.T) {
	s := search.NewSpeller("en", slices.Values([]string{"cart", "card", "card", "care"}))
	if got := s.Suggest("carx"); got != "card" {
		t.Errorf("got %q, want card", got)
	}
	s = search.NewSpeller("en", slices.Values([]string{"care", "card", "cart"}))
	if got := s.Suggest("carx"); got != "card" {
		t.Errorf("of those as frequent: got %q, want card", got)
	}
}
