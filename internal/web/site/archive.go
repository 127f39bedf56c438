package site

import (
	"net/http"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/lang"
)

// The archive: what was published on a day of the edition. Addresses have the
// Gregorian day; pages have the edition's calendar.

// dayMost is how many stories of a day are listed, monthMost how many of a month are
// looked at for its calendar. A day with more leads on to the list of everything.
const (
	dayMost   = 200
	monthMost = 50_000
)

// dayOf is the beginning of a moment's day in the edition.
func (t *tongue) dayOf(at time.Time) time.Time {
	year, month, day := at.In(t.location).Date()
	return lang.DayStart(year, month, day, t.location)
}

// dayAfter is the beginning of the day after a moment's day.
func (t *tongue) dayAfter(at time.Time) time.Time {
	year, month, day := at.In(t.location).Date()
	return lang.DayStart(year, month, day+1, t.location)
}

func archiveAddress(key string, day time.Time) string {
	return join(key, "archive", day.Format("2006"), day.Format("01"), day.Format("02"))
}

// archiveDoor leads to the newest day.
func (s *Site) archiveDoor(r *reading) (*answer, error) {
	r.saw(ref.LatestTag(r.here.Key))
	_, last, err := story.Span(r.tx, r.here.Key)
	if err != nil {
		return nil, err
	}
	if last.IsZero() {
		return nil, &fault{status: http.StatusNotFound, key: "error.day"}
	}
	return nil, astray(archiveAddress(r.here.Key, r.here.dayOf(last)))
}

// askedDay is the day of the address, in its one spelling.
func (r *reading) askedDay() (time.Time, error) {
	text := r.names["year"] + "-" + r.names["month"] + "-" + r.names["day"]
	civil, ok := r.here.Locale().ParseDay(text)
	if !ok {
		return civil, &fault{status: http.StatusBadRequest, key: "error.date"}
	}
	day := lang.StartOf(civil, r.here.location)
	if civil.Format(time.DateOnly) != text {
		return day, astray(archiveAddress(r.here.Key, day))
	}
	return day, nil
}

// archive is what was published on a day.
func (s *Site) archive(r *reading) (*answer, error) {
	day, err := r.askedDay()
	if err != nil {
		return nil, err
	}
	key, next := r.here.Key, r.here.dayAfter(day)
	r.saw(ref.LatestTag(key))
	found, err := story.Within(r.tx, key, day, next, dayMost+1)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &fault{status: http.StatusNotFound, key: "error.day"}
	}
	stamp := r.stamp(day)
	stamp.ISO = day.Format(time.DateOnly)
	view := ArchivePage{Frame: r.frame(r.words().T("archive.title", stamp.Date), ""), Day: stamp, Zone: r.here.Zone}
	if len(found) > dayMost {
		found = found[:dayMost]
		view.More = join(key, "latest") + "/?before=" + cursorText(story.After(found[dayMost-1]))
	}
	if view.Cards, err = r.cards(found); err != nil {
		return nil, err
	}
	for n, c := range found {
		view.Cards[n].Time.Text = r.here.Locale().Clock(c.Published.In(r.here.location))
	}
	if err := r.days(&view, day, next); err != nil {
		return nil, err
	}
	view.Data = r.storiesData(&view.Frame, stamp.Date, view.Cards)
	return r.set("archive", view)
}

// days fills in the days around a day, and its month.
func (r *reading) days(view *ArchivePage, day, next time.Time) error {
	earlier, later, err := story.Nearest(r.tx, r.here.Key, day, next)
	if err != nil {
		return err
	}
	view.Earlier, view.Later = r.dayLink(earlier), r.dayLink(later)
	leaf := r.here.Locale().Leaf(day)
	first, end := leaf.Days[0], r.here.dayAfter(leaf.Days[len(leaf.Days)-1])
	moments, err := story.Moments(r.tx, r.here.Key, first, end, monthMost)
	if err != nil {
		return err
	}
	there := map[time.Time]bool{}
	for _, at := range moments {
		there[r.here.dayOf(at)] = true
	}
	view.Month = Month{Title: leaf.Title}
	for n := range leaf.Heads {
		view.Month.Weekdays = append(view.Month.Weekdays, Weekday{Name: leaf.Heads[n], Short: leaf.Short[n]})
	}
	cells := make([]MonthDay, leaf.Before, 42)
	for n, at := range leaf.Days {
		cell := MonthDay{Number: leaf.Numbers[n], Current: at.Equal(day)}
		if there[at] {
			cell.Href = archiveAddress(r.here.Key, at)
		}
		cells = append(cells, cell)
	}
	for len(cells)%7 > 0 {
		cells = append(cells, MonthDay{})
	}
	for ; len(cells) > 0; cells = cells[7:] {
		view.Month.Weeks = append(view.Month.Weeks, cells[:7])
	}
	earlier, later, err = story.Nearest(r.tx, r.here.Key, first, end)
	if err != nil {
		return err
	}
	view.Month.Earlier, view.Month.Later = r.monthLink(earlier), r.monthLink(later)
	return nil
}

func (r *reading) dayLink(at time.Time) *Link {
	if at.IsZero() {
		return nil
	}
	day := r.here.dayOf(at)
	return &Link{Text: r.here.Locale().LongDate(day), Href: archiveAddress(r.here.Key, day)}
}

// monthLink leads to the nearest day of another month on which something was
// published.
func (r *reading) monthLink(at time.Time) *Link {
	link := r.dayLink(at)
	if link != nil {
		link.Text = r.here.Locale().Leaf(r.here.dayOf(at)).Title
	}
	return link
}
