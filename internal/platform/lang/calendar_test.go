package lang_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/platform/lang"
)

// corpus is a file of the large test data; empty where that is not at hand: then
// the small twin of the test, in testdata or beside it, stands alone. The data's
// folder is named by BROADSHEET_CORPUS, or is shared/data beside the repository.
func corpus(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("BROADSHEET_CORPUS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	path := filepath.Join(folder, filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Logf("only the small twin of this test was run: %v", err)
		return ""
	}
	return path
}

// rows reads a tab-separated file without its header.
func rows(t *testing.T, path string) [][]string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for n, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		if n > 0 {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no rows", path)
	}
	return rows
}

func day(t *testing.T, iso string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func date(t *testing.T, s string) lang.Date {
	t.Helper()
	var d lang.Date
	if _, err := fmt.Sscanf(s, "%d-%d-%d", &d.Year, &d.Month, &d.Day); err != nil {
		t.Fatalf("date %q: %v", s, err)
	}
	return d
}

// both checks a day in both directions.
func both(t *testing.T, c lang.Calendar, at time.Time, want lang.Date) {
	t.Helper()
	if got, ok := c.FromTime(at); !ok || got != want {
		t.Errorf("%s of %s: got %v %v, want %v", c, at.Format(time.DateOnly), got, ok, want)
	}
	if got, ok := c.ToGregorian(want); !ok || !got.Equal(at) {
		t.Errorf("%s %v: got %s %v, want %s", c, want, got.Format(time.DateOnly), ok, at.Format(time.DateOnly))
	}
}

// unlikeICU tells the years of Umm al-Qura in which the official site, which we
// follow, begins some months on another day than ICU: 1451 to 1500 AH.
func unlikeICU(d lang.Date) bool { return 1451 <= d.Year && d.Year <= 1500 }

func TestCalendarsAgreeWithICUButInUmmAlQura1451To1500(t *testing.T) {
	for name, path := range map[string]func(*testing.T) string{
		"own":    func(*testing.T) string { return "testdata/dates.tsv" },
		"corpus": func(t *testing.T) string { return corpus(t, "text/calendar-vectors.tsv") },
	} {
		t.Run(name, func(t *testing.T) {
			file := path(t)
			if file == "" {
				return
			}
			for _, row := range rows(t, file) {
				at := day(t, row[0])
				both(t, lang.SolarHijri, at, date(t, row[1]))
				if hijri := date(t, row[2]); !unlikeICU(hijri) {
					both(t, lang.UmmAlQura, at, hijri)
				}
				y, m, d := at.Date()
				both(t, lang.Gregorian, at, lang.Date{Year: y, Month: int(m), Day: d})
			}
		})
	}
}

func TestEveryDayFollowsTheDayBefore(t *testing.T) {
	for c, span := range map[lang.Calendar][2]lang.Date{
		lang.SolarHijri: {{Year: 1178, Month: 1, Day: 1}, {Year: 1634, Month: 12, Day: 29}},
		lang.UmmAlQura:  {{Year: 1300, Month: 1, Day: 1}, {Year: 1600, Month: 12, Day: 30}},
		lang.Gregorian:  {{Year: 1890, Month: 1, Day: 1}, {Year: 2110, Month: 12, Day: 31}},
	} {
		at, ok := c.ToGregorian(span[0])
		last, also := c.ToGregorian(span[1])
		if !ok || !also {
			t.Fatalf("%s has no %v", c, span)
		}
		for want := span[0]; !at.After(last); at = at.AddDate(0, 0, 1) {
			both(t, c, at, want)
			length, ok := c.MonthLength(want.Year, want.Month)
			if !ok {
				t.Fatalf("%s: no length for %v", c, want)
			}
			if want.Day++; want.Day > length {
				want.Month, want.Day = want.Month+1, 1
			}
			if want.Month > 12 {
				want.Year, want.Month = want.Year+1, 1
			}
		}
	}
}

func TestSolarHijriNewYearFallsOnTheRightDay(t *testing.T) {
	for _, row := range rows(t, "testdata/solar-hijri-years.tsv") {
		year, want := date(t, row[0]+"-1-1"), day(t, row[1])
		// Where ICU puts a leap day into 1503 and 1602, the 33-year cycle has
		// it in the year before.
		if year.Year == 1503 || year.Year == 1602 {
			want = want.AddDate(0, 0, 1)
		}
		both(t, lang.SolarHijri, want, year)
	}
}

func TestSolarHijriLeapYears(t *testing.T) {
	leap := map[int]bool{1354: true, 1358: true, 1362: true, 1366: true, 1370: true, 1375: true, 1379: true, 1383: true,
		1387: true, 1391: true, 1395: true, 1399: true, 1403: true, 1408: true, 1412: true, 1416: true, 1420: true}
	for year := 1351; year <= 1420; year++ {
		if got, want := lang.SolarHijri.LeapYear(year), leap[year]; got != want {
			t.Errorf("%d: got %v, want %v", year, got, want)
		}
		length, _ := lang.SolarHijri.MonthLength(year, 12)
		if got, want := length == 30, leap[year]; got != want {
			t.Errorf("Esfand %d: got %d days", year, length)
		}
	}
	for year, want := range map[int]bool{2000: true, 1900: false, 2024: true, 2026: false} {
		if got := lang.Gregorian.LeapYear(year); got != want {
			t.Errorf("%d: got %v, want %v", year, got, want)
		}
	}
	if got := lang.UmmAlQura.LeapYear(1299); got {
		t.Errorf("1299 AH: got %v, want false", got)
	}
}

// officialMonths are some of the month starts that the official site of Umm
// al-Qura publishes; those of 1451 and later are not ICU's.
var officialMonths = map[string]string{
	"1431-1-1": "2009-12-18", "1431-9-1": "2010-08-11", "1432-1-1": "2010-12-07", "1433-1-1": "2011-11-26",
	"1434-12-1": "2013-10-06", "1451-4-1": "2029-08-11", "1451-7-1": "2029-11-07", "1452-1-1": "2030-05-03",
	"1500-1-1": "2076-11-27", "1500-10-1": "2077-08-19",
}

func TestUmmAlQuraFollowsTheOfficialMonthStarts(t *testing.T) {
	for hijri, iso := range officialMonths {
		both(t, lang.UmmAlQura, day(t, iso), date(t, hijri))
	}
}

func TestUmmAlQuraFollowsAllOfficialMonthStarts(t *testing.T) {
	file := corpus(t, "text/calendar/ummalqura/ummalqura_calendar_website.json")
	if file == "" {
		return
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var months [][][2][3]int
	if err := json.Unmarshal(content, &months); err != nil {
		t.Fatal(err)
	}
	if got, want := len(months), 840; got != want {
		t.Fatalf("got %d months, want %d", got, want)
	}
	for _, month := range months {
		h, g := month[0][0], month[0][1]
		at := time.Date(g[0], time.Month(g[1]), g[2], 0, 0, 0, 0, time.UTC)
		both(t, lang.UmmAlQura, at, lang.Date{Year: h[0], Month: h[1], Day: h[2]})
	}
}

func TestADayOutsideTheRangeIsRefused(t *testing.T) {
	for c, days := range map[lang.Calendar][]string{
		lang.SolarHijri:       {"1799-03-20", "2256-03-21"},
		lang.UmmAlQura:        {"1882-11-11", "2174-11-26"},
		"":                    {"2026-11-23"},
		lang.Calendar("maya"): {"2026-11-23"},
	} {
		for _, iso := range days {
			if got, ok := c.FromTime(day(t, iso)); ok {
				t.Errorf("%q of %s: got %v, want none", c, iso, got)
			}
		}
	}
	for c, dates := range map[lang.Calendar][]lang.Date{
		lang.SolarHijri: {{1177, 12, 29}, {1635, 1, 1}, {1404, 12, 30}, {1405, 7, 31}, {1405, 13, 1}, {1405, 0, 1}, {1405, 1, 0}},
		lang.UmmAlQura:  {{1299, 12, 29}, {1601, 1, 1}, {1448, 1, 31}},
		lang.Gregorian:  {{2026, 2, 29}, {2026, 13, 1}, {2026, 1, -1}},
		"":              {{2026, 1, 1}},
	} {
		for _, d := range dates {
			if got, ok := c.ToGregorian(d); ok {
				t.Errorf("%q %v: got %v, want none", c, d, got)
			}
		}
	}
}

func TestTheDayIsThatOfTheTimesOwnZone(t *testing.T) {
	tehran := time.FixedZone("Tehran", 3*3600+1800)
	at := time.Date(2026, 3, 20, 21, 0, 0, 0, time.UTC)
	if got, _ := lang.SolarHijri.FromTime(at); got != (lang.Date{Year: 1404, Month: 12, Day: 29}) {
		t.Errorf("in UTC: got %v", got)
	}
	if got, _ := lang.SolarHijri.FromTime(at.In(tehran)); got != (lang.Date{Year: 1405, Month: 1, Day: 1}) {
		t.Errorf("in Tehran: got %v", got)
	}
}
