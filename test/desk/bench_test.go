package desk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// The figures of the editor: go test -run '^$' -bench . ./test/desk

// Words and blocks of the story that is measured.
const (
	blocks        = 40
	wordsOfABlock = 125
)

// longStory is a client without a browser, with a long story of its own.
func longStory(b *testing.B) (client *http.Client, path string) {
	b.Helper()
	t := &testing.T{}
	client = enters(t, invitation(t, "admin", "en"))
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	out, err := client.PostForm(set.newsroom.URL+"/desk/stories/new", map[string][]string{"edition": {"en"}, "genre": {"news"}, "headline": {"Long"}, "stage": {"writing"}})
	if err != nil {
		b.Fatal(err)
	}
	out.Body.Close()
	path = out.Header.Get("Location")
	word := "corridor "
	var content []any
	for range blocks {
		content = append(content, map[string]any{"type": "paragraph", "content": []any{map[string]any{"type": "text", "text": strings.Repeat(word, wordsOfABlock)}}})
	}
	appends(b, client, path, 1, []any{map[string]any{"stepType": "replace", "from": 14, "to": 14, "slice": map[string]any{"content": content}}})
	return client, path
}

func appends(b *testing.B, client *http.Client, path string, version int, steps []any) {
	b.Helper()
	body, err := json.Marshal(map[string]any{"client": "bench", "version": version, "steps": steps})
	if err != nil {
		b.Fatal(err)
	}
	out, err := client.Post(set.newsroom.URL+path+"/steps", "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer out.Body.Close()
	if said, _ := io.ReadAll(out.Body); out.StatusCode != http.StatusOK {
		b.Fatalf("%d %s", out.StatusCode, said)
	}
}

// report reports the middle and the ninety-fifth of some times.
func report(b *testing.B, times []float64, unit string) {
	b.Helper()
	slices.Sort(times)
	b.ReportMetric(times[len(times)/2], unit+"-p50")
	b.ReportMetric(times[len(times)*95/100], unit+"-p95")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSaving is how long the server takes to have a typed character on disk.
func BenchmarkSaving(b *testing.B) {
	client, path := longStory(b)
	var times []float64
	for n := range 300 {
		began := time.Now()
		appends(b, client, path, 2+n, []any{map[string]any{"stepType": "replace", "from": 15, "to": 15, "slice": map[string]any{"content": []any{map[string]any{"type": "text", "text": "x"}}}}})
		times = append(times, float64(time.Since(began).Microseconds())/1000)
	}
	report(b, times, "ms")
}

// at shows the long story in a browser whose person may write it.
func at(b *testing.B, client *http.Client, path string) *person {
	b.Helper()
	t := &testing.T{}
	ctx, end, err := set.chromium.Visit(stage.Desk)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(end)
	p := &person{t: t, ctx: ctx}
	p.secret = p.joins(invitation(t, "admin", "en"))
	p.open(path)
	p.edits()
	return p
}

// BenchmarkTyping is how long it takes from a key to the paint of what it types, in the
// middle of a story of 5,000 words in 40 blocks.
func BenchmarkTyping(b *testing.B) {
	client, path := longStory(b)
	p := at(b, client, path)
	p.does(`const blocks = document.querySelectorAll('.page > .ProseMirror > p'); const block = blocks[20]; block.scrollIntoView({block: 'center'});
		document.querySelector('.page > .ProseMirror').focus(); const s = getSelection(); s.selectAllChildren(block); s.collapseToEnd(); await new Promise(d => setTimeout(d, 200));
		window.times = []; const channel = new MessageChannel(); let began = 0;
		channel.port1.onmessage = () => window.times.push(performance.now() - began);
		addEventListener('keydown', e => { began = e.timeStamp; requestAnimationFrame(() => channel.port2.postMessage(0)) }, true)`)
	for range 300 {
		p.types("a")
		time.Sleep(20 * time.Millisecond)
	}
	report(b, ask[[]float64](p, "window.times"), "ms")
}

// slowerBy is how much slower than this machine a phone is taken to be.
const slowerBy = 4

// BenchmarkOpening is how long it takes from the address to an editor that takes keys,
// with a processor four times slower.
func BenchmarkOpening(b *testing.B) {
	client, path := longStory(b)
	p := at(b, client, path)
	_, err := chromedp.Run(p.ctx, chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: slowerBy})
		return err
	}))
	if err != nil {
		b.Fatal(err)
	}
	var times []float64
	for range 9 {
		p.open(path)
		p.edits()
		times = append(times, ask[float64](p, "performance.getEntriesByName('editor ready')[0].startTime"))
	}
	report(b, times, "ms")
}
