// Package lang is what a text needs to know of its language: direction,
// calendars, digits, dates and numbers as readers write them, folding for
// search, slugs, bidirectional controls, and measures of text. It speaks
// English, Arabic and Persian, and answers other languages as it would English.
// It knows nothing of news, reads and writes nothing, guesses nothing from a
// regional tag, and translates no interface.
package lang

import (
	"strings"
	"time"
)

// The directions of a text, as HTML's dir attribute writes them.
const (
	rtl = "rtl"
	ltr = "ltr"
)

// Direction returns "rtl" or "ltr" for a language tag such as "fa" or
// "pa-Arab". A script in the tag beats the language's usual one.
func Direction(language string) string {
	primary, rest, _ := strings.Cut(normalTag(language), "-")
	script, _, _ := strings.Cut(rest, "-")
	switch script {
	case "arab", "aran", "hebr", "syrc", "thaa", "nkoo", "rohg", "adlm":
		return rtl
	}
	if len(script) == 4 {
		return ltr
	}
	switch primary {
	case "ar", "arc", "arz", "azb", "bal", "ckb", "dv", "fa", "glk", "he", "ks", "lrc", "mzn", "nqo", "pnb", "prs", "ps", "sd", "syr", "ug", "ur", "yi":
		return rtl
	}
	return ltr
}

// primary returns the language of a tag without script and region.
func primary(language string) string {
	tag, _, _ := strings.Cut(normalTag(language), "-")
	return tag
}

func normalTag(language string) string {
	return strings.ReplaceAll(strings.ToLower(language), "_", "-")
}

// FirstWeekday returns the day with which a calendar's rows begin in a country,
// or, for an empty or unknown one, where the language is mostly read.
func FirstWeekday(language, region string) time.Weekday {
	switch strings.ToUpper(region) {
	case "AE", "AU", "EH", "FR", "GB", "DE", "IE", "LB", "MA", "MR", "NZ", "PS", "TJ", "TN", "TR":
		return time.Monday
	case "AF", "BH", "DJ", "DZ", "EG", "IQ", "IR", "JO", "KW", "LY", "OM", "QA", "SD", "SY":
		return time.Saturday
	case "CA", "IL", "IN", "PK", "SA", "US", "YE", "ZA":
		return time.Sunday
	}
	switch primary(language) {
	case "ar", "fa":
		return time.Saturday
	}
	return time.Monday
}
