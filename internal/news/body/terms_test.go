package body

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"broadsheet/internal/news/ref"
)

// glossary are the terms of three editions.
var glossary = map[string][]Term{
	"en": {
		{Topic: 1, Name: "North–South corridor", Definition: "A chain of links."}, {Topic: 2, Name: "Gulf", Definition: "A gulf is a sea."},
		{Topic: 3, Name: "Gulf of Oman", Definition: "Another sea."}, {Topic: 4, Name: "World Health Organization", Aliases: []string{"WHO"}, Definition: "A body."},
		{Topic: 5, Name: "break of gauge", Definition: "Two widths."}, {Topic: 6, Name: "ferry", Definition: "A ship."},
		{Topic: 7, Name: "UNESCO", Definition: "A body."}, {Topic: 8, Name: "U.S. Navy", Definition: "A navy."}, {Topic: 9, Name: "transit", Definition: "Passing."},
		{Topic: 10, Name: "Tigris", Definition: "A river."}, {Topic: 11, Name: "sluice box", Definition: "A box."}, {Topic: 12, Name: "drought"},
		{Topic: 13, Name: "C++", Definition: "A language."}, {Topic: 14, Name: ".NET", Definition: "A framework."}, {Topic: 15, Name: "Nice", Definition: "A city by the sea."}, {Topic: 16, Name: "US", Definition: "A country."},
	},
	"ar": {
		{Topic: 1, Name: "ممر الشمال والجنوب", Definition: "سلسلة."}, {Topic: 2, Name: "الخليج", Definition: "بحر."}, {Topic: 3, Name: "خليج عمان", Definition: "بحر."},
		{Topic: 4, Name: "مهاجر", Definition: "إنسان."}, {Topic: 5, Name: "اتفاقية", Definition: "وثيقة."}, {Topic: 6, Name: "بحر قزوين", Definition: "بحر."},
		{Topic: 7, Name: "حر", Aliases: []string{"حرّ شديد"}, Definition: "طقس."}, {Topic: 8, Name: "إيران", Definition: "بلد."}, {Topic: 9, Name: "قطر", Definition: "بلد."},
		{Topic: 10, Name: "منظمة الصحة العالمية", Aliases: []string{"WHO"}, Definition: "هيئة."}, {Topic: 11, Name: "بحر", Definition: "ماء."}, {Topic: 12, Name: "تيار كهربائي", Definition: "كهرباء."},
		{Topic: 16, Name: "سلام", Definition: "ضد الحرب."}, {Topic: 13, Name: "ميناء", Definition: "مرسى."}, {Topic: 14, Name: "ألعاب", Definition: "لهو."}, {Topic: 15, Name: "ﷺ", Aliases: []string{"صلى"}, Definition: "دعاء."},
	},
	"fa": {
		{Topic: 1, Name: "دالان شمال–جنوب", Definition: "زنجیره."}, {Topic: 2, Name: "خلیج فارس", Definition: "دریا."}, {Topic: 3, Name: "دریا", Definition: "آب."},
		{Topic: 4, Name: "دریای خزر", Definition: "دریا."}, {Topic: 5, Name: "راه‌آهن", Definition: "ریل."}, {Topic: 6, Name: "ایران", Definition: "کشور."},
		{Topic: 7, Name: "رم", Aliases: []string{"روم"}, Definition: "شهر."}, {Topic: 8, Name: "پناهنده", Definition: "انسان."}, {Topic: 9, Name: "کتابخانه", Definition: "کتاب."},
		{Topic: 10, Name: "تن", Definition: "بدن."}, {Topic: 11, Name: "یونسکو", Aliases: []string{"UNESCO"}, Definition: "نهاد."}, {Topic: 12, Name: "نیرو", Definition: "توان."},
		{Topic: 13, Name: "تحریم", Definition: "منع."}, {Topic: 14, Name: "بالکن", Definition: "ایوان."},
	},
}

// found are the topics of a text with the words that name them: "2 Gulf".
func found(t *Terms, text Text) []string {
	var all []string
	t.hits(Lang{}, text, func(h hit, term *Term) {
		all = append(all, fmt.Sprint(term.Topic, " ", text[h.span].Text[h.from:h.to]))
	})
	return all
}

