package theme_test

import "strings"

func western(digits string) string { return digits }

func persian(digits string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r - '0' + '۰'
		}
		return r
	}, digits)
}

// tongues are the three languages of the base theme, with texts as long and as
// awkward as those of a real day.
func tongues() []tongue { return []tongue{english(), arabic(), farsi()} }

func english() tongue {
	return tongue{lang: "en", dir: "ltr", paper: "Broadsheet", motto: "News and analysis, explained from the ground up", zone: "GMT", day: "Monday 23 November 2026", clock: "09:10", year: "2026",
		digits: western, sections: []string{"News", "Analysis", "Opinion", "Transport", "Water", "Time & measure", "Language", "Press"},
		names: []string{"Mina Tavakol", "Samir Haddad", "Jonas Weber"}, caption: "A measuring staff stands in a quiet river below a stone bridge.", credit: "Drawing: Broadsheet",
		age: "This story is 6 years old.", long: "A headline that no editor would pass, written to find out what a page does when eighty characters become a hundred and sixty and the words internationalisation and counterrevolutionary come along",
		stories: []told{
			{3, "One width of rail would save a nine-day wait at the border", "Where two gauges meet, every wagon is lifted and set down on other wheels. Engineers have three ways around it, and none of them is cheap.", ""},
			{4, "A river dug by hand still waters the plain", "The tunnel is older than the town above it, and it needs no pump.", ""},
			{5, "The second that clocks will no longer add", "Keepers of time have agreed to let the sun fall behind, a little.", ""},
			{7, "How a correction earns more trust than it costs", "Readers forgive an error that is named, dated and left in sight.", "report"},
			{3, "What a standard box did to the price of distance", "The container made loading cheap and ports few. The order in which that happened explains most of what followed.", "analysis"},
			{4, "Three numbers tell how much water the snow holds", "Depth, density and a thermometer: the arithmetic of a winter.", "analysis"},
			{6, "Why one number per letter took thirty years", "Agreement was harder to build than any machine.", "analysis"},
			{6, "In praise of the dull headline", "A headline is a promise, and promises should be kept.", "opinion"},
			{3, "Let the slow train keep its timetable", "Not every hour that is saved is worth having.", "opinion"},
			{5, "Every child should once draw a map", "A flat sheet cannot hold a round world, and that is the lesson.", "opinion"},
			{7, "Print the source beside the number", "It takes one line, and it changes how we write.", "opinion"},
			{4, "Two tides a day, and the one that came late", "The moon pulls twice, the coast decides when.", "explainer"},
			{5, "Why paper keeps its shape when it is halved", "One ratio makes every sheet the child of another.", "explainer"},
			{7, "The first photograph sent down a wire", "A drum, a lamp and a steady hand.", ""},
			{4, "Reservoir keepers agree on one way to measure", "", ""},
			{6, "A half space that holds a word together", "The smallest sign in the script does the most work.", "explainer"},
		},
		topics: [][2]string{
			{"Break of gauge", "A place where two track widths meet. Every wagon must be lifted, re-wheeled or unloaded before it can go on."},
			{"Qanat", "A gently sloping tunnel that leads groundwater to the surface by its own weight."},
			{"Leap second", "A second added to the clocks of the world so that noon stays near the middle of the day."},
			{"Aquifer", "Rock or sand that holds water and lets it move. What is pumped out in a year may have taken centuries to gather."},
			{"Great circle", "The shortest way between two places on a globe. On most flat maps it looks like a detour."},
			{"Halftone", "A picture made of dots of one ink, large where it is dark and small where it is light."},
		},
		body: `<p>Between the inland terminal and the border yard the rails on one side stand 1,435 mm apart, on the other 1,520 mm. A wagon that has rolled for a week stops here, and <em>nothing</em> about its load is the reason.</p>
<aside class="key-points" aria-labelledby="kp"><h2 id="kp">Key points</h2><ul><li>Two widths of track meet at the border</li><li>Each wagon is lifted in fourteen minutes</li><li>A new line would take ten years</li></ul></aside>
<p>The yard was built for <a href="/">ninety-six wagons a day</a>. On most days it handles more, because the crews have learnt to lift a whole block of wagons as one set. <strong>The price of the wait</strong> appears on no invoice, which is why it has lasted, in Zürich as in Łódź.</p>
<h2>Three ways across</h2>
<blockquote class="pull-quote"><p>The slowest machine on the line was the calendar.</p><footer>A yard master</footer></blockquote>
<p>The first is to lift the wagon. The second is an axle whose wheels slide apart while it rolls slowly over a special track. The third is to carry boxes rather than wagons, and to leave the wagons at home.</p>
<ul><li>Lifting needs cranes and patience.</li><li>Sliding axles need care and money.</li><li>Boxes need a yard with room.</li></ul>
<div class="table-frame"><table><caption>Waiting time by section</caption><thead><tr><th scope="col">Section</th><th scope="col" class="number">Before, days</th><th scope="col" class="number">After, days</th></tr></thead><tbody><tr><th scope="row">Port to terminal</th><td class="number">2.1</td><td class="number">1.4</td></tr><tr><th scope="row">Border yard</th><td class="number">4.6</td><td class="number">3.8</td></tr></tbody></table><p class="hint">Source: the yard’s own book.</p></div>
<p dir="auto" lang="fa">جایی که دو عرض خط به هم می‌رسند، هر واگن باید بلند شود.</p>
<section class="note" data-kind="correction"><h2>Correction, Monday 23 November</h2><p>An earlier version gave the width as 1,453 mm. It is 1,435 mm.</p></section>
<p>None of this is new. The trouble was described, with drawings, more than a century ago, and every remedy since then has been one of the three.</p>`,
	}
}

