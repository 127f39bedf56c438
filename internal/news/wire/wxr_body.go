package wire

import (
	"fmt"
	"regexp"
	"strings"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/platform/strictjson"
)

// oneText is a text as it is kept, its line ends apart.
func oneText(s string) string {
	s, _ = lang.MapC1(lang.Newlines(s))
	return s
}

// page is one post's content on its way to a body.
type page struct {
	w *wxr
	r record
	e *element
	// within counts shared blocks in shared blocks.
	within int
	out    []body.Body
}

// body makes the body of a post.
func (w *wxr) body(r record, e *element) body.Body {
	p := &page{w: w, r: r, e: e}
	p.content(e.get("content:encoded"))
	if file, ok := w.enclosure(e); ok {
		p.out = append(p.out, body.Body{file})
	}
	return body.Concat(p.out...)
}

// delimiter is what stands before and after a block.
var delimiting = regexp.MustCompile(`(?s)<!--\s+(/)?wp:([a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)(\s+\{.*?\})?\s+(/)?-->`)

// content takes the blocks of a text, or a text from before there were blocks.
func (p *page) content(s string) {
	for s != "" {
		at := delimiting.FindStringSubmatchIndex(s)
		if at == nil {
			p.classic(s)
			return
		}
		p.classic(s[:at[0]])
		name, attributes := s[at[4]:at[5]], ""
		if at[6] >= 0 {
			attributes = strings.TrimSpace(s[at[6]:at[7]])
		}
		alone, closing := at[8] >= 0, at[2] >= 0
		s = s[at[1]:]
		if closing {
			continue // it closes nothing
		}
		inner := ""
		if !alone {
			inner, s = untilClosed(s)
		}
		p.block(name, attributes, inner)
	}
}

// untilClosed cuts a text where the block that was opened before it ends.
func untilClosed(s string) (inner, rest string) {
	open, from := 1, 0
	for {
		// One after the other: most blocks end at the next comment, and a post
		// may have thousands.
		at := delimiting.FindStringSubmatchIndex(s[from:])
		if at == nil {
			return s, ""
		}
		switch {
		case at[8] >= 0:
		case at[2] >= 0:
			if open--; open == 0 {
				return s[:from+at[0]], s[from+at[1]:]
			}
		default:
			open++
		}
		from += at[1]
	}
}

// texts are the blocks that we have, or whose HTML says all they are.
var texts = map[string]bool{
	"paragraph": true, "heading": true, "list": true, "list-item": true, "quote": true, "image": true, "table": true, "code": true,
	"preformatted": true, "verse": true, "separator": true, "html": true, "group": true, "columns": true, "column": true, "cover": true,
	"media-text": true, "file": true, "more": true, "nextpage": true, "audio": true, "video": true, "missing": true,
}

// block takes one block.
func (p *page) block(name, attributes, inner string) {
	full := name
	if !strings.Contains(full, "/") {
		full = "core/" + name
	}
	name = strings.TrimPrefix(full, "core/")
	switch {
	case texts[name]:
		p.html(inner, full, false)
	case name == "freeform", name == "shortcode", name == "core/freeform":
		p.classic(inner)
	case name == "gallery":
		p.gallery(inner)
	case name == "pullquote":
		p.pullQuote(inner, full)
	case name == "embed", strings.HasPrefix(full, "core-embed/"):
		p.embed(attributes, inner, full)
	case name == "block":
		p.sharedBlock(attributes)
	case name == "footnotes":
		p.footnotes()
	default:
		p.foreign(inner, full)
	}
}

func (p *page) options(name string, paragraphs bool) body.HTMLOptions {
	return body.HTMLOptions{Asset: p.w.picture, Origin: "wordpress", Name: name, Paragraphs: paragraphs}
}

func (p *page) html(src, name string, paragraphs bool) body.Body {
	made, losses := body.FromHTML(src, p.options(name, paragraphs))
	p.w.tidy.lost(p.r, losses)
	p.out = append(p.out, made)
	return made
}

// foreign keeps a block that we do not have, as far as it shows anything by
// itself.
func (p *page) foreign(inner, name string) {
	tree, losses := body.Sanitise(inner, p.options(name, false))
	p.w.tidy.lost(p.r, losses)
	if len(tree) == 0 || strings.TrimSpace(body.Plain(body.Body{{Value: body.Foreign{Tree: tree}}})) == "" && !strings.Contains(inner, "<img") {
		p.w.run.ledger.changed(p.r.name(), fmt.Sprintf("a block without words of its own was left out (%s)", name))
		return
	}
	p.out = append(p.out, body.Body{{Value: body.Foreign{Origin: "wordpress", Name: name, Tree: tree}}})
}

