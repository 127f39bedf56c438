// Command films makes the films of the demonstration newsroom: tools/pictures draws their frames
// and ffmpeg, which has to be installed, encodes them. It is no part of the server.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// heaviest keeps a film small enough to live in the repository.
const heaviest = 350_000

// names are the films that tools/pictures can draw.
var names = []string{"sundial-day", "canal-lock"}

func main() {
	for _, name := range names {
		if err := shoot(name, filepath.Join("demo", "films", name+".mp4")); err != nil {
			fmt.Fprintln(os.Stderr, "films:", err)
			os.Exit(1)
		}
	}
}

// shoot lets the two programs work at the same time, one into the other.
func shoot(name, path string) error {
	draw := exec.Command("go", "run", "./tools/pictures", "-film", name)
	encode := exec.Command("ffmpeg", encoding(path)...)
	draw.Stderr, encode.Stderr = os.Stderr, os.Stderr
	frames, err := draw.StdoutPipe()
	if err != nil {
		return err
	}
	encode.Stdin = frames
	if err := draw.Start(); err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	if err := encode.Run(); err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	if err := draw.Wait(); err != nil {
		return fmt.Errorf("draw %s: %w", name, err)
	}
	return weigh(path)
}

// encoding is what every browser plays: H.264 in its main profile, the index in front, no sound.
func encoding(path string) []string {
	return []string{"-y", "-v", "error",
		"-f", "rawvideo", "-pix_fmt", "rgb24", "-video_size", "640x360", "-framerate", "12", "-i", "-",
		"-an", "-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-preset", "slow", "-crf", "27", "-threads", "1",
		"-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-movflags", "+faststart", path}
}

func weigh(path string) error {
	file, err := os.Stat(path)
	if err != nil {
		return err
	}
	if file.Size() > heaviest {
		return fmt.Errorf("%s has %d bytes, more than %d", path, file.Size(), heaviest)
	}
	return nil
}
