// Screenshots takes pictures of the demonstration newsroom: every page type in
// every edition, on a phone and on a desk, light and dark, from top to bottom.
// They are for looking at; nothing compares them. A sheet shows them all, beside
// pictures of the same names from another folder when one is named.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"

	"broadsheet/test/browser/stage"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"golang.org/x/sync/errgroup"
)

func main() {
	out := flag.String("out", "out/shots", "the folder for the pictures")
	only := flag.String("only", "", "one page type, such as story; all when left out")
	beside := flag.String("beside", "", "a folder of pictures to show beside ours, named like them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *out, *only, *beside); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out, only, beside string) (err error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make the folder for the pictures: %w", err)
	}
	set, err := stage.Open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if ended := set.Close(); err == nil {
			err = ended
		}
	}()
	pages, err := set.Newsroom.Pages(ctx)
	if err != nil {
		return err
	}
	var taken []stage.Page
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(2) // a browser keeps a processor busy with one page
	for _, p := range pages {
		if only != "" && p.Name != only {
			continue
		}
		taken = append(taken, p)
		work.Go(func() error { return shoot(ctx, set, p, out) })
	}
	if len(taken) == 0 {
		return fmt.Errorf("there is no page type %q", only)
	}
	if err := work.Wait(); err != nil {
		return err
	}
	if err := layOut(out, beside, taken); err != nil {
		return err
	}
	fmt.Printf("%d pictures are in %s, and index.html shows them\n", len(taken)*len(screens()), out)
	return nil
}

// screens are what each page is shown on.
func screens() []stage.Screen {
	phone, desk := stage.Phone, stage.Desk
	phone.Dark, desk.Dark = true, true
	return []stage.Screen{stage.Phone, stage.Desk, phone, desk}
}

// shoot takes all pictures of a page, in one tab.
func shoot(ctx context.Context, set *stage.Stage, p stage.Page, out string) error {
	tab, end, err := set.Chromium.Tab(stage.Phone)
	if err != nil {
		return err
	}
	defer end()
	if err := chromedp.Do(tab, chromedp.Navigate(set.Newsroom.URL+p.Path)); err != nil {
		return fmt.Errorf("open %s of %s: %w", p.Name, p.Edition.Key, err)
	}
	for _, on := range screens() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		picture, err := take(tab, on)
		if err != nil {
			return fmt.Errorf("take %s of %s: %w", p.Name, p.Edition.Key, err)
		}
		if err := os.WriteFile(filepath.Join(out, name(p, on)), picture, 0o644); err != nil {
			return fmt.Errorf("keep a picture: %w", err)
		}
	}
	return nil
}

// name is the file of a picture: front-390-dark.png, front-fa-390-dark.png. The
// first edition goes without its language.
func name(p stage.Page, on stage.Screen) string { return named(p.Name, p, on) }

func named(of string, p stage.Page, on stage.Screen) string {
	scheme := "light"
	if on.Dark {
		scheme = "dark"
	}
	if p.Edition.Key != stage.Editions()[0].Key {
		of += "-" + p.Edition.Key
	}
	return fmt.Sprintf("%s-%d-%s.png", of, on.Width, scheme)
}

// whole waits until all is there that a reader would see on the way down, and
// tells how long the page is.
const whole = `(async () => {
	for (const i of document.images) i.loading = 'eager'
	await document.fonts.ready
	await Promise.all([...document.images].map(i => i.decode().catch(() => {})))
	return document.documentElement.scrollHeight
})()`

func take(tab context.Context, on stage.Screen) ([]byte, error) {
	if err := chromedp.Do(tab, stage.Show(on)); err != nil {
		return nil, err
	}
	height, err := chromedp.Run(tab, chromedp.Evaluate[int64](whole, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, err
	}
	beyond := true
	shot, err := chromedp.Call(tab, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: float64(on.Width), Height: float64(height), Scale: 1},
	})
	if err != nil {
		return nil, err
	}
	return shot.Data, nil
}
