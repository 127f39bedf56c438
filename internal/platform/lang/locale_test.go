package lang_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"broadsheet/internal/platform/lang"
)

var (
	english = lang.Locale{Language: "en", Calendar: lang.Gregorian}
	persian = lang.Locale{Language: "fa", Region: "IR", Calendar: lang.SolarHijri, Second: lang.Gregorian, Digits: lang.Extended}
	arabic  = lang.Locale{Language: "ar", Region: "EG", Calendar: lang.Gregorian, Second: lang.UmmAlQura, Digits: lang.Latin}
	baghdad = lang.Locale{Language: "ar", Region: "IQ", Calendar: lang.Gregorian, Second: lang.UmmAlQura, Digits: lang.Arabic}
	rabat   = lang.Locale{Language: "ar", Region: "MA", Calendar: lang.Gregorian, Second: lang.SolarHijri}
	kabul   = lang.Locale{Language: "fa", Region: "AF", Calendar: lang.SolarHijri, Second: lang.UmmAlQura, Digits: lang.Extended}
)

func TestDatesReadAsInTheirLanguage(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 5, 59, 0, time.UTC)
	for _, test := range []struct {
		name                                       string
		l                                          lang.Locale
		long, second, medium, short, inYear, clock string
	}{
		{"en", english, "Monday 23 November 2026", "", "23 November 2026", "23 Nov", "23 Nov 2026", "14:05"},
		{"fa", persian, "دوشنبه ۲ آذر ۱۴۰۵", "۲۳ نوامبر ۲۰۲۶", "۲ آذر ۱۴۰۵", "۲ آذر", "۲ آذر ۱۴۰۵", "۱۴:۰۵"},
		{"ar", arabic, "الاثنين 23 نوفمبر 2026", "13 جمادى الآخرة 1448 هـ", "23 نوفمبر 2026", "23 نوفمبر", "23 نوفمبر 2026", "14:05"},
		{"ar in Iraq", baghdad, "الاثنين ٢٣ تشرين الثاني ٢٠٢٦", "١٣ جمادى الآخرة ١٤٤٨ هـ", "٢٣ تشرين الثاني ٢٠٢٦", "٢٣ تشرين الثاني", "٢٣ تشرين الثاني ٢٠٢٦", "١٤:٠٥"},
		{"ar in Morocco", rabat, "الاثنين 23 نونبر 2026", "2 آذر 1405", "23 نونبر 2026", "23 نونبر", "23 نونبر 2026", "14:05"},
		{"fa in Afghanistan", kabul, "دوشنبه ۲ قوس ۱۴۰۵", "۱۳ جمادی‌الثانی ۱۴۴۸", "۲ قوس ۱۴۰۵", "۲ قوس", "۲ قوس ۱۴۰۵", "۱۴:۰۵"},
		{"no language", lang.Locale{}, "Monday 23 November 2026", "", "23 November 2026", "23 Nov", "23 Nov 2026", "14:05"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, pair := range [][2]string{
				{test.l.LongDate(at), test.long}, {test.l.SecondDate(at), test.second}, {test.l.MediumDate(at), test.medium},
				{test.l.ShortDate(at), test.short}, {test.l.DateInYear(at), test.inYear}, {test.l.Clock(at), test.clock},
			} {
				if pair[0] != pair[1] {
					t.Errorf("got %q, want %q", pair[0], pair[1])
				}
			}
		})
	}
}

func TestADayOutsideTheCalendarIsWrittenInTheGregorianOne(t *testing.T) {
	at := time.Date(1700, 1, 2, 0, 0, 0, 0, time.UTC)
	if got, want := persian.MediumDate(at), "۲ ژانویه ۱۷۰۰"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := arabic.SecondDate(at); got != "" {
		t.Errorf("got %q, want none", got)
	}
}

func TestNumbersHaveTheirDigitsAndMarks(t *testing.T) {
	latinPersian := lang.Locale{Language: "fa", Digits: lang.Latin}
	for _, test := range []struct{ got, want string }{
		{english.Number(0), "0"},
		{english.Number(999), "999"},
		{english.Number(1000), "1,000"},
		{english.Number(-1234567), "-1,234,567"},
		{english.Number(math.MinInt64), "-9,223,372,036,854,775,808"},
		{persian.Number(1234567), "۱٬۲۳۴٬۵۶۷"},
		{persian.Number(-5), "\u200e\u2212۵"},
		{latinPersian.Number(-5), "\u200e\u22125"},
		{arabic.Number(-1000), "\u200e-1,000"},
		{baghdad.Number(-1000), "\u061c-١٬٠٠٠"},
		{english.Decimal(1234.5, 2), "1,234.50"},
		{english.Decimal(0.999, 0), "1"},
		{english.Decimal(-0.001, 2), "0.00"},
		{english.Decimal(math.NaN(), 1), "–"},
		{english.Decimal(math.Inf(-1), 1), "-∞"},
		{persian.Decimal(-3.14159, 2), "\u200e\u2212۳٫۱۴"},
		{baghdad.Decimal(1234.5, 1), "١٬٢٣٤٫٥"},
		{lang.Extended.String("1405/09/02 «x»"), "۱۴۰۵/۰۹/۰۲ «x»"},
		{lang.Arabic.String("9"), "٩"},
		{lang.Latin.String("۹9"), "۹9"},
		{lang.ASCIIDigits("۱۴۰۵ ١٤٤٨ 2026 ۰۹٠٩"), "1405 1448 2026 0909"},
	} {
		if test.got != test.want {
			t.Errorf("got %+q, want %+q", test.got, test.want)
		}
	}
}

