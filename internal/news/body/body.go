// Package body holds the text of a story: a list of typed blocks, from which
// HTML is made in one place. It is never HTML itself, and it knows nothing of
// stories, drafts or pictures beyond their identities.
package body

import (
	"strconv"
	"time"

	"broadsheet/internal/news/ref"
)

// What a body may measure.
const (
	MaxBytes    = 4 << 20 // of one body as JSON
	MaxBlocks   = 5_000
	MaxItems    = 2_000 // of a list, a gallery or key points
	MaxRows     = 2_000
	MaxColumns  = 50
	MaxNesting  = 8  // lists in lists
	MaxNodes    = 48 // levels of a foreign tree
	MaxAddress  = 4_096
	MaxKey      = 40
	MaxLine     = 2_000 // characters of a title, a label, an alternative text
	maxDocument = 160   // levels of JSON that all of the above can need
)

// Body is the text of a story.
type Body []Block

// Key names a block for life: comments, live links and comparisons point at
// it. It consists of letters, digits, - and _, and is unique in its body.
type Key string

// Block is one block of a body.
type Block struct {
	Key   Key
	Value Value
}

// Value is what a block holds: exactly one of the types of this package.
type Value interface{ kind() string }

// Lang says in which language a run or a block is, where it is not that of the
// edition.
type Lang struct {
	// Tag is a language tag of BCP 47, such as fa or zh-Hans.
	Tag string `json:"tag,omitempty"`
	// Dir is "ltr", "rtl" or empty, which leaves it to the text.
	Dir string `json:"dir,omitempty"`
}

// Paragraph is a paragraph of running text.
type Paragraph struct {
	Text Text `json:"text,omitempty"`
	Lang Lang `json:"lang,omitzero"`
}

// Subhead is a heading inside the text, of level 2 or 3.
type Subhead struct {
	Level int  `json:"level"`
	Text  Text `json:"text,omitempty"`
	Lang  Lang `json:"lang,omitzero"`
}

// Quote is a passage of another's words.
type Quote struct {
	Paragraphs  []Text `json:"paragraphs,omitempty"`
	Attribution Text   `json:"attribution,omitempty"`
	Lang        Lang   `json:"lang,omitzero"`
}

// PullQuote is a sentence of the story set large beside it.
type PullQuote struct {
	Text        Text `json:"text,omitempty"`
	Attribution Text `json:"attribution,omitempty"`
	Lang        Lang `json:"lang,omitzero"`
}

// List is a list of items, numbered when it is ordered.
type List struct {
	Ordered bool `json:"ordered,omitempty"`
	// Start is the first number; 0 means 1.
	Start int    `json:"start,omitempty"`
	Items []Item `json:"items,omitempty"`
	Lang  Lang   `json:"lang,omitzero"`
}

// Item is an item of a list, with the list that stands under it.
type Item struct {
	Text Text  `json:"text,omitempty"`
	List *List `json:"list,omitempty"`
}

// Figure is a picture with its caption.
type Figure struct {
	Asset ref.Asset `json:"asset,omitempty"`
	// Caption and Alt stand in for the picture's own words when they are set.
	Caption Text   `json:"caption,omitempty"`
	Alt     string `json:"alt,omitempty"`
}

// Table is a table of equally long rows.
type Table struct {
	Caption Text     `json:"caption,omitempty"`
	Head    []Text   `json:"head,omitempty"`
	Rows    [][]Text `json:"rows,omitempty"`
	Source  Text     `json:"source,omitempty"`
	// Numeric tells of each column whether it holds numbers; columns beyond
	// its end do not.
	Numeric []bool `json:"numeric,omitempty"`
	// Labelled says that the first cell of each row is its header.
	Labelled bool `json:"labelled,omitempty"`
}

// KeyPoints is a box with the story in a few lines.
type KeyPoints struct {
	// Title is empty for the edition's usual one.
	Title  string `json:"title,omitempty"`
	Points []Text `json:"points,omitempty"`
	Lang   Lang   `json:"lang,omitzero"`
}

// Preformatted is text whose spaces and line ends matter.
type Preformatted struct {
	Text Text `json:"text,omitempty"`
	Lang Lang `json:"lang,omitzero"`
}

// Rule is a break between two parts of the text.
type Rule struct{}

