package site

import (
	"html/template"
	"time"

	"broadsheet/internal/news/asset"
)

// The structs of this file are the contract with themes: what a template gets,
// and all it gets. They hold finished words, in the edition's language, digits
// and calendar; a template only places them. Version: ContractVersion.

// ContractVersion counts incompatible changes of the values templates get.
const ContractVersion = 1

// Link is a text with an address.
type Link struct {
	Text, Href string
	// Current says that the link leads to the page it stands on, or to the
	// section that holds it.
	Current bool
}

// Time is a moment, ready to print.
type Time struct {
	// ISO is the Gregorian form for machines, with the edition's offset.
	ISO string
	// Text is the short form for lists: a clock time on the edition's day,
	// else day and month, else with the year.
	Text string
	// Long is the full date with its weekday, in timelines; empty elsewhere.
	Long string
}

// Stamp is the full date of a story.
type Stamp struct {
	ISO string
	// Date has the weekday, in the edition's first calendar.
	Date string
	// Second is the date in the second calendar; empty when there is none.
	Second string
	Clock  string
	// Zone names the clock's place, as "Tehran" or "GMT".
	Zone string
}

// Picture is a picture in the sizes that exist.
type Picture struct {
	Src, Srcset   string
	Width, Height int
	Alt           string
	Caption       string
	Credit        string
}

// Card is a story in a list.
type Card struct {
	// Genre is news, analysis, opinion, interview, report, explainer, photo,
	// film or live.
	Genre string
	// Label is the genre in words; empty for news, which has none.
	Label      string
	Section    Link
	Kicker     string
	Headline   string
	Href       string
	Standfirst string
	// Byline is set where a card must show who speaks: analysis, opinion,
	// interview.
	Byline []Link
	Time   Time
	// Picture is nil when the story has none.
	Picture *Picture
	// Extent says how many pictures a photo story has, or how long a film is;
	// empty elsewhere.
	Extent string
	// Dir is "ltr" or "rtl" when the headline runs against the edition.
	Dir string
	// Excerpt is a passage around the words searched for, on result pages.
	Excerpt []Passage
	// Marked is the headline with the words searched for, on result pages.
	Marked []Passage
}

// Passage is a piece of text of a search result.
type Passage struct {
	Text string
	// Hit says that the reader searched for it.
	Hit bool
}

// Topic is a topic in a list, with its definition.
type Topic struct {
	Name, Href, Definition string
	Picture                *Picture
	// Stories counts what is published on it, in the edition's digits.
	Stories string
	// Latest is the newest story on it, where the list shows one.
	Latest *Card
}

// Tongue is another edition in the language switch.
type Tongue struct {
	Name, Lang, Dir, Href string
	Current               bool
	// Same says that Href is this very story in the other language; without
	// it the link leads to that edition's front.
	Same bool
	// Note says so in that language, on the pages of stories: what is written here
	// is not there, and the link leads to the front.
	Note string
}

// Alternate is a page in another language, for machines.
type Alternate struct{ Lang, Href string }

// Meta is one property of the page for machines, as Open Graph has them.
type Meta struct{ Property, Content string }

// Feed is a feed of what the page lists.
type Feed struct{ Title, Href, Type string }

// Column is a column of the footer.
type Column struct {
	Title string
	Links []Link
}

// Frame is what every page has around its own matter.
type Frame struct {
	// Key, Lang and Dir are the edition's, as "fa", "fa", "rtl".
	Key, Lang, Dir string
	// Digits are those of the edition: latn, arab or arabext.
	Digits string
	// Paper is the publication's title in the edition's language.
	Paper, Motto string
	Home         string
	// Title is the page's title for the window, without the paper's name.
	Title, Description string
	Canonical          string
	Alternates         []Alternate
	Metas              []Meta
	// Named are those that programs look for under a name, as twitter:card.
	Named []Meta
	Feeds []Feed
	// Manifest and OpenSearch are where the edition is described as a web app and
	// as a search.
	Manifest, OpenSearch string
	// NoIndex asks search engines to leave the page out.
	NoIndex bool
	// Data is the page's JSON-LD; nil when there is none.
	Data any
	// Today is the edition's date when the page was made.
	Today   Stamp
	Tongues []Tongue
	// Nav are the sections, Side the other departments of the paper.
	Nav, Side []Link
	Columns   []Column
	// SearchAction is where the search form leads, Query what was asked.
	SearchAction, Query string
	Year                string
	// Saved is the address of the stories that the reader saved.
	Saved string
}

// The parts of the paper that stand around stories and on fronts, each with a life
// of its own. A part with nothing in it is not there.

