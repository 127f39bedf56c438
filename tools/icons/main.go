// Command icons draws the paper's mark as PNG files for programs that show no SVG:
// `go run ./tools/icons` reads themes/base/images/icon.svg, of which it knows what
// the mark is made of (one rectangle with round corners, and paths of straight
// lines), and writes the files beside it. They are committed.
package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/image/vector"
)

const folder = "themes/base/images"

// icon is one file. The mark takes up part of it; whole says that the ground
// reaches into the corners, because the phone cuts its own.
type icon struct {
	name  string
	size  int
	part  float32
	whole bool
}

// icons are all. What a maskable one must not lose lies within a circle of four
// fifths of its width.
var icons = []icon{
	{"icon-192.png", 192, 1, false}, {"icon-512.png", 512, 1, false}, {"icon-maskable-512.png", 512, .7, true}, {"apple-touch-icon.png", 180, .86, true},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "icons:", err)
		os.Exit(1)
	}
}

func run() error {
	text, err := os.ReadFile(filepath.Join(folder, "icon.svg"))
	if err != nil {
		return err
	}
	var m mark
	if err := xml.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("read the mark: %w", err)
	}
	for _, i := range icons {
		content, err := i.draw(m)
		if err != nil {
			return fmt.Errorf("draw %s: %w", i.name, err)
		}
		if err := os.WriteFile(filepath.Join(folder, i.name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// mark is the SVG file.
type mark struct {
	Box  string `xml:"viewBox,attr"`
	Rect struct {
		Width float32 `xml:"width,attr"`
		Round float32 `xml:"rx,attr"`
		Fill  string  `xml:"fill,attr"`
	} `xml:"rect"`
	Paths []struct {
		D    string `xml:"d,attr"`
		Fill string `xml:"fill,attr"`
	} `xml:"path"`
}

func (i icon) draw(m mark) ([]byte, error) {
	ground, err := colourOf(m.Rect.Fill)
	if err != nil {
		return nil, err
	}
	picture := image.NewRGBA(image.Rect(0, 0, i.size, i.size))
	scale := float32(i.size) / m.Rect.Width
	if i.whole {
		draw.Draw(picture, picture.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	} else {
		pen := vector.NewRasterizer(i.size, i.size)
		rounded(pen, float32(i.size), m.Rect.Round*scale)
		pen.Draw(picture, picture.Bounds(), image.NewUniform(ground), image.Point{})
	}
	margin := float32(i.size) * (1 - i.part) / 2
	for _, path := range m.Paths {
		ink, err := colourOf(path.Fill)
		if err != nil {
			return nil, err
		}
		pen := vector.NewRasterizer(i.size, i.size)
		if err := trace(pen, path.D, scale*i.part, margin); err != nil {
			return nil, err
		}
		pen.Draw(picture, picture.Bounds(), image.NewUniform(ink), image.Point{})
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, picture)
	return out.Bytes(), err
}

// rounded draws a square with round corners.
func rounded(pen *vector.Rasterizer, size, r float32) {
	pen.MoveTo(r, 0)
	pen.LineTo(size-r, 0)
	pen.QuadTo(size, 0, size, r)
	pen.LineTo(size, size-r)
	pen.QuadTo(size, size, size-r, size)
	pen.LineTo(r, size)
	pen.QuadTo(0, size, 0, size-r)
	pen.LineTo(0, r)
	pen.QuadTo(0, 0, r, 0)
	pen.ClosePath()
}

// trace follows a path of straight lines: M, m, H, h, V, v and z.
func trace(pen *vector.Rasterizer, path string, scale, margin float32) error {
	var x, y float32
	for rest := path; rest != ""; {
		act := rest[0]
		end := strings.IndexAny(rest[1:], "MmHhVvz") + 1
		if end == 0 {
			end = len(rest)
		}
		numbers, err := numbersOf(rest[1:end])
		if err != nil {
			return err
		}
		rest = rest[end:]
		switch {
		case (act == 'M' || act == 'm') && len(numbers) == 2:
			if act == 'm' {
				numbers[0], numbers[1] = numbers[0]+x, numbers[1]+y
			}
			x, y = numbers[0], numbers[1]
			pen.MoveTo(margin+x*scale, margin+y*scale)
			continue
		case act == 'H' && len(numbers) == 1:
			x = numbers[0]
		case act == 'h' && len(numbers) == 1:
			x += numbers[0]
		case act == 'V' && len(numbers) == 1:
			y = numbers[0]
		case act == 'v' && len(numbers) == 1:
			y += numbers[0]
		case act == 'z' && len(numbers) == 0:
			pen.ClosePath()
			px, py := pen.Pen()
			x, y = (px-margin)/scale, (py-margin)/scale
			continue
		default:
			return fmt.Errorf("the path %q has %q, which this tool does not draw", path, string(act))
		}
		pen.LineTo(margin+x*scale, margin+y*scale)
	}
	return nil
}

func numbersOf(text string) ([]float32, error) {
	var all []float32
	for _, word := range strings.FieldsFunc(strings.ReplaceAll(text, "-", " -"), func(r rune) bool { return r == ' ' || r == ',' }) {
		n, err := strconv.ParseFloat(word, 32)
		if err != nil {
			return nil, err
		}
		all = append(all, float32(n))
	}
	return all, nil
}

// colourOf reads #rrggbb.
func colourOf(text string) (color.RGBA, error) {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, "#"), 16, 32)
	if err != nil || len(text) != 7 {
		return color.RGBA{}, fmt.Errorf("%q is no colour", text)
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, nil
}
