package site

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"broadsheet/internal/platform/lang"
)

// What programs read of the whole site: robots.txt, security.txt, OpenSearch and
// the manifest of the web app. Feeds and sitemaps have files of their own.

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

const plainType = "text/plain; charset=utf-8"

// robots says what crawlers may read (RFC 9309): everything but the answers to
// searches, and nothing for those that the owner refuses.
func (s *Site) robots(r *reading) (*answer, error) {
	var text strings.Builder
	for _, name := range s.refused {
		text.WriteString("User-agent: " + name + "\n")
	}
	if len(s.refused) > 0 {
		text.WriteString("Disallow: /\n\n")
	}
	text.WriteString("User-agent: *\n")
	for _, e := range r.house.editions {
		at := join(e.Key, "search")
		text.WriteString("Disallow: " + at + "$\nDisallow: " + at + "?\n")
	}
	text.WriteString("\nSitemap: " + r.origin + "/sitemap.xml\n")
	for _, e := range r.house.editions {
		text.WriteString("Sitemap: " + r.origin + join(e.Key, "sitemap-news.xml") + "\n")
	}
	return &answer{kind: plainType, body: []byte(text.String())}, nil
}

// securityMonths is how many months ahead security.txt expires, which must be
// within a year.
const securityMonths = 7