// wrappers are the elements around the pictures of a gallery.
var wrappers = regexp.MustCompile(`(?i)</?(?:ul|li|div)(?:\s[^<>]*)?>`)

// gallery makes one gallery of the pictures in a block.
func (p *page) gallery(inner string) {
	inner = strings.TrimSpace(wrappers.ReplaceAllString(remarks.ReplaceAllString(inner, ""), ""))
	if strings.HasPrefix(inner, "<figure") {
		if end := strings.Index(inner, ">"); end > 0 && strings.HasSuffix(inner, "</figure>") {
			inner = inner[end+1 : len(inner)-len("</figure>")]
		}
	}
	made, losses := body.FromHTML(inner, p.options("core/gallery", false))
	p.w.tidy.lost(p.r, losses)
	var g body.Gallery
	var rest body.Body
	for _, b := range made {
		if f, ok := b.Value.(body.Figure); ok {
			g.Pictures = append(g.Pictures, f)
		} else {
			rest = append(rest, b)
		}
	}
	if len(g.Pictures) > 0 {
		p.out = append(p.out, body.Body{{Value: g}})
	}
	p.out = append(p.out, rest)
}

func (p *page) pullQuote(inner, name string) {
	made := p.html(inner, name, false)
	for n := range made {
		if q, ok := made[n].Value.(body.Quote); ok && len(q.Paragraphs) == 1 {
			made[n].Value = body.PullQuote{Text: q.Paragraphs[0], Attribution: q.Attribution, Lang: q.Lang}
		}
	}
}

var caption = regexp.MustCompile(`(?s)<figcaption[^>]*>(.*?)</figcaption>`)

// embed makes a link card of what stands on another site.
func (p *page) embed(attributes, inner, name string) {
	var said struct {
		URL string `json:"url"`
	}
	if attributes != "" {
		if err := strictjson.UnmarshalForeign([]byte(attributes), &said); err != nil {
			said.URL = ""
		}
	}
	if said.URL == "" {
		said.URL = anyAddress.FindString(plain(inner))
	}
	if !body.Usable(said.URL) {
		p.html(inner, name, false)
		return
	}
	title := ""
	if found := caption.FindStringSubmatch(inner); found != nil {
		title = oneLine(plain(found[1]))
	}
	p.card(said.URL, title)
}

func (p *page) card(url, title string) {
	p.out = append(p.out, body.Body{{Value: body.Embed{Provider: body.Provider(url), URL: url, Title: title}}})
}

// sharedBlock shows a block that stands in the file by itself.
func (p *page) sharedBlock(attributes string) {
	var said struct {
		Ref value `json:"ref"`
	}
	err := strictjson.UnmarshalForeign([]byte(attributes), &said)
	inner, known := p.w.shared[joined(said.Ref.v, "")]
	if err != nil || !known || p.within > 3 {
		p.w.run.ledger.changed(p.r.name(), "a shared block that is not in the file was left out")
		return
	}
	p.within++
	p.content(inner)
	p.within--
}

// footnotes are kept beside the text.
func (p *page) footnotes() {
	var notes []struct {
		Content string `json:"content"`
	}
	if err := strictjson.UnmarshalForeign([]byte(p.e.meta("footnotes")), &notes); err != nil || len(notes) == 0 {
		return
	}
	var src strings.Builder
	for _, n := range notes {
		src.WriteString("<li>" + n.Content + "</li>")
	}
	p.html("<ol>"+src.String()+"</ol>", "core/footnotes", false)
}

var (
	anyAddress = regexp.MustCompile(`https?://[^\s<>"]+`)
	aloneLine  = regexp.MustCompile(`(?m)^[ \t]*(?:<p>)?[ \t]*(https?://[^\s<>"]+)[ \t]*(?:</p>)?[ \t]*$`)
	// shortcode is a call of a plug-in in a text.
	// closing ends a call that has a text within.
	closing   = regexp.MustCompile(`\[/([a-zA-Z][a-zA-Z0-9_-]*)\]`)
	shortcode = regexp.MustCompile(`\[(\[?)(/?)([a-zA-Z][a-zA-Z0-9_-]*)((?:\s[^\[\]]*)?)(/?)\](\]?)`)
	captioned = regexp.MustCompile(`(?s)\[(?:wp_)?caption([^\]]*)\](.*?)\[/(?:wp_)?caption\]`)
	embedded  = regexp.MustCompile(`(?s)\[embed[^\]]*\]\s*(\S+?)\s*\[/embed\]`)
	pictured  = regexp.MustCompile(`(?is)^\s*((?:<a [^>]*>\s*)?<img [^>]*>(?:\s*</a>)?)(.*)$`)
	attribute = regexp.MustCompile(`([a-z_]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+))`)
	galleries = regexp.MustCompile(`\[gallery(?:\s[^\[\]]*)?\]`)
)

