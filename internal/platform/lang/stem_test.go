package lang_test

import (
	"testing"

	"broadsheet/internal/platform/lang"
)

// stems are those of all words of a text that are no parts.
func stems(text, language string) (all []string) {
	for _, w := range lang.StemWords(text, language) {
		if !w.Part {
			all = append(all, w.Stem)
		}
	}
	return all
}

func TestFormsOfAWordHaveOneStem(t *testing.T) {
	for language, families := range map[string][][]string{
		"en": {{"train", "trains", "Training", "trained"}, {"city", "cities"}, {"running", "run", "runs"}},
		"ar": {{"كتاب", "الكتاب", "والكتاب", "بالكتاب", "كالكتاب", "للكتاب", "كتابها"}, {"مدينة", "المدينة", "والمدينة", "مدينه"}, {"فلاحون", "الفلاحين", "فلاح"}, {"سياسي", "السياسية", "سياسيون"}, {"قطار", "القطارات"}, {"مسؤول", "المسؤولون"},
			{"التزام", "الالتزام"}, {"إلكتروني", "الإلكتروني"}, {"باليستية", "الباليستية"}, {"لبنان", "لبناني"}, {"مهرجان", "مهرجانات"}, {"سلطة", "سلطات"}},
		"fa": {
			{"کتاب", "کتاب‌ها", "کتاب ها", "کتابها", "کتاب‌های", "کتاب های", "کتابهایی", "کتاب‌هایی", "كتاب", "کتاب‌هایش", "کتاب‌ی", "کتابی"},
			{"میرود", "می‌رود", "می رود", "ميرود", "نمی‌رود", "نمیرود", "نمی رود"}, {"بزرگ", "بزرگ‌تر", "بزرگتر", "بزرگ‌ترین", "بزرگ ترین"},
			{"ایران", "ایرانی", "ایرانیان"}, {"کارگر", "کارگران", "کارگر‌ان"}, {"اطلاع", "اطلاعات"}, {"خانه", "خانه‌ها", "خانه‌ای"},
			{"نوجوان", "نوجوانان"}, {"مسلمان", "مسلمانان"}, {"کارگردان", "کارگردانان"}, {"میدانم", "می‌دانم"},
		},
	} {
		for _, family := range families {
			for _, form := range family {
				if got, want := stems(form, language), stems(family[0], language); len(got) != 1 || got[0] != want[0] {
					t.Errorf("%s: %q has the stems %q, %q has %q", language, form, got, family[0], want)
				}
			}
		}
	}
}

func TestOtherWordsKeepApart(t *testing.T) {
	for language, pairs := range map[string][][2]string{
		"en": {{"new", "news"}},
		"ar": {{"وزير", "زير"}, {"بلد", "لد"}, {"ولد", "لد"}, {"الام", "ام"}, {"ليل", "يل"}, {"فيل", "يل"}, {"لبنان", "لبن"}, {"البحرين", "البحر"}, {"السلطان", "السلطات"}, {"شعبان", "شعب"}, {"وزارة", "زار"}, {"وسيلة", "سيل"}, {"والدين", "دين"}},
		"fa": {{"میدان", "دان"}, {"میلیون", "لیون"}, {"ماهی", "ماه"}, {"دفتر", "دف"}, {"تهران", "تهر"}, {"علی", "عل"}, {"میراث", "راث"}, {"باران", "بار"}, {"میزبان", "زبان"}, {"میلان", "لان"}, {"میلاد", "لاد"}},
	} {
		for _, pair := range pairs {
			if a, b := stems(pair[0], language), stems(pair[1], language); a[0] == b[0] {
				t.Errorf("%s: %q and %q are both %q", language, pair[0], pair[1], a[0])
			}
		}
	}
}

func TestStemmedWordsLieOnTheirText(t *testing.T) {
	for _, text := range []string{"«کتاب ها» را می خوانم، كتاب‌خانه‌های بزرگ‌ تر", "ﷺ والكتابُ المَدينةِ", "The O'Brien's TRAINS — naïve\xff end", "می", "ها", " ها می ها", "\x00\u202e"} {
		for _, language := range []string{"en", "ar", "fa", "de", ""} {
			end := 0
			for _, w := range lang.StemWords(text, language) {
				if w.Start > w.End || w.End > len(text) || !w.Part && w.Start < end && text[w.Start:w.End] != "ﷺ" {
					t.Errorf("%q in %s: %+v", text, language, w)
				}
				if w.Stem == "" || w.Text == "" {
					t.Errorf("%q in %s: %+v is empty", text, language, w)
				}
				if !w.Part {
					end = w.End
				}
			}
		}
	}
}

func TestACompoundIsKnownByItsPartsToo(t *testing.T) {
	got := lang.StemWords("کتاب‌خانه‌های", "fa")
	if len(got) != 3 || got[0].Part || got[1].Stem != "کتاب" || !got[1].Part || got[2].Stem != "خانه" {
		t.Errorf("got %+v", got)
	}
}

func BenchmarkStemWords(b *testing.B) {
	text := "Four railways agree on one timetable from the Gulf to the Caspian, which will let a container travel from the southern ports on a single booking. "
	text += text
	text += text
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		lang.StemWords(text, "en")
	}
}
