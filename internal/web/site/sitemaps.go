package site

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/readership"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/web/feed"
)

const xmlType = "application/xml; charset=utf-8"

// partSize is how many stories one sitemap has. With all their languages and the
// longest slugs that there are, they stay within the protocol's 50 MB.
const partSize = 5_000

// sitemapIndex lists the sitemaps: of each edition one for what always stands
// there, and one or more for each month in which something appeared. The one for
// news has a line of its own in robots.txt.
func (s *Site) sitemapIndex(r *reading) (*answer, error) {
	var maps []feed.Address
	for _, e := range r.house.editions {
		r.saw(ref.LatestTag(e.Key), ref.SitemapTag(e.Key))
		maps = append(maps, feed.Address{Location: r.origin + join(e.Key, "sitemap-standing.xml")})
		first, last, err := story.Span(r.tx, e.Key)
		if err != nil {
			return nil, err
		}
		for month := monthOf(first); !first.IsZero() && !month.After(last); month = month.AddDate(0, 1, 0) {
			n, changed, err := story.Tally(r.tx, e.Key, month, month.AddDate(0, 1, 0))
			if err != nil {
				return nil, err
			}
			parts := (n + s.part - 1) / s.part
			for part := range parts {
				at := feed.Address{Location: r.origin + monthAddress(e.Key, month, part+1)}
				if parts == 1 { // of many nobody knows which changed
					at.Changed = changed
				}
				maps = append(maps, at)
			}
		}
	}
	return &answer{kind: xmlType, body: feed.SitemapIndex(maps[:min(len(maps), feed.MaxAddresses)])}, nil
}

