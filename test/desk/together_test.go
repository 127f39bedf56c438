package desk_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// typingFor is how long two people type in one story: some seconds in the suite, five
// minutes where BROADSHEET_TYPING says 5m.
func typingFor(t *testing.T) time.Duration {
	text := os.Getenv("BROADSHEET_TYPING")
	if text == "" {
		return 12 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEveryCharacterOfBothIsThere has two people type in one story while their lines
// drop and the server is killed: ten drops and three kills in all, however long it takes.
func TestEveryCharacterOfBothIsThere(t *testing.T) {
	own, err := serveAnother(t)
	if err != nil {
		t.Fatal(err)
	}
	const drops, kills = 10, 3
	total := typingFor(t)
	a, b := arrives(t, stage.Desk), arrives(t, stage.Desk)
	secret := a.joins(own.link)
	b.open(own.url + "/desk/sign-in")
	b.letsIn("lina@newsroom.example", secret)
	a.open(own.url + "/desk/stories/new")
	a.fills("main form", map[string]string{"headline": "Two hands"})
	a.edits()
	path := ask[string](a, "location.pathname")
	b.open(own.url + path)
	b.edits()
	a.atField("standfirst")
	b.atField("dateline")

	var typing sync.WaitGroup
	until := time.Now().Add(total)
	words := make([]strings.Builder, 2)
	for n, p := range []*person{a, b} {
		typing.Go(func() {
			for i := 0; time.Now().Before(until); i++ {
				word := fmt.Sprintf("%c%d ", 'a'+rune(n), i)
				p.types(word)
				words[n].WriteString(word)
				time.Sleep(30 * time.Millisecond)
			}
		})
	}
	typing.Go(func() {
		each := total / (drops + kills + 1)
		for n := range drops + kills {
			time.Sleep(each * 2 / 3)
			if n%4 == 3 {
				own.kill(t)
				continue
			}
			p := []*person{a, b}[n%2]
			p.offline(true)
			time.Sleep(each / 3)
			p.offline(false)
		}
	})
	typing.Wait()
	a.offline(false)
	b.offline(false)
	for _, p := range []*person{a, b} {
		p.saved()
	}
	deadline := time.Now().Add(20 * time.Second)
	for a.written() != b.written() && time.Now().Before(deadline) {
		time.Sleep(100 * time.Millisecond)
	}
	got := a.written()
	if got != b.written() {
		t.Errorf("they have two texts:\n%s\n\n%s", got, b.written())
	}
	for n := range words {
		if want := strings.TrimSpace(words[n].String()); !strings.Contains(got, want) {
			t.Errorf("of %d characters of one, some are missing in\n%s\nwanted\n%s", len(want), got, want)
		}
	}
	a.open(own.url + path) // and it is on the server
	a.edits()
	if again := a.written(); again != got {
		t.Errorf("the server has another text:\n%s\n\n%s", again, got)
	}
	t.Logf("%d and %d characters", words[0].Len(), words[1].Len())
}

// letsIn signs the person in by password, at a code that was not used.
func (p *person) letsIn(email, secret string) {
	p.t.Helper()
	for range 9 { // ten wrong ones, and nobody may
		p.does("document.querySelector('details').open = true")
		p.fills("details form", map[string]string{"email": email, "password": password, "code": codeOf(p.t, secret)})
		time.Sleep(400 * time.Millisecond)
		if ask[string](p, "location.pathname") == "/desk/" {
			return
		}
		time.Sleep(5 * time.Second)
	}
	p.t.Fatal("nobody gets in")
}

// email is the person's address.
func (p *person) email() string {
	p.t.Helper()
	p.open("/desk/me")
	return ask[string](p, "document.querySelector('.hint bdi').textContent")
}

// offline takes the line away, or brings it back.
func (p *person) offline(away bool) {
	_, err := chromedp.Call(p.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: away, DownloadThroughput: -1, UploadThroughput: -1}}})
	if err == nil {
		_, err = chromedp.Call(p.ctx, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: away, DownloadThroughput: -1, UploadThroughput: -1})
	}
	if err != nil {
		p.t.Errorf("take the line: %v", err)
	}
}

// another is a demonstration of its own, that can be killed.
type another struct {
	*stage.Newsroom
	data, url, link string
}

func serveAnother(t *testing.T) (*another, error) {
	data := t.TempDir()
	served, err := stage.Serve(t.Context(), set.program, data)
	if err != nil {
		return nil, err
	}
	n := &another{served, data, served.URL, served.Desk}
	t.Cleanup(func() { n.Close() })
	return n, nil
}

// kill ends it as a power cut would, and serves it again where it was.
func (n *another) kill(t *testing.T) {
	if err := n.Kill(); err != nil {
		t.Error(err)
	}
	again, err := stage.ServeAt(context.WithoutCancel(t.Context()), set.program, n.data, strings.TrimPrefix(n.url, "http://"))
	if err != nil {
		t.Errorf("serve it again: %v", err)
		return
	}
	n.Newsroom = again
}
