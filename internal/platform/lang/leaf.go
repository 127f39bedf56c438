package lang

import "time"

// Leaf is a month of a locale's calendar, as a leaf of a wall calendar shows it.
type Leaf struct {
	// Title is the month with its year.
	Title string
	// Heads are the days of the week from its first, in full and abbreviated.
	Heads, Short [7]string
	// Days are the moments at which the days of the month begin, in the zone of the
	// day that was asked for; Numbers are their numbers in the locale's digits.
	Days    []time.Time
	Numbers []string
	// Before is how many days of the first week belong to the month before.
	Before int
}

// Leaf returns the month of t's day, in t's zone.
func (l Locale) Leaf(t time.Time) Leaf {
	c, d := l.date(t)
	n := l.names()
	leaf := Leaf{Title: n.month(c, d.Month) + " " + l.digits(d.Year)}
	length, _ := c.MonthLength(d.Year, d.Month)
	year, month, day := t.Date()
	for number := 1; number <= length; number++ {
		leaf.Days = append(leaf.Days, DayStart(year, month, day-d.Day+number, t.Location()))
		leaf.Numbers = append(leaf.Numbers, l.digits(number))
	}
	first := l.FirstWeekday()
	for at := range leaf.Heads {
		of := (int(first) + at) % 7
		leaf.Heads[at], leaf.Short[at] = n.weekdays[of], n.letters[of]
	}
	leaf.Before = (int(leaf.Days[0].Weekday()) - int(first) + 7) % 7
	return leaf
}

// FirstWeekday is the day on which the week begins: Saturday in Iran, Afghanistan
// and most Arab countries, Monday elsewhere, after CLDR's week data.
func (l Locale) FirstWeekday() time.Weekday {
	switch primary(l.Language) {
	case "fa":
		return time.Saturday
	case "ar":
		switch l.Region {
		case "LB", "MA", "MR", "TN":
			return time.Monday
		case "SA", "YE":
			return time.Sunday
		}
		return time.Saturday
	}
	return time.Monday
}
