package lang

import (
	"math"
	"strconv"
	"strings"
)

// Digits names a set of decimal digits, as CLDR names it. The empty set is
// Latin.
type Digits string

// The digits that an edition may have.
const (
	Latin    Digits = "latn"    // 0123456789
	Arabic   Digits = "arab"    // ٠١٢٣٤٥٦٧٨٩
	Extended Digits = "arabext" // ۰۱۲۳۴۵۶۷۸۹
)

// The zeros of the two Arabic sets.
const (
	arabicZero   = '٠'
	extendedZero = '۰'
)

func (d Digits) zero() rune {
	switch d {
	case Arabic:
		return arabicZero
	case Extended:
		return extendedZero
	}
	return '0'
}

// String returns s with its ASCII digits replaced by the set's. Nothing else
// changes.
func (d Digits) String(s string) string {
	zero := d.zero()
	if zero == '0' || strings.IndexFunc(s, asciiDigit) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(2 * len(s))
	for n := range len(s) {
		if '0' <= s[n] && s[n] <= '9' {
			b.WriteRune(zero + rune(s[n]-'0'))
		} else {
			b.WriteByte(s[n])
		}
	}
	return b.String()
}

func asciiDigit(r rune) bool { return '0' <= r && r <= '9' }

// ASCIIDigits returns s with the digits of all sets as ASCII, for reading what
// people typed.
func ASCIIDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case arabicZero <= r && r <= arabicZero+9:
			return r - arabicZero + '0'
		case extendedZero <= r && r <= extendedZero+9:
			return r - extendedZero + '0'
		}
		return r
	}, s)
}

// Number writes a whole number with its thousands grouped.
func (l Locale) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	negative := digits[0] == '-'
	return l.sign(negative) + l.group(strings.TrimPrefix(digits, "-"))
}

// Decimal writes a number rounded to so many decimals, with its thousands
// grouped. What is no number is a dash.
func (l Locale) Decimal(x float64, decimals int) string {
	switch {
	case math.IsNaN(x):
		return "–"
	case math.IsInf(x, 0):
		return l.sign(x < 0) + "∞"
	}
	digits := strconv.FormatFloat(math.Abs(x), 'f', max(decimals, 0), 64)
	whole, fraction, found := strings.Cut(digits, ".")
	// What rounds to zero has no sign.
	number := l.sign(x < 0 && strings.Trim(digits, "0.") != "") + l.group(whole)
	if found {
		number += l.point() + l.Digits.String(fraction)
	}
	return number
}

// group sets a mark between each three digits, counted from the end.
func (l Locale) group(digits string) string {
	mark := ","
	if l.Digits.zero() != '0' {
		mark = "٬"
	}
	var b strings.Builder
	for n := range len(digits) {
		if n > 0 && (len(digits)-n)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(l.Digits.zero() + rune(digits[n]-'0'))
	}
	return b.String()
}

func (l Locale) point() string {
	if l.Digits.zero() != '0' {
		return "٫"
	}
	return "."
}

// sign is the minus sign with the mark that keeps it on the digits' leading
// side in right-to-left text: left of Latin and Extended digits, right of
// Arabic ones. Signs and marks are CLDR's.
func (l Locale) sign(negative bool) string {
	switch {
	case !negative:
		return ""
	case l.Digits == Arabic:
		return "\u061c-"
	case l.Digits == Extended || primary(l.Language) == "fa":
		return "\u200e\u2212"
	case Direction(l.Language) == rtl:
		return "\u200e-"
	}
	return "-"
}
