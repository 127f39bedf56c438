package cli

import (
	"fmt"
	"strings"

	"broadsheet/internal/app"
)

// initial makes an empty newsroom.
type initial struct {
	Data     string   `help:"The newsroom's folder." default:"data" placeholder:"DIR" group:"newsroom"`
	Database string   `help:"postgres:// URL; SQLite in the data folder when left out." placeholder:"URL" group:"newsroom"`
	Name     string   `help:"The publication's name." required:"" placeholder:"NAME"`
	Editions []string `help:"The editions, the default one first: en, ar, fa." default:"en,ar,fa" placeholder:"KEYS"`
}

// Run makes it.
func (i *initial) Run(c *call) error {
	if err := app.CheckInit(i.Name, i.Editions); err != nil {
		return err
	}
	newsroom, err := app.Create(c.ctx, app.Config{Data: i.Data, Database: i.Database})
	if err != nil {
		return err
	}
	defer newsroom.Close()
	if err := newsroom.Init(c.ctx, i.Name, i.Editions); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "A newsroom called %s is in %s, with the editions %s.\n", i.Name, i.Data, strings.Join(i.Editions, ", "))
	return nil
}
