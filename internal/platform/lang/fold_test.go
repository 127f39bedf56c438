package lang_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"broadsheet/internal/platform/lang"
)

func TestWhatReadersTakeForTheSameFoldsAlike(t *testing.T) {
	for _, pair := range [][2]string{
		{"علي", "علی"},
		{"على", "علی"},
		{"كتاب", "کتاب"},
		{"أحمد", "احمد"},
		{"إيران", "ایران"},
		{"آب", "اب"},
		{"ٱلله", "الله"},
		{"مدرسة", "مدرسه"},
		{"خانۀ ما", "خانه ما"},
		{"خانهٔ ما", "خانه ما"},
		{"مسؤول", "مسوول"},
		{"رئيس", "رییس"},
		{"الماءُ", "الما"},
		{"مُحَمَّد", "محمد"},
		{"کتـــاب", "کتاب"},
		{"می‌روم", "میروم"},
		{"۱۴۰۵", "1405"},
		{"١٤٤٨", "1448"},
		{"ﻻ", "لا"},
		{"ﷲ", "الله"},
		{"ہندھے", "هندهی"},
		{"École", "ecole"},
		{"STRASSE", "strasse"},
		{"İzmir", "izmir"},
		{"\u2067فارسی\u2069", "فارسی"},
		{"co\u00adoperate", "cooperate"},
		{"ﬁlm", "film"},
		{"ｆｕｌｌ", "full"},
		{"한글", norm.NFD.String("한글")},
	} {
		if got, want := lang.Fold(pair[0]), lang.Fold(pair[1]); got != want {
			t.Errorf("%q folds to %q, %q to %q", pair[0], got, pair[1], want)
		}
	}
}

func TestWhatReadersKeepApartFoldsApart(t *testing.T) {
	for _, pair := range [][2]string{
		{"گل", "کل"}, {"پر", "بر"}, {"ژاله", "زاله"}, {"چای", "جای"}, {"سال", "صال"}, {"a b", "ab"}, {"1", "2"},
	} {
		if got := lang.Fold(pair[0]); got == lang.Fold(pair[1]) {
			t.Errorf("%q and %q both fold to %q", pair[0], pair[1], got)
		}
	}
}

func TestPlainTextFoldsToItselfWithoutACopy(t *testing.T) {
	const text = "plain words, 12 of them; nothing to fold here."
	if got := lang.Fold(text); got != text {
		t.Errorf("got %q, want %q", got, text)
	}
	if n := testing.AllocsPerRun(10, func() { lang.Fold(text) }); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

// slowFold is the rules of Fold written a second time, one character at a time
// over its whole decomposition.
func slowFold(r rune) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(string(r)) {
		if unicode.In(r, unicode.Mn, unicode.Me) || strings.ContainsRune("\u0640\u0621\u00ad\u2060\ufeff\u200c\u200d\u200e\u200f\u061c", r) ||
			'\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069' || norm.NFKD.PropertiesString(string(r)).CCC() != 0 {
			continue
		}
		switch {
		case strings.ContainsRune("يىے", r):
			r = 'ی'
		case r == 'ك':
			r = 'ک'
		case strings.ContainsRune("ةہھە", r):
			r = 'ه'
		case r == 'ٱ':
			r = 'ا'
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return lang.ASCIIDigits(b.String())
}

func TestEveryCharacterFoldsByTheRulesAndOnlyOnce(t *testing.T) {
	for r := range rune(unicode.MaxRune + 1) {
		if !utf8.ValidRune(r) {
			continue
		}
		got := lang.Fold(string(r))
		if want := slowFold(r); got != want {
			t.Fatalf("%U: got %+q, want %+q", r, got, want)
		}
		if again := lang.Fold(got); again != got {
			t.Fatalf("%U: folds to %+q, then to %+q", r, got, again)
		}
	}
}

func texts(tokens []lang.Token) []string {
	var all []string
	for _, token := range tokens {
		all = append(all, token.Text)
	}
	return all
}

func TestTextsAreCutIntoFoldedWords(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" ، ؛ — \u200c", nil},
		{"The cat's 2 Hats", []string{"the", "cat", "s", "2", "hats"}},
		{"می‌روم", []string{"میروم", "می", "روم"}},
		{"او می‌خواهم‌شان رفت", []string{"او", "میخواهمشان", "می", "خواهم", "شان", "رفت"}},
		{"می‌ روم", []string{"می", "روم"}},
		{"\u200cمی\u200c\u200cروم\u200c", []string{"میروم", "می", "روم"}},
		{"«کتاب‌ها»", []string{"کتابها", "کتاب", "ها"}},
		{"الماءُ من البئر", []string{"الما", "من", "البیر"}},
		{"ء", nil},
		{"سال ۱۴۰۵", []string{"سال", "1405"}},
		{"ﷺ", []string{"صلی", "الله", "علیه", "وسلم"}},
		{"½ H₂O", []string{"1", "2", "h2o"}},
		{"a_b union/select", []string{"a", "b", "union", "select"}},
		{"x\xffy", []string{"x", "y"}},
	} {
		if got := texts(lang.FoldTokens(test.text)); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.text, got, test.want)
		}
	}
}

