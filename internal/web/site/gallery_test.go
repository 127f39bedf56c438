package site_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"broadsheet/internal/news/asset"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

func (p *paper) asset(a asset.Asset) ref.Asset {
	p.t.Helper()
	a.ID = ref.New[ref.Asset](p.mint)
	p.must(p.db.Update(p.t.Context(), func(tx *db.Tx) error { return asset.Put(tx, a) }))
	return a.ID
}

func TestTheGalleryHasPhotoStoriesAndFilms(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		p.expect("/en/gallery/", 200, "There are no photo stories or films here yet")
		one := p.asset(asset.Asset{Key: "00000000000000aa", Kind: asset.Picture, Width: 1200, Height: 800, Widths: []int{480, 800}, Credit: "A Person",
			Words: map[string]asset.Words{"en": {Alt: "A canal.", Caption: "The canal at noon."}}})
		moving := p.asset(asset.Asset{Key: "00000000000000bb", Kind: asset.Film, Width: 640, Height: 360, Seconds: 95,
			Files: []asset.File{{Name: "film.mp4", Type: "video/mp4"}}, Tracks: []asset.Track{{Language: "en", Name: "en.vtt"}, {Language: "fa", Name: "fa.vtt"}}})
		photo := p.content("en", "Two canals", "Words.")
		photo.Genre = story.Photo
		photo.Body = append(photo.Body, body.Block{Key: "g", Value: body.Gallery{Pictures: []body.Figure{{Asset: one}, {Asset: one, Caption: body.T("Another one.")}}}})
		film := p.content("en", "A lock fills", "Words.")
		film.Genre, film.Film, film.Picture, film.Short = story.Film, moving, one, "A lock"
		shown, played := p.publish("en", 0, photo), p.publish("en", 0, film)

		p.expect("/en/gallery/", 200, "Two canals", "2 pictures", "A lock fills", "2 min")
		if page := main(p.expect("/en/gallery/photo", 200, "Two canals")); strings.Contains(page, "A lock fills") {
			t.Error("the photos have a film")
		}
		p.expect("/en/gallery/film", 200, "A lock fills")
		page := main(p.expect(shown.Address("water"), 200, `id="picture-1"`, `href="#picture-2"`, "The canal at noon.", "Another one.", "1 / 2", "Words."))
		if got := strings.Count(page, "The canal at noon."); got != 1 {
			t.Errorf("a caption stands %d times, want once", got)
		}
		p.expect(played.Address("water"), 200, `<source src="/media/00000000000000bb/film.mp4" type="video/mp4">`, `preload="none"`,
			`<track kind="captions" src="/media/00000000000000bb/en.vtt" srclang="en" label="English" default>`, `srclang="fa" label="Persian">`)
		p.expectations(shown.ID)
		p.expectations(played.ID)
		for n := range 4 { // they lead, so that the two stand in their own band
			p.forward(time.Second)
			p.publish("en", 0, p.content("en", fmt.Sprintf("Lead %d", n), "Text."))
		}
		p.expect("/en/", 200, `data-band="gallery"`)
	})
}

func TestAFilmThatIsNotHereSaysSo(t *testing.T) {
	both(t, func(t *testing.T, p *paper) {
		film := p.content("en", "Lost", "Words.")
		film.Genre = story.Film
		if page := p.expect(p.publish("en", 0, film).Address("water"), 200, "The film is not available"); strings.Contains(page, "<video") {
			t.Error("there is a film without a file")
		}
	})
}
