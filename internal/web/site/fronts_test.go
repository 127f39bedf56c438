package site_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/front"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
)

// main is a page without what frames it.
func main(page string) string {
	_, rest, _ := strings.Cut(page, "<main")
	rest, _, _ = strings.Cut(rest, "</main>")
	return rest
}

// places are where texts stand in a page, in their order; -1 for none.
func places(page string, texts ...string) []int {
	var all []int
	for _, text := range texts {
		all = append(all, strings.Index(page, text))
	}
	return all
}

func (p *paper) launch(of front.Place, plan front.Plan) {
	p.t.Helper()
	_, err := p.desk.Front(p.t.Context(), 7, of, plan)
	p.must(err)
}

func TestASectionHasAFrontOfItsOwn(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		var all []story.Card
		for n := range 5 {
			all = append(all, p.publish("en", 0, p.content("en", fmt.Sprintf("Story %d.", n), "Text.")))
			p.forward(time.Second)
		}
		page := main(p.expect("/en/water/", 200))
		for n := range 5 {
			if got := strings.Count(page, fmt.Sprintf(">Story %d.<", n)); got != 1 {
				t.Errorf("story %d stands %d times, want once", n, got)
			}
		}
		of := front.Place{Edition: "en", Section: p.water["en"]}
		p.launch(of, front.Plan{Containers: []front.Container{
			{Kind: front.Lead, Size: 2, Slots: []front.Slot{{Story: all[0].ID, Headline: "The oldest leads", Until: p.time().Add(time.Hour)}}, Rule: front.Rule{Section: p.water["en"]}},
			{Kind: front.Choice, Size: 1, Slots: []front.Slot{{Story: all[1].ID}}},
		}})
		page = main(p.expect("/en/water/", 200, "The oldest leads"))
		at := places(page, "The oldest leads", ">Story 4.<", ">Story 1.<", ">Story 3.<", ">Story 2.<")
		for n := 1; n < len(at); n++ {
			if at[n] < 0 || at[n] < at[n-1] {
				t.Errorf("the places are %v, want them to grow", at)
			}
		}
		p.forward(time.Hour)
		if page := main(p.expect("/en/water/", 200)); strings.Contains(page, "The oldest leads") || !strings.Contains(page, ">Story 0.<") {
			t.Error("a slot that ended still says its words")
		}
		_, err := p.desk.Front(t.Context(), 7, of, front.Default(of))
		p.must(err)
		if page := main(p.expect("/en/water/", 200)); places(page, ">Story 4.<")[0] > places(page, ">Story 0.<")[0] {
			t.Error("the plan before did not come back")
		}
	})
}

func TestAFrontHasTheContainersOfItsPlanAndNoEmptyOne(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		news := p.content("en", "A piece of news", "Text.")
		news.Genre = story.News
		live := p.publish("en", 0, news)
		p.publish("en", 0, p.content("en", "An explanation", "Text."))
		page := main(p.expect("/en/", 200, `data-band="in-focus"`))
		for _, empty := range []string{`data-band="opinion"`, `data-band="analysis"`, `data-band="gallery"`, `data-band="map"`, `data-band="most-viewed"`} {
			if strings.Contains(page, empty) {
				t.Errorf("the front has an empty container: %s", empty)
			}
		}
		p.launch(front.Of("en"), front.Plan{Containers: []front.Container{
			{Kind: front.NewsBand, Size: 4, Title: "What happened", Slots: []front.Slot{{Story: live.ID, Kicker: "Just in"}}},
		}})
		page = main(p.expect("/en/", 200, "What happened", "Just in", "A piece of news"))
		if strings.Contains(page, "An explanation") || strings.Contains(page, `id="latest"`) {
			t.Error("the front has more than its plan")
		}
	})
}

func TestAFrontWhosePicksAreGoneHasWhatThereIs(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		picked := p.publish("en", 0, p.content("en", "The only pick", "Text."))
		p.publish("en", 0, p.content("en", "Another story", "Text."))
		p.launch(front.Of("en"), front.Plan{Containers: []front.Container{{Kind: front.Choice, Size: 1, Slots: []front.Slot{{Story: picked.ID}}}}})
		if page := main(p.expect("/en/", 200, "The only pick")); strings.Contains(page, "Nothing has been published") || strings.Contains(page, "Another story") {
			t.Error("a front with a pick has more, or says that it has nothing")
		}
		p.must(p.desk.Withdraw(t.Context(), picked.ID, "It was wrong."))
		if page := main(p.expect("/en/", 200, "Another story")); strings.Contains(page, "Nothing has been published") {
			t.Error("the front says that nothing was published")
		}
	})
}

func TestAStoryCarriesThePaperAndTheNewsBehindIt(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		news := p.content("en", "It happened", "Text.")
		news.Genre = story.News
		fact := p.publish("en", 0, news)
		p.forward(time.Second)
		analysis := p.content("en", "What it means", "Text.")
		analysis.Genre, analysis.Related = story.Analysis, []ref.Story{fact.ID}
		live := p.publish("en", 0, analysis)
		page := main(p.expect(live.Address("water"), 200, "The news behind this", `id="latest"`, `id="focus"`))
		if at := places(page, `class="news-behind"`, `class="prose"`, `id="related"`, `class="around"`); at[0] < 0 || at[0] > at[1] || at[1] > at[2] || at[2] > at[3] {
			t.Errorf("the parts stand at %v", at)
		}
		related, _, _ := strings.Cut(page[strings.Index(page, `id="related"`):], "</section>")
		if strings.Contains(related, "What it means") || !strings.Contains(related, "It happened") {
			t.Error("a story is related to itself, or not to the news behind it")
		}
	})
}
