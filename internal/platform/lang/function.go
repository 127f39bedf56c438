package lang

import "strings"

// functionWords are the words of three or more letters that join others and say
// little by themselves, folded, by language.
var functionWords = map[string]map[string]bool{
	"en": set(`about above after again against all also although among and another any are around because been before being below between both but can could
		did does doing down during each either else even ever every few for from get had has have having her here hers him his how into its itself just
		last less like made make many may might more most much must near neither new next nor not now off once one only onto other our out over own per
		said same say says shall she should since some still such than that the their them then there these they this those through too toward towards
		under until upon use very via was well were what when where whether which while who whom whose why will with within without would yet you your`),
	"ar": set(`الا الي التي الذي الذين اللذان اللتان اما امام انه انها اي ايضا اين اذا اذ الان بعد بعض بل بين بينما تحت تلك ثم حتي حول حيث خلال دون ذلك
		سوف سوي ضد ضمن عبر عدا عدم علي عليه عليها عن عند عندما غير فقط فوق في فيه فيها قبل قد كان كانت كل كلا كما كي كيف لدي لذلك لقد لكن
		لكنه لكنها لم لماذا لن له لها ليس ليست ليسوا ما متي مثل مع مما من منذ منه منها نحو نحن هذا هذه هل هم هما هن هنا هناك هو هولاء هي وان ولا وما يكون تكون`),
	"fa": set(`آن آنان آنها آنچه ازاین است اگر اما این اینکه اینها بدون برای بود بودن بودند بی بین بیش بیشتر پس پیش تا جز چرا چند چنین چون چه چگونه
		چیست حتی خود داد دارد دارند داشت در درباره دیگر را روی زیر شد شده شود شوند شدند ضد علیه فقط کدام کرد کردن کرده کردند کند کنند که کجا گفت گفته
		مانند مگر من میان نه نیز نیست هر هم همان همه همین هنوز هیچ وقتی ولی یا یک یکی`),
}

func set(words string) map[string]bool {
	all := map[string]bool{}
	for _, t := range FoldTokens(words) {
		all[t.Text] = true
	}
	return all
}

// FunctionWord tells whether a folded word only joins others, such as "between" or
// «برای». Of languages without a list no word does.
func FunctionWord(folded, language string) bool {
	return functionWords[strings.ToLower(primary(language))][folded]
}
