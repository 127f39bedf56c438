package wire

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/platform/lang"
)

// layouts are the usual ways to write a time. Those without a zone are in the
// edition's.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02T150405", "2006-01-02 15:04:05",
	"2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05-07:00", "2006-01-02 15:04:05 MST", "2006-01-02 15:04", "2006-01-02T15:04:05-0700",
	"2006/01/02 15:04:05", "2006/01/02 15:04",
	time.RFC1123Z, time.RFC1123, "Mon, 2 Jan 2006 15:04:05 -0700", "Mon, 2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04:05 -0700",
	time.ANSIC, time.UnixDate, "2 January 2006", "2 Jan 2006", "January 2, 2006", "Jan 2, 2006", "Monday, January 2, 2006",
	"Monday, 2 January 2006", "January 2, 2006 15:04", "Jan. 2, 2006", "2.1.2006", "2.1.2006 15:04",
}

// dates reads the dates of one file.
type dates struct {
	zone *time.Location
	// dayFirst and monthFirst count the dates such as 13/04/2017 and
	// 04/13/2017, which show what 03/04/2017 means in their file; unclear
	// counts the others.
	dayFirst, monthFirst, unclear int
	// american is what unclear dates mean where none of the file is clear.
	american bool
}

var (
	parts   = regexp.MustCompile(`^(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$`)
	compact = regexp.MustCompile(`^(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?$`)
)

// learn looks at a date for the order of its day and month.
func (d *dates) learn(s string) {
	p := parts.FindStringSubmatch(lang.ASCIIDigits(strings.TrimSpace(s)))
	if p == nil || len(p[1]) > 2 || len(p[3]) != 4 {
		return
	}
	switch a, b := number(p[1]), number(p[2]); {
	case a > 12:
		d.dayFirst++
	case b > 12:
		d.monthFirst++
	default:
		d.unclear++
	}
}

// monthLeads tells what 03/04/2017 means in this file.
func (d *dates) monthLeads() bool {
	if d.dayFirst == 0 && d.monthFirst == 0 {
		return d.american
	}
	return d.monthFirst > d.dayFirst
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// read understands a date, or a time.
func (d *dates) read(s string) (time.Time, bool) {
	s = strings.TrimSpace(lang.ASCIIDigits(s))
	if s == "" || len(s) > 100 {
		return time.Time{}, false
	}
	if p := compact.FindStringSubmatch(s); p != nil && (p[4] != "" || len(s) == 8) {
		if t, ok := d.civil(p[1], p[2], p[3], p[4], p[5], p[6]); ok {
			return t, true
		}
	}
	if t, ok := epoch(s); ok {
		return t, true
	}
	if p := parts.FindStringSubmatch(s); p != nil {
		return d.parted(p)
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, d.zone); err == nil {
			return sane(t)
		}
	}
	return time.Time{}, false
}

// parted reads a date whose parts have separators.
func (d *dates) parted(p []string) (time.Time, bool) {
	switch {
	case len(p[1]) == 4:
		return d.civil(p[1], p[2], p[3], p[4], p[5], p[6])
	case len(p[1]) > 2 || len(p[3]) != 4:
		return time.Time{}, false
	}
	day, month := p[1], p[2]
	if number(p[2]) > 12 || number(p[1]) <= 12 && d.monthLeads() {
		day, month = month, day
	}
	return d.civil(p[3], month, day, p[4], p[5], p[6])
}

// civil makes a time of a day and an hour. Years of the thirteenth and the
// fourteenth hundred are those of the Solar Hijri calendar.
func (d *dates) civil(year, month, day, hour, minute, second string) (time.Time, bool) {
	calendar := lang.Gregorian
	if y := number(year); 1200 <= y && y < 1500 {
		calendar = lang.SolarHijri
	}
	date, ok := calendar.ToGregorian(lang.Date{Year: number(year), Month: number(month), Day: number(day)})
	h, m, s := number(hour), number(minute), number(second)
	if !ok || h > 23 || m > 59 || s > 60 {
		return time.Time{}, false
	}
	return sane(time.Date(date.Year(), date.Month(), date.Day(), h, m, s, 0, d.zone))
}

// epoch reads seconds or milliseconds since 1970.
func epoch(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n <= 0:
		return time.Time{}, false
	case len(s) == 9, len(s) == 10:
		return time.Unix(n, 0).UTC(), true
	case len(s) == 13:
		return time.UnixMilli(n).UTC(), true
	}
	return time.Time{}, false
}

// sane refuses years in which nothing was published.
func sane(t time.Time) (time.Time, bool) {
	return t, t.Year() >= 1450 && t.Year() < 3000
}

// A link may tell the date: /2017/03/02/, or, as Iranian agencies do, a number
// that begins with the day of the Solar Hijri calendar, its year in two digits
// before a number of four, or in four before one of six.
var (
	linkPath   = regexp.MustCompile(`/(\d{4})[/-](\d{1,2})[/-](\d{1,2})(?:[/-]|$)`)
	linkNumber = regexp.MustCompile(`/(?:(\d{2})(\d{2})(\d{2})\d{4}|(1[34]\d{2})(\d{2})(\d{2})\d{6})(?:/|$)`)
)

// inLink reads the date out of an address.
func (d *dates) inLink(address string) (time.Time, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return time.Time{}, false
	}
	if p := linkPath.FindStringSubmatch(u.Path); p != nil {
		return d.civil(p[1], p[2], p[3], "", "", "")
	}
	p := linkNumber.FindStringSubmatch(u.Path)
	switch {
	case p == nil:
		return time.Time{}, false
	case p[1] != "":
		return d.civil("13"+p[1], p[2], p[3], "", "", "")
	}
	return d.civil(p[4], p[5], p[6], "", "", "")
}

var fileDate = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?:[^0-9]|$)`)

// inName reads a whole date out of a file's name.
func (d *dates) inName(file string) (time.Time, bool) {
	p := fileDate.FindStringSubmatch(file)
	if p == nil {
		return time.Time{}, false
	}
	return d.civil(p[1], p[2], p[3], "", "", "")
}
