package main

// family is a package of the registry.
type family struct{ version string }

var families = map[string]family{
	"newsreader":        {"5.3.0"},
	"libre-franklin":    {"5.3.0"},
	"markazi-text":      {"5.3.0"},
	"vazirmatn":         {"5.3.0"},
	"noto-naskh-arabic": {"5.3.0"},
}

// cut is one font file of ours.
type cut struct {
	name, family string
	// source is the family's file: its script and axes.
	source   string
	axes     []string
	glyphs   string
	features string
	// first are the languages in whose first view the file is needed.
	first []string
}

// The sets of glyphs. What a page needs at once is in a small file; accents
// follow in a second one, by unicode-range, when a word has one.
const (
	// english is ASCII with the punctuation of good typesetting, and what measures
	// are written with.
	english = "U+20-7E,U+A0,U+A3,U+A9,U+AB,U+B0-B3,U+B7,U+BB-BE,U+D7,U+E9,U+2010-2014,U+2018-201A,U+201C-201E,U+2022,U+2026,U+2032,U+2033,U+20AC,U+2212"
	// accents is the rest of Latin-1, and what French and Finnish add.
	accents = "U+A1,U+A2,U+A5-A8,U+AA,U+AC-AF,U+B4-B6,U+B8-BA,U+BF-D6,U+D8-E8,U+EA-FF,U+131,U+152,U+153,U+2044,U+2122"
	// extended is what the names of Central Europe, Turkey and the Baltic add.
	extended = "U+100-130,U+132-151,U+154-17F,U+218-21B,U+1E9E"
	// letters is enough for a word in italics.
	letters = "U+20-22,U+27-29,U+2C-3B,U+3F,U+41-5A,U+61-7A,U+A0,U+E9,U+2010-2014,U+2018,U+2019,U+201C,U+201D,U+2026"
	// arabic is Arabic and Persian with vowel marks and all three digits.
	arabic = "U+60C,U+61B,U+61F,U+621-63A,U+640-652,U+654,U+655,U+660-669,U+66A-66C,U+670,U+671,U+67E,U+686,U+698,U+6A9,U+6AF,U+6C0,U+6CC,U+6F0-6F9,U+200C-200F"
	// naskh leaves out the Persian digits, which no Arabic page prints.
	naskh = "U+60C,U+61B,U+61F,U+621-63A,U+640-652,U+654,U+655,U+660-669,U+66A-66C,U+670,U+671,U+67E,U+686,U+698,U+6A9,U+6AF,U+6CC,U+200C-200F"
	// common is what Arabic and Latin texts share: without it each space and
	// bracket would be set in another font, at another size.
	common = "U+20-22,U+25,U+26,U+28-3A,U+3D,U+A0,U+A9,U+AB,U+B7,U+BB,U+D7,U+2010-2014,U+2026,U+2212"
)

const (
	// unkerned does for labels, and for the few words in italics: kerning is a
	// third of a Latin file.
	unkerned       = "liga,lnum,tnum,ccmp,locl"
	latinFeatures  = "kern,liga,lnum,tnum,ccmp,locl"
	arabicFeatures = "ccmp,isol,init,medi,fina,rlig,liga,calt,mark,mkmk,locl,curs,kern"
)

// cuts are all font files of the site. Newsreader's optical size is pinned to
// where each file is used, for the axis doubles a file. Its text has one weight:
// bold words are set in the display cut, which is there already.
var cuts = []cut{
	{"newsreader-display", "newsreader", "latin-standard-normal", []string{"opsz=32", "wght=400:600"}, english, latinFeatures, []string{"en"}},
	{"newsreader-text", "newsreader", "latin-standard-normal", []string{"opsz=16", "wght=400"}, english, latinFeatures, []string{"en"}},
	{"franklin", "libre-franklin", "latin-wght-normal", []string{"wght=400:700"}, english, unkerned, []string{"en"}},
	{"newsreader-display-accents", "newsreader", "latin-standard-normal", []string{"opsz=32", "wght=400:600"}, accents, latinFeatures, nil},
	{"newsreader-text-accents", "newsreader", "latin-standard-normal", []string{"opsz=16", "wght=400"}, accents, latinFeatures, nil},
	{"newsreader-text-italic", "newsreader", "latin-standard-italic", []string{"opsz=16", "wght=400"}, letters, unkerned, nil},
	{"franklin-accents", "libre-franklin", "latin-wght-normal", []string{"wght=400:700"}, accents, unkerned, nil},
	{"newsreader-display-extended", "newsreader", "latin-ext-standard-normal", []string{"opsz=32", "wght=400:600"}, extended, latinFeatures, nil},
	{"newsreader-text-extended", "newsreader", "latin-ext-standard-normal", []string{"opsz=16", "wght=400"}, extended, latinFeatures, nil},
	{"franklin-extended", "libre-franklin", "latin-ext-wght-normal", []string{"wght=400:700"}, extended, unkerned, nil},
	{"markazi", "markazi-text", "arabic-wght-normal", []string{"wght=500:700"}, arabic, arabicFeatures, []string{"ar", "fa"}},
	{"markazi-common", "markazi-text", "latin-wght-normal", []string{"wght=500:700"}, common, latinFeatures, []string{"ar", "fa"}},
	{"vazirmatn", "vazirmatn", "arabic-wght-normal", []string{"wght=400:700"}, arabic, arabicFeatures, []string{"fa"}},
	{"vazirmatn-common", "vazirmatn", "latin-wght-normal", []string{"wght=400:700"}, common, latinFeatures, []string{"fa"}},
	{"naskh", "noto-naskh-arabic", "arabic-wght-normal", []string{"wght=400:700"}, naskh, arabicFeatures, []string{"ar"}},
	{"naskh-common", "noto-naskh-arabic", "latin-wght-normal", []string{"wght=400:700"}, common, latinFeatures, []string{"ar"}},
}
