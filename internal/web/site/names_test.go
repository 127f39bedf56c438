package site_test

import (
	"testing"

	"broadsheet/internal/news/author"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
)

func TestOldAddressesOfTopicsAndAuthorsLeadOn(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.publish("en", 0, p.content("en", "How a qanat works", "Water by gravity."))
		old := []string{"/en/topic/qanat", "/en/topic/qanat/feed.xml", "/en/author/mina-tavakol", "/en/author/mina-tavakol/feed.xml"}
		now := []string{"/en/topic/kariz", "/en/topic/kariz/feed.xml", "/en/author/m-tavakol", "/en/author/m-tavakol/feed.xml"}
		for _, path := range old {
			p.expect(path, 200)
		}
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			err := topic.Put(tx, topic.Topic{ID: p.qanat, Kind: "concept", Focus: 1, Words: map[string]topic.Words{"en": {Name: "Kariz", Slug: "kariz"}}})
			if err != nil {
				return err
			}
			return author.Put(tx, author.Author{ID: p.mina, Words: map[string]author.Words{"en": {Name: "M. Tavakol", Slug: "m-tavakol"}}})
		}))
		for n, path := range old {
			response, _ := p.get(path)
			if response.StatusCode != 301 || response.Header.Get("Location") != now[n] {
				t.Errorf("%s: got %d to %q, want 301 to %q", path, response.StatusCode, response.Header.Get("Location"), now[n])
			}
			p.expect(now[n], 200)
		}
		// Nothing is left in this language.
		p.expect("/fa/topic/%D9%82%D9%86%D8%A7%D8%AA", 404)
	})
}
