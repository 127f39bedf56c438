package body

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// table writes a table. On a page it stands in a frame that scrolls where the
// table is wider, for who has no mouse too; its source stays in sight.
func (w *writer) table(key Key, v Table) {
	if len(v.Source) > 0 {
		w.raw("<div")
		w.class("table-box")
		w.raw(">")
	}
	w.raw("<div")
	named := w.frame(key, v)
	w.raw("><table>")
	if len(v.Caption) > 0 {
		w.raw("<caption")
		if named {
			w.anchor("id", key)
		}
		w.lang(Lang{}, v.Caption, w.direction)
		w.raw(">")
		w.text(v.Caption)
		w.raw("</caption>")
	}
	if len(v.Head) > 0 {
		w.raw("<thead><tr>")
		for i, t := range v.Head {
			w.cell(`th scope="col"`, t, v.numeric(i))
		}
		w.raw("</tr></thead>")
	}
	w.raw("<tbody>")
	for _, row := range v.Rows {
		w.row(v, row)
	}
	w.raw("</tbody></table></div>")
	if len(v.Source) > 0 {
		w.source(v.Source)
		w.raw("</div>")
	}
}

// frame writes the attributes of a table's frame, and tells whether its caption
// names it.
func (w *writer) frame(key Key, v Table) bool {
	if w.r.Feed {
		return false
	}
	w.raw(` class="table-frame" tabindex="0" role="region"`)
	if !v.Caption.Empty() && w.anchor("aria-labelledby", key) {
		return true
	}
	w.attribute("aria-label", wordsFor(w.r.Language).table)
	return false
}

// source writes where the numbers come from, kept apart from the word before
// it, which is the edition's.
func (w *writer) source(t Text) {
	w.raw("<p")
	w.class("hint")
	w.raw(">" + wordsFor(w.r.Language).source + " ")
	own := base(t)
	apart := own != "" && own != w.direction
	if apart {
		w.raw("<bdi>")
	}
	w.text(t)
	if apart {
		w.raw("</bdi>")
	}
	w.raw("</p>")
}

func (v *Table) numeric(column int) bool {
	return column < len(v.Numeric) && v.Numeric[column]
}

func (w *writer) row(v Table, row []Text) {
	w.raw("<tr>")
	for i, t := range row {
		if i == 0 && v.Labelled {
			w.cell(`th scope="row"`, t, v.numeric(i))
			continue
		}
		w.cell("td", t, v.numeric(i))
	}
	w.raw("</tr>")
}

// cell writes a cell. A number with a sign is isolated in a right-to-left
// table, where the sign would otherwise change sides.
func (w *writer) cell(tag string, t Text, numeric bool) {
	w.raw("<" + tag)
	if numeric {
		w.class("number")
	}
	w.lang(Lang{}, t, w.direction)
	w.raw(">")
	if tag == "td" {
		w.look(Lang{}, t)
	}
	isolate := numeric && w.direction == "rtl" && signed(t.String())
	if isolate {
		w.raw(`<bdi dir="ltr">`)
	}
	w.text(t)
	if isolate {
		w.raw("</bdi>")
	}
	w.close(tag[:2])
}

func signed(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return strings.ContainsRune("+-−±", r) && isNumber(s)
}

// isNumber tells whether a text is a number with nothing but its sign, its
// separators and a percent sign or a currency.
func isNumber(s string) bool {
	digits := false
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits = true
		case unicode.Is(unicode.Sc, r), strings.ContainsRune("+-−±.,٫٬%٪‰’' \u00a0\u202f\u2009\u200e\u200f\u061c", r):
		default:
			return false
		}
	}
	return digits
}
