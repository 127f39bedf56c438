package app

import (
	"errors"
	"slices"
	"testing"

	"broadsheet/internal/web/site"
)

func TestWhatTheSiteSaysToProgramsIsCheckedAtTheDoor(t *testing.T) {
	var o site.Options
	good := Config{
		Hub: " https://hub.example/a ", RefuseCrawler: []string{"GPTBot", " CCBot ", "gptbot", "", "AI2Bot"},
		SecurityContact: []string{"security@paper.example", "mailto:a@paper.example", "https://paper.example/tell", "tel:+44-1"},
	}
	if err := good.standards(&o); err != nil {
		t.Fatal(err)
	}
	if o.Hub != "https://hub.example/a" || !slices.Equal(o.Refused, []string{"GPTBot", "CCBot", "AI2Bot"}) ||
		!slices.Equal(o.Contacts, []string{"mailto:security@paper.example", "mailto:a@paper.example", "https://paper.example/tell", "tel:+44-1"}) {
		t.Errorf("got %+v", o)
	}
	if err := (Config{}).standards(&o); err != nil || o.Hub != "" || o.Refused != nil || o.Contacts != nil {
		t.Errorf("without settings: got %+v, %v", o, err)
	}
	for _, wrong := range []Config{
		{Hub: "hub.example"}, {Hub: "ftp://hub.example/"}, {Hub: "https://"}, {RefuseCrawler: []string{"*"}}, {RefuseCrawler: []string{"GPT Bot"}}, {RefuseCrawler: []string{"A\nDisallow: /"}},
		{SecurityContact: []string{"http://paper.example/"}}, {SecurityContact: []string{"somebody"}}, {SecurityContact: []string{"https://a b"}}, {SecurityContact: []string{"mailto:"}}, {SecurityContact: []string{"mailto:a@b\nExpires: never"}},
	} {
		if err := wrong.standards(&o); !errors.Is(err, ErrUsage) {
			t.Errorf("%+v: got %v, want wrong usage", wrong, err)
		}
	}
}