// ChoicePart is Editor's Choice.
type ChoicePart struct{ Cards []Card }

// LatestPart is everything, newest first, untouched by hand.
type LatestPart struct {
	Cards []Card
	URL   string
	// Zone names the place of the clock times.
	Zone string
}

// ViewedPart is what readers opened most.
type ViewedPart struct {
	// Title names the part, with the section where it is a section's.
	Title string
	URL   string
	// Rankings are those of day, week and month that have stories.
	Rankings []Ranking
}

// Ranking is a list of what readers opened most within a span.
type Ranking struct {
	// Span is day, week or month; Title says it in words, Tab in one.
	Span, Title, Tab string
	Cards            []Card
	// Href is the page of the span; First marks the ranking that is shown first.
	Href  string
	First bool
}

// FocusPart are topics that the paper follows.
type FocusPart struct {
	Topics []Topic
	URL    string
}

// GalleryPart are photo stories and films.
type GalleryPart struct {
	Cards []Card
	URL   string
}

// LivePart is what is being told live.
type LivePart struct{ Cards []Card }

// Band is a container of the front: a title and its cards, or parts.
type Band struct {
	// Kind is how the band is set: news, analysis, opinion, explainers, section,
	// gallery; or what its part is: most-viewed, in-focus, map; or pair, of
	// most-viewed with in-focus beside it.
	Kind  string
	Title string
	// Note is one line under the title; empty when there is none.
	Note string
	More Link
	// Cards come in the order they stand; the first are the largest.
	Cards []Card
	// Parts are set where the band is made of them.
	Parts []template.HTML
}

// FrontPage is the front of an edition.
type FrontPage struct {
	Frame
	// Live is the part that tells of what is being told live.
	Live template.HTML
	// Lead is nil on an empty front.
	Lead *Card
	// MoreOn are stories set under the lead.
	MoreOn []Card
	Choice []Card
	Latest []Card
	// LatestURL is the page of everything, newest first; Zone the place of its
	// clock times.
	LatestURL, Zone string
	Bands           []Band
}

// ListPage is a page that is mostly a list: a section, a genre, the latest, a
// topic's or an author's stories.
type ListPage struct {
	Frame
	Heading string
	// Note explains the list in a sentence; may be empty.
	Note string
	// Top are the stories that lead a section's first page; they are not in Cards.
	Top []Card
	// Choice are those that its editors chose beside them.
	Choice []Card
	Cards  []Card
	// Tabs lead to lists beside this one; may be empty.
	Tabs []Link
	// Ticker asks for time, headline and section alone: everything, untouched
	// by hand.
	Ticker bool
	// Older and Newer lead on and back; empty at the ends.
	Older, Newer string
	// Empty says in a sentence why there is nothing, when there is nothing.
	Empty string
	Focus []Topic
	// Viewed is what readers opened most here, a part.
	Viewed template.HTML
	// Zone names the place of clock times; empty when none is shown.
	Zone string
}

// TopicPage is all about one topic.
type TopicPage struct {
	ListPage
	// Definition is one to three sentences; empty for an ordinary tag.
	Definition string
	// Aliases are other names of it.
	Aliases []string
	Picture *Picture
	// About says at length what it is, in paragraphs.
	About []string
	// Facts are its key facts; Checked is when they were last held against their
	// sources, nil where nobody said.
	Facts     []Fact
	Checked   *Stamp
	Questions []Question
	// Count says how many stories there are on it.
	Count string
	// Related are topics near this one: those with a definition, and the names of
	// others.
	Related []Topic
	Beside  []Link
}

// Fact is a key fact of a topic.
type Fact struct{ Name, Value string }

// Question is one that readers ask about a topic, with its answer.
type Question struct{ Question, Answer string }

// MostViewedPage is what readers opened most: day, week and month, the asked one
// first.
type MostViewedPage struct {
	Frame
	Heading, Note string
	Rankings      []Ranking
	// Sections lead to the same lists of each section.
	Sections []Link
	// Method leads to how it is counted; nil where no page says so.
	Method *Link
	Empty  string
}

// GalleryPage lists photo stories and films.
type GalleryPage struct {
	ListPage
	// Kind is all, photo or film.
	Kind string
}

// ArchivePage is what was published on a day.
type ArchivePage struct {
	Frame
	// Day is the day in words; its ISO form is the one of the address.
	Day   Stamp
	Cards []Card
	Zone  string
	// Earlier and Later lead to the days before and after on which something was
	// published; nil at the ends.
	Earlier, Later *Link
	Month          Month
	// More leads on where a day has more stories than a page.
	More string
}