// security says where to tell of a weakness (RFC 9116): where the owner said, or
// else at the page with the paper's addresses.
func (s *Site) security(r *reading) (*answer, error) {
	contacts := s.contacts
	if here := r.house.first(); len(contacts) == 0 && here != nil {
		if page, ok := r.house.standing(here.Key, "contact", "contact-us", "about-us", "about"); ok {
			contacts = []string{r.origin + r.house.address(page)}
		}
	}
	if len(contacts) == 0 {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	var text strings.Builder
	for _, contact := range contacts {
		text.WriteString("Contact: " + contact + "\n")
	}
	month := monthOf(r.now)
	text.WriteString("Expires: " + month.AddDate(0, securityMonths, 0).Format(time.RFC3339) + "\n")
	text.WriteString("Preferred-Languages: " + strings.Join(r.house.spoken(), ", ") + "\n")
	text.WriteString("Canonical: " + r.origin + r.path + "\n")
	return &answer{kind: plainType, body: []byte(text.String()), until: month.AddDate(0, 1, 0)}, nil
}

// spoken are the languages of all editions, each once.
func (h *house) spoken() []string {
	var all []string
	for _, e := range h.editions {
		if !slices.Contains(all, e.Language) {
			all = append(all, e.Language)
		}
	}
	return all
}

// Limits of OpenSearch 1.1, in characters.
const (
	shortName = 16
	longName  = 48
)

// What OpenSearch 1.1 calls things.
type (
	openSearch struct {
		XMLName        xml.Name        `xml:"http://a9.com/-/spec/opensearch/1.1/ OpenSearchDescription"`
		ShortName      string          `xml:"ShortName"`
		LongName       string          `xml:"LongName"`
		Description    string          `xml:"Description"`
		Image          openSearchImage `xml:"Image"`
		URLs           []openSearchURL `xml:"Url"`
		Language       string          `xml:"Language"`
		InputEncoding  string          `xml:"InputEncoding"`
		OutputEncoding string          `xml:"OutputEncoding"`
	}
	openSearchImage struct {
		Width   int    `xml:"width,attr"`
		Height  int    `xml:"height,attr"`
		Type    string `xml:"type,attr"`
		Address string `xml:",chardata"`
	}
	openSearchURL struct {
		Type     string `xml:"type,attr"`
		Rel      string `xml:"rel,attr,omitempty"`
		Template string `xml:"template,attr"`
	}
)

const openSearchType = "application/opensearchdescription+xml"

// openSearch tells browsers how to search an edition; without one in the
// address, the default edition.
func (s *Site) openSearch(r *reading) (*answer, error) {
	if r.here == nil {
		r.here = r.house.first()
	}
	if r.here == nil {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	here := r.here
	description := openSearch{
		ShortName: lang.Clip(here.Title, shortName), LongName: lang.Clip(here.Title, longName), Description: r.words().T("search.title") + " · " + lang.Isolate(here.Title),
		Image: openSearchImage{512, 512, "image/png", r.assetAddress(iconFile)}, Language: here.Language, InputEncoding: "UTF-8", OutputEncoding: "UTF-8",
		URLs: []openSearchURL{
			{Type: "text/html", Rel: "results", Template: r.origin + join(here.Key, "search") + "?q={searchTerms}"},
			{Type: openSearchType, Rel: "self", Template: r.origin + r.path},
		},
	}
	text, err := xml.MarshalIndent(description, "", "  ")
	return &answer{kind: openSearchType + "; charset=utf-8", body: []byte(xml.Header + string(text) + "\n")}, err
}

// The colours of the page in the two schemes; base.css has them too.
const (
	lightGround = "#fbfaf7"
	darkGround  = "#141619"
)

// iconFile is the paper's mark as other programs show it.
const iconFile = "icon-512.png"

// What the manifest of a web app calls things.
type (
	manifest struct {
		ID          string     `json:"id"`
		Name        string     `json:"name"`
		ShortName   string     `json:"short_name"`
		Description string     `json:"description,omitempty"`
		Lang        string     `json:"lang"`
		Dir         string     `json:"dir"`
		StartURL    string     `json:"start_url"`
		Scope       string     `json:"scope"`
		Display     string     `json:"display"`
		Theme       string     `json:"theme_color"`
		Background  string     `json:"background_color"`
		Preferences prefers    `json:"user_preferences"`
		Icons       []icon     `json:"icons"`
		Shortcuts   []shortcut `json:"shortcuts"`
	}
	prefers struct {
		Dark colours `json:"color_scheme_dark"`
	}
	colours struct {
		Theme      string `json:"theme_color"`
		Background string `json:"background_color"`
	}
	icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	shortcut struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
)

// icons are the paper's mark in the sizes that phones ask for.
var icons = []icon{
	{"icon-192.png", "192x192", "image/png", "any"}, {iconFile, "512x512", "image/png", "any"},
	{"icon-maskable-512.png", "512x512", "image/png", "maskable"}, {"icon.svg", "any", "image/svg+xml", "any"},
}

// manifest lets a phone keep an edition beside its programs; without one in the
// address, the default edition.
func (s *Site) manifest(r *reading) (*answer, error) {
	if r.here == nil {
		r.here = r.house.first()
	}
	if r.here == nil {
		return nil, &fault{status: http.StatusNotFound, key: "error.missing"}
	}
	here := r.here
	home := "/" + here.Key + "/"
	m := manifest{
		ID: home, Name: here.Title, ShortName: lang.Clip(here.Title, 12), Description: r.plain(here.Motto), Lang: here.Language, Dir: here.Direction(),
		StartURL: home, Scope: "/", Display: "minimal-ui", Theme: lightGround, Background: lightGround,
		Preferences: prefers{colours{darkGround, darkGround}}, Shortcuts: r.shortcuts(home),
	}
	for _, i := range icons {
		if at, err := s.theme.Address(i.Src); err == nil {
			i.Src = at
			m.Icons = append(m.Icons, i)
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(m)
	return &answer{kind: "application/manifest+json", body: text.Bytes()}, err
}

// shortcuts are what a phone offers on the paper's mark.
func (r *reading) shortcuts(home string) []shortcut {
	words := r.words()
	all := []shortcut{{words.T("latest.title"), home + "latest/"}}
	if at := "most-viewed/day"; r.site.offers(at) {
		all = append(all, shortcut{words.T("manifest.viewed"), home + at})
	}
	return append(all, shortcut{words.T("search.title"), home + "search"})
}

// assetAddress is the whole address of a file of the theme; empty for one that it
// does not have.
func (r *reading) assetAddress(name string) string {
	at, err := r.site.theme.Address(name)
	if err != nil {
		return ""
	}
	return r.origin + at
}
