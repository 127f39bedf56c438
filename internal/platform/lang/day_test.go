package lang_test

import (
	"testing"
	"time"

	"broadsheet/internal/platform/lang"
)

func TestADayBeginsAtItsFirstMoment(t *testing.T) {
	tests := []struct{ name, zone, day, want string }{
		{"most places, most days", "Europe/Berlin", "2026-03-29", "2026-03-29T00:00:00+01:00"},
		{"clocks are put forward over midnight", "Africa/Cairo", "2026-04-24", "2026-04-24T01:00:00+03:00"},
		{"clocks are put back to midnight", "Atlantic/Azores", "2026-10-25", "2026-10-25T00:00:00Z"},
		{"clocks are put back over midnight", "America/Havana", "2026-11-01", "2026-11-01T00:00:00-04:00"},
		{"midnight comes twice", "Asia/Amman", "1995-09-15", "1995-09-15T00:00:00+03:00"},
		{"a day that a place left out", "Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			zone, err := time.LoadLocation(test.zone)
			if err != nil {
				t.Fatal(err)
			}
			day, err := time.Parse(time.DateOnly, test.day)
			if err != nil {
				t.Fatal(err)
			}
			if got := lang.DayStart(day.Year(), day.Month(), day.Day(), zone).Format(time.RFC3339); got != test.want {
				t.Errorf("%s in %s begins at %s, want %s", test.day, test.zone, got, test.want)
			}
		})
	}
}

func TestDaysAreReadInTheLocalesCalendar(t *testing.T) {
	persian := lang.Locale{Language: "fa", Calendar: lang.SolarHijri, Second: lang.Gregorian, Digits: lang.Extended}
	arabic := lang.Locale{Language: "ar", Calendar: lang.Gregorian, Second: lang.UmmAlQura}
	english := lang.Locale{Language: "en", Calendar: lang.Gregorian}
	tests := []struct {
		locale     lang.Locale
		text, want string
	}{
		{persian, "۱۴۰۵/۰۹/۰۵", "2026-11-26"},
		{persian, "1405-9-5", "2026-11-26"},
		{persian, "2026-11-26", "2026-11-26"},
		{persian, " ٢٠٢٦/١١/٢٦ ", "2026-11-26"},
		{arabic, "1448-06-16", "2026-11-26"},
		{arabic, "2026-11-26", "2026-11-26"},
		{english, "1405-09-05", "1405-09-05"},
		{english, "2026-02-30", ""},
		{persian, "1405-12-30", ""}, // no leap year, and no Gregorian year either
		{english, "26-11-2026", ""},
		{english, "0999-01-01", ""},
		{english, "2026-11", ""},
		{english, "2026-+1-01", ""},
	}
	for _, test := range tests {
		day, ok := test.locale.ParseDay(test.text)
		got := ""
		if ok {
			got = day.Format(time.DateOnly)
		}
		if got != test.want {
			t.Errorf("%s reads %q as %q, want %q", test.locale.Language, test.text, got, test.want)
		}
		if ok && test.locale.Language == "fa" {
			if again, _ := persian.ParseDay(persian.NumericDay(day)); !again.Equal(day) {
				t.Errorf("%s is written as %s", got, persian.NumericDay(day))
			}
		}
	}
}