// Embed is something of another site that is shown as a link to it: readers
// fetch nothing from third parties unless they ask to.
type Embed struct {
	// Provider is the other site's name for readers, such as YouTube.
	Provider string `json:"provider,omitempty"`
	URL      string `json:"url"`
	Title    string `json:"title,omitempty"`
}

// Gallery is several pictures shown together.
type Gallery struct {
	Pictures []Figure `json:"pictures,omitempty"`
}

// File is a document, film or recording to open.
type File struct {
	Asset ref.Asset `json:"asset,omitempty"`
	Label string    `json:"label,omitempty"`
}

// NoteKind says what a note is.
type NoteKind string

// The kinds of notes.
const (
	EditorsNote   NoteKind = "editor"
	Correction    NoteKind = "correction"
	Clarification NoteKind = "clarification"
	Update        NoteKind = "update"
)

// Note is a word of the newsroom about the story.
type Note struct {
	Kind       NoteKind `json:"kind"`
	Title      string   `json:"title,omitempty"`
	Paragraphs []Text   `json:"paragraphs,omitempty"`
	Lang       Lang     `json:"lang,omitzero"`
}

// Definition is a box with what a topic is, in the topic's own words. A story
// that has it needs no card for the same topic in its text.
type Definition struct {
	Topic ref.Topic `json:"topic,omitempty"`
}

// Post begins a post of a live story: the blocks after it, up to the next one,
// are its own. See Posts.
type Post struct {
	At    time.Time `json:"at"`
	Title string    `json:"title,omitempty"`
	// Byline says in words who wrote it.
	Byline string `json:"byline,omitempty"`
}

// Foreign is an element of another system that has no block here. It keeps the
// element's sanitised tree, so that readers still see it.
type Foreign struct {
	// Origin is the other system, such as wordpress; Name is its own name for
	// the element, such as core/buttons.
	Origin string `json:"origin,omitempty"`
	Name   string `json:"name,omitempty"`
	Tree   []Node `json:"tree,omitempty"`
}

// Node is an element of a foreign tree, or a text when Element is empty.
type Node struct {
	Element    string            `json:"element,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
	// Asset is the picture that an img shows, once it is ours.
	Asset    ref.Asset `json:"asset,omitempty"`
	Children []Node    `json:"children,omitempty"`
	Text     string    `json:"text,omitempty"`
}

func (Paragraph) kind() string    { return "paragraph" }
func (Subhead) kind() string      { return "subhead" }
func (Quote) kind() string        { return "quote" }
func (PullQuote) kind() string    { return "pull-quote" }
func (List) kind() string         { return "list" }
func (Figure) kind() string       { return "figure" }
func (Table) kind() string        { return "table" }
func (KeyPoints) kind() string    { return "key-points" }
func (Preformatted) kind() string { return "preformatted" }
func (Rule) kind() string         { return "rule" }
func (Embed) kind() string        { return "embed" }
func (Gallery) kind() string      { return "gallery" }
func (File) kind() string         { return "file" }
func (Note) kind() string         { return "note" }
func (Definition) kind() string   { return "definition" }
func (Post) kind() string         { return "post" }
func (Foreign) kind() string      { return "foreign" }

// Kind returns the block's type as it stands in JSON.
func (b Block) Kind() string {
	if b.Value == nil {
		return ""
	}
	return b.Value.kind()
}

// Counter returns a mint of keys that are prefix1, prefix2 and so on.
func Counter(prefix string) func() Key {
	n := 0
	return func() Key {
		n++
		return Key(prefix + strconv.Itoa(n))
	}
}

// Assign gives a key to every block that has none, or has one that an earlier
// block already has. The other blocks keep theirs; b is not changed.
func Assign(b Body, mint func() Key) Body {
	taken := make(map[Key]bool, len(b))
	for _, block := range b {
		taken[block.Key] = true
	}
	used := make(map[Key]bool, len(b))
	keyed := make(Body, len(b))
	for i, block := range b {
		if block.Key == "" || used[block.Key] {
			for block.Key = mint(); taken[block.Key]; {
				block.Key = mint()
			}
			taken[block.Key] = true
		}
		used[block.Key] = true
		keyed[i] = block
	}
	return keyed
}

// Concat puts bodies after one another. A block whose key an earlier one
// already has is given a new one.
func Concat(bodies ...Body) Body {
	var all Body
	for _, b := range bodies {
		all = append(all, b...)
	}
	return Assign(all, Counter("b"))
}
