package lang

// names are a language's words for days and months, in one country's usage.
type names struct {
	weekdays [7]string // from Sunday
	letters  [7]string // for the heads of a calendar's columns
	// short is empty where months are not abbreviated.
	gregorian, short, solar, hijri [12]string
}

// names chooses the words of the locale's language and country.
func (l Locale) names() *names {
	switch primary(l.Language) {
	case "fa":
		if l.Region == "AF" {
			return &dari
		}
		return &persian
	case "ar":
		return arabicNames(l.Region)
	}
	if l.Region == "AF" {
		return &englishInKabul
	}
	return &english
}

// arabicNames are Egypt's but for the countries that have month names of their
// own.
func arabicNames(region string) *names {
	switch region {
	case "IQ", "JO", "LB", "PS", "SY":
		return &arabicOfTheEast
	case "MA":
		return &arabicOfMorocco
	case "DZ", "TN":
		return &arabicOfAlgiers
	case "MR":
		return &arabicOfMauritania
	}
	return &arabic
}

var (
	englishWeekdays = [7]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	englishLetters  = [7]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	englishMonths   = [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	englishShort    = [12]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
	englishHijri    = [12]string{"Muharram", "Safar", "Rabi I", "Rabi II", "Jumada I", "Jumada II", "Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah"}

	arabicWeekdays = [7]string{"الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت"}
	arabicLetters  = [7]string{"ح", "ن", "ث", "ر", "خ", "ج", "س"}
	arabicSolar    = [12]string{"فروردين", "أرديبهشت", "خرداد", "تير", "مرداد", "شهريور", "مهر", "آبان", "آذر", "دي", "بهمن", "إسفند"}
	arabicHijri    = [12]string{"محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة", "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة"}

	persianWeekdays = [7]string{"یکشنبه", "دوشنبه", "سه\u200cشنبه", "چهارشنبه", "پنجشنبه", "جمعه", "شنبه"}
	persianLetters  = [7]string{"ی", "د", "س", "چ", "پ", "ج", "ش"}
	persianHijri    = [12]string{"محرم", "صفر", "ربیع\u200cالاول", "ربیع\u200cالثانی", "جمادی\u200cالاول", "جمادی\u200cالثانی", "رجب", "شعبان", "رمضان", "شوال", "ذی\u200cالقعده", "ذی\u200cالحجه"}
)

var english = names{
	weekdays:  englishWeekdays,
	letters:   englishLetters,
	gregorian: englishMonths,
	short:     englishShort,
	solar:     [12]string{"Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar", "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand"},
	hijri:     englishHijri,
}

var englishInKabul = names{
	weekdays:  englishWeekdays,
	letters:   englishLetters,
	gregorian: englishMonths,
	short:     englishShort,
	solar:     [12]string{"Hamal", "Sawr", "Jawza", "Saratan", "Asad", "Sunbula", "Mizan", "Aqrab", "Qaws", "Jadi", "Dalw", "Hut"},
	hijri:     englishHijri,
}

var arabic = names{
	weekdays:  arabicWeekdays,
	letters:   arabicLetters,
	gregorian: [12]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
	solar:     arabicSolar,
	hijri:     arabicHijri,
}

// arabicOfTheEast has the Syriac names of Iraq and the Levant.
var arabicOfTheEast = names{
	weekdays:  arabicWeekdays,
	letters:   arabicLetters,
	gregorian: [12]string{"كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"},
	solar:     arabicSolar,
	hijri:     arabicHijri,
}

var arabicOfMorocco = names{
	weekdays:  arabicWeekdays,
	letters:   arabicLetters,
	gregorian: [12]string{"يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر"},
	solar:     arabicSolar,
	hijri:     arabicHijri,
}

// arabicOfAlgiers has the French names of Algeria and Tunisia.
var arabicOfAlgiers = names{
	weekdays:  arabicWeekdays,
	letters:   arabicLetters,
	gregorian: [12]string{"جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"},
	solar:     arabicSolar,
	hijri:     arabicHijri,
}

var arabicOfMauritania = names{
	weekdays:  arabicWeekdays,
	letters:   arabicLetters,
	gregorian: [12]string{"يناير", "فبراير", "مارس", "إبريل", "مايو", "يونيو", "يوليو", "أغشت", "شتمبر", "أكتوبر", "نوفمبر", "دجمبر"},
	solar:     arabicSolar,
	hijri:     arabicHijri,
}

var persian = names{
	weekdays:  persianWeekdays,
	letters:   persianLetters,
	gregorian: [12]string{"ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"},
	solar:     [12]string{"فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"},
	hijri:     persianHijri,
}

// dari is Persian as Afghanistan writes it.
var dari = names{
	weekdays:  persianWeekdays,
	letters:   persianLetters,
	gregorian: [12]string{"جنوری", "فبروری", "مارچ", "اپریل", "می", "جون", "جولای", "اگست", "سپتمبر", "اکتوبر", "نومبر", "دسمبر"},
	solar:     [12]string{"حمل", "ثور", "جوزا", "سرطان", "اسد", "سنبله", "میزان", "عقرب", "قوس", "جدی", "دلو", "حوت"},
	hijri:     persianHijri,
}

// month names a month of a calendar.
func (n *names) month(c Calendar, month int) string {
	switch c {
	case SolarHijri:
		return n.solar[month-1]
	case UmmAlQura:
		return n.hijri[month-1]
	}
	return n.gregorian[month-1]
}

// shortMonth abbreviates a month where the language does.
func (n *names) shortMonth(c Calendar, month int) string {
	if c == SolarHijri || c == UmmAlQura || n.short[month-1] == "" {
		return n.month(c, month)
	}
	return n.short[month-1]
}
