package cli

import "broadsheet/internal/app"

// demo makes and serves the demonstration newsroom.
type demo struct {
	app.Config `embed:"" group:"newsroom"`
}

// Run fills an empty newsroom, then serves it.
func (d *demo) Run(c *call) error {
	if d.Data == "data" {
		d.Data = "data/demo"
	}
	newsroom, err := app.Create(c.ctx, d.Config)
	if err != nil {
		return err
	}
	defer newsroom.Close()
	if err := newsroom.Furnish(c.ctx, progressTo(c.err)); err != nil {
		return err
	}
	newsroom.Greet()
	return newsroom.Serve(c.ctx, d.Config, c.out)
}
