package site

import (
	"cmp"
	"fmt"
	"html"
	"net/http"
	"path"
	"slices"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/web/feed"
)

// format is one of the ways in which a feed is written. Each list has all of
// them, with the same stories.
type format struct {
	// file ends the address, name is what readers' programs show.
	file, name, kind string
	write            func(feed.Feed) []byte
}

// formats are all, the one that most programs know first.
var formats = [...]format{
	{"feed.xml", "RSS", "application/rss+xml", feed.RSS},
	{"atom.xml", "Atom", "application/atom+xml", feed.Atom},
	{"feed.json", "JSON Feed", "application/feed+json", feed.JSON},
}

// format is the one that the address asks for.
func (r *reading) format() format {
	file := path.Base(r.path)
	return formats[max(0, slices.IndexFunc(formats[:], func(f format) bool { return f.file == file }))]
}

// feedLinks lead programs to the feeds of a list, which is at base.
func (r *reading) feedLinks(title, base string) []Feed {
	links := make([]Feed, len(formats))
	for n, f := range formats {
		links[n] = Feed{Title: r.plain(title) + " · " + f.name, Href: base + f.file, Type: f.kind}
	}
	return links
}

// feedTitle names the feed of a part of the paper.
func (r *reading) feedTitle(part string) string { return r.here.Title + " · " + lang.Isolate(part) }

// feedSize is how many stories a feed has. They come in full until the feed has
// feedBytes; those behind have their standfirst.
const (
	feedSize  = 30
	feedBytes = 2 << 20
)

func (s *Site) editionFeed(r *reading) (*answer, error) {
	r.saw(ref.LatestTag(r.here.Key))
	cards, err := story.Latest(r.tx, r.here.Key, story.Cursor{}, feedSize)
	if err != nil {
		return nil, err
	}
	return r.feed(r.here.Title, r.here.Motto, "/"+r.here.Key+"/", cards)
}

