package browser_test

import (
	"context"
	"net/http"
	"testing"

	"broadsheet/test/browser/stage"
)

// controls are those of a page that are shown and cannot work without script, and
// where its forms lead.
type controls struct {
	Dead  []string
	Forms []struct{ Method, Action string }
	All   int
}

// A button works without script when it sends a form or opens what HTML itself
// opens; a field, when its form has an address and something to send it with; a tab,
// when choosing it shows its list.
const controlled = `(() => {
	const shown = e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().width > 0
	const sends = f => f && f.getAttribute('action') && f.querySelector('button:not([type=button], [type=reset]), input[type=submit], input[type=image]')
	const turns = e => {
		const list = e.type === 'radio' && e.dataset.span && e.parentElement.querySelector('ol[data-span="' + e.dataset.span + '"]')
		if (!list) return false
		e.click()
		return list.checkVisibility()
	}
	const works = {
		BUTTON: e => sends(e.form) && e.type !== 'button' || e.hasAttribute('popovertarget') || e.hasAttribute('commandfor'),
		INPUT: e => e.type === 'hidden' || sends(e.form) || turns(e), SELECT: e => sends(e.form), TEXTAREA: e => sends(e.form),
		A: e => !!e.getAttribute('href') && !/^(javascript:|#$)/.test(e.getAttribute('href')),
		DETAILS: e => !!e.querySelector(':scope > summary'), AUDIO: e => e.controls, VIDEO: e => e.controls,
	}
	const all = [...document.querySelectorAll('button, input, select, textarea, a, details, audio, video, [role=button], [role=tab], [role=switch], [tabindex="0"], [contenteditable]')].filter(shown)
	const reads = e => { const s = getComputedStyle(e); return e.tabIndex === 0 && /auto|scroll/.test(s.overflowX + s.overflowY) }
	return {
		All: all.length, Dead: all.filter(e => !(works[e.tagName] ?? reads)(e)).map(e => e.outerHTML.slice(0, 160)),
		Forms: [...document.forms].filter(shown).map(f => ({Method: f.method, Action: f.action})),
	}
})()`

// judgeControls looks at a page that was opened without script.
func judgeControls(t *testing.T, ctx context.Context) {
	t.Helper()
	found := ask[controls](t, ctx, controlled)
	if found.All < 10 {
		t.Errorf("only %d controls were looked at", found.All)
	}
	for _, dead := range found.Dead {
		t.Errorf("without script a control is shown that cannot work: %s", dead)
	}
	for _, form := range found.Forms {
		if form.Method != "get" {
			continue
		}
		status, _, _, err := set.Newsroom.Get(t.Context(), form.Action)
		if err != nil {
			t.Fatal(err)
		}
		if status != http.StatusOK {
			t.Errorf("the form to %s comes to an answer of %d", form.Action, status)
		}
	}
}

// TestASpoiltPageIsFoundOut spoils a page in the ways that the judges of every
// page look for: one that sees nothing there would see nothing anywhere.
func TestASpoiltPageIsFoundOut(t *testing.T) {
	ctx, _ := tab(t, stage.Phone)
	open(t, ctx, pageOf(t, "about", "en").Path)
	ask[bool](t, ctx, `(() => {
		document.querySelector('[data-island=display]').hidden = true // script shows it, and makes it work
		const add = (html, style) => { document.querySelector('main').insertAdjacentHTML('beforeend', html); Object.assign(document.querySelector('main').lastElementChild.style, style) }
		add('<p>A line that its box does not hold, however hard it tries</p>', {width: '80px', overflow: 'hidden', whiteSpace: 'nowrap'})
		add('<div></div>', {position: 'fixed', inset: '0 0 auto 0', height: '200px', zIndex: 9})
		add('<button type="button">Dead</button>', {})
		add('<a>Leads nowhere</a>', {})
		return true
	})()`)
	spoilt := lookOn(t, ctx, stage.Phone)
	if len(spoilt.Cut) != 1 {
		t.Errorf("got %q cut, want the line", spoilt.Cut)
	}
	if len(spoilt.Covered) < 3 {
		t.Errorf("got %q covered, want the masthead", spoilt.Covered)
	}
	if dead := ask[controls](t, ctx, controlled).Dead; len(dead) != 2 {
		t.Errorf("got %q dead, want the button and the link", dead)
	}
}
