package publish

import (
	"errors"
	"fmt"
	"strings"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/section"
	"broadsheet/internal/news/story"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// names finds what an import files its stories under, and makes what is
// missing. It keeps what it found: thousands of stories share a few names.
type names struct {
	desk     *Desk
	batch    *Batch
	sections map[string]ref.Section
	topics   map[string]ref.Topic
	authors  map[string]story.Signature
}

func newNames(d *Desk, b *Batch) *names {
	return &names{d, b, nil, map[string]ref.Topic{}, map[string]story.Signature{}}
}

// named is the item's content with its section, topics and byline.
func (b *Batch) named(tx *db.Tx, item Item) (c story.Content, err error) {
	c = item.Content
	if c.Section, err = b.names.section(tx, item.Section); err != nil {
		return c, err
	}
	seen := map[ref.Topic]bool{}
	for _, name := range item.Topics {
		id, err := b.names.topic(tx, name)
		if err != nil {
			return c, err
		}
		if id != 0 && !seen[id] && len(c.Topics) < story.MaxTopics {
			seen[id] = true
			c.Topics = append(c.Topics, id)
		}
	}
	for _, name := range item.Byline {
		signature, err := b.names.author(tx, name)
		if err != nil {
			return c, err
		}
		c.Byline = append(c.Byline, signature)
	}
	return c, nil
}

// section finds a section by its name or slug, or makes one outside the
// navigation.
func (n *names) section(tx *db.Tx, name string) (ref.Section, error) {
	if strings.TrimSpace(name) == "" {
		return n.batch.section, nil
	}
	if n.sections == nil {
		all, err := section.Staged(tx, n.batch.edition.Key, n.batch.id)
		if err != nil {
			return 0, err
		}
		n.sections = map[string]ref.Section{}
		for _, s := range all {
			if s.Genre == "" {
				n.sections[lang.Fold(s.Name)] = s.ID
			}
			n.sections[s.Slug] = s.ID
		}
	}
	slug := lang.Slug(name)
	for _, key := range []string{lang.Fold(name), slug} {
		if id, ok := n.sections[key]; ok {
			return id, nil
		}
	}
	if slug == "" || ref.Reserved(slug) {
		slug = "section-" + strings.Trim(slug, "./")
	}
	made := section.Section{ID: ref.New[ref.Section](n.desk.mint), Edition: n.batch.edition.Key, Slug: slug, Batch: n.batch.id, Name: name}
	if err := section.Put(tx, made); err != nil {
		return 0, err
	}
	n.sections[lang.Fold(name)], n.sections[slug] = made.ID, made.ID
	return made.ID, nil
}

// freeSlug is the slug, or the slug with a number when it is taken.
func freeSlug(slug string, taken func(string) (bool, error)) (string, error) {
	wanted := slug
	for n := 2; ; n++ {
		has, err := taken(slug)
		if err != nil || !has {
			return slug, err
		}
		slug = fmt.Sprintf("%s-%d", wanted, n)
	}
}

// topic finds a topic by any of its names, or makes one without a definition:
// it leads to its stories, and stays out of In Focus and A to Z.
func (n *names) topic(tx *db.Tx, name string) (ref.Topic, error) {
	name = strings.TrimSpace(name)
	folded := lang.Fold(name)
	if folded == "" {
		return 0, nil
	}
	if id, ok := n.topics[folded]; ok {
		return id, nil
	}
	language := n.batch.edition.Language
	id, err := topic.Named(tx, language, name)
	if errors.Is(err, db.ErrNotFound) {
		id, err = n.newTopic(tx, language, name)
	}
	if err == nil {
		n.topics[folded] = id
	}
	return id, err
}

func (n *names) newTopic(tx *db.Tx, language, name string) (ref.Topic, error) {
	return newTopic(tx, topic.Topic{ID: ref.New[ref.Topic](n.desk.mint), Batch: n.batch.id}, language, name)
}

// TopicIn finds a topic by any of its names, or makes one without a definition.
func (d *Desk) TopicIn(tx *db.Tx, language, name string) (ref.Topic, error) {
	id, err := topic.Named(tx, language, name)
	if errors.Is(err, db.ErrNotFound) {
		id, err = newTopic(tx, topic.Topic{ID: ref.New[ref.Topic](d.mint)}, language, name)
	}
	return id, err
}

// newTopic makes a topic of a name.
func newTopic(tx *db.Tx, made topic.Topic, language, name string) (ref.Topic, error) {
	slug := lang.Slug(name)
	if slug == "" || ref.Reserved(slug) {
		slug = "topic-" + strings.Trim(slug, "./")
	}
	slug, err := freeSlug(slug, func(s string) (bool, error) { return topic.SlugTaken(tx, language, s) })
	if err != nil {
		return 0, err
	}
	made.Kind, made.Words = "keyword", map[string]topic.Words{language: {Name: name, Slug: slug}}
	return made.ID, topic.Put(tx, made)
}

// author finds an author by name, or makes one.
func (n *names) author(tx *db.Tx, name Name) (story.Signature, error) {
	folded := lang.Fold(name.Name)
	if folded == "" {
		return story.Signature{Name: name.Name}, nil
	}
	if s, ok := n.authors[folded]; ok {
		return s, nil
	}
	language := n.batch.edition.Language
	id, err := author.Named(tx, language, name.Name)
	var signature story.Signature
	switch {
	case err == nil:
		signature, err = n.known(tx, id, language, name)
	case errors.Is(err, db.ErrNotFound):
		signature, err = n.newAuthor(tx, language, name)
	}
	if err == nil {
		n.authors[folded] = signature
	}
	return signature, err
}

func (n *names) known(tx *db.Tx, id ref.Author, language string, name Name) (story.Signature, error) {
	found, err := author.ByID(tx, []ref.Author{id})
	if err != nil || len(found) == 0 {
		return story.Signature{Name: name.Name}, err
	}
	words := found[0].Words[language]
	return story.Signature{Author: id, Name: words.Name, Slug: words.Slug}, nil
}

func (n *names) newAuthor(tx *db.Tx, language string, name Name) (story.Signature, error) {
	slug := lang.Slug(name.Name)
	if slug == "" || ref.Reserved(slug) {
		slug = "author-" + strings.Trim(slug, "./")
	}
	slug, err := freeSlug(slug, func(s string) (bool, error) { return author.SlugTaken(tx, language, s) })
	if err != nil {
		return story.Signature{}, err
	}
	made := author.Author{ID: ref.New[ref.Author](n.desk.mint), Batch: n.batch.id, House: name.House,
		Words: map[string]author.Words{language: {Name: name.Name, Slug: slug}}}
	return story.Signature{Author: made.ID, Name: name.Name, Slug: slug}, author.Put(tx, made)
}
