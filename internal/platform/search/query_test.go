package search_test

import (
	"strings"
	"testing"

	"broadsheet/internal/platform/search"
)

func TestQuotationMarksAreReadAsTheyAreMeant(t *testing.T) {
	tests := []struct{ typed, want string }{
		{`salt road`, "salt road"},
		{`"salt road" map`, "[salt road] map"},
		{`"salt road""long way"`, "[salt road] [long way]"},
		{`"" salt`, "salt"},
		{`5" pipe 6" pipe`, "5 pipe 6 pipe"},
		{`"salt road`, "salt road"},
		{`salt "road`, "salt road"},
		{`rock"n"roll`, "rock n roll"},
		{`“salt road” «long way»`, "[salt road] [long way]"},
		{`و"طريق الملح"`, "و [طریق ملح]"},
	}
	for _, test := range tests {
		var got []string
		for _, term := range search.Terms(test.typed, "ar") {
			var words []string
			for _, w := range term.Words {
				words = append(words, strings.TrimPrefix(w.Text, "ال"))
			}
			one := strings.Join(words, " ")
			if term.Quoted {
				one = "[" + one + "]"
			}
			got = append(got, one)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s: got %s, want %s", test.typed, strings.Join(got, " "), test.want)
		}
	}
}
