package stage

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Chromium is a running browser without windows.
type Chromium struct {
	ctx  context.Context
	stop []context.CancelFunc
}

// Start starts a browser that keeps its profile in a folder and speaks to
// nobody but the pages that it is shown.
func Start(ctx context.Context, profile string) (*Chromium, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
	)
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	c := &Chromium{stop: []context.CancelFunc{stop}}
	c.ctx, stop = chromedp.NewContext(allocator)
	c.stop = append(c.stop, stop)
	if err := chromedp.Do(c.ctx); err != nil {
		c.Close()
		return nil, fmt.Errorf("start Chromium, which must be installed: %w", err)
	}
	return c, nil
}

// Close ends the browser.
func (c *Chromium) Close() error {
	err := chromedp.Cancel(c.ctx)
	for n := len(c.stop) - 1; n >= 0; n-- {
		c.stop[n]()
	}
	if err != nil {
		return fmt.Errorf("end Chromium: %w", err)
	}
	return nil
}

// Screen is what a page is shown on.
type Screen struct {
	Width, Height int64
	// Dark asks for the dark scheme.
	Dark bool
}

// The screens that pages are looked at on. Narrow is the narrowest that must
// not scroll sideways.
var (
	Phone  = Screen{Width: 390, Height: 844}
	Desk   = Screen{Width: 1280, Height: 900}
	Narrow = Screen{Width: 320, Height: 640}
	Wide   = Screen{Width: 2560, Height: 1440}
)

// tabLife is how long one tab may be at work.
const tabLife = 2 * time.Minute

// Tab opens a tab that keeps nothing it fetched, on a screen.
func (c *Chromium) Tab(on Screen) (context.Context, context.CancelFunc, error) {
	return c.open([]chromedp.Action[chromedp.Void]{Show(on), Firsthand(true), awake()})
}

// Visit opens a tab of somebody who was never here and keeps what is fetched, past
// the paper's worker, whose bytes no tab counts.
func (c *Chromium) Visit(on Screen) (context.Context, context.CancelFunc, error) {
	unaided := chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true})
		return err
	})
	return c.open([]chromedp.Action[chromedp.Void]{Show(on), unaided, awake()}, chromedp.WithNewBrowserContext())
}

func (c *Chromium) open(steps []chromedp.Action[chromedp.Void], options ...chromedp.ContextOption) (context.Context, context.CancelFunc, error) {
	ctx, closeTab := chromedp.NewContext(c.ctx, options...)
	if err := chromedp.Do(ctx); err != nil {
		closeTab()
		return nil, nil, fmt.Errorf("open a tab: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, tabLife)
	end := func() { cancel(); closeTab() }
	if err := chromedp.Do(ctx, steps...); err != nil {
		end()
		return nil, nil, fmt.Errorf("set up a tab: %w", err)
	}
	return ctx, end, nil
}

// Show puts the tab on a screen with one device pixel for each pixel of CSS.
func Show(on Screen) chromedp.Action[chromedp.Void] {
	scheme := "light"
	if on.Dark {
		scheme = "dark"
	}
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: on.Width, Height: on.Height, DeviceScaleFactor: 1, Mobile: on.Width < Desk.Width})
		if err != nil {
			return fmt.Errorf("set the screen: %w", err)
		}
		_, err = chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{
				{Name: "prefers-color-scheme", Value: scheme},
				// A page that glides is somewhere else whenever one looks.
				{Name: "prefers-reduced-motion", Value: "reduce"},
			}})
		if err != nil {
			return fmt.Errorf("set what the reader prefers: %w", err)
		}
		return nil
	})
}

// Firsthand makes every load the first one, past the browser's cache and the
// paper's worker; without it a tab is a reader's who was here before.
func Firsthand(first bool) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		if _, err := chromedp.Call(ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: first}); err != nil {
			return err
		}
		_, err := chromedp.Call(ctx, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: first})
		return err
	})
}

// awake has the tab draw and take keys although other tabs lie over it.
func awake() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	})
}
