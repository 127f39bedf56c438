package site

import "time"

// Before has f run before each page of a pattern is made. Its error is the
// page's.
func (s *Site) Before(pattern string, f func() error) {
	for n := range s.table {
		route := &s.table[n]
		if route.pattern != pattern {
			continue
		}
		next := route.answer
		route.answer = func(r *reading) (*answer, error) {
			if err := f(); err != nil {
				return nil, err
			}
			return next(r)
		}
	}
}

// LiveBlogSample is a live blog with a post, as machines are told of it.
func LiveBlogSample(at time.Time) string {
	return sampleText(append(node{{"@type", "LiveBlogPosting"}}, liveCoverage(liveBlog{Began: at, Ended: at.Add(time.Hour), Posts: []livePost{
		{Address: "https://example.org/a#1", Headline: "A", Text: "B", At: at, Changed: at.Add(time.Minute), Authors: []node{{{"@type", "Person"}, {"name", "C"}}}},
	}})...))
}

// FilmSample is a film, as machines are told of it.
func FilmSample(at time.Time) string {
	return sampleText(filmData(film{Name: "A", Description: "B", Address: "https://example.org/a.webm", Type: "video/webm", Page: "https://example.org/a", Poster: "https://example.org/a.jpg",
		Published: at, Length: 61 * time.Second, Width: 1280, Height: 720, Transcript: "C", Language: "en", Credit: "D", Licence: "https://example.org/licence"}))
}

func sampleText(n node) string {
	text, err := n.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// What the sizes of sitemaps follow from. LongestSlug is of the room that makes
// slugs, in bytes.
const (
	PartSize    = partSize
	LongestSlug = 96
)

// Spelt waits until the words that are being read are read.
func (s *Site) Spelt() { s.spellings.work.Wait() }

// CutMonths has a sitemap of a month have n stories in a part.
func (s *Site) CutMonths(n int) { s.part = n }
