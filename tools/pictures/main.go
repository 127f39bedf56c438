// Command pictures draws the pictures of the demonstration newsroom, the same bytes on every run.
// It is not an image editor and no part of the server: it exists so that the pictures have a source.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// Picture is one drawing and the name of its file.
type Picture struct {
	id   string
	draw func(*Canvas)
}

func catalogue() []Picture {
	return slices.Concat(landscapes(), instruments(), papers(), waters(), waymarks(), posters())
}

func main() {
	out := flag.String("out", "demo/pictures", "folder of the pictures")
	only := flag.String("only", "", "draw just the picture with this id")
	check := flag.Bool("check", false, "compare with the files instead of writing them")
	reel := flag.String("film", "", "write the frames of the film with this id, as rgb24, to the standard output")
	flag.Parse()
	var err error
	if *reel != "" {
		err = roll(*reel, os.Stdout)
	} else {
		err = run(*out, *only, *check)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

func run(out, only string, check bool) error {
	chosen := pick(only)
	if len(chosen) == 0 {
		return fmt.Errorf("no picture is called %q", only)
	}
	finish := write
	if check {
		finish = compare
	}
	failed := make([]error, len(chosen))
	var wait sync.WaitGroup
	places := make(chan struct{}, runtime.NumCPU())
	for i, p := range chosen {
		wait.Go(func() {
			places <- struct{}{}
			defer func() { <-places }()
			failed[i] = finish(filepath.Join(out, p.id+".jpg"), p)
		})
	}
	wait.Wait()
	return first(failed)
}

func pick(only string) []Picture {
	var chosen []Picture
	for _, p := range catalogue() {
		if only == "" || only == p.id {
			chosen = append(chosen, p)
		}
	}
	return chosen
}

func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func write(path string, p Picture) error {
	drawn, err := encode(p)
	if err != nil {
		return err
	}
	return os.WriteFile(path, drawn, 0o644)
}

func compare(path string, p Picture) error {
	kept, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	drawn, err := encode(p)
	if err != nil {
		return err
	}
	if bytes.Equal(kept, drawn) {
		return nil
	}
	return distance(path, kept, drawn)
}

// tolerance is in levels of 255, on average: processors that fuse multiply and add round the last
// bit differently, which moves a few pixels by one level.
const tolerance = 0.5

func distance(path string, kept, drawn []byte) error {
	a, err := jpeg.Decode(bytes.NewReader(kept))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	b, err := jpeg.Decode(bytes.NewReader(drawn))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if d := apart(a, b); d > tolerance {
		return fmt.Errorf("%s is not what the tool draws (%.1f levels apart); run the tool again", path, d)
	}
	return nil
}

func apart(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return 255
	}
	sum, r := 0.0, a.Bounds()
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			r0, g0, b0, _ := a.At(x, y).RGBA()
			r1, g1, b1, _ := b.At(x, y).RGBA()
			sum += math.Abs(float64(r0)-float64(r1)) + math.Abs(float64(g0)-float64(g1)) + math.Abs(float64(b0)-float64(b1))
		}
	}
	return sum / 3 / 257 / float64(r.Dx()*r.Dy())
}

// heaviest keeps the whole set small enough to live in the repository.
const heaviest = 120_000

// encode lowers the quality only for the few pictures whose texture would break the budget.
func encode(p Picture) ([]byte, error) {
	c := blank()
	p.draw(c)
	c.finish(uint32(len(p.id)))
	img := c.image()
	for quality := 84; quality >= 60; quality -= 3 {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("encode %s: %w", p.id, err)
		}
		if b.Len() <= heaviest {
			return b.Bytes(), nil
		}
	}
	return nil, fmt.Errorf("%s is heavier than %d bytes at any fair quality", p.id, heaviest)
}