func TestTermsAreFoundAsWordsOfTheirLanguage(t *testing.T) {
	tests := map[string][]struct{ text, want string }{
		"en": {
			{"The North–South corridor opens.", "1 North–South corridor"},
			{"north-south CORRIDORS and North South\u00a0corridor", "1 north-south CORRIDORS|1 North South\u00a0corridor"},
			{"the Gulf of Oman, the Gulf", "3 Gulf of Oman|2 Gulf"},
			{"the Gulf’s water, the Gulf's water, both Gulfs", "2 Gulf’s|2 Gulf's|2 Gulfs"},
			{"ferries, a ferry.", "6 ferries|6 ferry"},
			{"the WHO said; WHOs", "4 WHO|4 WHOs"},
			{"those who said; Who; wHO", ""},
			{"the World Health Organization’s", "4 World Health Organization’s"},
			{"unesco and Unesco", "7 unesco|7 Unesco"},
			{"breaks of gauge", ""},
			{"a break of gauge: two widths", "5 break of gauge"},
			{"a break. Of gauge", ""},
			{"break — of gauge", ""},
			{"engulf, gulfing, Gulfstream", ""},
			{"Gulf-based, non-Gulf, a.gulf@gulf.com, #Gulf, /gulf/x", ""},
			{"the U.S. Navy; the US Navy", "8 U.S. Navy|16 US"},
			{"transition transits transit2", "9 transits"},
			{"O’Tigris l'Tigris Tigris’ (Tigris)", "10 Tigris|10 Tigris"},
			{"sluice boxes", "11 sluice boxes"},
			{"gu\u00adlf g\u0301ulf", "2 gu\u00adlf|2 g\u0301ulf"},
			{"Iran–Gulf", "2 Gulf"},
			{"Gulf\nof Oman", "3 Gulf\nof Oman"},
			{"C++ and C, c; C++; C+; C++11", "13 C++|13 C++"},
			{"a net, the .NET (.net), x.NET", "14 .NET|14 .net"},
			{"a nice day in Nice; nice", "15 Nice"},
			{"US$5 for the US", "16 US"},
		},
		"ar": {
			{"ممر الشمال والجنوب", "1 ممر الشمال والجنوب"},
			{"في مَمَرّ الشمال والجنوب.", "1 مَمَرّ الشمال والجنوب"},
			{"الخليج والخليج بالخليج للخليج فالخليج كالخليج", "2 الخليج|2 والخليج|2 بالخليج|2 للخليج|2 فالخليج|2 كالخليج"},
			{"في خليج بعيد", ""},
			{"خليج عُمان وخليج عمان لخليج عمان", "3 خليج عُمان|3 وخليج عمان|3 لخليج عمان"},
			{"المهاجرون والمهاجرين مهاجرات مهاجرة", "4 المهاجرون|4 والمهاجرين|4 مهاجرات|4 مهاجرة"},
			{"الاتفاقيات واتفاقيّات اتفاقية للاتفاقية", "5 الاتفاقيات|5 واتفاقيّات|5 اتفاقية|5 للاتفاقية"},
			{"بحر قزوین ثم ببحر قزوين", "6 بحر قزوین|6 ببحر قزوين"},
			{"البحرين وبحران", ""},
			{"حر شديد", "7 حر شديد"},
			{"حر أحرار كالحر", "7 حر"},
			{"وإيران بإيران لإيران ايران إيراني", "8 وإيران|8 بإيران|8 لإيران|8 ايران"},
			{"قطر سقطر القطري", "9 قطر"},
			{"وقطر", ""},
			{"منظمة الصحة العالمية وWHO؛ WHO", "10 منظمة الصحة العالمية|10 WHO"},
			{"التيار الكهربائي وتيار كهربائي", "12 التيار الكهربائي|12 وتيار كهربائي"},
			{"تيار الكهربائي", ""},
			{"بحر، البحر، للبحر", "11 بحر|11 البحر|11 للبحر"},
			{"ميناء والميناء", "13 ميناء|13 والميناء"},
			{"الألعاب وألعاب", "14 الألعاب|14 وألعاب"},
			{"بـحـر", "11 بـحـر"},
			{"النبي ﷺ وﷺ", "15 ﷺ"},
			{"أمن وسلامة، وسلام", "16 وسلام"},
		},
		"fa": {
			{"دالان شمال–جنوب", "1 دالان شمال–جنوب"},
			{"دالان‌های شمال–جنوب و دالانهای شمال جنوب", "1 دالان‌های شمال–جنوب|1 دالانهای شمال جنوب"},
			{"خلیج فارس، خليج فارس", "2 خلیج فارس|2 خليج فارس"},
			{"دریا دریاها دریاهای دریا‌ها دریای آرام دریایی", "3 دریا|3 دریاها|3 دریاهای|3 دریا‌ها|3 دریای|3 دریایی"},
			{"دریای خزر و دریای سیاه", "4 دریای خزر|3 دریای"},
			{"راه‌آهن راه آهن راهآهن راه‌آهن‌ها راه‌آهنهای", "5 راه‌آهن|5 راه آهن|5 راهآهن|5 راه‌آهن‌ها|5 راه‌آهنهای"},
			{"ایران ايران ایران‌ها", "6 ایران|6 ايران|6 ایران‌ها"},
			{"ایرانی ایرانیان غیرایران", ""},
			{"می‌روم", ""},
			{"روم باستان", "7 روم"},
			{"پناهنده‌ای پناهنده‌ی پناهندهٔ پناهنده‌هایشان", "8 پناهنده‌ای|8 پناهنده‌ی|8 پناهندهٔ|8 پناهنده‌هایشان"},
			{"پناهنده‌سازی نیمه‌پناهنده", ""},
			{"کتاب‌خانه کتابخانه‌ها کتاب خانه", "9 کتاب‌خانه|9 کتابخانه‌ها"},
			{"تنها تن", "10 تن"},
			{"UNESCO و یونسکو.", "11 UNESCO|11 یونسکو"},
			{"نیروی نیروهای", "12 نیروی|12 نیروهای"},
			{"تحریم‌هایی علیه؛ «تحریم‌ها»", "13 تحریم‌هایی|13 تحریم‌ها"},
			{"راهآهنگ راه", ""},
			{"الخلیج فارس", ""},
			{"والکن کن", ""},
		},
	}
	for language, cases := range tests {
		terms := NewTerms(language, glossary[language])
		for _, test := range cases {
			if got := strings.Join(found(terms, T(test.text)), "|"); got != test.want {
				t.Errorf("%s: %s\ngot  %s\nwant %s", language, test.text, got, test.want)
			}
		}
	}
}

