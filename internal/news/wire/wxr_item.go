package wire

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
)

// item makes an item of a post or a page.
func (w *wxr) item(r record) (publish.Item, error) {
	e := r.content.(*element)
	item := publish.Item{Key: r.key, Hash: r.hash}
	c := &item.Content
	c.Headline = w.headline(r, e)
	c.Standfirst = w.standfirst(r, e)
	c.Slug = unescaped(strings.TrimSpace(e.get("wp:post_name")))
	c.Slug = strings.TrimSuffix(strings.TrimSuffix(c.Slug, ".html"), ".php")
	c.Body = w.body(r, e)
	c.Origin = w.origin(e)
	item.Section, item.Topics = w.filed(r, e)
	c.Genre = genre(w.run.o.Genre, item.Section)
	if kind(e) == "page" {
		c.Genre = story.Page
		item.Section = ""
	}
	if a := w.files[strings.TrimSpace(e.meta("_thumbnail_id"))]; a != nil {
		c.Picture = w.asset(a)
	}
	item.Byline = w.byline(r, e)
	item.OldAddresses = w.oldAddresses(e)
	item.Comments = w.comments(e)
	item.Published, item.Updated = w.when(r, e, c.Headline)
	if c.Standfirst != "" && c.Standfirst == strings.TrimSpace(first(c.Body)) {
		c.Standfirst = ""
		w.run.ledger.changed(r.name(), "the standfirst repeats the first paragraph: shown once")
	}
	w.openings.sign(r, &item, w.run.ledger)
	return item, nil
}

func (w *wxr) headline(r record, e *element) string {
	title := e.get("title")
	made := w.tidy.line(r, "headline", plain(title))
	if tags.MatchString(title) {
		w.run.ledger.changed(r.name(), "markup in the headline was left out")
	}
	return made
}

// standfirst is the excerpt, else what the site told search engines.
func (w *wxr) standfirst(r record, e *element) string {
	if s := w.tidy.text(r, plain(e.get("excerpt:encoded"))); s != "" {
		return s
	}
	for _, key := range []string{"_yoast_wpseo_metadesc", "rank_math_description", "_aioseo_description"} {
		if s := w.tidy.text(r, plain(e.meta(key))); s != "" && !strings.Contains(s, "%%") {
			w.run.ledger.changed(r.name(), "the description for search engines became the standfirst")
			return s
		}
	}
	return ""
}

// unescaped decodes percent signs as far as they mean something: WordPress
// cuts long slugs in the middle of a character.
func unescaped(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b = append(b, c...)
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	decoded := strings.TrimRight(string(b), "%")
	for len(decoded) > 0 {
		if r, size := utf8.DecodeLastRuneInString(decoded); r != utf8.RuneError || size != 1 {
			break
		}
		decoded = decoded[:len(decoded)-1]
	}
	if !utf8.ValidString(decoded) {
		return ""
	}
	return decoded
}

func (w *wxr) origin(e *element) *story.Origin {
	o := &story.Origin{Address: w.absolute(e.get("link"))}
	if w.home != nil {
		o.Source = w.home.Hostname()
	}
	if *o == (story.Origin{}) {
		return nil
	}
	return o
}

// filed is the post's first category as its section; its other categories and
// its tags are topics.
func (w *wxr) filed(r record, e *element) (section string, topics []string) {
	for n := range e.inner {
		c := &e.inner[n]
		if c.name != "category" {
			continue
		}
		name := w.tidy.line(r, "category", plain(c.text))
		switch domain := c.attr["domain"]; {
		case name == "" || domain == "author":
		case domain == "post_format":
			w.run.ledger.changed(r.name(), fmt.Sprintf("its format %q has no meaning here", name))
		case domain == "category" && strings.EqualFold(c.attr["nicename"], "uncategorized"):
		case (domain == "category" || domain == "") && section == "":
			section = name
		default:
			topics = append(topics, name)
		}
	}
	return section, w.tidy.topics(r, topics)
}

// byline is the post's authors: several where a plug-in named them, else the
// one whose account it was.
func (w *wxr) byline(r record, e *element) []publish.Name {
	var names []string
	for n := range e.inner {
		if c := &e.inner[n]; c.name == "category" && c.attr["domain"] == "author" {
			names = append(names, plain(c.text))
		}
	}
	if login := strings.TrimSpace(e.get("dc:creator")); len(names) == 0 && login != "" {
		name, known := w.authors[strings.ToLower(login)]
		switch {
		case known:
			names = []string{name}
		case strings.Contains(login, "@"):
			w.run.ledger.changed(r.name(), "signed by an address only: unsigned here")
		default:
			names = []string{plain(login)}
		}
	}
	return w.tidy.byline(r, names)
}

// drafts are the states of posts that readers did not see.
var drafts = map[string]string{
	"draft": "it was a draft", "pending": "it waited for review", "private": "it was private", "future": "it was scheduled",
}

