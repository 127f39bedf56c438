package site

import (
	"fmt"
	"time"
)

// What machines are told of coverage that goes on, and of films.

// liveBlog is coverage that goes on while it is read.
type liveBlog struct {
	Began time.Time
	// Ended is zero while it goes on.
	Ended time.Time
	// Posts are the newest first.
	Posts []livePost
}

// livePost is one post of a live blog.
type livePost struct {
	// Address is whole, with the place on the page.
	Address, Headline string
	// Text is plain.
	Text string
	At   time.Time
	// Authors sign the post where others than the story's do.
	Authors []node
}

// liveCoverage is what a LiveBlogPosting has beyond an article.
func liveCoverage(b liveBlog) node {
	var posts []node
	for _, p := range b.Posts {
		posts = append(posts, node{
			{"@type", "BlogPosting"}, {"@id", p.Address}, {"url", p.Address}, {"headline", p.Headline}, {"articleBody", p.Text},
			{"datePublished", moment(p.At)}, {"author", p.Authors},
		})
	}
	return node{{"coverageStartTime", moment(b.Began)}, {"coverageEndTime", moment(b.Ended)}, {"liveBlogUpdate", posts}}
}

// moment is a time as schema.org has it; nothing for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// film is a moving picture of ours.
type film struct {
	Name, Description string
	// Address is the file, Type its media type; Page is where it is shown, Poster
	// a picture of it. All are whole addresses.
	Address, Type, Page, Poster string
	Published                   time.Time
	Length                      time.Duration
	Width, Height               int
	// Language is that of the speech.
	Language        string
	Credit, Licence string
}

// filmData is a film as machines are told of it.
func filmData(f film) node {
	return node{
		{"@type", "VideoObject"}, {"@id", f.Page + "#film"}, {"url", f.Page}, {"name", f.Name}, {"description", f.Description},
		{"thumbnailUrl", f.Poster}, {"uploadDate", moment(f.Published)}, {"duration", duration(f.Length)}, {"contentUrl", f.Address},
		{"encodingFormat", f.Type}, {"width", pixels(f.Width)}, {"height", pixels(f.Height)}, {"inLanguage", f.Language},
		{"creditText", f.Credit}, {"copyrightNotice", f.Credit}, {"license", licence(f.Licence)}, {"isAccessibleForFree", true},
	}
}

// duration is a length of time as ISO 8601 has it.
func duration(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	seconds := int(d.Round(time.Second) / time.Second)
	return fmt.Sprintf("PT%dM%dS", seconds/60, seconds%60)
}
