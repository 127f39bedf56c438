package browser_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// watch hears what a tab asks the network for, and what it complains of.
type watch struct {
	mu        sync.Mutex
	asked     []string
	complaint []complaint
	// kinds and bytes are by request.
	kinds map[network.RequestID]network.ResourceType
	bytes map[network.RequestID]int
	names map[network.RequestID]string
}

// complaint is an error on the console: of a script, of the network or of the
// content security policy.
type complaint struct{ text, url string }

func (w *watch) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.asked = append(w.asked, e.Request.URL)
	case *network.EventResponseReceived:
		w.received(e)
	case *network.EventLoadingFinished:
		w.bytes[e.RequestID] = int(e.EncodedDataLength)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			w.complaint = append(w.complaint, complaint{e.Entry.Text, e.Entry.URL})
		}
	case *runtime.EventConsoleAPICalled:
		w.complaint = append(w.complaint, complaint{text: "the console was written to: " + string(e.Type)})
	case *runtime.EventExceptionThrown:
		w.complaint = append(w.complaint, complaint{text: e.ExceptionDetails.Text})
	}
}

func (w *watch) received(e *network.EventResponseReceived) {
	if w.kinds == nil {
		w.kinds, w.bytes, w.names = map[network.RequestID]network.ResourceType{}, map[network.RequestID]int{}, map[network.RequestID]string{}
	}
	w.kinds[e.RequestID], w.names[e.RequestID] = e.Type, e.Response.URL
}

// judge fails the test for every request to somebody else and every
// complaint. That a page answers with an error is a complaint of the browser's
// where the page is one of an error.
func (w *watch) judge(t *testing.T, p stage.Page) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.asked) < 3 {
		t.Errorf("got the requests %v only: the watch does not see them", w.asked)
	}
	for _, address := range w.asked {
		if !strings.HasPrefix(address, set.Newsroom.URL+"/") && !strings.HasPrefix(address, "data:") {
			t.Errorf("the page asks another host: %s", address)
		}
	}
	for _, c := range w.complaint {
		if p.Status >= 400 && samePage(c.url, p.Path) {
			continue
		}
		t.Errorf("the browser complains: %s (%s)", c.text, c.url)
	}
}

func samePage(address, path string) bool {
	at, err := url.Parse(address)
	return err == nil && at.RequestURI() == path
}

// weigh sums what came over the wire, heads of answers included, pictures left
// out. It tells the sum for each kind.
func (w *watch) weigh() (sum int, kinds map[network.ResourceType]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kinds = map[network.ResourceType]int{}
	for id, kind := range w.kinds {
		if kind == network.ResourceTypeImage || strings.HasSuffix(w.names[id], ".svg") {
			continue
		}
		sum += w.bytes[id]
		kinds[kind] += w.bytes[id]
	}
	return sum, kinds
}