func TestATokensPlaceIsItsWordInTheText(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"«الماءُ» می‌رود!", []string{"الماءُ", "می‌رود", "می", "رود"}},
		{"\u2067کتـ\u2069 É́cole", []string{"کتـ", "É́cole"}},
	} {
		var got []string
		for _, token := range lang.FoldTokens(test.text) {
			got = append(got, test.text[token.Start:token.End])
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("got %+q, want %+q", got, test.want)
		}
	}
}

// checkTokens holds for every text.
func checkTokens(t *testing.T, s string) {
	t.Helper()
	end := 0
	for _, token := range lang.FoldTokens(s) {
		if token.Start < 0 || token.End > len(s) || token.Start >= token.End {
			t.Fatalf("%+q: token %+v has no place", s, token)
		}
		// The fold of a character that stands for several words has more in it.
		got := lang.Fold(s[token.Start:token.End])
		if got != token.Text && !strings.ContainsFunc(got, notInWord) {
			t.Fatalf("%+q: %+v folds to %+q", s, token, got)
		}
		if token.Text == "" || strings.ContainsFunc(token.Text, notInWord) {
			t.Fatalf("%+q: %+q is no word", s, token.Text)
		}
		end = max(end, token.End)
	}
	if strings.ContainsFunc(lang.Fold(s[end:]), inWord) {
		t.Fatalf("%+q: words after byte %d are left out", s, end)
	}
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func notInWord(r rune) bool { return !inWord(r) && !unicode.Is(unicode.Mc, r) }

var seeds = []string{
	"", "plain", "Ünïcode É́", "می‌روم و می‌آیم", "الماءُ", "a\u200c\u200cb\u200c", "ﷺ½x", "\xff\xfe", "\u2067x\u2069\u202e",
	"👩‍👩‍👧‍👦 family 🇮🇷🇪🇬", "한글 가", "𝅗𝅥 \U0001d165\u302e", "é\u0600 .", "1️⃣", "ﬁ Ǆ ŉ", "क्षि", strings.Repeat("word ", 40),
}

func FuzzFold(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := lang.Fold(s)
		if !utf8.ValidString(got) {
			t.Fatalf("%+q folds to %+q, which is no UTF-8", s, got)
		}
		if again := lang.Fold(got); again != got {
			t.Fatalf("%+q folds to %+q, then to %+q", s, got, again)
		}
		if utf8.ValidString(s) {
			if other := lang.Fold(norm.NFD.String(s)); other != got {
				t.Fatalf("%+q folds to %+q, decomposed to %+q", s, got, other)
			}
		}
		checkTokens(t, s)
	})
}

func TestALongRunOfMarksTakesNoLongerPerByte(t *testing.T) {
	marks := "e" + strings.Repeat("\u0301\u0316", 1<<20)
	if got, want := lang.Fold(marks), "e"; got != want {
		t.Errorf("got %d bytes, want %q", len(got), want)
	}
}

const (
	englishText = "The Qanat carries water by gravity alone, through Vertical shafts and a sloping tunnel; it has done so for 3,000 years. "
	persianText = "قنات آب را تنها با نیروی گرانش می‌برد؛ از چاه‌های عمودی و دالانی شیب‌دار، و ۳٬۰۰۰ سال است که چنین می‌کند. "
)

func BenchmarkFold(b *testing.B) {
	for name, text := range map[string]string{"english": englishText, "persian": persianText} {
		text = strings.Repeat(text, 100)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				lang.Fold(text)
			}
		})
		b.Run(name+" tokens", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				lang.FoldTokens(text)
			}
		})
	}
}
