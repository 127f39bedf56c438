package body

import (
	"net/url"
	"path"
	"strings"
)

func (w *writer) subhead(key Key, v Subhead) {
	name := "h2"
	if v.Level > 2 {
		name = "h3"
	}
	w.raw("<" + name)
	w.anchor("id", key)
	w.lang(v.Lang, v.Text, w.direction)
	w.raw(">")
	w.text(v.Text)
	w.close(name)
}

func (w *writer) paragraphs(all []Text, l Lang) {
	for _, t := range all {
		w.element("p", l, t)
	}
}

func (w *writer) attribution(t Text) {
	if len(t) > 0 {
		w.element("footer", Lang{}, t)
	}
}

func (w *writer) quote(v Quote) {
	w.raw("<blockquote>")
	w.paragraphs(v.Paragraphs, v.Lang)
	w.attribution(v.Attribution)
	w.raw("</blockquote>")
}

func (w *writer) pullQuote(v PullQuote) {
	w.raw("<blockquote")
	w.class("pull-quote")
	w.raw(">")
	w.element("p", v.Lang, v.Text)
	w.attribution(v.Attribution)
	w.raw("</blockquote>")
}

// list writes a list. Its direction is that of its first words, so that all
// markers stand on one side; items that differ turn for themselves.
func (w *writer) list(v *List, around string, depth int) {
	name := "ul"
	if v.Ordered {
		name = "ol"
	}
	w.raw("<" + name)
	if v.Ordered && v.Start > 1 {
		w.number("start", v.Start)
	}
	own := w.listDirection(v, around)
	w.raw(">")
	for i := range v.Items {
		w.raw("<li")
		w.lang(Lang{}, v.Items[i].Text, own)
		w.raw(">")
		w.text(v.Items[i].Text)
		if v.Items[i].List != nil && depth < MaxNesting {
			w.list(v.Items[i].List, own, depth+1)
		}
		w.raw("</li>")
	}
	w.close(name)
}

func (w *writer) listDirection(v *List, around string) string {
	if w.said(v.Lang, around) {
		return v.Lang.direction()
	}
	for i := range v.Items {
		own := base(v.Items[i].Text)
		if own == "" {
			continue
		}
		if own != around {
			w.attribute("dir", own)
		}
		return own
	}
	return around
}

func (w *writer) figure(v Figure) {
	picture, ok := w.picture(v.Asset)
	caption := v.Caption
	if len(caption) == 0 {
		caption = T(picture.Caption)
	}
	if !ok && caption.Empty() {
		return
	}
	w.raw("<figure>")
	if ok {
		w.image(picture, v.Alt)
	}
	w.figcaption(caption, picture.Credit)
	w.raw("</figure>")
}

// figcaption writes the caption and the credit, unless the caption says it.
func (w *writer) figcaption(caption Text, credit string) {
	if strings.Contains(caption.String(), credit) {
		credit = ""
	}
	if caption.Empty() && credit == "" {
		return
	}
	w.raw("<figcaption")
	w.lang(Lang{}, caption, w.direction)
	w.raw(">")
	w.text(caption)
	if credit != "" {
		if len(caption) > 0 {
			w.raw(" ")
		}
		w.raw("<span")
		w.class("credit")
		w.lang(Lang{}, T(credit), w.direction)
		w.raw(">")
		w.out = escaped(w.out, credit, false)
		w.raw("</span>")
	}
	w.raw("</figcaption>")
}

// image writes a picture; alt stands in for its own when it is set.
func (w *writer) image(p Picture, alt string) {
	if alt == "" {
		alt = p.Alt
	}
	w.raw("<img")
	w.attribute("src", w.site(p.Src))
	if p.Srcset != "" && !w.r.Feed {
		w.attribute("srcset", p.Srcset)
		if p.Sizes != "" {
			w.attribute("sizes", p.Sizes)
		}
	}
	w.attribute("alt", alt)
	if p.Width > 0 && p.Height > 0 {
		w.number("width", p.Width)
		w.number("height", p.Height)
	}
	if !w.r.Feed {
		w.raw(` loading="lazy" decoding="async"`)
	}
	w.raw(">")
}

func (w *writer) gallery(v Gallery) {
	w.raw("<div")
	w.class("gallery")
	w.raw(">")
	for _, f := range v.Pictures {
		w.figure(f)
	}
	w.raw("</div>")
}

func (w *writer) keyPoints(key Key, v KeyPoints) {
	title := v.Title
	if title == "" {
		title = wordsFor(w.r.Language).keyPoints
	}
	w.raw("<aside")
	w.class("key-points")
	w.titled(key, title)
	w.raw("<ul>")
	for _, t := range v.Points {
		w.element("li", v.Lang, t)
	}
	w.raw("</ul></aside>")
}

// titled ends the opening tag of a box and writes the title that names it.
func (w *writer) titled(key Key, title string) {
	if title == "" {
		w.raw(">")
		return
	}
	w.anchor("aria-labelledby", key)
	w.raw("><h2")
	w.anchor("id", key)
	w.lang(Lang{}, T(title), w.direction)
	w.raw(">")
	w.out = escaped(w.out, title, false)
	w.raw("</h2>")
}

func (w *writer) note(key Key, v Note) {
	w.raw("<section")
	w.class("note")
	if !w.r.Feed && v.Kind.valid() {
		w.attribute("data-kind", string(v.Kind))
	}
	w.titled(key, v.Title)
	w.paragraphs(v.Paragraphs, v.Lang)
	w.raw("</section>")
}

// preformatted writes a line end before a text that begins with one: parsers
// drop the first.
func (w *writer) preformatted(v Preformatted) {
	w.raw("<pre")
	w.lang(v.Lang, v.Text, w.direction)
	w.raw(">")
	if len(v.Text) > 0 && !v.Text[0].Break && strings.HasPrefix(v.Text[0].Text, "\n") {
		w.raw("\n")
	}
	w.text(v.Text)
	w.raw("</pre>")
}

func (w *writer) embed(v Embed) {
	label := v.Title
	if label == "" {
		label = v.URL
	}
	w.raw("<p")
	w.class("embed")
	w.raw(">")
	w.elsewhere(v.URL, label)
	if v.Provider != "" {
		w.raw(" <span")
		w.class("hint")
		w.raw(">")
		w.out = escaped(w.out, v.Provider, false)
		w.raw("</span>")
	}
	w.raw("</p>")
}

func (w *writer) file(v File) {
	var found Document
	if w.r.File != nil {
		found, _ = w.r.File(v.Asset)
	}
	label := v.Label
	if label == "" {
		label = found.Label
	}
	if label == "" && found.Href == "" {
		return
	}
	w.raw("<p")
	w.class("file")
	w.raw(">")
	w.elsewhere(found.Href, label)
	w.raw("</p>")
}

// lastPart is what an address is called where it has no other name: its file,
// or else its host.
func lastPart(href string) string {
	u, err := url.Parse(href)
	if err != nil {
		return href
	}
	if last := path.Base(u.Path); last != "/" && last != "." {
		return last
	}
	return u.Host
}

// words are the few that the renderer itself says.
type words struct{ keyPoints, source string }

var ownWords = map[string]words{
	"en": {"Key points", "Source:"},
	"ar": {"أبرز النقاط", "المصدر:"},
	"fa": {"نکته‌های کلیدی", "منبع:"},
}

func wordsFor(language string) words {
	primary, _, _ := strings.Cut(language, "-")
	if found, ok := ownWords[primary]; ok {
		return found
	}
	return ownWords["en"]
}