// Month is a leaf of the edition's calendar.
type Month struct {
	// Title is the month with its year; Weekdays begin with the week's first.
	Title    string
	Weekdays []Weekday
	// Weeks have seven days each; those of other months are empty.
	Weeks [][]MonthDay
	// Earlier and Later lead to the months before and after; nil at the ends.
	Earlier, Later *Link
}

// Weekday is the head of a column of the calendar.
type Weekday struct{ Name, Short string }

// MonthDay is a day of the calendar: its number, and its address where something
// was published on it.
type MonthDay struct {
	Number, Href string
	Current      bool
}

// AuthorPage is all by one author.
type AuthorPage struct {
	ListPage
	Bio string
	// Covers says in a line what the author writes about; House that the byline is
	// the paper's own.
	Covers  string
	House   bool
	Picture *Picture
}

// Letter is a group of the topics' index.
type Letter struct {
	Letter string
	Topics []Link
}

// FocusPage lists the topics that the paper follows, then all others that have
// a definition, A to Z.
type FocusPage struct {
	Frame
	Topics  []Topic
	Letters []Letter
}

// SearchPage answers a search.
type SearchPage struct {
	ListPage
	// Count says how many were found, in words; empty when nothing was asked.
	Count string
	// Elsewhere leads to what other editions have on the words.
	Elsewhere []Elsewhere
	// Fault says what is wrong with the query; empty when nothing is.
	Fault string
	// Suggestion is what may have been meant; nil when there is nothing better.
	Suggestion *Link
	// Sorted says how the answers are ordered, Sort leads to the other order.
	Sorted string
	Sort   Link
	// Facets narrow the answers; Bounded says how many answers their counts are of
	// when they are not of all.
	Facets  []Facet
	Bounded string
	// From and To are days as forms have them, 2026-03-20, or where DayExample says how
	// days are typed, as it does.
	From, To string
	// DayExample is a day in the edition's calendar, for fields in which days are typed;
	// empty where the browser's own fields have that calendar.
	DayExample string
	// Kept are the fields that the form of the facets has beside them.
	Kept []Kept
	// Chosen are the filters that hold, each with the address without it; Anew is
	// the address without any, empty when there is none.
	Chosen []Link
	Anew   string
	// Hints help a reader whose search found nothing, Onward leads on.
	Hints  []string
	Onward []Link
}

// Facet is a list of filters of one kind.
type Facet struct {
	// Name is the field's name; empty for a facet of links.
	Name, Title string
	Options     []Option
}

// Option is a filter with the number of answers that it leaves.
type Option struct {
	Value, Text, Count string
	// Href is the address with the filter, in a facet of links.
	Href   string
	Chosen bool
}

// Kept is a field that a form keeps.
type Kept struct{ Name, Value string }

// Elsewhere is what another edition has, in its own words.
type Elsewhere struct{ Text, Href, Lang, Dir string }

// StoryPage is a story.
type StoryPage struct {
	Frame
	Genre, Label string
	Section      Link
	// MainTopic stands beside the section in the kicker; nil when there is
	// none.
	MainTopic  *Link
	Kicker     string
	Headline   string
	HeadDir    string
	Standfirst string
	Byline     []Link
	Dateline   string
	// Published is the first publication; Updated is nil until the text
	// changed.
	Published Stamp
	Updated   *Stamp
	// Also says in which other languages the story can be read, and Only that there
	// is none; both are empty where the paper has one edition.
	Also []Link
	Only string
	// Age says how old the story is when it is old enough to mislead.
	Age      string
	Reading  string
	Picture  *Picture
	Body     template.HTML
	Topics   []Link
	Share    []Link
	Related  []Card
	NewsBack *Card
	// Around are the parts of the paper around the story, in their order.
	Around []template.HTML
	// Reel are the pictures of a photo story.
	Reel []ReelPicture
	// Film is what a film story shows; nil elsewhere.
	Film *Film
	// Extent says how many pictures there are, or how long the film is.
	Extent string
	// Posts are those of a live story, newest first.
	Posts []Post
	// Last is when the newest post was written; Over says that no more will come.
	Last *Stamp
	Over bool
	// Imported names where an imported story came from; empty for our own.
	Imported string
	// Changes leads to what the last update changed; nil when there was none.
	Changes *Link
	// History leads to all versions; nil for a story that was published once.
	History *Link
	// Corrections are the story's, newest first.
	Corrections []Correction
	// Count is what the beacon of the page sends; empty where nothing is counted.
	Count string
	// lead is the record of the lead picture.
	lead asset.Asset
}