// when is when a post went live; zero for one that shall not be shown.
func (w *wxr) when(r record, e *element, headline string) (published, updated time.Time) {
	changed := func(why string) { w.run.ledger.changed(r.name(), why+": kept as a draft") }
	status := strings.TrimSpace(e.get("wp:status"))
	switch {
	case drafts[status] != "":
		changed(drafts[status])
		return published, updated
	case status != "publish":
		changed(fmt.Sprintf("its status %q is not known here", status))
		return published, updated
	case strings.TrimSpace(e.get("wp:post_password")) != "":
		changed("it was behind a password")
		return published, updated
	case headline == "":
		changed("it has no headline")
		return published, updated
	}
	published = w.date(e, "wp:post_date_gmt", "wp:post_date")
	if published.IsZero() {
		published, _ = w.dates.read(e.get("pubDate"))
	}
	if published.IsZero() {
		w.run.ledger.changed(r.name(), "has no date: dated at its import")
		published = w.run.o.Now
	}
	if published.After(w.run.o.Now.Add(24 * time.Hour)) {
		changed("it is dated in the future")
		return time.Time{}, time.Time{}
	}
	if strings.TrimSpace(e.get("wp:is_sticky")) == "1" {
		w.run.ledger.changed(r.name(), "it stood on top of the old front: fronts are arranged by hand here")
	}
	// Within a minute of its publication nobody changed anything.
	if updated = w.date(e, "wp:post_modified_gmt", "wp:post_modified"); updated.Before(published.Add(time.Minute)) {
		updated = time.Time{}
	}
	return published, updated
}

// date is a time in UTC, else in the edition's zone.
func (w *wxr) date(e *element, gmt, local string) time.Time {
	utc := &dates{zone: time.UTC}
	if t, ok := utc.read(e.get(gmt)); ok {
		return t
	}
	t, _ := w.dates.read(e.get(local))
	return t
}

// oldAddresses are the ways by which readers came to the post: its link, its
// short address, and the pages of the pictures that hang on it.
func (w *wxr) oldAddresses(e *element) []string {
	var all addresses
	id := strings.TrimSpace(e.get("wp:post_id"))
	all.add(w, e.get("link"))
	all.add(w, e.get("guid"))
	if old := strings.TrimSpace(e.meta("_wp_old_slug")); old != "" {
		if now := strings.TrimSpace(e.get("wp:post_name")); now != "" {
			all.add(w, strings.Replace(e.get("link"), "/"+now, "/"+old, 1))
		}
	}
	if id != "" && strings.Trim(id, "0123456789") == "" {
		key := "p"
		if kind(e) == "page" {
			key = "page_id"
		}
		all.put("/?" + key + "=" + id)
	}
	for _, a := range w.children[id] {
		all.put("/?attachment_id=" + a.id)
		if a.link != a.address {
			all.add(w, a.link)
		}
	}
	return all
}

// addresses is a list without repetitions.
type addresses []string

// mostAddress is how long an address may be that is still looked up.
const mostAddress = 1_000

// add takes the path and the query of an address of the site.
func (a *addresses) add(w *wxr, address string) {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	if err != nil || u.Opaque != "" || w.home != nil && u.Host != "" && !strings.EqualFold(strings.TrimPrefix(u.Host, "www."), strings.TrimPrefix(w.home.Host, "www.")) {
		return
	}
	at := u.EscapedPath()
	if u.RawQuery != "" {
		if at == "" {
			at = "/"
		}
		a.put(at + "?" + u.RawQuery)
		return
	}
	// Whoever asks with a slash at the end is led here too.
	at = strings.TrimSuffix(at, "/")
	a.put(at)
	// The digits after a percent sign may be large or small.
	if strings.Contains(at, "%") {
		a.put(percents(at, strings.ToUpper))
		a.put(percents(at, strings.ToLower))
	}
}

func percents(s string, change func(string) string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], change(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

func (a *addresses) put(address string) {
	if len(address) < 2 || len(address) > mostAddress || address[0] != '/' || !utf8.ValidString(address) {
		return
	}
	for _, known := range *a {
		if known == address {
			return
		}
	}
	*a = append(*a, address)
}

// remark is a comment as it is kept until there is a room for it. The address
// of the computer that it came from is not kept.
type remark struct {
	ID       string `json:"id"`
	Parent   string `json:"parent,omitempty"`
	Author   string `json:"author,omitempty"`
	Email    string `json:"email,omitempty"`
	URL      string `json:"url,omitempty"`
	Date     string `json:"date,omitempty"`
	Approved string `json:"approved"`
	Type     string `json:"type,omitempty"`
	Content  string `json:"content"`
}

// states are what the site thought of a comment.
var states = map[string]string{"1": "approved", "0": "pending", "spam": "spam", "trash": "trash", "post-trashed": "trash"}

// comments are a post's comments as read.
func (w *wxr) comments(e *element) []publish.Comment {
	var all []publish.Comment
	for n := range e.inner {
		c := &e.inner[n]
		if c.name != "wp:comment" {
			continue
		}
		get := func(name string) string { return oneText(c.get("wp:comment_" + name)) }
		state := states[get("approved")]
		if state == "" {
			state = "pending"
		}
		m := remark{ID: get("id"), Parent: get("parent"), Author: get("author"), Email: get("author_email"), URL: get("author_url"),
			Date: get("date_gmt"), Approved: state, Type: get("type"), Content: get("content")}
		if m.Parent == "0" {
			m.Parent = ""
		}
		if strings.HasPrefix(m.Date, "0000") || m.Date == "" {
			m.Date = get("date")
		}
		content, err := json.Marshal(m)
		if err != nil {
			continue // texts always have JSON
		}
		key := m.ID
		if key == "" {
			key = hashed + c.hash(identity(e))
		}
		all = append(all, publish.Comment{Key: key, Content: string(content)})
	}
	return all
}
