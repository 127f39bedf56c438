package desk_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// day is a day's work in one edition.
type day struct {
	edition, headline, first, second, pasted, note, corrected, reason string
}

var days = []day{
	{"en", "Four railways agree on one timetable", "The ministers met in the north.", "They will meet again in spring.", "Trains, “slow” and useful; 12% of slots & more", "Is the number right?", "The number of railways was wrong.", "It told of a meeting that did not take place."},
	{"fa", "چهار راه‌آهن بر یک جدول توافق کردند", "وزیران در اجلاس The Four Railways دیدار کردند.", "بهار آینده دوباره می‌نشینند.", "قطارهای «کُند» و سودمند؛ ۱۲٪ از جاها & بیشتر", "این رقم درست است؟", "شمار راه‌آهن‌ها نادرست بود.", "از دیداری گفته بود که برگزار نشد."},
}

// TestADayAtTheDesk invites a writer, writes, pastes, illustrates, edits together,
// comments in the margin, schedules, publishes, corrects, withdraws, and reads each step
// as a reader.
func TestADayAtTheDesk(t *testing.T) {
	for _, d := range days {
		t.Run(d.edition, func(t *testing.T) { d.play(t) })
	}
}

func (d day) play(t *testing.T) {
	editor := newcomer(t, "editor", d.edition)
	writer := arrives(t, stage.Desk)
	writer.open(invitation(t, "writer", d.edition))
	if greeting := ask[string](writer, "document.body.innerText"); !strings.Contains(greeting, names[d.edition]) {
		t.Errorf("whoever is invited is not named: %s", greeting)
	}
	writer.joins(ask[string](writer, "location.href"))
	path := writer.begins(d.edition, d.headline)

	// Writing: the last field leads into the text.
	writer.atField("dateline")
	writer.presses(kb.Enter)
	writer.types(d.first)
	writer.presses(kb.Enter)
	writer.saved()

	// Pasting: words come whole, junk is listed and not taken.
	writer.does(`const data = new DataTransfer(); data.setData('text/html', %q); data.setData('text/plain', 'x');
		document.querySelector('.page > .ProseMirror').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))`,
		`<p class="MsoNormal" onclick="alert(1)">`+strings.ReplaceAll(d.pasted, "&", "&amp;")+`</p><script>window.junk = 1</script><img src=x onerror="window.junk = 2">`)
	writer.waits("document.querySelector('.page > .ProseMirror').textContent.includes(%q)", d.pasted)
	if ask[bool](writer, "'junk' in window") {
		t.Error("what was pasted was run")
	}
	writer.waits("document.querySelector('.notice')")

	// A picture, by pasting its file.
	picture, err := os.ReadFile("../../demo/pictures/" + firstPicture(t))
	if err != nil {
		t.Fatal(err)
	}
	picture = append(picture, d.edition...) // one that is not here yet
	writer.does(`const bytes = new Uint8Array(%s); const data = new DataTransfer(); data.items.add(new File([bytes], 'a.jpg', {type: 'image/jpeg'}));
		document.querySelector('.page > .ProseMirror').dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}))`, numbers(picture))
	writer.waits("document.querySelector('dialog #ask-alt')")
	writer.fills("dialog form", map[string]string{"alt": d.headline + " alt", "credit": "Broadsheet"})
	writer.waits("document.querySelector('.block-figure img')?.complete && document.querySelector('.block-figure img').naturalWidth > 0")
	writer.saved()

	// Two write together, and see each other.
	editor.open(path)
	editor.edits()
	editor.waits("document.querySelector('.page > .ProseMirror').textContent.includes(%q)", d.first)
	editor.atField("standfirst")
	editor.types(d.second)
	writer.atField("kicker")
	writer.types("K")
	editor.waits("document.querySelector('.field-kicker').textContent.startsWith('K')")
	writer.waits("document.querySelector('.field-standfirst').textContent.startsWith(%q)", d.second)
	writer.waits("document.querySelector('.faces .face')")
	editor.saved()
	writer.saved()
	if a, b := writer.written(), editor.written(); a != b {
		t.Errorf("they have two texts:\n%s\n\n%s", a, b)
	}

	// A note on a place, by keyboard.
	writer.does(`const p = [...document.querySelectorAll('.ProseMirror > p')].find(e => e.textContent.includes(%q)); document.querySelector('.page > .ProseMirror').focus(); getSelection().selectAllChildren(p)`, d.first)
	time.Sleep(100 * time.Millisecond)
	writer.presses("m", chromedp.KeyModifiers(chromedp.ModifierCtrl|chromedp.ModifierAlt))
	writer.waits("document.querySelector('dialog #ask-text')")
	writer.focuses("#ask-text")
	writer.types(d.note)
	writer.does("document.querySelector('dialog form').requestSubmit()")
	editor.waits("document.querySelector('#panel-notes').textContent.includes(%q)", d.note)
	editor.waits("document.querySelector('.noted')")

	// Where it belongs, and a time that is taken back.
	editor.does("const s = document.querySelector('[data-attr=section]'); s.value = s.options[1].value; s.dispatchEvent(new Event('change'))")
	editor.waits("!document.querySelector('.findings .must')")
	editor.does("document.querySelector('#tab-checks').click(); document.querySelector('[data-key=schedule]').open = true")
	editor.does("document.querySelector('#act-at').value = %q; document.querySelector('#act-at').parentElement.nextElementSibling.click()", time.Now().AddDate(0, 0, 2).Format("2006-01-02T15:04"))
	editor.waits("document.querySelector('.edit-bar .status.is-ok')")
	editor.does("[...document.querySelectorAll('#panel-checks button.wide')].find(b => b.id !== 'publish').click()")
	editor.waits("!document.querySelector('.edit-bar .status.is-ok')")

	// Published, with a receipt that comes by itself.
	editor.presses(kb.Enter, chromedp.KeyModifiers(chromedp.ModifierCtrl))
	editor.waits("document.querySelector('.receipt .status.is-ok')")
	address := ask[string](editor, "document.querySelector('.slug-line a').getAttribute('href')")
	reader := reads(t, address, http.StatusOK)
	for _, text := range []string{d.first, d.second, "alt=\"" + d.headline + " alt\""} {
		if !strings.Contains(reader, text) {
			t.Errorf("readers do not see %q", text)
		}
	}
	if strings.Contains(reader, d.note) {
		t.Error("readers see a note")
	}

	// Corrected: readers are told what was wrong.
	editor.atField("headline")
	editor.types("!")
	editor.saved()
	editor.waits("document.querySelector('#act-kind')")
	editor.does("document.querySelector('#act-kind').value = 'correction'; document.querySelector('#act-note').value = %q; document.querySelector('#publish').click()", d.corrected)
	editor.waits("document.querySelector('.receipt .sub').textContent.match(/2|۲/) && document.querySelector('.receipt .status.is-ok')")
	if reader = reads(t, address, http.StatusOK); !strings.Contains(reader, d.corrected) || !strings.Contains(reader, d.headline+"!") {
		t.Error("readers are not told of the correction")
	}

	// Withdrawn with a reason, and taken back.
	editor.waits("document.querySelector('[data-key=withdraw]')")
	editor.does("document.querySelector('[data-key=withdraw]').open = true; document.querySelector('#act-reason').value = %q; document.querySelector('[data-key=withdraw] button').click()", d.reason)
	editor.waits("document.querySelector('.edit-bar .status.is-stop')")
	if reader = reads(t, address, http.StatusGone); !strings.Contains(reader, d.reason) {
		t.Error("readers are not told why it is gone")
	}
	editor.does("[...document.querySelectorAll('#panel-checks button.wide')].find(b => b.id !== 'publish').click()")
	editor.waits("document.querySelector('.edit-bar .status.is-live')")
	reads(t, address, http.StatusOK)
}

// reads is what a reader gets.
func reads(t *testing.T, address string, want int) string {
	t.Helper()
	status, _, text, err := set.newsroom.Get(t.Context(), address)
	if err != nil || status != want {
		t.Fatalf("%s: %d, %v", address, status, err)
	}
	return strings.NewReplacer("&#39;", "'", "&#34;", `"`, "&amp;", "&").Replace(string(text))
}

func firstPicture(t *testing.T) string {
	t.Helper()
	all, err := os.ReadDir("../../demo/pictures")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if strings.HasSuffix(one.Name(), ".jpg") {
			return one.Name()
		}
	}
	t.Fatal("there is no picture")
	return ""
}

// numbers writes bytes as a list in JavaScript.
func numbers(bytes []byte) string {
	var out strings.Builder
	out.WriteString("[")
	for _, b := range bytes {
		fmt.Fprintf(&out, "%d,", b)
	}
	out.WriteString("]")
	return out.String()
}
