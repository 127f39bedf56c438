package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"broadsheet/internal/news/publish"
	"broadsheet/internal/platform/lang"
)

// wxr is the export of a WordPress site.
type wxr struct {
	run      *run
	tidy     *tidy
	openings *openings
	dates    *dates
	// ours says that there is an element of WordPress's own in the file.
	ours bool
	// home is the site's address.
	home    *url.URL
	version string
	// authors are display names by login.
	authors map[string]string
	// types are the post types that are stories.
	types map[string]bool
	// files are the attachments by post number and by address, and by the post
	// that they hang on.
	files    map[string]*attachment
	byURL    map[string]*attachment
	children map[string][]*attachment
	// posts are the numbers of the stories in the file.
	posts map[string]bool
	// shared are the blocks that several posts show, by number.
	shared map[string]string
	assets assets
}

// attachment is a picture or another file of the site.
type attachment struct {
	id, address, link, parent     string
	alt, caption, kind, mediaType string
	hash                          string
}

// assets gives out the identities of files. The batch that mints them is at
// the same time writing in another goroutine.
type assets struct {
	*sync.Mutex
	batch *publish.Batch
}

func newWXR(r *run) (*wxr, error) {
	w := &wxr{run: r, tidy: &tidy{r.ledger}, openings: newOpenings(), authors: map[string]string{},
		types: map[string]bool{"post": true, "page": true}, files: map[string]*attachment{}, byURL: map[string]*attachment{},
		children: map[string][]*attachment{}, posts: map[string]bool{}, shared: map[string]string{}}
	for field, value := range r.o.Mapping {
		if field != "post" {
			return nil, &Fault{Reason: fmt.Sprintf("there is no field %q in this format; there is post, for further post types that are stories", field)}
		}
		for name := range strings.SplitSeq(value, ",") {
			w.types[strings.TrimSpace(name)] = true
		}
	}
	w.dates = &dates{zone: r.o.Edition.Location()}
	w.openings.mine(r.o.Edition.Title)
	return w, nil
}

// each goes over the parts of the channel.
func (w *wxr) each(ctx context.Context, do func(e element) error) error {
	from, err := w.run.input.unpacked(ctx)
	if err != nil {
		return err
	}
	t, err := newText(from, w.run.o.Charset)
	if err != nil {
		return err
	}
	t.lenient = true
	parts := newFeed(t)
	for {
		e, err := parts.next()
		if errors.Is(err, io.EOF) {
			w.dropped(t.dropped)
			return nil
		}
		if err != nil {
			return err
		}
		if err := do(e); err != nil {
			return err
		}
	}
}

// dropped notes, once, the characters that the reading had to drop.
func (w *wxr) dropped(n int) {
	if n > 0 && w.assets.batch != nil {
		w.run.ledger.repaired("the file", "control characters that XML cannot hold were dropped", n)
	}
}

