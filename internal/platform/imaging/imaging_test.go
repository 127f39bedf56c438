package imaging_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"

	"broadsheet/internal/platform/imaging"
)

func drawn(t *testing.T, width, height int) []byte {
	t.Helper()
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			picture.Set(x, y, color.RGBA{uint8(x), uint8(y), 80, 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRenditionsKeepTheShape(t *testing.T) {
	_, _, made, err := imaging.Renditions(drawn(t, 1000, 667))
	if err != nil {
		t.Fatal(err)
	}
	if len(made) != 2 || made[0].Width != 480 || made[1].Width != 800 {
		t.Fatalf("got %d renditions, want those of 480 and 800", len(made))
	}
	for _, r := range made {
		back, format, err := image.DecodeConfig(bytes.NewReader(r.JPEG))
		if err != nil || format != "jpeg" || back.Width != r.Width || back.Height != r.Height {
			t.Errorf("%d: got %v %s %v", r.Width, back, format, err)
		}
		if want := (667*r.Width + 500) / 1000; r.Height != want {
			t.Errorf("%d: height %d, want %d", r.Width, r.Height, want)
		}
	}
}

func TestASmallPictureIsKeptInItsOwnWidth(t *testing.T) {
	_, _, made, err := imaging.Renditions(drawn(t, 90, 60))
	if err != nil || len(made) != 1 || made[0].Width != 90 {
		t.Errorf("got %v, %v", made, err)
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	bomb := drawn(t, 8, 8)
	copy(bomb[16:24], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0}) // 100,000 × 100,000
	for name, bytes := range map[string][]byte{"empty": nil, "text": []byte("<svg onload=alert(1)>"), "cut": drawn(t, 500, 500)[:900], "bomb": bomb} {
		if _, _, _, err := imaging.Renditions(bytes); !errors.Is(err, imaging.ErrPicture) {
			t.Errorf("%s: got %v, want %v", name, err, imaging.ErrPicture)
		}
	}
}
