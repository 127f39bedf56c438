package cli

import (
	"fmt"

	"broadsheet/internal/app"
)

// migrate brings the schema up to date.
type migrate struct {
	Data     string `help:"The newsroom's folder." default:"data" placeholder:"DIR" group:"newsroom"`
	Database string `help:"postgres:// URL; SQLite in the data folder when left out." placeholder:"URL" group:"newsroom"`
}

// Run migrates: opening a newsroom does.
func (m *migrate) Run(c *call) error {
	newsroom, err := app.Open(c.ctx, app.Config{Data: m.Data, Database: m.Database})
	if err != nil {
		return err
	}
	defer newsroom.Close()
	has, knows, err := newsroom.DB.Version(c.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.out, "The database %s has schema %d of %d.\n", newsroom.DB.Place(), has, knows)
	return nil
}
