package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// usual are the names that columns and keys usually have, by our field, the
// likeliest first. They are compared in lower case, with _ for spaces and
// hyphens.
var usual = map[string][]string{
	"headline":   {"headline", "title", "headline_text", "heading", "post_title"},
	"short":      {"short_headline", "short_title"},
	"standfirst": {"standfirst", "abstract", "summary", "description", "excerpt", "lead", "lede", "dek", "subtitle"},
	"kicker":     {"kicker", "overline", "rotitr"},
	"dateline":   {"dateline"},
	"body":       {"body", "text", "content", "paragraphs", "body_text", "full_text", "fulltext", "maintext", "article", "article_text"},
	"html":       {"html", "body_html", "content_html", "content:encoded", "html_content"},
	"date":       {"date", "publish_date", "published", "published_at", "pubdate", "publication_date", "date_published", "datepublished", "datetime", "timestamp", "created_at", "created", "time"},
	"updated":    {"updated", "updated_at", "modified", "modified_at", "date_modified", "datemodified", "last_modified"},
	"url":        {"url", "link", "permalink", "canonical", "canonical_url", "href"},
	"id":         {"id", "code", "guid", "uuid", "article_id", "news_id", "key"},
	"section":    {"section", "category", "categories", "cat", "rubric", "department"},
	"subsection": {"subsection", "subcategory", "sub_category", "subcat"},
	"topics":     {"topics", "tags", "keywords", "labels", "subjects"},
	"author":     {"author", "authors", "byline", "by", "writer", "reporter", "creator", "dc:creator", "author.name", "member.name", "creator.name"},
	"source":     {"source", "publisher", "publication", "agency", "site", "domain", "source.name", "publisher.name"},
	"slug":       {"slug"},
	"genre":      {"genre"},
}

// columns says where the fields of a file stand.
type columns struct {
	// paths are the places of each field in the order in which to look.
	paths map[string][]string
	// seen counts in how many rows each path has a value.
	seen  map[string]int
	given map[string]string
}

func newColumns(given map[string]string) (*columns, error) {
	for field := range given {
		if usual[field] == nil {
			return nil, &Fault{Reason: fmt.Sprintf("there is no field %q; the fields are %s", field, strings.Join(slices.Sorted(maps.Keys(usual)), ", "))}
		}
	}
	return &columns{seen: map[string]int{}, given: given}, nil
}

// mostPaths is how many different keys are looked at.
const mostPaths = 2_000

// see counts the paths of a row.
func (c *columns) see(cells map[string]any) {
	for key, v := range cells {
		c.count(key, v)
		if inner, ok := v.(map[string]any); ok {
			for name, v := range inner {
				c.count(key+"."+name, v)
			}
		}
	}
}

func (c *columns) count(path string, v any) {
	if _, known := c.seen[path]; !known && len(c.seen) >= mostPaths {
		return
	}
	n := 0
	if v != nil && v != "" {
		n = 1
	}
	c.seen[path] += n
}

// settle decides where each field stands, and names the paths that are not
// read at all.
func (c *columns) settle() (unread []string, err error) {
	byName := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(c.seen)) {
		if name := usualName(path); byName[name] == "" {
			byName[name] = path
		}
	}
	c.paths = map[string][]string{}
	taken := map[string]bool{}
	for field, path := range c.given {
		taken[path] = true
		if _, there := c.seen[path]; path != "" && !there {
			return nil, &Fault{Reason: fmt.Sprintf("no item has %q, which was named for the %s; there are %s", path, field, c.names())}
		}
		if path != "" {
			c.paths[field] = []string{path}
		}
	}
	for field, names := range usual {
		if _, given := c.given[field]; given {
			continue
		}
		for _, name := range names {
			if path, ok := byName[name]; ok && !taken[path] {
				c.paths[field] = append(c.paths[field], path)
				taken[path] = true
			}
		}
	}
	return c.unread(taken), nil
}

// unread lists the paths that hold values and are no field's.
func (c *columns) unread(taken map[string]bool) []string {
	var list []string
	for path, n := range c.seen {
		whole, _, _ := strings.Cut(path, ".")
		if n > 0 && !taken[path] && !taken[whole] && !c.parent(path) {
			list = append(list, path)
		}
	}
	slices.Sort(list)
	return list
}

// parent tells whether the keys under a path are listed by themselves.
func (c *columns) parent(path string) bool {
	for other := range c.seen {
		if strings.HasPrefix(other, path+".") {
			return true
		}
	}
	return false
}

// names lists the paths for a sentence.
func (c *columns) names() string {
	list := slices.Sorted(maps.Keys(c.seen))
	if len(list) > 30 {
		list = append(list[:30], "…")
	}
	return strings.Join(list, ", ")
}

func usualName(path string) string {
	return strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(strings.TrimSpace(path)))
}

// at finds the value of a path.
func at(cells map[string]any, path string) any {
	if v, ok := cells[path]; ok {
		return v
	}
	whole, rest, nested := strings.Cut(path, ".")
	if inner, ok := cells[whole].(map[string]any); ok && nested {
		return at(inner, rest)
	}
	return nil
}

// value is the first that a row has for a field.
func (c *columns) value(cells map[string]any, field string) any {
	for _, path := range c.paths[field] {
		switch v := at(cells, path).(type) {
		case nil:
		case string:
			if strings.TrimSpace(v) != "" {
				return v
			}
		case []any:
			if len(v) > 0 {
				return v
			}
		default:
			return v
		}
	}
	return nil
}

// text is a field's value as one text.
func (c *columns) text(cells map[string]any, field string) string {
	return joined(c.value(cells, field), "\n\n")
}

func joined(v any, by string) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case []any:
		var parts []string
		for _, part := range v {
			if s := joined(part, by); strings.TrimSpace(s) != "" {
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, by)
	case map[string]any:
		for _, name := range []string{"name", "title", "text", "value", "$oid"} {
			if inner, ok := v[name]; ok {
				return joined(inner, by)
			}
		}
	}
	return ""
}

// list is a field's value as several names: an array, or what commas part.
func (c *columns) list(cells map[string]any, field string) []string {
	v := c.value(cells, field)
	all, ok := v.([]any)
	if !ok {
		if s, isText := v.(string); isText {
			return parted(s)
		}
		all = []any{v}
	}
	var names []string
	for _, part := range all {
		if s := strings.TrimSpace(joined(part, " ")); s != "" {
			names = append(names, s)
		}
	}
	return names
}

// parted cuts a list written as text; it may be one of JSON or Python.
func parted(s string) []string {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = strings.NewReplacer("'", "", `"`, "").Replace(s[1 : len(s)-1])
	}
	var names []string
	for _, name := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;|،؛\n", r) }) {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}
