package theme_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

func try(files map[string]string) error {
	over := fstest.MapFS{}
	for name, text := range files {
		over[name] = &fstest.MapFile{Data: []byte(text)}
	}
	loaded, err := theme.Load(theme.Sources{Layers: []fs.FS{over, themes.Base()}, Dist: ui.Dist(), Languages: languages, Samples: site.Samples()})
	if err == nil && len(loaded.Idle()) > 0 {
		err = errors.New(strings.Join(loaded.Idle(), "; "))
	}
	return err
}

func TestWhatNothingUsesIsToldByName(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"templates/stroy.html", "", "templates/stroy.html replaces nothing and nothing uses it; the nearest known name is templates/story.html"},
		{"template/story.html", "", "the nearest known name is templates/story.html"},
		{"css/bsae.css", "a { color: red }", "the nearest known name is css/base.css"},
		{"fonts/frankin.woff2", "x", "the nearest known name is fonts/franklin.woff2"},
		{"images/icon.svgg", "x", "the nearest known name is images/icon.svg"},
		{"images/unused.png", "x", "images/unused.png replaces nothing and nothing uses it"},
		{"words/english.toml", `"latest.title" = "x"`, "the nearest known name is words/en.toml"},
		{"story.html", "", "story.html replaces nothing"},
		{"words/en.toml", `"latest.titel" = "x"`, `nothing asks for "latest.titel"; the nearest known words are "latest.title"`},
		{"words/en.toml", `"latest.title" = "x {{.A}}"`, `nothing fills {{.A}} in "latest.title"`},
		{"words/fa.toml", `"frame.legal" = "{{.A}} {{.Year}}"`, `nothing fills {{.Year}} in "frame.legal"`},
		{"words/fa.toml", `"frame.legal" = "{{.A} x"`, `nothing fills {{.A} x in "frame.legal"`},
		{"css/own.css", "@import \"none.css\";", "none.css"},
		{"css/own.css", "@import url(https://example.org/a.css);", "an import is written"},
		{"css/own.css", "@import \"own.css\";", "css/own.css imports itself"},
		{"css/own.css", "a {\n color: red;\n", "css/own.css:1: this { is not closed"},
		{"css/own.css", "a { color: red }\n}", "css/own.css:2: there is a } too many"},
		{"css/own.css", "\n/* a { color: red }", "css/own.css:2: a remark is not closed"},
		{"css/own.css", "a { content: \"\xff\" }\nb \xff {}", "is not UTF-8"},
		{"css/own.css", "a { background: url(../images/none.svg) }", "url(../images/none.svg), which the theme has not"},
		{"css/own.css", "a { background: url(https://example.org/a.svg) }", "which the theme has not"},
		{"css/own.css", "a { background: url('../images/icon.svg') }", "which the theme has not"},
	} {
		err := try(map[string]string{c.name: c.text})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: got %v, want %q", c.name, c.text, err, c.want)
		}
	}
}

func TestWhatAThemeMayHaveIsTaken(t *testing.T) {
	site := "@layer reset, base, part, page, own;\n"
	for name, files := range map[string]map[string]string{
		"nothing":             {},
		"notes for people":    {"README.md": "x", "LICENSE": "x", "fonts/OFL.txt": "x", ".git/config": "x", "templates/.story.html.swp": "x", "css/base.css~": "x"},
		"a sheet of its own":  {"css/site.css": site + `@import "moon.css" layer(own);`, "css/moon.css": "a { content: \"} /*\"; color: red }"},
		"a font of its own":   {"css/own.css": `@font-face { font-family: Moon; src: url("../fonts/moon.woff2") }`, "fonts/moon.woff2": "x"},
		"another icon":        {"images/icon.svg": "<svg/>"},
		"another language":    {"words/tr.toml": "\"latest.title\" = \"Son haberler\"\n"},
		"plural forms":        {"words/en.toml": "[\"focus.stories\"]\none = \"one\"\nother = \"{{.N}} pieces\"\n"},
		"a number in letters": {"words/en.toml": "\"search.long\" = \"Too long.\"\n"},
	} {
		if err := try(files); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAReplacedFontIsServedInItsPlace(t *testing.T) {
	loaded := base(t, fstest.MapFS{"fonts/franklin.woff2": {Data: []byte("ours")}})
	made := string(render(t, loaded, desks(loaded)[0], "front", desks(loaded)[0].front()))
	found := 0
	for _, name := range addresses(made, ".woff2") {
		if string(asset(t, loaded, name)) == "ours" {
			found++
			if sheet := addresses(made, ".css")[0]; !strings.Contains(string(asset(t, loaded, sheet)), name) {
				t.Errorf("the style sheet does not name %s", name)
			}
		}
	}
	if found != 1 {
		t.Errorf("got the font preloaded %d times, want once", found)
	}
}
