package redact

import (
	"fmt"
	"slices"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/author"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/edition"
	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
)

// cleaner takes what must go out of the newsroom's nouns, and counts.
type cleaner struct {
	words
	// asset is the picture that must go, 0 for none.
	asset ref.Asset
	mark  string
	found int
}

// line is a text without what must go.
func (c *cleaner) line(text string) string {
	cuts := c.cuts(text)
	c.found += len(cuts)
	return body.Replace(text, cuts, c.mark)
}

// address is an address, or the other one when it must go.
func (c *cleaner) address(address, other string) string {
	if address == "" || !c.inAddress(address) {
		return address
	}
	c.found++
	return other
}

// picture is an asset's identity, 0 when it must go.
func (c *cleaner) picture(id ref.Asset) ref.Asset {
	if id == 0 || id != c.asset {
		return id
	}
	c.found++
	return 0
}

func (c *cleaner) removal() body.Removal {
	return body.Removal{Cuts: c.cuts, Address: c.inAddress, Mark: c.mark, Asset: func(id ref.Asset) bool { return id != 0 && id == c.asset }}
}

// plainSlug is a story's address when its own may not stand.
func plainSlug(id ref.Story) string { return fmt.Sprintf("story-%d", id) }

// content is a save without what must go.
func (c *cleaner) content(id ref.Story, s story.Content) story.Content {
	s.Slug = c.address(s.Slug, plainSlug(id))
	headline := c.line(s.Headline)
	if headline != s.Headline && s.Slug == "" {
		// What its next publication would be called, shortened or not.
		s.Slug = plainSlug(id)
	}
	s.Headline, s.Short, s.Standfirst = headline, c.line(s.Short), c.line(s.Standfirst)
	s.Kicker, s.Dateline = c.line(s.Kicker), c.line(s.Dateline)
	s.Alt, s.Caption = c.line(s.Alt), c.line(s.Caption)
	if s.Picture != 0 && c.picture(s.Picture) == 0 {
		s.Picture, s.Alt, s.Caption = 0, "", c.mark
	}
	s.Film = c.picture(s.Film)
	s.Byline = c.byline(s.Byline)
	if s.Origin != nil {
		o := story.Origin{Source: c.line(s.Origin.Source), Address: c.address(s.Origin.Address, "")}
		s.Origin = &o
	}
	text, n := body.Redact(s.Body, c.removal())
	s.Body, c.found = text, c.found+n
	return s
}

func (c *cleaner) byline(all []story.Signature) []story.Signature {
	var clean []story.Signature
	for _, s := range all {
		s.Name, s.Slug = c.line(s.Name), c.address(s.Slug, fmt.Sprintf("author-%d", s.Author))
		clean = append(clean, s)
	}
	return clean
}

// blank is what is left of a story that must go as a whole.
func blank(mark string, s story.Content) story.Content {
	return story.Content{Headline: mark, Genre: s.Genre, Body: body.Body{{Key: "b1", Value: body.Paragraph{Text: body.T(mark)}}}}
}

// card is what lists show of a live story without what must go.
func (c *cleaner) card(s story.Card) story.Card {
	s.Slug = c.address(s.Slug, plainSlug(s.ID))
	s.Headline, s.Short, s.Standfirst, s.Kicker = c.line(s.Headline), c.line(s.Short), c.line(s.Standfirst), c.line(s.Kicker)
	s.Picture = c.picture(s.Picture)
	s.Byline = c.byline(s.Byline)
	return s
}

// topic is a topic without what must go. An alias that holds it goes whole.
func (c *cleaner) topic(t topic.Topic, marks func(string) string) topic.Topic {
	t.Picture = c.picture(t.Picture)
	all := make(map[string]topic.Words, len(t.Words))
	for language, words := range t.Words {
		c.mark = marks(language)
		words.Slug = c.address(words.Slug, fmt.Sprintf("topic-%d", t.ID))
		words.Name, words.Definition, words.About = c.line(words.Name), c.line(words.Definition), c.line(words.About)
		words.Facts, words.Questions = c.facts(words.Facts), c.questions(words.Questions)
		var aliases []string
		for _, alias := range words.Aliases {
			if c.in(alias) {
				c.found++
				continue
			}
			aliases = append(aliases, alias)
		}
		words.Aliases = aliases
		all[language] = words
	}
	t.Words = all
	return t
}

// facts and questions of a topic without what must go; the lists are not the
// topic's own.
func (c *cleaner) facts(list []topic.Fact) []topic.Fact {
	clean := slices.Clone(list)
	for n, f := range clean {
		clean[n] = topic.Fact{Name: c.line(f.Name), Value: c.line(f.Value)}
	}
	return clean
}

func (c *cleaner) questions(list []topic.Question) []topic.Question {
	clean := slices.Clone(list)
	for n, q := range clean {
		clean[n] = topic.Question{Question: c.line(q.Question), Answer: c.line(q.Answer)}
	}
	return clean
}

func (c *cleaner) author(a author.Author, marks func(string) string) author.Author {
	a.Picture = c.picture(a.Picture)
	all := make(map[string]author.Words, len(a.Words))
	for language, words := range a.Words {
		c.mark = marks(language)
		words.Slug = c.address(words.Slug, fmt.Sprintf("author-%d", a.ID))
		words.Name, words.Bio, words.Covers = c.line(words.Name), c.line(words.Bio), c.line(words.Covers)
		all[language] = words
	}
	a.Words = all
	return a
}

func (c *cleaner) section(s section.Section) section.Section {
	s.Slug = c.address(s.Slug, fmt.Sprintf("section-%d", s.ID))
	s.Name, s.Description = c.line(s.Name), c.line(s.Description)
	return s
}

func (c *cleaner) edition(e edition.Edition) edition.Edition {
	e.Name, e.Title, e.Motto, e.Zone = c.line(e.Name), c.line(e.Title), c.line(e.Motto), c.line(e.Zone)
	return e
}

// words of an asset without what must go; the picture itself stays.
func (c *cleaner) assetWords(a asset.Asset, marks func(string) string) asset.Asset {
	all := make(map[string]asset.Words, len(a.Words))
	for language, words := range a.Words {
		c.mark = marks(language)
		all[language] = asset.Words{Alt: c.line(words.Alt), Caption: c.line(words.Caption)}
	}
	a.Words = all
	c.mark = marks("")
	a.Credit, a.Source, a.Licence = c.line(a.Credit), c.line(a.Source), c.line(a.Licence)
	a.Elsewhere = c.address(a.Elsewhere, "")
	return a
}

// plan is a front without what must go. of limits it to the slots of a story; 0
// does not. whole takes all words of these.
func (c *cleaner) plan(p front.Plan, of ref.Story, whole bool) front.Plan {
	for n := range p.Containers {
		if of == 0 {
			p.Containers[n].Title = c.line(p.Containers[n].Title)
		}
		for m := range p.Containers[n].Slots {
			slot := &p.Containers[n].Slots[m]
			if of != 0 && slot.Story != of {
				continue
			}
			if whole && slot.Headline+slot.Kicker != "" || whole && slot.Picture != 0 {
				slot.Headline, slot.Kicker, slot.Picture = "", "", 0
				c.found++
				continue
			}
			slot.Headline, slot.Kicker, slot.Picture = c.line(slot.Headline), c.line(slot.Kicker), c.picture(slot.Picture)
		}
	}
	return p
}
