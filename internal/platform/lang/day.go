package lang

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// DayStart returns the first moment of a civil day in a place, which is not always
// midnight: clocks are put forward over it in some zones and back to it in others.
// Days and months out of range count on, as with time.Date. A day that a place left
// out begins with the next one.
func DayStart(year int, month time.Month, day int, in *time.Location) time.Time {
	wanted := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	t := time.Date(year, month, day, 0, 0, 0, 0, in)
	if civil(t).Before(wanted) {
		_, t = t.ZoneBounds()
	}
	const step = 30 * time.Minute // zones differ by quarters of an hour at least
	for civil(t.Add(-step)).Equal(wanted) {
		t = t.Add(-step)
	}
	return t
}

// StartOf is DayStart of a civil day as ParseDay returns it.
func StartOf(civil time.Time, in *time.Location) time.Time {
	return DayStart(civil.Year(), civil.Month(), civil.Day(), in)
}

// civil is a moment's day in its own zone, as midnight UTC.
func civil(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// NumericDay writes a day in numbers, in the locale's calendar and digits:
// «۱۴۰۵/۰۹/۰۵».
func (l Locale) NumericDay(t time.Time) string {
	_, d := l.date(t)
	return l.Digits.String(fmt.Sprintf("%04d/%02d/%02d", d.Year, d.Month, d.Day))
}

// earliestGregorian is the first year that is read as one of the Gregorian calendar
// where the locale has another one.
const earliestGregorian = 1700

// ParseDay reads a day in numbers of any digits, year first, between hyphens or
// slashes, as a civil day: midnight UTC. A year before 1700 is one of the locale's
// first or second calendar where these are not Gregorian. It is false for what is no
// day of the years 1000 to 9999.
func (l Locale) ParseDay(text string) (time.Time, bool) {
	parts := strings.Split(strings.ReplaceAll(ASCIIDigits(strings.TrimSpace(text)), "/", "-"), "-")
	if len(parts) != 3 || len(parts[0]) != 4 {
		return time.Time{}, false
	}
	var numbers [3]int
	for n, part := range parts {
		number, err := strconv.ParseUint(part, 10, 16)
		if err != nil || len(part) > 4 {
			return time.Time{}, false
		}
		numbers[n] = int(number)
	}
	d := Date{numbers[0], numbers[1], numbers[2]}
	if d.Year < earliestGregorian {
		for _, c := range []Calendar{l.Calendar, l.Second} {
			if _, has := c.MonthLength(d.Year, 1); has && c != Gregorian {
				return c.ToGregorian(d)
			}
		}
	}
	day, ok := Gregorian.ToGregorian(d)
	return day, ok && d.Year >= 1000
}