func (s *Site) sectionFeed(r *reading) (*answer, error) {
	in, ok := r.here.bySlug[r.names["section"]]
	if !ok {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	r.saw(in.ID.Tag())
	cards, err := r.inSection(in)(story.Cursor{}, feedSize)
	if err != nil {
		return nil, err
	}
	return r.feed(r.feedTitle(in.Name), in.Description, sectionAddress(in), cards)
}

func (s *Site) topicFeed(r *reading) (*answer, error) {
	t, moved, err := r.topicAt("/" + r.format().file)
	if moved != nil || err != nil {
		return moved, err
	}
	if err := r.mayKnow(t); err != nil {
		return nil, missing(err)
	}
	cards, err := r.onTopic(t.ID)(story.Cursor{}, feedSize)
	if err != nil {
		return nil, err
	}
	words := t.Words[r.here.Language]
	return r.feed(r.feedTitle(words.Name), words.Definition, join(r.here.Key, "topic", words.Slug), cards)
}

func (s *Site) authorFeed(r *reading) (*answer, error) {
	a, moved, err := r.authorAt("/" + r.format().file)
	if moved != nil || err != nil {
		return moved, err
	}
	if err := r.mayKnowOf(a); err != nil {
		return nil, missing(err)
	}
	cards, err := r.byAuthor(a.ID)(story.Cursor{}, feedSize)
	if err != nil {
		return nil, err
	}
	words := a.Words[r.here.Language]
	return r.feed(r.feedTitle(words.Name), words.Bio, join(r.here.Key, "author", words.Slug), cards)
}

// feed writes a list in the format of the address, with the full texts.
func (r *reading) feed(title, description, home string, cards []story.Card) (*answer, error) {
	f := feed.Feed{
		Title: title, Description: r.plain(cmp.Or(description, title)), Author: r.here.Title, Language: r.here.Language,
		Home: r.origin + home, Self: r.origin + r.path, Hub: r.site.hub, Icon: r.assetAddress(iconFile),
	}
	live, err := r.site.texts.read(r.tx, cards, r.seen)
	if err != nil {
		return nil, err
	}
	pictures, topics, err := r.namedIn(live)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, one := range live {
		item := r.feedItem(one, pictures, topics)
		if size += len(item.HTML); size > feedBytes {
			item.HTML = ""
		}
		f.Items = append(f.Items, item)
		for _, at := range []time.Time{item.Published, item.Updated} {
			if f.Updated.Before(at) {
				f.Updated = at
			}
		}
	}
	as := r.format()
	return &answer{kind: as.kind + "; charset=utf-8", body: as.write(f)}, nil
}

// namedIn reads at once all pictures and topics that some stories name.
func (r *reading) namedIn(all []story.Story) (map[ref.Asset]asset.Asset, map[ref.Topic]topic.Topic, error) {
	var shown []ref.Asset
	var filed []ref.Topic
	for _, one := range all {
		shown = append(append(shown, body.Assets(one.Content.Body)...), one.Picture)
		filed = append(filed, one.Content.Topics...)
	}
	pictures, err := r.assets(shown...)
	if err != nil {
		return nil, nil, err
	}
	topics := map[ref.Topic]topic.Topic{}
	for some := range slices.Chunk(filed, namedAtOnce) {
		found, err := topic.ByID(r.tx, some)
		if err != nil {
			return nil, nil, fmt.Errorf("read the topics: %w", err)
		}
		for _, t := range found {
			topics[t.ID] = t
		}
	}
	return pictures, topics, nil
}

// feedIdentity is what a story is called in feeds, whatever its address and the
// host: a UUID of version 8 (RFC 9562) that has its number.
func feedIdentity(id ref.Story) string {
	n := uint64(id)
	return fmt.Sprintf("urn:uuid:%08x-%04x-8%03x-8%03x-62726f616473", n>>32, n>>16&0xffff, n>>4&0xfff, n&0xf)
}

func (r *reading) feedItem(live story.Story, pictures map[ref.Asset]asset.Asset, topics map[ref.Topic]topic.Topic) feed.Item {
	c := live.Card
	r.saw(c.ID.Tag())
	item := feed.Item{
		Identity: feedIdentity(c.ID), Address: r.origin + r.house.address(c), Title: r.plain(c.Headline), Summary: r.plain(c.Standfirst),
		Published: c.Published, Updated: c.Updated, HTML: r.feedHTML(live.Content.Body, pictures),
	}
	for _, s := range c.Byline {
		signed := feed.Author{Name: r.plain(s.Name)}
		if s.Author != 0 {
			r.saw(s.Author.Tag())
		}
		if s.Author != 0 && s.Slug != "" {
			signed.Address = r.origin + join(r.here.Key, "author", s.Slug)
		}
		item.Authors = append(item.Authors, signed)
	}
	for _, id := range live.Content.Topics {
		if words, ok := topics[id].Words[r.here.Language]; ok {
			r.saw(id.Tag())
			item.Topics = append(item.Topics, r.plain(words.Name))
		}
	}
	if a, ok := pictures[c.Picture]; ok {
		item.Picture = r.feedPicture(a, live.Content)
	}
	return item
}

// feedHTML is a text for programs that know neither our styles nor the direction
// of the edition.
func (r *reading) feedHTML(b body.Body, pictures map[ref.Asset]asset.Asset) string {
	set := r.renderer(pictures, r.origin)
	set.Feed = true
	text := body.Render(b, set)
	if text == "" {
		return ""
	}
	return fmt.Sprintf(`<div lang="%s" dir="%s">%s</div>`, html.EscapeString(r.here.Language), r.here.Direction(), text)
}

func (r *reading) feedPicture(a asset.Asset, c story.Content) *feed.Picture {
	p := r.leadPicture(a, c)
	if p == nil {
		return nil
	}
	width, height := shown(a)
	return &feed.Picture{Address: r.origin + rendition(a, width), Type: "image/jpeg", Width: width, Height: height, Alt: r.plain(p.Alt), Credit: r.plain(p.Credit)}
}

// sharedWidth is how wide a picture should be that other programs show.
const sharedWidth = 1200

// shown is the size of the rendition that other programs are led to: the smallest
// that is wide enough.
func shown(a asset.Asset) (width, height int) {
	for _, width = range a.Widths {
		if width >= sharedWidth {
			break
		}
	}
	return width, max(1, (a.Height*width+a.Width/2)/max(1, a.Width)) // as imaging rounds
}

// plain is a line for places without markup; see lang.Plain.
func (r *reading) plain(text string) string { return lang.Plain(text, r.here.Direction()) }
