package site

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/lang"
	"broadsheet/internal/web/feed"
)

// What programs read: robots.txt, sitemaps, OpenSearch, feeds.

func queryEscape(s string) string { return url.QueryEscape(s) }

// sortedByName sorts topics as an index of the language does.
func sortedByName(topics []Topic, language string) []Topic {
	sorted := slices.Clone(topics)
	slices.SortFunc(sorted, func(a, b Topic) int {
		return strings.Compare(indexed(a.Name, language), indexed(b.Name, language))
	})
	return sorted
}

// indexed is a name as an index files it: folded, in Arabic without the
// article.
func indexed(name, language string) string {
	folded := lang.Fold(name)
	if rest, ok := strings.CutPrefix(folded, "ال"); ok && strings.HasPrefix(language, "ar") && utf8.RuneCountInString(rest) > 2 {
		return rest
	}
	return folded
}

// firstLetter is the letter under which a name stands in an index.
func firstLetter(name, language string) string {
	r, _ := utf8.DecodeRuneInString(strings.ToUpper(indexed(name, language)))
	return string(r)
}

func (s *Site) robots(r *reading) (*answer, error) {
	text := "User-agent: *\nDisallow: /*/search\n\nSitemap: " + r.origin + "/sitemap.xml\n"
	for _, e := range r.house.editions {
		text += "Sitemap: " + r.origin + join(e.Key, "sitemap-news.xml") + "\n"
	}
	return &answer{kind: "text/plain; charset=utf-8", body: []byte(text)}, nil
}