func TestDirectionFollowsTheLanguageOrItsScript(t *testing.T) {
	for language, want := range map[string]string{
		"en": "ltr", "fa": "rtl", "ar": "rtl", "fa-AF": "rtl", "AR_eg": "rtl", "he": "rtl", "ur": "rtl", "": "ltr",
		"pa-Arab": "rtl", "pa": "ltr", "az-Arab-IR": "rtl", "ks-Deva": "ltr", "tr": "ltr", "fa-Latn": "ltr",
	} {
		if got := lang.Direction(language); got != want {
			t.Errorf("%q: got %v, want %v", language, got, want)
		}
	}
}

func TestWeeksBeginAsInTheCountry(t *testing.T) {
	for _, test := range []struct {
		language, region string
		want             time.Weekday
	}{
		{"fa", "IR", time.Saturday}, {"fa", "AF", time.Saturday}, {"fa", "", time.Saturday}, {"ar", "EG", time.Saturday},
		{"ar", "", time.Saturday}, {"ar", "LB", time.Monday}, {"ar", "MA", time.Monday}, {"ar", "SA", time.Sunday},
		{"en", "", time.Monday}, {"en", "US", time.Sunday}, {"en", "GB", time.Monday}, {"ar", "IQ", time.Saturday},
	} {
		if got := lang.FirstWeekday(test.language, test.region); got != test.want {
			t.Errorf("%s %s: got %v, want %v", test.language, test.region, got, test.want)
		}
	}
}

// monthNames asks a locale for its month names in a calendar.
func monthNames(t *testing.T, l lang.Locale, c lang.Calendar, year int) []string {
	t.Helper()
	l.Calendar, l.Digits = c, lang.Latin
	var names []string
	for month := range 12 {
		at, ok := c.ToGregorian(lang.Date{Year: year, Month: month + 1, Day: 1})
		if !ok {
			t.Fatalf("%s has no month %d in %d", c, month+1, year)
		}
		short := l.ShortDate(at)
		names = append(names, short[len("1 "):])
	}
	return names
}

func TestNamesAreCLDRsButForTheNamedOnes(t *testing.T) {
	// Where newspapers write otherwise than CLDR.
	ours := map[string]string{
		"ذیقعدهٔ": "ذی‌القعده", "ذیقعده": "ذی‌القعده", "ذیحجهٔ": "ذی‌الحجه", "ذیحجه": "ذی‌الحجه",
	}
	for _, test := range []struct {
		file, name string
		l          lang.Locale
		c          lang.Calendar
		year       int
	}{
		{"cldr-dates-full/main/ar/ca-gregorian.json", "gregorian", arabic, lang.Gregorian, 2026},
		{"cldr-dates-full/main/fa/ca-gregorian.json", "gregorian", persian, lang.Gregorian, 2026},
		{"cldr-cal-persian-full/main/fa/ca-persian.json", "persian", persian, lang.SolarHijri, 1405},
		{"cldr-cal-islamic-full/main/ar/ca-islamic-umalqura.json", "islamic-umalqura", arabic, lang.UmmAlQura, 1448},
		{"cldr-cal-islamic-full/main/fa/ca-islamic-umalqura.json", "islamic-umalqura", persian, lang.UmmAlQura, 1448},
	} {
		file := corpus(t, "text/cldr/cldr-json/"+test.file)
		if file == "" {
			return
		}
		cldr := cldrCalendar(t, file, test.l.Language, test.name)
		for n, got := range monthNames(t, test.l, test.c, test.year) {
			want := cldr.Months["stand-alone"]["wide"][strconv.Itoa(n+1)]
			if own, ok := ours[want]; ok {
				want = own
			}
			if got != want {
				t.Errorf("%s month %d: got %q, want %q", test.file, n+1, got, want)
			}
		}
		for n, key := range []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} {
			at := time.Date(2026, 11, 22+n, 0, 0, 0, 0, time.UTC)
			want := cldr.Days["stand-alone"]["wide"][key] + " " + test.l.MediumDate(at)
			if got := test.l.LongDate(at); got != want {
				t.Errorf("%s: got %q, want %q", test.file, got, want)
			}
		}
	}
}

type cldrNames map[string]map[string]map[string]string

type cldrDates struct{ Months, Days cldrNames }

func cldrCalendar(t *testing.T, path, language, calendar string) cldrDates {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Main map[string]struct {
			Dates struct {
				Calendars map[string]cldrDates
			}
		}
	}
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatal(err)
	}
	found, ok := file.Main[language].Dates.Calendars[calendar]
	if !ok {
		t.Fatalf("%s has no %s", path, calendar)
	}
	return found
}