// survey gathers what items point at, which may stand after them in the file.
func (w *wxr) survey(ctx context.Context) (string, error) {
	title, items, members, terms := "", 0, 0, 0
	err := w.each(ctx, func(e element) error {
		w.ours = w.ours || e.ours()
		switch e.name {
		case "title":
			title = strings.TrimSpace(e.text)
		case "link":
			w.at(e.text)
		case "wp:base_site_url", "wp:base_blog_url":
			w.at(e.text)
		case "wp:wxr_version":
			w.version = strings.TrimSpace(e.text)
		case "wp:author":
			members++
			w.author(&e)
		case "wp:category", "wp:tag", "wp:term":
			terms++
		case "item":
			items++
			w.look(&e)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	if !w.ours {
		return "", &Fault{Reason: "this is a feed, and no export of WordPress: nothing of WordPress's own is in it"}
	}
	w.openings.mine(title)
	w.remarks(items, members, terms)
	if w.home == nil {
		return WXR + " " + stem(w.run.ledger.r.File), nil
	}
	return WXR + " " + w.home.Host + strings.TrimSuffix(w.home.Path, "/"), nil
}

func (w *wxr) remarks(items, members, terms int) {
	l := w.run.ledger
	switch {
	case w.version == "":
		l.note("the file does not say its version")
	case w.version != "1.0" && w.version != "1.1" && w.version != "1.2":
		l.note("the file says it is of version %q; read as 1.2", w.version)
	}
	if items == 0 {
		l.note("there are no items in the file, only %d authors and %d terms: those come with the stories that name them", members, terms)
	}
}

// at notes the site's address: the last one said is the most exact.
func (w *wxr) at(address string) {
	if u, err := url.Parse(strings.TrimSpace(address)); err == nil && u.Host != "" {
		w.home = u
	}
}

func (w *wxr) author(e *element) {
	login, name := strings.TrimSpace(e.get("wp:author_login")), strings.TrimSpace(e.get("wp:author_display_name"))
	if name == "" {
		name = strings.TrimSpace(e.get("wp:author_first_name") + " " + e.get("wp:author_last_name"))
	}
	if login != "" && name != "" {
		w.authors[strings.ToLower(login)] = plain(name)
	}
}

// mostShared is how many bytes of shared blocks are kept in mind.
const mostShared = 8 << 20

// look notes what other items may point at.
func (w *wxr) look(e *element) {
	id := strings.TrimSpace(e.get("wp:post_id"))
	switch kind(e) {
	case "attachment":
		w.attach(e, id)
	case "wp_block":
		if len(w.shared) < 1000 && len(e.get("content:encoded")) < mostShared/1000 {
			w.shared[id] = e.get("content:encoded")
		}
	case "post", "page":
		w.posts[id] = true
		w.openings.learn(plain(beginning(e.get("excerpt:encoded"))), plain(beginning(e.get("content:encoded"))))
	default:
		w.posts[id] = w.types[kind(e)]
	}
}

// beginning is as much of a text as an opening can need, with the markup
// before it.
func beginning(s string) string { return s[:min(len(s), 2_000)] }

func (w *wxr) attach(e *element, id string) {
	a := &attachment{id: id, address: w.absolute(e.get("wp:attachment_url")), link: strings.TrimSpace(e.get("link")), parent: strings.TrimSpace(e.get("wp:post_parent"))}
	if a.address == "" {
		a.address = w.absolute(e.get("guid"))
	}
	if a.address == "" {
		return
	}
	a.alt = oneLine(plain(e.meta("_wp_attachment_image_alt")))
	a.caption = oneLine(plain(e.get("excerpt:encoded")))
	if a.caption == "" {
		a.caption = oneLine(plain(e.get("content:encoded")))
	}
	a.kind, a.mediaType = fileKind(a.address)
	a.hash = e.hash()
	w.files[id] = a
	w.byURL[bare(a.address)] = a
	if a.parent != "" && a.parent != "0" {
		w.children[a.parent] = append(w.children[a.parent], a)
	}
}

// kind is an item's post type.
func kind(e *element) string {
	if t := strings.TrimSpace(e.get("wp:post_type")); t != "" {
		return t
	}
	return "post"
}

// begin registers the files, so that items can show them.
func (w *wxr) begin(b *publish.Batch) {
	w.assets = assets{&w.run.staging, b}
}

// skips are the post types that are no stories.
var skips = map[string]string{
	"nav_menu_item": "is an entry of a menu", "wp_navigation": "is a menu", "revision": "is an older save of a post",
	"wp_block": "is a block that posts show: it comes with them", "wp_template": "belongs to a theme", "wp_template_part": "belongs to a theme",
	"wp_global_styles": "belongs to a theme", "custom_css": "belongs to a theme", "customize_changeset": "belongs to a theme",
	"oembed_cache": "is a copy of another site's answer", "user_request": "is a request for somebody's data",
	"wp_font_family": "is a typeface", "wp_font_face": "is a typeface",
}

// records reads the items once more.
func (w *wxr) records(ctx context.Context, yield func(record) error) error {
	number := 0
	return w.each(ctx, func(e element) error {
		if e.name != "item" {
			return nil
		}
		number++
		return yield(w.record(&e, number))
	})
}

func (w *wxr) record(e *element, number int) record {
	rec := record{number: number, place: fmt.Sprintf("line %d", e.line), size: e.size, content: e}
	rec.key = identity(e)
	t := kind(e)
	switch status := strings.TrimSpace(e.get("wp:status")); {
	case t == "attachment" && w.files[strings.TrimSpace(e.get("wp:post_id"))] == nil:
		rec.refused = "it is a file, and has no address"
	case t == "attachment":
		rec.attachment = true
		w.asset(w.files[strings.TrimSpace(e.get("wp:post_id"))])
	case skips[t] != "":
		rec.skipped = skips[t]
	case !w.types[t]:
		rec.skipped = fmt.Sprintf("its post type %q is the site's own; name it, as post=%s, to take such items for stories", t, t)
	case status == "trash" || status == "auto-draft" || status == "inherit":
		rec.skipped = fmt.Sprintf("it is %q: thrown away, or never saved", status)
	default:
		rec.hash = e.hash(append(w.around(e), string(w.run.o.Genre), fmt.Sprint(w.run.o.Section))...)
	}
	return rec
}

// identity is an item's at home: its number there.
func identity(e *element) string {
	if id := strings.TrimSpace(e.get("wp:post_id")); id != "" && len(id) < 40 {
		return id
	}
	for _, name := range []string{"guid", "link"} {
		if s := strings.TrimSpace(e.get(name)); s != "" && len(s) <= mostKey && lang.Fold(s) != "" {
			return s
		}
	}
	return hashed + e.hash()
}

// around is what an item shows that stands elsewhere in the file.
func (w *wxr) around(e *element) []string {
	var all []string
	if a := w.files[strings.TrimSpace(e.meta("_thumbnail_id"))]; a != nil {
		all = append(all, a.hash)
	}
	for _, a := range w.children[strings.TrimSpace(e.get("wp:post_id"))] {
		all = append(all, a.hash)
	}
	return append(all, w.authors[strings.ToLower(strings.TrimSpace(e.get("dc:creator")))])
}
