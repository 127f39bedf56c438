package lang

import (
	"strings"
	"testing"
)

func TestForeignRunsOfAPlainLineAreSetApart(t *testing.T) {
	for _, c := range []struct{ text, dir, want string }{
		{"A train leaves", "ltr", "A train leaves"},
		{"12 3.", "rtl", "12 3."},
		{"", "rtl", ""},
		{"The word کتاب (book)", "ltr", "The word <کتاب> (book)"},
		{"The words کتاب، قلم, twice", "ltr", "The words <کتاب، قلم>, twice"},
		{"شرکت Apple Inc. و GPT-4 آمد", "rtl", "شرکت <Apple Inc>. و <GPT-4> آمد"},
		{"در ۱۴۰۵ و 2026", "rtl", "در ۱۴۰۵ و 2026"},
		{"واژهٔ cafe\u0301 را", "rtl", "واژهٔ <cafe\u0301> را"},
		{"«Hello!»", "rtl", "<«Hello!»>"},
		{"می‌روم — «نیم‌فاصله»", "rtl", "می‌روم — «نیم‌فاصله»"},
		{"one \u2068كتاب\u2069 two", "ltr", "one <كتاب> two"},
		{"one \u2067كتاب two", "ltr", "one \u2067كتاب two>"},
	} {
		got := Plain(c.text, c.dir)
		if shown := strings.NewReplacer("\u2068", "<", "\u2069", ">").Replace(got); shown != c.want {
			t.Errorf("%q in %s: got %q, want %q", c.text, c.dir, shown, c.want)
		}
		if again := Plain(got, c.dir); again != got {
			t.Errorf("%q: a second time it becomes %q", got, again)
		}
	}
}

func TestALanguageWithoutARegionIsThatOfMostWhoWriteIt(t *testing.T) {
	for _, c := range [][3]string{{"en", "", "US"}, {"en-GB", "", "GB"}, {"fa", "IR", "IR"}, {"fa-AF", "IR", "AF"}, {"ar", "", "EG"}, {"fa", "", "IR"}} {
		if got := Territory(c[0], c[1]); got != c[2] {
			t.Errorf("%s, %s: got %q, want %q", c[0], c[1], got, c[2])
		}
	}
}
