package body

import (
	"strings"

	"broadsheet/internal/platform/lang"
)

// words are the few that the renderer itself says. In those with %s, something
// stands in its place.
type words struct {
	keyPoints, source, table string
	// notes heads the footnotes, note names the mark of one, back leads from
	// it to the text.
	notes, note, back string
	// more leads from a term's card to the topic; opens says where an embed is.
	more, opens string
	comma       string
	// sizes are of kilobytes, megabytes and gigabytes.
	sizes [3]string
	// files are kinds of documents by what their media types begin with.
	files map[string]string
}

var ownWords = map[string]words{
	"en": {
		keyPoints: "Key points", source: "Source:", table: "Table",
		notes: "Notes", note: "Note %s", back: "Back to the text, note %s",
		more: "More on %s", opens: "Opens at %s. Nothing is loaded from there before that.", comma: ", ",
		sizes: [3]string{"%s KB", "%s MB", "%s GB"},
		files: map[string]string{
			"application/pdf": "PDF document", "text/csv": "Table (CSV)", "text/": "Text", "image/": "Picture", "audio/": "Recording",
			"video/": "Film", "application/zip": "Archive", msWord: "Text document", openText: "Text document", rtf: "Text document",
			msSheet: "Spreadsheet", openSheet: "Spreadsheet", msSlides: "Slides", openSlides: "Slides",
		},
	},
	"ar": {
		keyPoints: "أبرز النقاط", source: "المصدر:", table: "جدول",
		notes: "الهوامش", note: "الهامش %s", back: "العودة إلى النص، الهامش %s",
		more: "المزيد عن %s", opens: "يُفتح على موقع %s، ولا يُحمَّل منه شيء قبل ذلك.", comma: "، ",
		sizes: [3]string{"%s كيلوبايت", "%s ميغابايت", "%s غيغابايت"},
		files: map[string]string{
			"application/pdf": "مستند PDF", "text/csv": "جدول (CSV)", "text/": "نص", "image/": "صورة", "audio/": "تسجيل صوتي",
			"video/": "فيلم", "application/zip": "ملف مضغوط", msWord: "مستند نصي", openText: "مستند نصي", rtf: "مستند نصي",
			msSheet: "جدول بيانات", openSheet: "جدول بيانات", msSlides: "عرض شرائح", openSlides: "عرض شرائح",
		},
	},
	"fa": {
		keyPoints: "نکته‌های کلیدی", source: "منبع:", table: "جدول",
		notes: "پانویس‌ها", note: "پانویس %s", back: "بازگشت به متن، پانویس %s",
		more: "بیشتر دربارهٔ %s", opens: "در سایت %s باز می‌شود و پیش از آن چیزی از آنجا بارگذاری نمی‌شود.", comma: "، ",
		sizes: [3]string{"%s کیلوبایت", "%s مگابایت", "%s گیگابایت"},
		files: map[string]string{
			"application/pdf": "سند PDF", "text/csv": "جدول (CSV)", "text/": "متن", "image/": "تصویر", "audio/": "فایل صوتی",
			"video/": "فیلم", "application/zip": "فایل فشرده", msWord: "سند متنی", openText: "سند متنی", rtf: "سند متنی",
			msSheet: "صفحهٔ گسترده", openSheet: "صفحهٔ گسترده", msSlides: "اسلاید", openSlides: "اسلاید",
		},
	},
}

// What the media types of office documents begin with.
const (
	msWord     = "application/vnd.openxmlformats-officedocument.wordprocessingml"
	msSheet    = "application/vnd.openxmlformats-officedocument.spreadsheetml"
	msSlides   = "application/vnd.openxmlformats-officedocument.presentationml"
	openText   = "application/vnd.oasis.opendocument.text"
	openSheet  = "application/vnd.oasis.opendocument.spreadsheet"
	openSlides = "application/vnd.oasis.opendocument.presentation"
	rtf        = "application/rtf"
)

func wordsFor(language string) words {
	if found, ok := ownWords[primary(language)]; ok {
		return found
	}
	return ownWords["en"]
}

// primary is the language of a tag, without its script and region.
func primary(tag string) string {
	language, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(language)
}

// with puts a value in its place in a text of words.
func with(text, value string) string { return strings.Replace(text, "%s", value, 1) }

// locale is how the renderer writes numbers: in the edition's digits, or those
// of its language.
func (r *Renderer) locale() lang.Locale {
	digits := r.Digits
	if digits == "" && primary(r.Language) == "fa" {
		digits = lang.Extended
	}
	return lang.Locale{Language: r.Language, Digits: digits}
}

// kind says in words what a document is, and how large: "PDF document" and
// "1.2 MB".
func (r *Renderer) kind(d Document) (name, size string) {
	said := wordsFor(r.Language)
	for begin, word := range said.files {
		if strings.HasPrefix(d.Type, begin) && (name == "" || begin != "text/") {
			name = word
		}
	}
	if ending := fileEnding(d.Href); name == "" {
		name = ending
	}
	return name, r.size(d.Bytes)
}

// fileEnding is that of a file's name, as readers know it: PDF, XLSX.
func fileEnding(href string) string {
	name := lastPart(href)
	dot := strings.LastIndexByte(name, '.')
	if dot < 1 || len(name)-dot < 3 || len(name)-dot > 5 || strings.ContainsFunc(name[dot+1:], func(c rune) bool {
		return !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9')
	}) {
		return ""
	}
	return strings.ToUpper(name[dot+1:])
}

// size says how large a file is: whole kilobytes, or megabytes and more with a
// decimal below ten. Like networks and shops, it counts in thousands.
func (r *Renderer) size(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	said := wordsFor(r.Language)
	kilobytes := float64(bytes) / 1000
	switch locale := r.locale(); {
	case kilobytes < 999.5:
		return with(said.sizes[0], locale.Decimal(max(kilobytes, 1), 0))
	case kilobytes < 9_950:
		return with(said.sizes[1], locale.Decimal(kilobytes/1000, 1))
	case kilobytes < 999_500:
		return with(said.sizes[1], locale.Decimal(kilobytes/1000, 0))
	default:
		return with(said.sizes[2], locale.Decimal(kilobytes/1e6, 1))
	}
}
