// Screenshots takes pictures of the demonstration newsroom: every page type in
// every edition, on a phone and on a desk, light and dark, from top to bottom.
// They are for looking at; nothing compares them.
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *out, *only); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out, only string) (err error) {
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
	taken := 0
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(2) // a browser keeps a processor busy with one page
	for _, p := range pages {
		if only != "" && p.Name != only {
			continue
		}
		taken++
		work.Go(func() error { return shoot(ctx, set, p, out) })
	}
	if taken == 0 {
		return fmt.Errorf("there is no page type %q", only)
	}
	if err := work.Wait(); err != nil {
		return err
	}
	fmt.Printf("%d pictures are in %s\n", taken*len(screens()), out)
	return nil
}

// screens are what each page is shown on.
func screens() []stage.Screen {
	phone, desk := stage.Phone, stage.Desk
	phone.Dark, desk.Dark = true, true
	return []stage.Screen{stage.Phone, stage.Desk, phone, desk}
}

// shoot takes all pictures of a page.
func shoot(ctx context.Context, set *stage.Stage, p stage.Page, out string) error {
	for _, on := range screens() {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		picture, err := take(set, p, on)
		if err != nil {
			return fmt.Errorf("take %s of %s: %w", p.Name, p.Edition.Key, err)
		}
		if err := os.WriteFile(filepath.Join(out, name(p, on)), picture, 0o644); err != nil {
			return fmt.Errorf("keep a picture: %w", err)
		}
	}
	return nil
}

func name(p stage.Page, on stage.Screen) string {
	scheme := "light"
	if on.Dark {
		scheme = "dark"
	}
	return fmt.Sprintf("%s-%s-%d-%s.png", p.Name, p.Edition.Key, on.Width, scheme)
}

// whole waits until all is there that a reader would see on the way down, and
// tells how long the page is.
const whole = `(async () => {
	for (const i of document.images) i.loading = 'eager'
	await document.fonts.ready
	await Promise.all([...document.images].map(i => i.decode().catch(() => {})))
	return document.documentElement.scrollHeight
})()`

func take(set *stage.Stage, p stage.Page, on stage.Screen) ([]byte, error) {
	ctx, end, err := set.Chromium.Tab(on)
	if err != nil {
		return nil, err
	}
	defer end()
	if err := chromedp.Do(ctx, chromedp.Navigate(set.Newsroom.URL+p.Path)); err != nil {
		return nil, err
	}
	height, err := chromedp.Run(ctx, chromedp.Evaluate[int64](whole, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, err
	}
	beyond := true
	shot, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{
		Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond,
		Clip: &page.Viewport{Width: float64(on.Width), Height: float64(height), Scale: 1},
	})
	if err != nil {
		return nil, err
	}
	return shot.Data, nil
}
