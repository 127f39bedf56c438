package ref

import "strings"

// reserved are the words that stand in the paper's own addresses.
var reserved = map[string]bool{
	"latest": true, "genre": true, "in-focus": true, "topic": true, "most-viewed": true,
	"gallery": true, "map": true, "author": true, "archive": true, "search": true,
	"corrections": true, "about": true, "versions": true, "comments": true, "photo": true,
	"film": true, "day": true, "week": true, "month": true, "embed": true, "changes": true,
	"desk": true, "api": true, "media": true, "assets": true, "view": true, "healthz": true,
	"readyz": true, "metrics": true, "feed": true, "atom": true, "sitemap": true,
	"saved": true, "offline": true,
}

// Reserved tells whether a slug is a word of the paper's own addresses, which
// no section, story, topic or author can take.
func Reserved(slug string) bool {
	return reserved[slug] || strings.ContainsAny(slug, "./?#%\\")
}