// ReelPicture is a picture of a photo story.
type ReelPicture struct {
	Picture
	// ID is where links to it lead; Place says which of how many it is.
	ID, Place string
}

// Film is a film with its captions.
type Film struct {
	Files         []FilmFile
	Tracks        []FilmTrack
	Width, Height int
	// Length is in words; Captions names the languages of the captions.
	Length, Captions string

	lasts time.Duration
}

// FilmFile is a film in one format.
type FilmFile struct{ Src, Type string }

// FilmTrack are captions; Default are those of the edition.
type FilmTrack struct {
	Src, Lang, Name string
	Default         bool
}

// Post is a post of a live story.
type Post struct {
	// ID is the part of its address behind the #.
	ID     string
	Time   Time
	Title  string
	Byline string
	Body   template.HTML
	// Dir is set where the title runs against the edition.
	Dir string
}

// Correction is a correction, with what readers are told of it.
type Correction struct {
	At   Stamp
	Note string
	// Compare leads to what changed.
	Compare string
	// Headline, Href, Dir and Section are those of the corrected story, in the
	// list of all corrections.
	Headline, Href, Dir string
	Section             Link
}

// CorrectionsPage lists the corrections of an edition, newest first.
type CorrectionsPage struct {
	Frame
	Heading, Note string
	Corrections   []Correction
	Older, Newer  string
	// Empty says that there is nothing, when there is nothing.
	Empty string
	// Atom is the address of the feed.
	Atom string
}

// Version is one publication of a story.
type Version struct {
	// Number is in the edition's digits.
	Number string
	At     Stamp
	// Kind is first, update, correction, typo, imported, restored or redacted;
	// Label says it in words.
	Kind, Label string
	// Note is what readers were told; may be empty.
	Note string
	// Href is the text as it was; Compare leads to what it changed, and is empty
	// for the first and where that may not be shown.
	Href, Compare string
	Current       bool
}

// VersionsPage is the history of a story, newest first.
type VersionsPage struct {
	Frame
	Headline, HeadDir string
	// Story is the address of the story as it is now.
	Story        string
	Versions     []Version
	Older, Newer string
}

// VersionPage is a story as it was once published.
type VersionPage struct {
	Frame
	Version Version
	// Banner says in a sentence that this is not the story as it is now, or that
	// it is.
	Banner string
	// Story is the address of the story as it is now, History that of all
	// versions.
	Story, History    string
	Genre, Label      string
	Section           Link
	Kicker            string
	Headline, HeadDir string
	Standfirst        string
	Byline            []Link
	Dateline          string
	Picture           *Picture
	Body              template.HTML
	Topics            []Link
}

// ComparePage shows what changed between two versions of a story.
type ComparePage struct {
	Frame
	Headline, HeadDir string
	Story, History    string
	Old, New          Version
	// Removed and Added count words, in words.
	Removed, Added string
	// Statement says why no change is shown, when none is.
	Statement string
	// Coarse says that some paragraphs are compared as wholes, when they are.
	Coarse string
	// First is the first change in the text; empty when there is none.
	First string
	// Fields are what changed beside the text: headline, byline, topics …
	Fields []Difference
	// Changes is the whole text, changed or not, in its order.
	Changes []Change
}

// Difference is a line of which something was removed or added.
type Difference struct {
	Name string
	// Body has what was removed in del and what was added in ins.
	Body template.HTML
	// Dir is "ltr" or "rtl" when it runs against the edition.
	Dir string
}

// Change is a part of the text that changed, or parts between which none did.
type Change struct {
	// ID is where links to the change lead; empty for what did not change.
	ID string
	// Kind is kept, removed, added, changed, moved or away, which is where a
	// part stood that moved; Label says it in words.
	Kind, Label string
	Body        template.HTML
	Details     []Difference
	// Next leads to the next change, Twin to the other place of what moved.
	Next, Twin string
	// Folded says in words how much did not change, where that may be folded
	// away.
	Folded string
}

// SavedPage lists the stories that the reader saved, by script, from the
// reader's own device; the page is the same for all.
type SavedPage struct {
	Frame
	// Heading and Note are of saved stories; on the page that is shown without a
	// connection they are of that.
	Heading, Note string
	// Offline says that it is that page.
	Offline bool
}

// PlainPage is a standing page, or the page of an error: a few sentences.
type PlainPage struct {
	Frame
	Heading    string
	Standfirst string
	Body       template.HTML
	// Status is the HTTP status for error pages, 0 otherwise.
	Status int
	// Onward leads on from an error.
	Onward []Link
}
