// Package imaging makes the renditions of pictures in pure Go: it reads JPEG
// and PNG and writes JPEG. It keeps nothing and knows nothing of who took a
// picture.
package imaging

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	_ "image/png" // pictures that were drawn or shot from a screen

	"golang.org/x/image/draw"
)

// MaxPixels is how large a picture may be, so that a small file cannot fill the
// memory.
const MaxPixels = 100_000_000

// Widths are those of the renditions, in pixels.
var Widths = []int{480, 800, 1280, 1920}

// ErrPicture says that the bytes are no picture that this room can read.
var ErrPicture = errors.New("this is no picture we can read")

// Rendition is a picture in one width.
type Rendition struct {
	Width, Height int
	JPEG          []byte
}

// quality of the renditions: at 78 a drawn or a photographed picture shows no
// trace of it on a screen.
const quality = 78

// Renditions reads a picture and returns it in all widths up to its own, the
// smallest first. Each is drawn from the next larger one.
func Renditions(picture []byte) (width, height int, made []Rendition, err error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		return 0, 0, nil, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	if config.Width < 1 || config.Height < 1 || config.Width*config.Height > MaxPixels {
		return 0, 0, nil, fmt.Errorf("%w: it has %d × %d pixels", ErrPicture, config.Width, config.Height)
	}
	current, _, err := image.Decode(bytes.NewReader(picture))
	if err != nil {
		return 0, 0, nil, fmt.Errorf("%w: %w", ErrPicture, err)
	}
	for _, w := range widths(config.Width) {
		current = scale(current, w)
		var out bytes.Buffer
		if err := jpeg.Encode(&out, current, &jpeg.Options{Quality: quality}); err != nil {
			return 0, 0, nil, fmt.Errorf("write a rendition: %w", err)
		}
		made = append([]Rendition{{Width: w, Height: current.Bounds().Dy(), JPEG: out.Bytes()}}, made...)
	}
	return config.Width, config.Height, made, nil
}

// widths are those of a picture's renditions, the largest first.
func widths(own int) []int {
	list := []int{}
	for _, w := range Widths {
		if w <= own {
			list = append([]int{w}, list...)
		}
	}
	if len(list) == 0 {
		return []int{own}
	}
	return list
}

func scale(from image.Image, width int) image.Image {
	size := from.Bounds()
	if size.Dx() == width {
		return from
	}
	height := max(1, (size.Dy()*width+size.Dx()/2)/size.Dx())
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.CatmullRom.Scale(to, to.Bounds(), from, size, draw.Src, nil)
	return to
}
