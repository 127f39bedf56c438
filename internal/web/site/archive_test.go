package site_test

import (
	"strings"
	"testing"
	"time"
)

func TestTheArchiveHasADayOfTheEdition(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.expect("/en/archive/", 404, "We published nothing on this day")
		// Half past eight in the evening in London is the next day in Tehran.
		p.forward(8*time.Hour + 45*time.Minute)
		p.publish("en", 0, p.content("en", "An English evening", "Text."))
		p.publish("fa", 0, p.content("fa", "یک بامداد", "متن."))
		p.forward(48 * time.Hour)
		p.publish("en", 0, p.content("en", "Two days later", "Text."))
		day := p.expect("/en/archive/2026/03/20", 200, "Friday 20 March 2026", "An English evening", `href="/en/archive/2026/03/22"`)
		if strings.Contains(main(day), "Two days later") {
			t.Error("a day has what was published on another")
		}
		p.expect("/fa/archive/2026/03/20", 404)
		p.expect("/fa/archive/2026/03/21", 200, "شنبه ۱ فروردین ۱۴۰۵", "یک بامداد", "فروردین ۱۴۰۵")
		if response, _ := p.get("/en/archive/"); response.StatusCode != 302 || response.Header.Get("Location") != "/en/archive/2026/03/22" {
			t.Errorf("got %d %v", response.StatusCode, response.Header)
		}
		for _, path := range []string{"/en/archive/2026/3/20", "/fa/archive/1404/12/29"} {
			want := path[:3] + "/archive/2026/03/20"
			if response, _ := p.get(path); response.StatusCode != 302 || response.Header.Get("Location") != want {
				t.Errorf("%s: got %d %v", path, response.StatusCode, response.Header)
			}
		}
		for path, status := range map[string]int{"2026/02/30": 400, "nonsense/01/01": 400, "2026/13/01": 400, "0000/00/00": 400, "2031/01/01": 404, "1900/01/01": 404} {
			p.expect("/en/archive/"+path, status, "<html lang=\"en\"")
		}
	})
}
