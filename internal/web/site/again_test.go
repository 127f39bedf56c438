package site_test

import (
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

// madeAgain waits until a page is kept that nobody asks for, and returns it.
func (p *paper) madeAgain(address string) string {
	p.t.Helper()
	key := []byte(site.Key(strings.TrimPrefix(p.server.URL, "http://"), address))
	var kept *pagecache.Entry
	p.until(address+" is made again", func() bool { kept = p.site.Pages().Get(key); return kept != nil })
	return string(kept.Body())
}

// counted counts the pages of a pattern that are made.
func (p *paper) counted(pattern string) *atomic.Int64 {
	made := new(atomic.Int64)
	p.site.Before(pattern, func() error { made.Add(1); return nil })
	return made
}

// until waits for something that happens in the background.
func (p *paper) until(what string, happened func() bool) {
	p.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for tick := time.Tick(5 * time.Millisecond); !happened(); <-tick {
		if time.Now().After(deadline) {
			p.t.Fatalf("in vain: %s", what)
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
				topics, authors := p.counted("/{edition}/topic/{topic}"), p.counted("/{edition}/author/{author}")
				goes := p.publish("en", 0, p.content("en", "It goes", "Text."))
				p.expect("/en/topic/qanat", 200, "It goes")
				p.expect("/en/author/mina-tavakol", 200, "It goes")
				topicsBefore, authorsBefore := topics.Load(), authors.Load()
				broken.Store(true)
				p.must(p.desk.Withdraw(t.Context(), goes.ID, "Law."))
				<-tried
				// The lists that were purged are dropped too, so that what is made in
				// between is not kept.
				p.until("the author's page is made again", func() bool { return authors.Load() > authorsBefore })
				if name != "panics" { // then it would do so again
					p.until("the topic's page is made again", func() bool { return topics.Load() > topicsBefore+1 })
				}
			})
		})
	}
}
