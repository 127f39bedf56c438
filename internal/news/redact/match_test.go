package redact

import (
	"testing"

	"broadsheet/internal/news/body"
)

func TestANameIsFoundHoweverItIsWritten(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"Jane Doe", "Jane Doe said.", "# said."},
		{"Jane Doe", "So JANE DOE's dog, and Jane-Doe, janedoe, Jane\nDoe.", "So #'s dog, and #, #, #."},
		{"Jane Doe", "#FreeJaneDoe and @janedoe1990", "## and @#"},
		{"Jane Doe", "Mary Jane Doering", "Mary Jane Doering"},
		{"Jane Doe", "Jan Edoe", "Jan Edoe"},
		{"Jane Doe", "See https://x.example/a?n=Jane%20Doe now", "See # now"},
		{"Ali", "Ali, Alison and Ali.", "#, Alison and #."},
		{"Anna Bell", "He met Ann. A bell rang.", "He met Ann. A bell rang."},
		{"Zoë O'Brien", "ZOE OBRIEN, Zoë O’Brien", "#, #"},
		{"محمد علي", "قال مُحَمَّد عَلِيّ إن", "قال # إن"},
		{"محمد علي", "وقال لمحمد علي ومحمّد علي", "وقال ل# و#"},
		{"أحمد", "احمد وإحمد", "# وإحمد"},
		{"أحمد شاكر", "احـــمد شاكر", "#"},
		{"كريم يزدي", "کریم یزدی گفت", "# گفت"},
		{"علی‌رضا", "علیرضا و علی‌رضا و علی رضا", "# و # و #"},
		{"علیرضا", "علی‌رضا گفت", "# گفت"},
		{"علی", "علی‌ها و علیرضا", "#‌ها و علیرضا"},
		{"Jane Doe", "", ""},
		{"ab1", "ab 1 ab1", "ab 1 #"},
	}
	for _, test := range tests {
		w := newWords([]string{test.name})
		if got, _ := w.clean(test.text, "#"); got != test.want {
			t.Errorf("%q in %q: got %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

func TestANameIsFoundInAddresses(t *testing.T) {
	tests := []struct {
		name, address string
		want          bool
	}{
		{"Jane Doe", "https://x.example/people/jane-doe", true},
		{"Jane Doe", "https://x.example/p?q=Jane+Doe", true},
		{"Jane Doe", "https://x.example/p?q=Jane%20Doe", true},
		{"Jane Doe", "https://x.example/p?q=Jane%2520Doe", true},
		{"Jane Doe", "/media/janedoe2.jpg", true},
		{"Jane Doe", "/media/jane-doering.jpg", false},
		{"Soleimani", "/IMG_soleimani2.jpg", true},
		{"Ali", "/people/california", false},
		{"Ali", "/people/ali-2", true},
		{"علیرضا", "اخبار-علی-رضا-آمد", true},
		{"علیرضا", "/%D8%B9%D9%84%DB%8C-%D8%B1%D8%B6%D8%A7", true},
	}
	for _, test := range tests {
		if got := newWords([]string{test.name}).inAddress(test.address); got != test.want {
			t.Errorf("%q in %q: got %v", test.name, test.address, got)
		}
	}
}

func TestCutsThatCrossAreOne(t *testing.T) {
	w := newWords([]string{"Jane Doe", "Doe Smith"})
	if got := w.cuts("Jane Doe Smith"); len(got) != 1 || got[0] != (body.Cut{From: 0, To: 14}) {
		t.Errorf("got %v", got)
	}
}