func farsi() tongue {
	return tongue{lang: "fa", dir: "rtl", paper: "برودشیت", motto: "خبر و تحلیل، از پایه و به زبان ساده", zone: "تهران", day: "دوشنبه ۲ آذر ۱۴۰۵", second: "۲۳ نوامبر ۲۰۲۶", clock: "۱۲:۴۰", year: "۱۴۰۵",
		digits: persian, sections: []string{"خبر", "تحلیل", "یادداشت", "راه و بندر", "آب", "زمان و سنجش", "زبان", "مطبوعات"},
		names: []string{"مینا توکل", "سمیر حداد", "یوناس وبر"}, caption: "چوب اندازه‌گیری در رودی آرام زیر پلی سنگی.", credit: "طرح: برودشیت",
		age: "این مطلب ۶ سال پیش منتشر شده است.", long: "تیتری که هیچ سردبیری آن را نمی‌پذیرد و تنها برای آن نوشته شده است که ببینیم صفحه با صد و شصت نویسه و واژه‌هایی چون بین‌المللی‌سازی و استانداردسازی چه می‌کند",
		stories: []told{
			{3, "یک عرض خط، نُه روز انتظار را در مرز از میان می‌برد", "جایی که دو عرض خط به هم می‌رسند، هر واگن را بلند می‌کنند و روی چرخ‌های دیگر می‌گذارند. مهندسان سه راه دارند و هیچ‌کدام ارزان نیست.", ""},
			{4, "رودی که با دست کنده شد هنوز دشت را آب می‌دهد", "این دالان از شهر بالای سرش کهن‌تر است و تلمبه نمی‌خواهد.", ""},
			{5, "ثانیه‌ای که ساعت‌ها دیگر نخواهند افزود", "نگهبانان زمان پذیرفته‌اند که خورشید اندکی پس بماند.", ""},
			{7, "اصلاحیه بیش از آنچه می‌گیرد اعتماد می‌آورد", "خواننده خطایی را می‌بخشد که نام و تاریخ دارد و پنهان نمی‌شود.", "report"},
			{3, "جعبه‌ای هم‌اندازه با بهای دوری چه کرد", "کانتینر بارگیری را ارزان و بندرها را کم کرد. ترتیب این دو بیشتر آنچه را پس از آن آمد توضیح می‌دهد.", "analysis"},
			{4, "سه عدد می‌گویند برف چه اندازه آب دارد", "ژرفا، چگالی و یک دماسنج: حساب یک زمستان.", "analysis"},
			{6, "چرا یک عدد برای هر حرف سی سال زمان برد", "ساختن توافق از ساختن هر دستگاهی دشوارتر بود.", "analysis"},
			{6, "در ستایش تیتر بی‌هیجان", "تیتر یک وعده است و وعده را باید نگه داشت.", "opinion"},
			{3, "بگذارید قطار کند جدول خود را نگه دارد", "هر ساعتی که صرفه‌جویی شود ارزش داشتن ندارد.", "opinion"},
			{5, "هر کودکی باید یک بار نقشه بکشد", "برگهٔ تخت جهان گرد را در خود جا نمی‌دهد و درس همین است.", "opinion"},
			{7, "منبع را کنار عدد بنویسید", "یک خط جا می‌گیرد و شیوهٔ نوشتن ما را دگرگون می‌کند.", "opinion"},
			{4, "روزی دو کشند، و یکی که دیر رسید", "ماه دو بار می‌کشد و ساحل ساعتش را می‌گزیند.", "explainer"},
			{5, "چرا کاغذ با نصف شدن شکلش را نگه می‌دارد", "یک نسبت هر برگ را فرزند برگی دیگر می‌کند.", "explainer"},
			{7, "نخستین عکسی که با سیم فرستاده شد", "یک استوانه، یک چراغ و دستی استوار.", ""},
			{4, "نگهبانان سدها بر یک شیوهٔ سنجش توافق کردند", "", ""},
			{6, "نیم‌فاصله‌ای که واژه را کنار هم نگه می‌دارد", "کوچک‌ترین نشانهٔ این خط بیشترین کار را می‌کند.", "explainer"},
		},
		topics: [][2]string{
			{"تغییر عرض خط", "جایی که دو عرض خط به هم می‌رسند. هر واگن باید بلند شود یا بارش جابه‌جا شود تا پیش برود."},
			{"قنات", "دالانی با شیب ملایم که آب زیرزمینی را با وزن خودش به سطح می‌رساند."},
			{"ثانیهٔ کبیسه", "ثانیه‌ای که به ساعت‌های جهان افزوده می‌شود تا ظهر نزدیک میانهٔ روز بماند."},
			{"آبخوان", "سنگ یا شنی که آب را نگه می‌دارد و راه می‌دهد. آنچه در یک سال کشیده می‌شود شاید سده‌ها گرد آمده باشد."},
			{"دایرهٔ عظیمه", "کوتاه‌ترین راه میان دو جا روی کره. روی بیشتر نقشه‌های تخت به بیراهه می‌ماند."},
			{"نیم‌سایه", "تصویری از نقطه‌های یک مرکب؛ درشت در تاریکی و ریز در روشنی."},
		},
		body: `<p>میان پایانهٔ درون‌مرزی و محوطهٔ مرز، ریل‌ها در یک سو ۱٬۴۳۵ میلی‌متر و در سوی دیگر ۱٬۵۲۰ میلی‌متر از هم فاصله دارند. واگنی که یک هفته راه آمده این‌جا می‌ایستد و بارش هیچ گناهی ندارد.</p>
<aside class="key-points" aria-labelledby="kp"><h2 id="kp">نکته‌های کلیدی</h2><ul><li>دو عرض خط در مرز به هم می‌رسند</li><li>هر واگن چهارده دقیقه بالا می‌ماند</li><li>خط تازه ده سال زمان می‌خواهد</li></ul></aside>
<p>این محوطه برای <a href="/">نود و شش واگن در روز</a> ساخته شد. <strong>بهای انتظار</strong> در هیچ صورت‌حسابی نیست و برای همین پایدار مانده است. نام شهر <span lang="en" dir="ltr">Łódź</span> هم همین را می‌گوید.</p>
<h2>سه راه برای گذشتن</h2>
<blockquote class="pull-quote"><p>کندترین ماشین خط، تقویم بود.</p><footer>رئیس محوطه</footer></blockquote>
<p>راه نخست بلند کردن واگن است. راه دوم محوری است که چرخ‌هایش در حرکت از هم باز می‌شوند. راه سوم آن است که جعبه را ببریم و واگن را نه.</p>
<ol><li>بلند کردن جرثقیل می‌خواهد و شکیبایی.</li><li>محور کشویی مراقبت می‌خواهد و پول.</li></ol>
<div class="table-frame"><table><caption>زمان انتظار</caption><thead><tr><th scope="col">بخش</th><th scope="col" class="number">پیش، روز</th><th scope="col" class="number">پس، روز</th></tr></thead><tbody><tr><th scope="row">بندر تا پایانه</th><td class="number">۲٫۱</td><td class="number">۱٫۴</td></tr></tbody></table></div>
<p>هیچ‌یک از این‌ها تازه نیست. این دشواری بیش از یک سده پیش با طرح و شکل شرح داده شده و هر چارهٔ دیگری از آن زمان یکی از این سه بوده است.</p>`,
	}
}