func monthOf(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// monthAddress is where a month's sitemap is, or a part of it behind the first.
func monthAddress(edition string, month time.Time, part int) string {
	name := "sitemap-" + month.Format("2006-01")
	if part > 1 {
		name += "-" + itoa(part)
	}
	return join(edition, name+".xml")
}

// monthAsked reads month and part from the address, in their one spelling.
func (r *reading) monthAsked() (month time.Time, part int, ok bool) {
	text, number, parted := r.names["month"], "", false
	if len(text) > len("2006-01") {
		text, number, parted = text[:len("2006-01")], strings.TrimPrefix(text[len("2006-01"):], "-"), true
	}
	month, err := time.Parse("2006-01", text)
	if err != nil {
		return month, 0, false
	}
	if !parted {
		return month, 1, true
	}
	part, err = strconv.Atoi(number)
	return month, part, err == nil && part > 1 && part <= feed.MaxAddresses && monthAddress(r.here.Key, month, part) == r.path
}

func (s *Site) monthSitemap(r *reading) (*answer, error) {
	month, part, ok := r.monthAsked()
	if !ok {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	r.saw(ref.LatestTag(r.here.Key), ref.SitemapTag(r.here.Key))
	places, err := story.Between(r.tx, r.here.Key, month, month.AddDate(0, 1, 0), (part-1)*s.part, s.part)
	if err != nil {
		return nil, err
	}
	if len(places) == 0 {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	addresses, err := r.places(places)
	if err != nil {
		return nil, err
	}
	out, _ := feed.Sitemap(addresses)
	return &answer{kind: xmlType, body: out}, nil
}

// places are stories in a sitemap, with their pictures and their other languages.
func (r *reading) places(places []story.Place) ([]feed.Address, error) {
	ids := make([]ref.Asset, len(places))
	for n, p := range places {
		ids[n] = p.Picture
	}
	pictures, err := r.assets(ids...)
	if err != nil {
		return nil, err
	}
	twins, err := r.twinPlaces(places)
	if err != nil {
		return nil, err
	}
	addresses := make([]feed.Address, len(places))
	for n, p := range places {
		addresses[n] = feed.Address{Location: r.origin + r.placeAddress(p), Changed: p.Changed, Alternates: twins[p.Twin]}
		if a := pictures[p.Picture]; a.Here() {
			width, _ := shown(a)
			addresses[n].Pictures = []string{r.origin + rendition(a, width)}
		}
	}
	return addresses, nil
}

// twinPlaces are the languages in which stories are, for those that are in several.
func (r *reading) twinPlaces(places []story.Place) (map[ref.Story][]feed.Alternate, error) {
	var twins []ref.Story
	for _, p := range places {
		if p.Twin != 0 {
			twins = append(twins, p.Twin)
		}
	}
	if len(twins) > 0 { // a first translation is in an edition where there is none yet
		for _, e := range r.house.editions {
			r.saw(ref.LatestTag(e.Key))
		}
	}
	byTwin := map[ref.Story]map[string]string{}
	for some := range slices.Chunk(twins, namesAtOnce) {
		found, err := story.TwinPlaces(r.tx, some)
		if err != nil {
			return nil, fmt.Errorf("read the other languages: %w", err)
		}
		for _, p := range found {
			if byTwin[p.Twin] == nil {
				byTwin[p.Twin] = map[string]string{}
			}
			byTwin[p.Twin][p.Edition] = r.placeAddress(p)
		}
	}
	all := map[ref.Story][]feed.Alternate{}
	for twin, addresses := range byTwin {
		all[twin] = r.alternatesOf(addresses)
	}
	return all, nil
}

func (r *reading) placeAddress(p story.Place) string {
	return r.house.address(story.Card{Edition: p.Edition, Section: p.Section, Genre: p.Genre, Slug: p.Slug})
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
			fresh = append(fresh, feed.NewsAddress{Location: r.origin + r.house.address(c), Title: r.plain(c.Headline), Published: c.Published})
		}
	}
	out := &answer{kind: xmlType, body: feed.NewsSitemap(r.here.Title, r.here.Language, fresh)}
	out.until = r.now.Add(time.Hour)
	return out, nil
}

// standingSitemap lists what always stands in an edition: its front and lists,
// sections, topics, authors and standing pages. It says when something changed
// only where that is known.
func (s *Site) standingSitemap(r *reading) (*answer, error) {
	r.saw(ref.LatestTag(r.here.Key), ref.TopicsTag)
	var all []feed.Address
	for _, step := range []func() ([]feed.Address, error){r.standingLists, r.standingSections, r.standingTopics, r.standingAuthors, r.standingPages} {
		some, err := step()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	out, _ := feed.Sitemap(all)
	return &answer{kind: xmlType, body: out}, nil
}

// newest is when the first story of a list was published.
func newest(read func(story.Cursor, int) ([]story.Card, error)) (time.Time, error) {
	cards, err := read(story.Cursor{}, 1)
	if err != nil || len(cards) == 0 {
		return time.Time{}, err
	}
	return cards[0].Published, nil
}

// optional are departments that are listed where the paper has them.
var optional = []string{"most-viewed/day", "most-viewed/week", "most-viewed/month", "gallery/", "gallery/photo", "gallery/film"}

// offers tells whether there is a page at an address behind the edition's key:
// one of the paper's own, not one that a section happens to have.
func (s *Site) offers(address string) bool {
	segments := append([]string{"any"}, strings.Split(address, "/")...)
	for n := range s.table {
		if names, slash, ok := match(s.table[n].pattern, segments); ok {
			return names["section"] == "" && slash == (segments[len(segments)-1] == "")
		}
	}
	return false
}

func (r *reading) standingLists() ([]feed.Address, error) {
	changed, err := newest(func(c story.Cursor, n int) ([]story.Card, error) { return story.Latest(r.tx, r.here.Key, c, n) })
	if err != nil {
		return nil, err
	}
	home := r.origin + "/" + r.here.Key + "/"
	all := []feed.Address{
		{Location: home, Changed: changed, Alternates: r.alternatesOf(r.house.fronts())}, {Location: home + "latest/", Changed: changed},
		{Location: home + "in-focus/"}, {Location: home + "corrections"},
	}
	ranked, err := r.rankings(0, func(readership.Span) int { return 1 })
	if err != nil {
		return nil, err
	}
	for _, o := range optional {
		span, viewed := strings.CutPrefix(o, "most-viewed/")
		empty := viewed && !slices.ContainsFunc(ranked, func(one Ranking) bool { return one.Span == span })
		if r.site.offers(o) && !empty {
			all = append(all, feed.Address{Location: home + o})
		}
	}
	return all, nil
}

// alternatesOf is languages as sitemaps have them.
func (r *reading) alternatesOf(addresses map[string]string) []feed.Alternate {
	var all []feed.Alternate
	for _, a := range r.languages(addresses) {
		all = append(all, feed.Alternate{Language: a.Lang, Location: a.Href})
	}
	return all
}

func (r *reading) standingSections() ([]feed.Address, error) {
	var all []feed.Address
	for _, in := range r.here.bySlug {
		r.saw(in.ID.Tag())
		changed, err := newest(r.inSection(in))
		if err != nil {
			return nil, err
		}
		all = append(all, feed.Address{Location: r.origin + sectionAddress(in), Changed: changed})
	}
	slices.SortFunc(all, func(a, b feed.Address) int { return cmp.Compare(a.Location, b.Location) })
	return all, nil
}

// standingTopics are those that have a page: with a definition, or a story.
func (r *reading) standingTopics() ([]feed.Address, error) {
	var all []feed.Address
	for before := ref.Topic(0); len(all) < feed.MaxAddresses; {
		some, err := topic.All(r.tx, before, namesAtOnce)
		if err != nil || len(some) == 0 {
			return all, err
		}
		before = some[len(some)-1].ID
		ids := make([]ref.Topic, len(some))
		for n, t := range some {
			ids[n] = t.ID
		}
		told, err := story.ToldIn(r.tx, r.here.Key, ids)
		if err != nil {
			return nil, fmt.Errorf("read which topics have stories: %w", err)
		}
		for _, t := range some {
			words, ok := t.Words[r.here.Language]
			if _, has := slices.BinarySearch(told, t.ID); ok && t.Merged == 0 && (has || words.Definition != "") {
				all = append(all, feed.Address{Location: r.origin + join(r.here.Key, "topic", words.Slug), Alternates: r.alternatesOf(r.topicAddresses(t))})
			}
		}
	}
	return all, nil
}

func (r *reading) standingAuthors() ([]feed.Address, error) {
	var all []feed.Address
	for before := ref.Author(0); len(all) < feed.MaxAddresses; {
		some, err := author.All(r.tx, before, namesAtOnce)
		if err != nil || len(some) == 0 {
			return all, err
		}
		before = some[len(some)-1].ID
		ids := make([]ref.Author, len(some))
		for n, a := range some {
			ids[n] = a.ID
		}
		signed, err := story.SignedIn(r.tx, r.here.Key, ids)
		if err != nil {
			return nil, fmt.Errorf("read which authors have stories: %w", err)
		}
		for _, a := range some {
			words, ok := a.Words[r.here.Language]
			if _, has := slices.BinarySearch(signed, a.ID); ok && (has || words.Bio != "") {
				r.saw(a.ID.Tag())
				all = append(all, feed.Address{Location: r.origin + join(r.here.Key, "author", words.Slug)})
			}
		}
	}
	return all, nil
}

func (r *reading) standingPages() ([]feed.Address, error) {
	var all []feed.Address
	for _, p := range r.here.pages {
		r.saw(p.ID.Tag())
		all = append(all, feed.Address{Location: r.origin + r.house.address(p), Changed: changedAt(p), Alternates: r.alternatesOf(r.pageAddresses(p))})
	}
	return all, nil
}
