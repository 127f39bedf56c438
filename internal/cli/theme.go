package cli

import (
	"errors"
	"fmt"
	"strings"

	"broadsheet/internal/app"
)

// look is what there is to do with themes.
type look struct {
	Check checkTheme `cmd:"" help:"Say what is wrong with the folder of a theme, as serving would."`
}

// checkTheme tries a theme without a newsroom.
type checkTheme struct {
	Folder string `arg:"" name:"dir" help:"The theme's folder."`
}

// Run prints a line for each fault, and fails when there is one.
func (t *checkTheme) Run(c *call) error {
	languages, err := app.CheckTheme(t.Folder)
	switch {
	case err == nil:
		fmt.Fprintf(c.out, "The theme %s can be served, in %s.\n", t.Folder, strings.Join(languages, ", "))
		return nil
	case errors.Is(err, app.ErrUsage):
		return err
	}
	faults := strings.Split(err.Error(), "\n")
	for _, fault := range faults {
		fmt.Fprintln(c.out, strings.TrimPrefix(fault, "theme: "))
	}
	if len(faults) == 1 {
		return errors.New("the theme has a fault")
	}
	return fmt.Errorf("the theme has %d faults", len(faults))
}