func TestTermsStandOnlyInRunningText(t *testing.T) {
	terms := NewTerms("en", glossary["en"])
	gulf := T("the Gulf")
	tests := []struct {
		name  string
		value Value
		want  bool
	}{
		{"paragraph", Paragraph{Text: gulf}, true},
		{"list", List{Items: []Item{{Text: T("x"), List: &List{Items: []Item{{Text: gulf}}}}}}, true},
		{"quote", Quote{Paragraphs: []Text{gulf}}, true},
		{"key points", KeyPoints{Points: []Text{gulf}}, true},
		{"note", Note{Kind: Update, Paragraphs: []Text{gulf}}, true},
		{"cell", Table{Head: []Text{T("a")}, Rows: [][]Text{{gulf}}}, true},
		{"strong", Paragraph{Text: Text{{Text: "Gulf", Marks: Strong}}}, true},
		{"its own language", Paragraph{Text: Text{{Text: "Gulf", Lang: Lang{Tag: "en-GB"}}}}, true},
		{"link", Paragraph{Text: Text{{Text: "Gulf", Link: Link{Href: "/x"}}}}, false},
		{"code", Paragraph{Text: Text{{Text: "Gulf", Marks: Code}}}, false},
		{"another language", Paragraph{Text: Text{{Text: "Gulf", Lang: Lang{Tag: "de"}}}}, false},
		{"block in another language", Paragraph{Text: gulf, Lang: Lang{Tag: "de"}}, false},
		{"list in another language", List{Lang: Lang{Tag: "de"}, Items: []Item{{List: &List{Items: []Item{{Text: gulf}}}}}}, false},
		{"footnote", Paragraph{Text: Text{{Text: "x"}, {Note: gulf}}}, false},
		{"two spans", Paragraph{Text: Text{{Text: "break of "}, {Text: "gauge", Marks: Strong}}}, false},
		{"half a word", Paragraph{Text: Text{{Text: "Gulf"}, {Text: "stream", Marks: Strong}}}, false},
		{"heading", Subhead{Level: 2, Text: gulf}, false},
		{"pull quote", PullQuote{Text: gulf}, false},
		{"attribution", Quote{Attribution: gulf}, false},
		{"caption", Figure{Asset: 1, Caption: gulf}, false},
		{"head of a table", Table{Caption: gulf, Source: gulf, Head: []Text{gulf, T("a")}, Rows: [][]Text{{gulf, T("b")}}, Labelled: true}, false},
		{"preformatted", Preformatted{Text: gulf}, false},
		{"file", File{Asset: 1, Label: "Gulf"}, false},
		{"no definition", Paragraph{Text: T("drought")}, false},
	}
	for _, test := range tests {
		b := Body{{"k", test.value}}
		r := renderer("en")
		plain := Render(b, r)
		r.Terms = terms
		got := Render(b, r)
		if shown := strings.Contains(string(got), "<button"); shown != test.want {
			t.Errorf("%s: got %s", test.name, got)
		}
		if mentioned := len(Mentions(b, terms)) > 0; mentioned != test.want && test.name != "no definition" {
			t.Errorf("%s: got mentioned %v", test.name, mentioned)
		}
		r.Feed = true
		fed := r
		fed.Terms = nil
		if Render(b, r) != Render(b, fed) || !test.want && got != plain {
			t.Errorf("%s: terms changed what has none: %s", test.name, got)
		}
		if step := RenderStep(Diff(b, b).Steps[0], Renderer{Language: "en", Terms: terms}, Said{}); strings.Contains(string(step), "<button") {
			t.Errorf("%s: got %s in a comparison", test.name, step)
		}
	}
}

