package ref

import "strconv"

// Tag labels every kept page, or part of one, that shows the thing it names.
// When the thing changes, all that carries its tag is dropped.
type Tag string

func number(prefix string, id int64) Tag { return Tag(prefix + strconv.FormatInt(id, 36)) }

// Tag of the story's own page and of everything that shows its card.
func (id Story) Tag() Tag { return number("story:", int64(id)) }

// Tag of all that shows the section's list.
func (id Section) Tag() Tag { return number("section:", int64(id)) }

// Tag of all that shows the topic, its name or its stories.
func (id Topic) Tag() Tag { return number("topic:", int64(id)) }

// Tag of all that shows the author's list.
func (id Author) Tag() Tag { return number("author:", int64(id)) }

// LatestTag is carried by all that lists the edition's stories by time.
func LatestTag(edition string) Tag { return Tag("latest:" + edition) }

// SitemapTag is carried by the edition's sitemaps, which have every story.
func SitemapTag(edition string) Tag { return Tag("sitemap:" + edition) }

// FrontTag is carried by all that shows the edition's front or a part of it.
func FrontTag(edition string) Tag { return Tag("front:" + edition) }

// SectionFrontTag is carried by all that shows the front of a section.
func SectionFrontTag(id Section) Tag { return number("front:section:", int64(id)) }

// MostViewedTag is carried by all that shows what is most viewed in the edition.
func MostViewedTag(edition string) Tag { return Tag("most-viewed:" + edition) }

// EditionTag is carried by every page of the edition.
func EditionTag(edition string) Tag { return Tag("edition:" + edition) }

// TopicsTag is carried by all that lists the topics themselves.
const TopicsTag Tag = "topics"

// FrameTag is carried by every page of every edition: it shows what all pages
// share, such as the list of editions.
const FrameTag Tag = "frame"
