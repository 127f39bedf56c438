package feed_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/web/feed"
)

// element is one of an XML document, with its place: channel>item>title.
type element struct {
	path  string
	space string
	attr  map[string]string
	text  string
}

// elements lists a document's elements in the order in which they end.
func elements(t *testing.T, document []byte) []element {
	t.Helper()
	var all, open []element
	for decoder := xml.NewDecoder(bytes.NewReader(document)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch v := token.(type) {
		case xml.StartElement:
			e := element{path: v.Name.Local, space: v.Name.Space, attr: map[string]string{}}
			if len(open) > 0 {
				e.path = open[len(open)-1].path + ">" + e.path
			}
			for _, a := range v.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			open = append(open, e)
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(v)
			}
		case xml.EndElement:
			all = append(all, open[len(open)-1])
			open = open[:len(open)-1]
		}
	}
}

var (
	rfc822   = regexp.MustCompile(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$`)
	absolute = regexp.MustCompile(`^(https?://|urn:uuid:)[!-~]+$`)
	tag      = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// TestFeedsKeepTheRulesOfTheirValidator holds RSS and Atom to the rules that the
// W3C's feed validator judges by, as far as our feeds could break them.
func TestFeedsKeepTheRulesOfTheirValidator(t *testing.T) {
	empty := feed.Feed{Title: "Empty", Description: "Nothing yet", Language: "en", Home: "https://example.org/en/", Self: "https://example.org/en/atom.xml"}
	for _, in := range []feed.Feed{issue("en"), issue("ar"), issue("fa"), empty} {
		for _, fault := range append(rssFaults(elements(t, feed.RSS(in)), in.Self), atomFaults(elements(t, feed.Atom(in)), in.Self)...) {
			t.Errorf("%s %s: %s", in.Language, in.Title, fault)
		}
	}
	for _, spoil := range []func(string) string{
		func(s string) string { return strings.Replace(s, "Fri, 20 Mar", "Fri 20 March", 1) },
		func(s string) string { return strings.Replace(s, "urn:uuid:", "number ", 1) },
		func(s string) string { return strings.Replace(s, `rel="self"`, `rel="me"`, 1) },
		func(s string) string {
			return strings.ReplaceAll(s, "00000000-0000-8000-8002", "00000000-0000-8000-8001")
		},
		func(s string) string { return regexp.MustCompile(`<link>[^<]*/en/</link>`).ReplaceAllString(s, "") },
		func(s string) string { return strings.Replace(s, ` width="1280"`, ` width="wide"`, 1) },
		func(s string) string { return strings.Replace(s, `<language>en`, `<language>English tongue`, 1) },
	} {
		if wrong := spoil(string(feed.RSS(issue("en")))); len(rssFaults(elements(t, []byte(wrong)), issue("en").Self)) == 0 {
			t.Errorf("a spoiled feed is taken for a good one:\n%s", wrong)
		}
	}
	for _, spoil := range []func(string) string{
		func(s string) string { return strings.Replace(s, "<updated>2026", "<updated>soon", 1) },
		func(s string) string { return strings.Replace(s, "<updated>2026", "<updated>1970", 1) },
		func(s string) string { return strings.Replace(s, `rel="self"`, `rel="me"`, 1) },
		func(s string) string { return strings.Replace(s, `xml:lang="en"`, `xml:lang=""`, 1) },
		func(s string) string {
			return strings.ReplaceAll(s, "00000000-0000-8000-8002", "00000000-0000-8000-8001")
		},
		func(s string) string { return regexp.MustCompile(`<author>.*</author>`).ReplaceAllString(s, "") },
	} {
		if wrong := spoil(string(feed.Atom(issue("en")))); len(atomFaults(elements(t, []byte(wrong)), issue("en").Self)) == 0 {
			t.Errorf("a spoiled feed is taken for a good one:\n%s", wrong)
		}
	}
}

// counted tells how often a path stands in a document.
func counted(all []element, path string) (n int) {
	for _, e := range all {
		if e.path == path {
			n++
		}
	}
	return n
}

func rssFaults(all []element, self string) (faults []string) {
	say := func(ok bool, what string) {
		if !ok {
			faults = append(faults, what)
		}
	}
	for _, path := range []string{"rss>channel>title", "rss>channel>description", "rss>channel>language"} {
		say(counted(all, path) == 1, "there must be one "+path)
	}
	home, own, guids, written := 0, 0, map[string]bool{}, false
	for _, e := range all {
		switch e.path {
		case "rss>channel>link":
			if e.space == "" {
				home++
				say(absolute.MatchString(e.text), "the home is no address")
			} else if e.attr["rel"] == "self" {
				own++
				say(e.attr["href"] == self, "the feed's own address is another")
			}
		case "rss>channel>language":
			say(tag.MatchString(e.text), "the language is none")
		case "rss>channel>lastBuildDate", "rss>channel>item>pubDate":
			say(rfc822.MatchString(e.text), e.path+" is no time of RFC 822")
		case "rss>channel>item>link":
			say(absolute.MatchString(e.text), "an item's link is no address")
		case "rss>channel>item>guid":
			say(!guids[e.text] && absolute.MatchString(e.text), "a guid is not one item's alone, or no URI")
			guids[e.text] = true
		case "rss>channel>item>description":
			written = true
		case "rss>channel>item>encoded":
			say(written, "the full text stands before the description")
		case "rss>channel>item>content":
			say(regexp.MustCompile(`^\d+ \d+$`).MatchString(e.attr["width"]+" "+e.attr["height"]) && absolute.MatchString(e.attr["url"]) && e.attr["medium"] == "image", "a picture is none")
		case "rss>channel>item":
			written = false
		}
	}
	say(home == 1 && own == 1, "the feed must have one home and one address")
	say(len(guids) == counted(all, "rss>channel>item"), "an item has no guid")
	return faults
}

func atomFaults(all []element, self string) (faults []string) {
	say := func(ok bool, what string) {
		if !ok {
			faults = append(faults, what)
		}
	}
	for _, path := range []string{"feed>id", "feed>title", "feed>updated"} {
		say(counted(all, path) == 1, "there must be one "+path)
	}
	say(counted(all, "feed>author>name") > 0, "nobody is the author")
	own, ids := 0, map[string]bool{}
	for _, e := range all {
		switch e.path {
		case "feed":
			say(tag.MatchString(e.attr["lang"]), "the language is none")
		case "feed>link":
			say(absolute.MatchString(e.attr["href"]), "a link is no address")
			if e.attr["rel"] == "self" {
				own++
				say(e.attr["href"] == self, "the feed's own address is another")
			}
		case "feed>updated", "feed>entry>updated", "feed>entry>published":
			at, err := time.Parse(time.RFC3339, e.text)
			say(err == nil && at.Year() >= 1990, e.path+" is no time that programs take for one")
		case "feed>entry>id":
			say(!ids[e.text] && absolute.MatchString(e.text), "an id is not one entry's alone, or no IRI")
			ids[e.text] = true
		case "feed>entry>author>uri":
			say(absolute.MatchString(e.text), "an author's page is no address")
		}
	}
	say(own == 1, "the feed must have one address")
	for _, path := range []string{"feed>entry>id", "feed>entry>title", "feed>entry>updated", "feed>entry>link"} {
		say(counted(all, path) == counted(all, "feed>entry"), "each entry must have one "+path)
	}
	return faults
}
