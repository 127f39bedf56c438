package site_test

import (
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/topic"
	"broadsheet/internal/platform/db"
)

func TestATopicSaysWhatItIsAndWhatWasPublishedOnIt(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		shaft, keyword := ref.New[ref.Topic](p.mint), ref.New[ref.Topic](p.mint)
		p.must(p.desk.House(t.Context(), func(tx *db.Tx) error {
			if err := topic.Put(tx, topic.Topic{ID: shaft, Kind: "concept", Words: map[string]topic.Words{"en": {Name: "Shaft", Slug: "shaft", Definition: "A way down."}}}); err != nil {
				return err
			}
			if err := topic.Put(tx, topic.Topic{ID: keyword, Kind: "keyword", Words: map[string]topic.Words{"en": {Name: "Digging", Slug: "digging"}}}); err != nil {
				return err
			}
			return topic.Put(tx, topic.Topic{ID: p.qanat, Kind: "concept", Focus: 1, Related: []ref.Topic{shaft}, Checked: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), Words: map[string]topic.Words{
				"en": {Name: "Qanat", Slug: "qanat", Definition: "A tunnel that brings water by gravity.", Aliases: []string{"Kariz"}, About: "First part.\n\nSecond part.",
					Facts: []topic.Fact{{Name: "Slope", Value: "1 in 1,000"}}, Questions: []topic.Question{{Question: "Who digs?", Answer: "A master and a helper."}}},
				"fa": {Name: "قنات", Slug: "قنات", Definition: "راهی زیرزمینی برای آب."},
			}})
		}))
		c := p.content("en", "Under the hill", "Text.")
		c.Topics = []ref.Topic{p.qanat, keyword}
		p.publish("en", 0, c)
		page := main(p.expect("/en/topic/qanat", 200, "<p>First part.</p>", "<p>Second part.</p>", "1 in 1,000", "Who digs?", "A master and a helper.",
			"Monday 5 January 2026", "Friday 20 March 2026", "Under the hill", "1 story", `href="/en/topic/shaft"`, `href="/en/topic/digging"`))
		if strings.Contains(page, `href="/en/topic/qanat"`) {
			t.Error("a topic is related to itself")
		}
		p.expect("/en/topic/qanat", 200, `hreflang="fa"`)
		p.expect("/en/in-focus/", 200, `href="/en/topic/shaft">Shaft</a>`, "A tunnel that brings water")
		p.expect("/en/topic/shaft", 200, "Nothing has been published here yet")
	})
}