func arabic() tongue {
	return tongue{lang: "ar", dir: "rtl", paper: "برودشيت", motto: "أخبار وتحليلات نشرحها من الأساس", zone: "غرينتش", day: "الاثنين 23 نوفمبر 2026", second: "13 جمادى الآخرة 1448 هـ", clock: "09:10", year: "2026",
		digits: western, sections: []string{"أخبار", "تحليل", "رأي", "سكك وموانئ", "مياه", "الزمن والقياس", "لغة", "صحافة"},
		names: []string{"مينا توكل", "سمير حداد", "يوناس فيبر"}, caption: "عصا قياس قائمة في نهر هادئ تحت جسر من حجر.", credit: "رسم: برودشيت",
		age: "نُشرت هذه المادة قبل 6 سنوات.", long: "عنوان لا يجيزه محرر كُتب لنرى ما تفعله الصفحة حين تصير الحروف الثمانون مئة وستين وتأتي معها كلمات طويلة كالاستراتيجيات والمستودعات والاستقلاليات",
		stories: []told{
			{3, "عرض واحد للسكة يوفّر تسعة أيام من الانتظار على الحدود", "حيث يلتقي عرضان تُرفع كل عربة وتوضع على عجلات أخرى. أمام المهندسين ثلاث طرق، وليس فيها ما هو رخيص.", ""},
			{4, "نهر حُفر باليد ما زال يسقي السهل", "النفق أقدم من المدينة التي فوقه، ولا يحتاج إلى مضخة.", ""},
			{5, "الثانية التي لن تضيفها الساعات بعد اليوم", "اتفق حراس الوقت على أن يدعوا الشمس تتأخر قليلا.", ""},
			{7, "التصويب يكسب من الثقة أكثر مما يكلّف", "يغفر القارئ خطأ يُسمّى ويُؤرَّخ ويبقى ظاهرا.", "report"},
			{3, "ما الذي فعله صندوق موحّد بثمن المسافة", "جعلت الحاوية التحميل رخيصا والموانئ قليلة، وترتيب الأمرين يشرح معظم ما جاء بعدهما.", "analysis"},
			{4, "ثلاثة أرقام تخبرنا كم في الثلج من ماء", "العمق والكثافة وميزان حرارة: حساب شتاء كامل.", "analysis"},
			{6, "لماذا استغرق رقم لكل حرف ثلاثين عاما", "كان بناء الاتفاق أصعب من بناء أي آلة.", "analysis"},
			{6, "في مديح العنوان الهادئ", "العنوان وعد، والوعد يُوفى.", "opinion"},
			{3, "دعوا القطار البطيء يحفظ جدوله", "ليست كل ساعة نوفّرها جديرة بأن تُملك.", "opinion"},
			{5, "ليرسم كل طفل خريطة مرة واحدة", "لا تتسع ورقة مسطحة لعالم كروي، وهذا هو الدرس.", "opinion"},
			{7, "اكتبوا المصدر بجانب الرقم", "يحتاج ذلك إلى سطر واحد ويغيّر طريقتنا في الكتابة.", "opinion"},
			{4, "مدّان في اليوم، وواحد جاء متأخرا", "يجذب القمر مرتين، والساحل يقرر متى.", "explainer"},
			{5, "لماذا تحفظ الورقة شكلها حين تُنصَّف", "نسبة واحدة تجعل كل ورقة ابنة ورقة أخرى.", "explainer"},
			{7, "أول صورة أُرسلت عبر سلك", "أسطوانة ومصباح ويد ثابتة.", ""},
			{4, "حراس السدود يتفقون على طريقة واحدة للقياس", "", ""},
			{6, "أربعة أشكال للحرف الواحد", "يتبدّل الحرف بحسب جيرانه، والعين لا تلاحظ.", "explainer"},
		},
		topics: [][2]string{
			{"اختلاف عرض السكة", "مكان يلتقي فيه عرضان للسكة. لا بد من رفع كل عربة أو نقل حمولتها قبل أن تمضي."},
			{"القناة الجوفية", "نفق قليل الانحدار يقود المياه الجوفية إلى السطح بثقلها وحده."},
			{"الثانية الكبيسة", "ثانية تُضاف إلى ساعات العالم ليبقى الظهر قرب منتصف النهار."},
			{"الخزان الجوفي", "صخر أو رمل يحفظ الماء ويدعه يتحرك. وما يُضخ في سنة ربما تجمّع في قرون."},
			{"الدائرة العظمى", "أقصر طريق بين مكانين على الكرة، وتبدو على معظم الخرائط المسطحة التفافا."},
			{"الصورة النقطية", "صورة من نقاط بحبر واحد، تكبر حيث الظلام وتصغر حيث الضوء."},
		},
		body: `<p>بين المحطة الداخلية وساحة الحدود تبعد القضبان في جانب 1,435 مليمترا وفي الجانب الآخر 1,520 مليمترا. العربة التي سارت أسبوعا تقف هنا، ولا ذنب لحمولتها في ذلك.</p>
<aside class="key-points" aria-labelledby="kp"><h2 id="kp">أبرز النقاط</h2><ul><li>يلتقي عرضان للسكة عند الحدود</li><li>تُرفع كل عربة أربع عشرة دقيقة</li><li>خط جديد يحتاج إلى عشر سنوات</li></ul></aside>
<p>بُنيت الساحة من أجل <a href="/">ست وتسعين عربة في اليوم</a>. <strong>وثمن الانتظار</strong> لا يظهر في فاتورة، ولهذا دام.</p>
<h2>ثلاث طرق للعبور</h2>
<blockquote class="pull-quote"><p>أبطأ آلة على الخط كانت التقويم.</p><footer>مدير الساحة</footer></blockquote>
<p>الطريقة الأولى رفع العربة. والثانية محور تنزلق عجلاته وهو يسير ببطء فوق سكة خاصة. والثالثة أن ننقل الصناديق وندع العربات في بلادها.</p>
<ul><li>الرفع يحتاج إلى رافعات وصبر.</li><li>والمحور المنزلق يحتاج إلى عناية ومال.</li></ul>
<p>لا جديد في هذا كله. وُصفت المشكلة بالرسوم قبل أكثر من قرن، وكل علاج جاء بعد ذلك كان واحدا من الثلاثة.</p>`,
	}
}