// players are the hosts whose addresses, alone on a line, WordPress shows as
// what they lead to.
var players = []string{"youtube.com/", "youtu.be/", "vimeo.com/", "twitter.com/", "x.com/", "soundcloud.com/", "dailymotion.com/", "aparat.com/", "instagram.com/p/"}

// classic takes a text in which blank lines part paragraphs and calls of
// plug-ins stand in brackets.
func (p *page) classic(s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	s = captioned.ReplaceAllStringFunc(s, figure)
	for s != "" {
		at, block := p.nextCall(s)
		if at == nil {
			p.plainText(s)
			return
		}
		p.plainText(s[:at[0]])
		p.out = append(p.out, block)
		s = s[at[1]:]
	}
}

// figure makes a figure of a picture with its caption.
func figure(s string) string {
	parts := captioned.FindStringSubmatch(s)
	inner := pictured.FindStringSubmatch(parts[2])
	if inner == nil {
		return parts[2]
	}
	words := strings.TrimSpace(inner[2])
	if words == "" {
		words = attributes(parts[1])["caption"]
	}
	return "\n\n<figure>" + inner[1] + "<figcaption>" + words + "</figcaption></figure>\n\n"
}

func attributes(s string) map[string]string {
	all := map[string]string{}
	for _, a := range attribute.FindAllStringSubmatch(s, -1) {
		all[a[1]] = a[2] + a[3] + a[4]
	}
	return all
}

// nextCall finds the next place where something else than text stands: a
// gallery, or something of another site.
func (p *page) nextCall(s string) (at []int, b body.Body) {
	best := len(s) + 1
	if found := galleries.FindStringIndex(s); found != nil && !strings.HasPrefix(s[max(0, found[0]-1):], "[[") {
		if g := p.called(attributes(s[found[0]:found[1]])); len(g.Pictures) > 0 {
			best, at, b = found[0], found, body.Body{{Value: g}}
		}
	}
	for _, pattern := range []*regexp.Regexp{embedded, aloneLine} {
		for _, found := range pattern.FindAllStringSubmatchIndex(s, -1) {
			to := s[found[2]:found[3]]
			if found[0] >= best {
				break
			}
			if pattern == aloneLine && !playable(to) || !body.Usable(to) {
				continue
			}
			best, at, b = found[0], found[:2], body.Body{{Value: body.Embed{Provider: body.Provider(to), URL: to}}}
			break
		}
	}
	return at, b
}

func playable(address string) bool {
	for _, host := range players {
		if strings.Contains(address, "//"+host) || strings.Contains(address, "//www."+host) {
			return true
		}
	}
	return false
}

// called is the gallery of the pictures that a call names, else of those that
// hang on the post.
func (p *page) called(said map[string]string) body.Gallery {
	var g body.Gallery
	show := func(a *attachment) {
		if a != nil && a.kind == asset.Picture && len(g.Pictures) < body.MaxItems {
			g.Pictures = append(g.Pictures, body.Figure{Asset: p.w.asset(a)})
		}
	}
	ids := said["ids"] + said["include"]
	if ids == "" {
		for _, a := range p.w.children[strings.TrimSpace(p.e.get("wp:post_id"))] {
			show(a)
		}
		return g
	}
	for id := range strings.SplitSeq(ids, ",") {
		show(p.w.files[strings.TrimSpace(id)])
	}
	return g
}

// plainText takes text without calls that we understand; others are listed.
func (p *page) plainText(s string) {
	if strings.TrimSpace(s) == "" {
		return
	}
	closed := map[string]bool{}
	for _, found := range closing.FindAllStringSubmatch(s, -1) {
		closed[found[1]] = true
	}
	for _, found := range shortcode.FindAllStringSubmatch(s, -1) {
		called := strings.Contains(found[4], "=") || closed[found[3]] || found[3] == "gallery"
		if called && found[1] == "" && found[2] == "" {
			p.w.run.ledger.changed(p.r.name(), fmt.Sprintf("a call of a plug-in was kept as text ([%.40s])", found[3]))
		}
	}
	p.html(s, "", true)
}
