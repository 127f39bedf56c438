package lang_test

import (
	"bufio"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"broadsheet/internal/platform/lang"
)

func TestControlsAreFoundWhereTheyStand(t *testing.T) {
	for _, test := range []struct {
		text string
		pos  int
		r    rune
		bad  bool
	}{
		{"tab\tand\nline", 0, 0, false},
		{"می‌روم \ufffd 👩‍👧 \u202e\u007f", 0, 0, false},
		{"a\x00b", 1, 0, true},
		{"آ\rb", 2, '\r', true},
		{"ab\x1f", 2, 0x1f, true},
		{"a\u0085", 1, 0x85, true},
		{"a\u009f", 1, 0x9f, true},
		{"a\u00a0", 0, 0, false},
		{"\ufffd\xff", 3, utf8.RuneError, true},
		{"x\xed\xa0\x80", 1, utf8.RuneError, true},
	} {
		pos, r, bad := lang.Control(test.text)
		if pos != test.pos || r != test.r || bad != test.bad {
			t.Errorf("%+q: got %d %U %v, want %d %U %v", test.text, pos, r, bad, test.pos, test.r, test.bad)
		}
	}
}

func TestLinesEndWithLF(t *testing.T) {
	if got, want := lang.Newlines("a\r\nb\rc\nd\r\r\n"), "a\nb\nc\nd\n\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestImportedControlsBecomeTheCharactersThatWereMeant(t *testing.T) {
	for _, test := range []struct {
		text, want string
		repairs    int
	}{
		{"nothing \t\r\n wrong: می‌روم \ufffd", "nothing \t\r\n wrong: می‌روم \ufffd", 0},
		{"it\u0092s \u0093so\u0094\u0085", "it’s “so”…", 4},
		{"\u0080\u008e\u009f", "€ŽŸ", 3},
		{"a\u0081b\x00c\x1bd", "abcd", 3},
		{"caf\xe9 \x93x\x94", "café “x”", 3},
	} {
		got, repairs := lang.MapC1(test.text)
		if got != test.want || repairs != test.repairs {
			t.Errorf("%+q: got %+q, %d repairs; want %+q, %d", test.text, got, repairs, test.want, test.repairs)
		}
	}
}

func TestWordsAreCountedAsReadersCount(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, " — … !": 0, "one": 1, "O'Brien's well-known 3.14 and/or": 4, "war—peace": 2, "او می‌روم، ۱۴۰۵": 3,
		"«الماءُ» من\nالبئر": 3, "Two\u00a0WORDS": 2, "(ÉCOLE)": 1, "a 1 B": 3,
	} {
		if got := lang.Words(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestReadingTakesAtLeastAMinute(t *testing.T) {
	for _, test := range []struct {
		words    int
		language string
		want     int
	}{
		{0, "en", 0}, {-1, "en", 0}, {1, "en", 1}, {2300, "en", 10}, {1800, "ar", 10}, {2000, "fa-AF", 10},
	} {
		if got := lang.ReadingMinutes(test.words, test.language); got != test.want {
			t.Errorf("%d words in %s: got %d, want %d", test.words, test.language, got, test.want)
		}
	}
}

func TestClippedTextEndsWithAWholeWord(t *testing.T) {
	for _, test := range []struct {
		text      string
		graphemes int
		want      string
	}{
		{"short", 5, "short"},
		{"short", 0, ""},
		{"short", 1, "…"},
		{"One two three", 9, "One two…"},
		{"One two three", 8, "One two…"},
		{"One two, three", 10, "One two…"},
		{"One two – three", 11, "One two…"},
		{"Donaudampfschiff", 6, "Donau…"},
		{"A Donaudampfschiff", 10, "A Donauda…"},
		{"آب می‌رود به باغ", 11, "آب می‌رود…"},
		{"آب می‌رود", 9, "آب می‌رود"},
		{"آب می‌رود؛ باز", 11, "آب می‌رود…"},
		{"👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 2, "👩‍👩‍👧‍👦…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"🇮🇷🇪🇬🇮🇶", 2, "🇮🇷…"},
		{"\u2068One two\u2069 three four", 6, "\u2068One…\u2069"},
	} {
		if got := lang.Clip(test.text, test.graphemes); got != test.want {
			t.Errorf("%q to %d: got %+q, want %+q", test.text, test.graphemes, got, test.want)
		}
	}
}

// ends are the bytes after which a grapheme ends.
func ends(s string) map[int]bool {
	all := map[int]bool{0: true}
	for g := uniseg.NewGraphemes(s); g.Next(); {
		_, end := g.Positions()
		all[end] = true
	}
	return all
}

// checkClip holds for every text and length.
func checkClip(t *testing.T, s string, graphemes int, ends map[int]bool) {
	t.Helper()
	got := lang.Clip(s, graphemes)
	if got == s {
		if n := len(ends) - 1; n > graphemes && graphemes > 0 {
			t.Fatalf("%+q to %d: left whole, with %d", s, graphemes, n)
		}
		return
	}
	if utf8.ValidString(s) && !utf8.ValidString(got) {
		t.Fatalf("%+q to %d: %+q is no UTF-8", s, graphemes, got)
	}
	kept := strings.TrimSuffix(strings.TrimRight(got, "\u2069"), "…")
	if graphemes > 0 && (!strings.HasPrefix(s, kept) || !ends[len(kept)]) {
		t.Fatalf("%+q to %d: %+q is cut within a grapheme", s, graphemes, got)
	}
	if n := uniseg.GraphemeClusterCount(kept + "…"); n > max(graphemes, 1) {
		t.Fatalf("%+q to %d: %+q has %d", s, graphemes, got, n)
	}
}

func TestClipCutsOnlyWhereUnicodeAllows(t *testing.T) {
	path := corpus(t, "text/unicode/GraphemeBreakTest.txt")
	if path == "" {
		return
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		var s strings.Builder
		allowed := map[int]bool{}
		for field := range strings.FieldsSeq(line) {
			switch field {
			case "÷":
				allowed[s.Len()] = true
			case "×":
			default:
				r, err := strconv.ParseUint(field, 16, 32)
				if err != nil {
					t.Fatal(err)
				}
				s.WriteRune(rune(r))
			}
		}
		for n := range len(allowed) {
			checkClip(t, s.String(), n, allowed)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func FuzzClip(f *testing.F) {
	for n, seed := range seeds {
		f.Add(seed, n%7)
	}
	f.Fuzz(func(t *testing.T, s string, graphemes int) {
		checkClip(t, s, graphemes%100, ends(s))
	})
}
