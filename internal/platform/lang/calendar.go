package lang

import (
	"math/bits"
	"time"
)

// Calendar names a way of counting days into years and months. The empty
// calendar is none.
type Calendar string

// The calendars that an edition may have.
const (
	// Gregorian is the civil calendar, for every year.
	Gregorian Calendar = "gregorian"
	// SolarHijri is the calendar of Iran and Afghanistan, for the years 1178
	// to 1634 (from 1799-03-21).
	SolarHijri Calendar = "solar-hijri"
	// UmmAlQura is the lunar Hijri calendar of Saudi Arabia, for the years
	// 1300 to 1600 (from 1882-11-12).
	UmmAlQura Calendar = "umm-al-qura"
)

// Date is a day in some calendar. Months and days count from one.
type Date struct{ Year, Month, Day int }

// The spans of the calendars that are not defined for ever, and the days since
// 1970-01-01 on which they begin.
const (
	solarFirst, solarLast = 1178, 1634
	solarEpoch            = -62377 // 1799-03-21

	hijriFirst, hijriLast = 1300, 1600
	hijriEpoch            = -31826 // 1882-11-12
	hijriMonths           = (hijriLast - hijriFirst + 1) * 12
)

// FromTime returns the civil day of t in t's own zone. It is false outside the
// calendar's range.
func (c Calendar) FromTime(t time.Time) (Date, bool) {
	year, month, day := t.Date()
	switch c {
	case Gregorian:
		return Date{year, int(month), day}, true
	case SolarHijri:
		return solarDate(dayNumber(year, int(month), day) - solarEpoch)
	case UmmAlQura:
		return hijriDate(dayNumber(year, int(month), day) - hijriEpoch)
	}
	return Date{}, false
}

// ToGregorian returns midnight UTC of a day in the calendar. It is false for a
// day that the calendar does not have.
func (c Calendar) ToGregorian(d Date) (time.Time, bool) {
	length, ok := c.MonthLength(d.Year, d.Month)
	if !ok || d.Day < 1 || d.Day > length {
		return time.Time{}, false
	}
	switch c {
	case SolarHijri:
		return midnight(solarEpoch + solarYearStart(d.Year) + solarMonthStart(d.Month) + d.Day - 1), true
	case UmmAlQura:
		return midnight(hijriEpoch + hijriMonthStart((d.Year-hijriFirst)*12+d.Month-1) + d.Day - 1), true
	}
	return time.Date(d.Year, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC), true
}

// MonthLength returns the number of days of a month. It is false for a month
// that the calendar does not have.
func (c Calendar) MonthLength(year, month int) (int, bool) {
	if month < 1 || month > 12 {
		return 0, false
	}
	switch {
	case c == Gregorian:
		return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day(), true
	case c == SolarHijri && solarFirst <= year && year <= solarLast:
		return solarMonthLength(year, month), true
	case c == UmmAlQura && hijriFirst <= year && year <= hijriLast:
		return 29 + longMonth((year-hijriFirst)*12+month-1), true
	}
	return 0, false
}

// LeapYear tells whether a year is longer than the calendar's common year. It
// is false for a year outside the calendar's range.
func (c Calendar) LeapYear(year int) bool {
	switch {
	case c == Gregorian:
		return year%4 == 0 && (year%100 != 0 || year%400 == 0)
	case c == SolarHijri && solarFirst <= year && year <= solarLast:
		return solarLeap(year)
	case c == UmmAlQura && hijriFirst <= year && year <= hijriLast:
		first := (year - hijriFirst) * 12
		return hijriMonthStart(first+12)-hijriMonthStart(first) > 354
	}
	return false
}

// dayNumber counts the days from 1970-01-01.
func dayNumber(year, month, day int) int {
	return int(time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func midnight(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// The Solar Hijri year begins with the March equinox at Tehran. Between the
// years 1178 and 1634 that makes 33-year cycles: seven leap years four years
// apart, the eighth after five. Cycles end with the years 1177, 1210, … 1606.
const (
	cycleYears = 33
	cycleEnd   = 1177
)

// solarLeap tells whether Esfand has 30 days.
func solarLeap(year int) bool {
	place := (year - cycleEnd) % cycleYears
	return place%4 == 0 && place != cycleYears-1
}

// solarYearStart counts the days before a year.
func solarYearStart(year int) int {
	past := year - solarFirst
	leaps := past / cycleYears * 8
	// Within a cycle the places 4, 8, … 28 are leap; the eighth leap year, at
	// place 33, ends it.
	leaps += min(past%cycleYears/4, 7)
	return past*365 + leaps
}

// solarMonthStart counts the days of a year before a month: six months of 31
// days, then months of 30.
func solarMonthStart(month int) int {
	return (month-1)*30 + min(month-1, 6)
}

func solarMonthLength(year, month int) int {
	switch {
	case month <= 6:
		return 31
	case month < 12 || solarLeap(year):
		return 30
	}
	return 29
}

// solarDate finds the date that comes so many days after the first one.
func solarDate(days int) (Date, bool) {
	if days < 0 || days >= solarYearStart(solarLast+1) {
		return Date{}, false
	}
	year := solarFirst + days/365
	for solarYearStart(year) > days {
		year--
	}
	days -= solarYearStart(year)
	month := 1 + days/31
	if days >= 6*31 {
		month = 7 + (days-6*31)/30
	}
	return Date{year, month, days - solarMonthStart(month) + 1}, true
}

// longMonth is 1 when a month has 30 days. Months count from Muharram 1300.
func longMonth(month int) int {
	return int(longMonths[month>>3] >> (month & 7) & 1)
}

// hijriMonthStart counts the days before a month.
func hijriMonthStart(month int) int {
	long := 0
	for n := range month >> 3 {
		long += bits.OnesCount8(longMonths[n])
	}
	for n := month &^ 7; n < month; n++ {
		long += longMonth(n)
	}
	return month*29 + long
}

// hijriDate finds the date that comes so many days after the first one.
func hijriDate(days int) (Date, bool) {
	if days < 0 || days >= hijriMonthStart(hijriMonths) {
		return Date{}, false
	}
	// No month is shorter than 29 days nor longer than 30 on average, so the
	// guess is at most two months late and the walk is short.
	month := min(days*100/2953+1, hijriMonths-1)
	start := hijriMonthStart(month)
	for start > days {
		month--
		start -= 29 + longMonth(month)
	}
	return Date{hijriFirst + month/12, month%12 + 1, days - start + 1}, true
}