func (s *Site) openSearch(r *reading) (*answer, error) {
	here := r.house.first()
	if here == nil {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	var urls strings.Builder
	for _, e := range r.house.editions {
		fmt.Fprintf(&urls, "<Url type=\"text/html\" template=\"%s?q={searchTerms}\"/>\n", html.EscapeString(r.origin+join(e.Key, "search")))
	}
	text := `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">` + "\n" +
		"<ShortName>" + html.EscapeString(lang.Clip(here.Title, 16)) + "</ShortName>\n" +
		"<Description>" + html.EscapeString(here.Title) + "</Description>\n" + urls.String() + "</OpenSearchDescription>\n"
	return &answer{kind: "application/opensearchdescription+xml; charset=utf-8", body: []byte(text)}, nil
}

const xmlType = "application/xml; charset=utf-8"

// sitemapIndex lists a sitemap for each month in which something appeared.
func (s *Site) sitemapIndex(r *reading) (*answer, error) {
	var maps []feed.Address
	for _, e := range r.house.editions {
		r.saw(ref.LatestTag(e.Key))
		first, last, err := story.Span(r.tx, e.Key)
		if err != nil {
			return nil, err
		}
		for month := monthOf(first); !first.IsZero() && !month.After(last); month = month.AddDate(0, 1, 0) {
			some, err := story.Between(r.tx, e.Key, month, month.AddDate(0, 1, 0), 1)
			if err != nil {
				return nil, err
			}
			if len(some) > 0 {
				maps = append(maps, feed.Address{Location: r.origin + join(e.Key, "sitemap-"+month.Format("2006-01")+".xml")})
			}
		}
	}
	return &answer{kind: xmlType, body: feed.SitemapIndex(maps)}, nil
}

func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

func (s *Site) monthSitemap(r *reading) (*answer, error) {
	month, err := time.Parse("2006-01", r.names["month"])
	if err != nil {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	r.saw(ref.LatestTag(r.here.Key), ref.SitemapTag(r.here.Key))
	places, err := story.Between(r.tx, r.here.Key, month, month.AddDate(0, 1, 0), feed.MaxAddresses)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	addresses := make([]feed.Address, len(places))
	for n, p := range places {
		addresses[n] = feed.Address{Location: r.origin + r.placeAddress(p), Changed: p.Changed}
	}
	return &answer{kind: xmlType, body: feed.Sitemap(addresses)}, nil
}

func (r *reading) placeAddress(p story.Place) string {
	return r.house.address(story.Card{Edition: r.here.Key, Section: p.Section, Genre: p.Genre, Slug: p.Slug})
}

// newsFor is how long a story is news to the sitemap for news.
const newsFor = 48 * time.Hour

// newsSitemap lists the stories of the last two days.
func (s *Site) newsSitemap(r *reading) (*answer, error) {
	r.saw(ref.LatestTag(r.here.Key), ref.SitemapTag(r.here.Key))
	cards, err := story.Latest(r.tx, r.here.Key, story.Cursor{}, feed.MaxNews)
	if err != nil {
		return nil, err
	}
	var fresh []feed.NewsAddress
	for _, c := range cards {
		if c.Published.After(r.now.Add(-newsFor)) {
			fresh = append(fresh, feed.NewsAddress{Location: r.origin + r.house.address(c), Title: c.Headline, Published: c.Published})
		}
	}
	out := &answer{kind: xmlType, body: feed.NewsSitemap(r.here.Title, r.here.Language, fresh)}
	out.until = r.now.Add(time.Hour)
	return out, nil
}

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
	return r.feed(r.here.Title+" · "+in.Name, in.Description, sectionAddress(in), cards)
}

func (s *Site) topicFeed(r *reading) (*answer, error) {
	t, moved, err := r.topicAt("/feed.xml")
	if moved != nil || err != nil {
		return moved, err
	}
	cards, err := r.onTopic(t.ID)(story.Cursor{}, feedSize)
	if err != nil {
		return nil, err
	}
	words := t.Words[r.here.Language]
	return r.feed(r.here.Title+" · "+words.Name, words.Definition, join(r.here.Key, "topic", words.Slug), cards)
}

func (s *Site) authorFeed(r *reading) (*answer, error) {
	a, moved, err := r.authorAt("/feed.xml")
	if moved != nil || err != nil {
		return moved, err
	}
	cards, err := r.byAuthor(a.ID)(story.Cursor{}, feedSize)
	if err != nil {
		return nil, err
	}
	words := a.Words[r.here.Language]
	return r.feed(r.here.Title+" · "+words.Name, words.Bio, join(r.here.Key, "author", words.Slug), cards)
}

// feed writes a list as RSS, with the full texts.
func (r *reading) feed(title, description, home string, cards []story.Card) (*answer, error) {
	if description == "" {
		description = title
	}
	f := feed.Feed{Title: title, Description: description, Language: r.here.Language, Home: r.origin + home, Self: r.origin + r.path}
	live, err := r.site.texts.read(r.tx, cards)
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
		if f.Updated.Before(item.Published) {
			f.Updated = item.Published
		}
	}
	return &answer{kind: "application/rss+xml; charset=utf-8", body: feed.RSS(f)}, nil
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

// feedIdentity is what a story is called in feeds, whatever its address.
func feedIdentity(id ref.Story) string { return "story:" + fmt.Sprint(int64(id)) }

func (r *reading) feedItem(live story.Story, pictures map[ref.Asset]asset.Asset, topics map[ref.Topic]topic.Topic) feed.Item {
	c := live.Card
	r.saw(c.ID.Tag())
	set := r.renderer(pictures, r.origin)
	set.Feed = true
	item := feed.Item{
		Identity: feedIdentity(c.ID), Address: r.origin + r.house.address(c), Title: c.Headline, Summary: c.Standfirst, Published: c.Published,
		HTML: string(body.Render(live.Content.Body, set)),
	}
	for _, s := range c.Byline {
		if s.Author != 0 {
			r.saw(s.Author.Tag())
		}
		item.Authors = append(item.Authors, s.Name)
	}
	for _, id := range live.Content.Topics {
		if words, ok := topics[id].Words[r.here.Language]; ok {
			item.Topics = append(item.Topics, words.Name)
		}
	}
	if a, ok := pictures[c.Picture]; ok {
		item.Picture = r.feedPicture(a, live.Content)
	}
	return item
}

func (r *reading) feedPicture(a asset.Asset, c story.Content) *feed.Picture {
	p := r.leadPicture(a, c)
	if p == nil {
		return nil
	}
	return &feed.Picture{Address: r.origin + p.Src, Type: "image/jpeg", Width: p.Width, Height: p.Height, Alt: p.Alt, Credit: p.Credit}
}
