// Package ui carries what the public site sends beside its pages: style sheets,
// fonts and images, bundled by `go run ./tools/assets` under names that change
// with their content. It holds files and no code that reads them.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed dist
var files embed.FS

// Dist returns the bundled assets with their manifest.json, which maps plain
// names to hashed ones.
func Dist() fs.FS {
	dist, err := fs.Sub(files, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path, so this cannot be
	}
	return dist
}