func TestTheFirstMentionOpensACard(t *testing.T) {
	all := []Term{
		{Topic: 1, Name: "Break of gauge", Definition: "Two <widths>.", Href: "/en/topic/gauge"},
		{Topic: 2, Name: "خلیج فارس", Aliases: []string{"Gulf"}, Definition: "دریا.", Href: "javascript:x", Language: "fa"},
		{Topic: 3, Name: "corridor", Definition: "A link."}, {Topic: 4, Name: "ferry", Definition: "A ship."},
	}
	r := Renderer{Language: "en", Terms: NewTerms("en", all), NoTerms: map[ref.Topic]bool{3: true}, Topic: func(id ref.Topic) (Term, bool) { return all[id-1], true }}
	b := Body{
		{"h", Subhead{Level: 2, Text: T("Break of gauge")}},
		{"a", Paragraph{Text: T("A “break of gauge”: a corridor (Gulf) <on> the Gulf, a break of gauge, a ferry.")}},
		{"b", Definition{4}},
	}
	want := `<h2 id="b-h">Break of gauge</h2>` +
		`<p>A <span class="nb">“<button type="button" class="term" popovertarget="term-a-1">break of gauge</button>”:</span> a corridor ` +
		`<span class="nb">(<button type="button" class="term" popovertarget="term-a-2">Gulf</button>)</span> &lt;on&gt; the Gulf, a break of gauge, a ferry.</p>` +
		`<div popover class="term-card" id="term-a-1" role="note"><p class="term-name">Break of gauge</p><p>Two &lt;widths&gt;.</p><p><a href="/en/topic/gauge">More on <bdi>Break of gauge</bdi></a></p></div>` +
		`<div popover class="term-card" id="term-a-2" role="note" lang="fa" dir="rtl"><p class="term-name">خلیج فارس</p><p>دریا.</p></div>` +
		`<aside class="definition" aria-labelledby="b-b"><h2 id="b-b">ferry</h2><p>A ship.</p></aside>`
	got := Render(b, r)
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	safe(t, got)
	stable(t, string(got))
	if got, want := Mentions(b, r.Terms), []ref.Topic{1, 3, 2, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTermsLeaveTheTextByteForByte(t *testing.T) {
	for language, all := range glossary {
		var names []string
		for _, term := range all {
			names = append(names, "«"+term.Name+"»!", strings.Join(term.Aliases, ";"))
		}
		s := strings.Join(names, " \u200f\u00adx\r")
		text := Text{{Text: s}, {Break: true}, {Text: s, Marks: Strong}, {Picture: Inline{Asset: 9}}, {Text: s}}
		got := Render(Body{{"k", Paragraph{Text: text}}}, Renderer{Language: language, Terms: NewTerms(language, all)})
		if p := textOf(first(safe(t, got), "p")); p != s+s+s {
			t.Errorf("%s: got %q, want %q thrice", language, p, s)
		}
		if n := strings.Count(string(got), "<button"); n < len(all)-2 {
			t.Errorf("%s: got %d terms", language, n)
		}
	}
}

func TestNoTermBecomesMarkup(t *testing.T) {
	lines := slices.DeleteFunc(hostile(t), func(s string) bool { return len(s) > 400 })
	for _, language := range []string{"en", "ar", "fa"} {
		var all []Term
		for i, s := range lines {
			all = append(all, Term{Topic: ref.Topic(i + 1), Name: s, Aliases: []string{s + " x", "x " + s}, Definition: s, Href: s, Language: s})
		}
		r := Renderer{Language: language, Terms: NewTerms(language, all), Topic: func(id ref.Topic) (Term, bool) { return all[id-1], true }}
		shown := 0
		for i, s := range lines {
			markup := Render(Body{{"k", Paragraph{Text: T(s)}}, {"l", List{Items: []Item{{Text: T("(" + s + "), " + lines[(i+7)%len(lines)])}}}}, {"d", Definition{ref.Topic((i+3)%len(lines) + 1)}}}, r)
			root := safe(t, markup)
			if got := textOf(first(root, "p")); s != "" && len(Check(Body{{"k", Paragraph{Text: T(s)}}})) == 0 && got != s {
				t.Errorf("got %q, want %q", got, s)
			}
			shown += strings.Count(string(markup), "<button")
		}
		if shown < len(lines)/4 {
			t.Errorf("got %d terms in %d texts", shown, len(lines))
		}
	}
}

func TestTermsOfOneNameAreTheEarlierTopics(t *testing.T) {
	terms := NewTerms("en", []Term{{Topic: 1, Name: "Levee", Definition: "Levees and any levee."}, {Topic: 2, Name: "dyke", Aliases: []string{"levee"}, Definition: "y"}, {Topic: 3, Name: "x"}, {Topic: 4, Name: " - "}, {Topic: 5}})
	if got, want := found(terms, T("A levee, a dyke, x -")), []string{"1 levee", "2 dyke"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := Mentions(Body{{"a", Paragraph{Text: T("a levee")}}}, NewTerms("en", nil)); got != nil {
		t.Errorf("got %v, want nothing", got)
	}
}

// longBody has a hundred thousand characters, and terms two thousand topics of
// which it names some.
func longBody(language string) (Body, *Terms) {
	sentence := map[string]string{
		"en": "The ministers met on the river and spoke of the water that the farms downstream have been waiting for since spring. ",
		"ar": "التقى الوزراء على النهر وتحدثوا عن المياه التي تنتظرها المزارع والقرى منذ الربيع وعن الاتفاقيات السابقة بين البلدين. ",
		"fa": "وزیران کنار رود دیدار کردند و از آبی سخن گفتند که کشتزارهای پایین‌دست از بهار چشم‌به‌راه آن هستند و هنوز نرسیده است. ",
	}[language]
	terms := append([]Term{}, glossary[language]...)
	for i := len(terms); i < 2000; i++ {
		terms = append(terms, Term{Topic: ref.Topic(i + 1), Name: strings.Fields(sentence)[i%12] + fmt.Sprint(" ", i), Aliases: []string{glossary[language][i%12].Name + fmt.Sprint(i)}, Definition: "x"})
	}
	var b Body
	for left := 100_000; left > 0; left -= 6 * len([]rune(sentence)) {
		b = append(b, Block{Key(fmt.Sprint("k", left)), Paragraph{Text: T(strings.Repeat(sentence, 6))}})
	}
	return b, NewTerms(language, terms)
}

func BenchmarkTerms(b *testing.B) {
	for _, language := range []string{"en", "ar", "fa"} {
		text, terms := longBody(language)
		b.Run(language, func(b *testing.B) {
			for b.Loop() {
				Mentions(text, terms)
			}
		})
	}
	text, terms := longBody("ar")
	b.Run("page", func(b *testing.B) {
		for b.Loop() {
			Render(text, Renderer{Language: "ar", Terms: terms})
		}
	})
	b.Run("page without", func(b *testing.B) {
		for b.Loop() {
			Render(text, Renderer{Language: "ar"})
		}
	})
}
