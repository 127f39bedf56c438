package body

import (
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/platform/lang"
)

func (w *writer) subhead(key Key, v Subhead) {
	name := w.heading(max(v.Level-1, 1))
	w.raw("<" + name)
	w.anchor("id", key)
	w.lang(v.Lang, v.Text, w.direction)
	w.raw(">")
	w.text(v.Text)
	w.close(name)
}

func (w *writer) paragraphs(all []Text, l Lang) {
	for _, t := range all {
		w.running("p", l, t)
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
// markers stand on one side; items that differ turn for themselves. l is the
// language said of it or of the list around it.
func (w *writer) list(v *List, l Lang, around string, depth int) {
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
		w.look(l, v.Items[i].Text)
		w.text(v.Items[i].Text)
		if inner := v.Items[i].List; inner != nil && depth < MaxNesting {
			w.list(inner, inner.Lang.or(l), own, depth+1)
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
		w.running("li", v.Lang, t)
	}
	w.raw("</ul></aside>")
}

// heading is the element of a heading so many levels below the one that the body
// stands under.
func (w *writer) heading(below int) string {
	return "h" + strconv.Itoa(min(max(w.r.Under, 1)+below, 6))
}

// titled ends the opening tag of a box and writes the title that names it.
func (w *writer) titled(key Key, title string) {
	if title == "" {
		w.raw(">")
		return
	}
	w.anchor("aria-labelledby", key)
	w.raw("><" + w.heading(1))
	w.anchor("id", key)
	w.lang(Lang{}, T(title), w.direction)
	w.raw(">")
	w.out = escaped(w.out, title, false)
	w.close(w.heading(1))
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

// embed writes a card that leads to something of another site: nothing is
// loaded from there before a reader goes there, in the same window.
func (w *writer) embed(v Embed) {
	label := v.Title
	if label == "" {
		label = v.URL
	}
	host := hostOf(v.URL)
	if w.r.Feed || host == "" || !Usable(v.URL) {
		w.raw("<p")
		w.class("embed")
		w.raw(">")
		w.elsewhere(v.URL, label)
		w.hint("span", v.Provider)
		w.raw("</p>")
		return
	}
	w.raw(`<div class="embed">`)
	w.hint("p", v.Provider)
	w.raw("<p><a")
	w.attribute("href", v.URL)
	w.raw(` rel="external">`)
	w.apart(label)
	w.raw(`</a></p><p class="hint">`)
	before, after, _ := strings.Cut(wordsFor(w.r.Language).opens, "%s")
	w.raw(before + `<bdi dir="ltr">`)
	w.out = escaped(w.out, host, false)
	w.raw("</bdi>" + after + "</p></div>")
}

// hint writes what is said small beside something, if there is anything.
func (w *writer) hint(element, text string) {
	if text == "" {
		return
	}
	if element == "span" {
		w.raw(" ")
	}
	w.raw("<" + element)
	w.class("hint")
	w.raw(">")
	w.apart(text)
	w.close(element)
}

// apart writes a short text, isolated where its direction is not that of the
// card around it.
func (w *writer) apart(text string) {
	own := lang.BaseDirection(text)
	isolated := own != "" && own != w.direction
	if isolated {
		w.raw("<bdi>")
	}
	w.out = escaped(w.out, text, false)
	if isolated {
		w.raw("</bdi>")
	}
}

// hostOf is the other site of an address, without the www that says nothing.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
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
	if w.r.Feed {
		w.raw("<p>")
		w.elsewhere(found.Href, label)
		w.kind("span", found)
		w.raw("</p>")
		return
	}
	w.raw(`<div class="file"><p>`)
	w.elsewhere(found.Href, label)
	w.raw("</p>")
	w.kind("p", found)
	w.raw("</div>")
}

// kind writes what a document is and how large. The two are kept apart: after
// PDF, a number would change places with it in a right-to-left line.
func (w *writer) kind(element string, d Document) {
	name, size := w.r.kind(d)
	if name == "" || size == "" {
		w.hint(element, name+size)
		return
	}
	if element == "span" {
		w.raw(" ")
	}
	w.raw("<" + element)
	w.class("hint")
	w.raw(">")
	w.out = escaped(w.out, name+wordsFor(w.r.Language).comma, false)
	if w.direction == "rtl" {
		size = "<bdi>" + size + "</bdi>"
	}
	w.raw(size)
	w.close(element)
}

// definition writes what a topic is, under its name; nothing when that is not
// known.
func (w *writer) definition(key Key, v Definition) {
	if w.r.Topic == nil {
		return
	}
	term, ok := w.r.Topic(v.Topic)
	if !ok || term.Name == "" || term.Definition == "" {
		return
	}
	w.raw("<aside")
	w.class("definition")
	w.inLanguage(term.Language)
	w.anchor("aria-labelledby", key)
	w.raw("><" + w.heading(1))
	w.anchor("id", key)
	w.lang(Lang{}, T(term.Name), w.around(term.Language))
	w.raw(">")
	w.elsewhere(term.Href, term.Name)
	w.close(w.heading(1))
	w.plainParagraph(term.Definition, w.around(term.Language))
	w.raw("</aside>")
}

// inLanguage writes the language of words that are not in the edition's.
func (w *writer) inLanguage(tag string) {
	if tag != "" && primary(tag) != primary(w.r.Language) {
		w.said(Lang{Tag: tag}, w.direction)
	}
}

// around is the direction that words in a language have around them.
func (w *writer) around(tag string) string {
	if validTag(tag) {
		return lang.Direction(tag)
	}
	return w.direction
}

func (w *writer) plainParagraph(text, around string) {
	w.raw("<p")
	w.lang(Lang{}, T(text), around)
	w.raw(">")
	w.out = escaped(w.out, text, false)
	w.raw("</p>")
}

// post writes the head of a post, which stands before its blocks.
func (w *writer) post(key Key, v Post) {
	w.raw("<" + w.heading(1))
	w.anchor("id", key)
	w.class("post-head")
	w.raw("><time")
	iso, text := v.At.UTC().Format(time.RFC3339), ""
	if w.r.Clock != nil {
		iso, text = w.r.Clock(v.At)
	}
	if text == "" {
		text = v.At.UTC().Format(minutes)
	}
	w.attribute("datetime", iso)
	w.raw(">")
	w.out = escaped(w.out, text, false)
	w.raw("</time>")
	if v.Title != "" {
		w.raw(" <span")
		w.lang(Lang{}, T(v.Title), w.direction)
		w.raw(">")
		w.out = escaped(w.out, v.Title, false)
		w.raw("</span>")
	}
	w.close(w.heading(1))
	if v.Byline != "" {
		w.raw("<p")
		w.class("post-byline")
		w.lang(Lang{}, T(v.Byline), w.direction)
		w.raw(">")
		w.out = escaped(w.out, v.Byline, false)
		w.raw("</p>")
	}
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
