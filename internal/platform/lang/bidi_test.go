package lang_test

import (
	"testing"

	"broadsheet/internal/platform/lang"
)

func TestIsolatesEndWhereTheyShould(t *testing.T) {
	for text, want := range map[string]string{
		"":                    "",
		"abc":                 "\u2068abc\u2069",
		"a\u2067b\u2069":      "\u2068a\u2067b\u2069\u2069",
		"a\u2069b":            "\u2068ab\u2069",
		"a\u2066b":            "\u2068a\u2066b\u2069\u2069",
		"\u2069\u2066\u2069x": "\u2068\u2066\u2069x\u2069",
	} {
		if got := lang.Isolate(text); got != want {
			t.Errorf("%+q: got %+q, want %+q", text, got, want)
		}
	}
}

func TestControlsThatCanDisguiseALineAreFaults(t *testing.T) {
	for _, test := range []struct {
		text string
		pos  int
		r    rune
		bad  bool
	}{
		{"a plain line", 0, 0, false},
		{"marks \u200e\u200f\u061c are fine", 0, 0, false},
		{"«\u2068ok\u2069» \u2067\u2066x\u2069\u2069", 0, 0, false},
		{"آب\u202eabc", 4, 0x202e, true},
		{"\u202aabc\u202c", 0, 0x202a, true},
		{"abc\u202c", 3, 0x202c, true},
		{"ab\u2069", 2, 0x2069, true},
		{"a\u2068b", 1, 0x2068, true},
		{"a\u2068b\u2067c\u2069", 1, 0x2068, true},
		{"a\u2068b\u2069\u2069", 8, 0x2069, true},
		{"a\u2067b\nc\u2069", 1, 0x2067, true},
	} {
		pos, r, bad := lang.BidiFault(test.text)
		if pos != test.pos || r != test.r || bad != test.bad {
			t.Errorf("%+q: got %d %U %v, want %d %U %v", test.text, pos, r, bad, test.pos, test.r, test.bad)
		}
	}
}

func TestTheFirstStrongCharacterGivesTheDirection(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "12 – 34.": "", "۱۲": "", "abc": "ltr", "«آب» abc": "rtl", "123 abc آب": "ltr", "עברית": "rtl",
		"\u2067آب\u2069 abc": "ltr", "\u200fabc": "rtl", "\u200eآب": "ltr", "\u2067آب": "", "\u2069آب": "rtl",
	} {
		if got := lang.BaseDirection(text); got != want {
			t.Errorf("%+q: got %q, want %q", text, got, want)
		}
	}
}
