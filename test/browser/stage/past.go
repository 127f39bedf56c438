package stage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"broadsheet/internal/app"
	"broadsheet/internal/news/body"
	"broadsheet/internal/news/publish"
	"broadsheet/internal/news/story"
	"broadsheet/internal/platform/db"
)

// past is what a story of the demonstration is given, so that there are
// versions to look at: a paragraph with a mistake, its correction, a note.
type past struct{ wrong, right, note, update string }

var pasts = map[string]past{
	"en": {"The section between the two yards is 83 km long, and Łódź lies at its end.", "The section between the two yards is 38 km long, and Łódź lies at its end.",
		"An earlier version gave the length of the section as 83 km. It is 38 km.", "Added the length of the section."},
	"ar": {"يبلغ طول المقطع بين الساحتين 83 كيلومترا، وتقع Łódź في آخره.", "يبلغ طول المقطع بين الساحتين 38 كيلومترا، وتقع Łódź في آخره.",
		"ورد في نسخة سابقة أن طول المقطع 83 كيلومترا. الصواب 38 كيلومترا.", "أُضيف طول المقطع."},
	"fa": {"درازای بخش میان دو محوطه ۸۳ کیلومتر است و شهر Łódź در پایان آن می‌ماند.", "درازای بخش میان دو محوطه ۳۸ کیلومتر است و شهر Łódź در پایان آن می‌ماند.",
		"در نسخهٔ پیشین درازای بخش ۸۳ کیلومتر آمده بود. درست آن ۳۸ کیلومتر است.", "افزودن درازای بخش."},
}

// remember publishes a story of every edition three more times. Nobody serves
// the folder meanwhile.
func remember(ctx context.Context, data string) (err error) {
	n, err := app.Open(ctx, app.Config{Data: data})
	if err != nil {
		return fmt.Errorf("open the demonstration: %w", err)
	}
	defer func() { err = errors.Join(err, n.Close()) }()
	for _, e := range Editions() {
		if err := rememberIn(ctx, n, e.Key, pasts[e.Key]); err != nil {
			return fmt.Errorf("give a story of %s a past: %w", e.Key, err)
		}
	}
	return nil
}

// notTheLead is how far down the latest the story is looked for: the story that
// leads is weighed as it was written.
const notTheLead = 12

func rememberIn(ctx context.Context, n *app.Newsroom, key string, p past) error {
	var live []story.Card
	err := n.DB.View(ctx, func(tx *db.Tx) (err error) {
		live, err = story.Latest(tx, key, story.Cursor{}, notTheLead)
		return err
	})
	if err != nil || len(live) == 0 {
		return errors.Join(err, ctx.Err())
	}
	chosen := live[len(live)-1]
	if err := withdraw(ctx, n, chosen, p); err != nil {
		return err
	}
	steps := []struct {
		order  publish.Order
		change func(*story.Content)
	}{
		{publish.Order{Kind: story.Update, Note: p.update}, func(c *story.Content) { update(c, p) }},
		{publish.Order{Kind: story.Correction, Note: p.note}, func(c *story.Content) { replace(c.Body, p.wrong, p.right) }},
		{publish.Order{Kind: story.Typo}, func(c *story.Content) { replace(c.Body, p.right, p.right+" ") }},
	}
	for _, step := range steps {
		err := n.DB.Update(ctx, func(tx *db.Tx) error {
			d, err := n.Stories.Draft(tx, chosen.ID)
			if err != nil {
				return err
			}
			step.change(&d.Content)
			if d, err = n.Stories.Save(tx, 0, d.ID, d.Sequence, d.Content); err != nil {
				return err
			}
			step.order.Story, step.order.Sequence = d.ID, d.Sequence
			_, err = n.Desk.StoryIn(tx, step.order)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// withdrawnSlug is where a story stood that was withdrawn, in the section of the
// one that was corrected.
const withdrawnSlug = "withdrawn"

// withdraw publishes a story and takes it back.
func withdraw(ctx context.Context, n *app.Newsroom, beside story.Card, p past) error {
	c := story.Content{Headline: p.update, Slug: withdrawnSlug, Genre: story.News, Section: beside.Section, Body: body.FromText(p.wrong)}
	return n.DB.Update(ctx, func(tx *db.Tx) error {
		d, err := n.Stories.Create(tx, 0, beside.Edition, 0, 0, c)
		if err != nil {
			return err
		}
		if _, err := n.Desk.StoryIn(tx, publish.Order{Story: d.ID, Sequence: d.Sequence}); err != nil {
			return err
		}
		return n.Desk.WithdrawIn(tx, 0, d.ID, p.note)
	})
}

// update changes a story as an editor would: the headline loses a word, a
// paragraph comes in, one goes, one moves, and a part of one is set strong.
func update(c *story.Content, p past) {
	if words := strings.Fields(c.Headline); len(words) > 3 {
		c.Headline = strings.Join(words[:len(words)-1], " ")
	}
	b := slices.Clone(c.Body)
	if len(b) > 6 {
		moved := b[len(b)-2]
		b = slices.Delete(b, len(b)-2, len(b)-1)
		b = slices.Insert(b, 3, moved)
		b = b[:len(b)-1]
	}
	if text, ok := b[0].Value.(body.Paragraph); ok && len(text.Text) > 0 {
		first, rest, _ := strings.Cut(text.Text[0].Text, " ")
		text.Text = append(body.Text{{Text: first, Marks: body.Strong}, {Text: " " + rest}}, text.Text[1:]...)
		b[0].Value = text
	}
	c.Body = slices.Insert(b, 1, body.Block{Key: "past", Value: body.Paragraph{Text: body.T(p.wrong)}})
}

func replace(b body.Body, old, new string) {
	for i := range b {
		if text, ok := b[i].Value.(body.Paragraph); ok && text.Text.String() == old {
			b[i].Value = body.Paragraph{Text: body.T(new)}
		}
	}
}
