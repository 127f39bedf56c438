package lang

import (
	"strconv"
	"time"
)

// Locale is how an edition writes dates and numbers. Times are read in their
// own zone.
type Locale struct {
	Language string
	// Region is the country whose month names are used, such as "IR", "AF",
	// "EG" or "IQ"; empty for the language's default.
	Region string
	// Calendar is the first calendar. Days outside its range, and an empty
	// one, are written in the Gregorian calendar.
	Calendar Calendar
	// Second is the calendar beside it; empty for none.
	Second Calendar
	Digits Digits
}

// LongDate writes weekday, day, month and year: «دوشنبه ۲ آذر ۱۴۰۵».
func (l Locale) LongDate(t time.Time) string {
	return l.names().weekdays[t.Weekday()] + " " + l.MediumDate(t)
}

// SecondDate writes the day in the second calendar, without the weekday; empty
// when there is none or the day is outside its range.
func (l Locale) SecondDate(t time.Time) string {
	d, ok := l.Second.FromTime(t)
	if !ok {
		return ""
	}
	text := l.dayMonth(d, l.names().month(l.Second, d.Month)) + " " + l.digits(d.Year)
	if l.Second == UmmAlQura && primary(l.Language) == "ar" {
		text += " هـ" // beside another calendar Arabic says whose year it is
	}
	return text
}

// MediumDate writes day, month and year: "23 November 2026".
func (l Locale) MediumDate(t time.Time) string {
	c, d := l.date(t)
	return l.dayMonth(d, l.names().month(c, d.Month)) + " " + l.digits(d.Year)
}

// ShortDate writes day and month, abbreviated where the language does: "23 Nov",
// «۲ آذر».
func (l Locale) ShortDate(t time.Time) string {
	c, d := l.date(t)
	return l.dayMonth(d, l.names().shortMonth(c, d.Month))
}

// DateInYear is ShortDate with the year: "23 Nov 2026".
func (l Locale) DateInYear(t time.Time) string {
	_, d := l.date(t)
	return l.ShortDate(t) + " " + l.digits(d.Year)
}

// Clock writes hours and minutes of the 24-hour day.
func (l Locale) Clock(t time.Time) string {
	return l.Digits.String(t.Format("15:04"))
}

// date is the day in the first calendar, or in the Gregorian one where that
// has none.
func (l Locale) date(t time.Time) (Calendar, Date) {
	if d, ok := l.Calendar.FromTime(t); ok {
		return l.Calendar, d
	}
	d, _ := Gregorian.FromTime(t)
	return Gregorian, d
}

func (l Locale) dayMonth(d Date, month string) string { return l.digits(d.Day) + " " + month }

// digits writes a number without grouping.
func (l Locale) digits(n int) string { return l.Digits.String(strconv.Itoa(n)) }
