// Package themes carries the public site's own theme, the one that every other
// theme is laid over, file by file. It holds files and no code that reads them.
package themes

import (
	"embed"
	"io/fs"
)

//go:embed base/templates base/words base/css base/fonts/preload.toml
var files embed.FS

// Base returns the base theme: templates, words, style sheets and the list of
// fonts to fetch early. The fonts themselves are served from package ui.
func Base() fs.FS {
	base, err := fs.Sub(files, "base")
	if err != nil {
		panic(err) // "base" is a valid path, so this cannot be
	}
	return base
}
