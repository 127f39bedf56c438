package site_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/pagecache"
	"broadsheet/internal/web/site"
)

func TestWhatAWithdrawalPurgedIsMadeAgainWithoutAReader(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		stays := p.publish("en", 0, p.content("en", "It stays", "Text."))
		goes := p.publish("en", 0, p.content("en", "It goes", "Text."))
		p.expect(stays.Address("water"), 200, "It goes")
		p.must(p.desk.Withdraw(t.Context(), goes.ID, "Law."))
		if strings.Contains(p.madeAgain(stays.Address("water")), "It goes") {
			t.Error("what was withdrawn is kept")
		}
	})
}

// madeAgain waits until there is a page that nobody asked for, which readers get
// when the database is away, and returns it.
func (p *paper) madeAgain(address string) string {
	p.t.Helper()
	key := site.Key(strings.TrimPrefix(p.server.URL, "http://"), address)
	away := func(context.Context) (*pagecache.Page, error) { return nil, db.ErrUnavailable }
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.Tick(20 * time.Millisecond); ; <-tick {
		if made, _, err := p.site.Pages().Fetch(p.t.Context(), key, away); err == nil {
			return string(made.Body())
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s was not made again", address)
		}
	}
}

func TestAPageThatCannotBeMadeAgainKeepsNoOtherFromIt(t *testing.T) {
	for name, fault := range map[string]func() error{
		"panics":               func() error { panic("boom") },
		"the database is away": func() error { return db.ErrUnavailable },
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, p *paper) {
				var broken atomic.Bool
				tried := make(chan bool, 1)
				p.site.Before("/{edition}/topic/{topic}", func() error {
					if !broken.CompareAndSwap(true, false) {
						return nil
					}
					tried <- true
					return fault()
				})
				goes := p.publish("en", 0, p.content("en", "It goes", "Text."))
				p.expect("/en/topic/qanat", 200, "It goes")
				p.expect("/en/author/mina-tavakol", 200, "It goes")
				broken.Store(true)
				p.must(p.desk.Withdraw(t.Context(), goes.ID, "Law."))
				<-tried
				p.madeAgain("/en/author/mina-tavakol")
				if name != "panics" { // then it would do so again
					p.madeAgain("/en/topic/qanat")
				}
			})
		})
	}
}
