package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"broadsheet/internal/web/site"
	"broadsheet/internal/web/theme"
	"broadsheet/themes"
	"broadsheet/ui"
)

// CheckTheme tries the theme of a folder as serving does, in all languages that
// the built-in theme or the folder has words in. It needs no newsroom.
func CheckTheme(folder string) (languages []string, err error) {
	info, err := os.Stat(folder)
	if err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%w: the theme folder %s cannot be read", ErrUsage, folder)
	}
	look, err := theme.Load(theme.Sources{Layers: []fs.FS{os.DirFS(folder), themes.Base()}, Dist: ui.Dist(), Samples: site.Samples()})
	if err != nil {
		return nil, err
	}
	if idle := look.Idle(); len(idle) > 0 {
		var faults []error
		for _, one := range idle {
			faults = append(faults, errors.New(one))
		}
		return nil, errors.Join(faults...)
	}
	return look.Languages(), nil
}
