package cli

import "broadsheet/internal/app"

// serve serves a newsroom.
type serve struct {
	app.Config `embed:"" group:"newsroom"`
}

// Run serves until the program is told to stop.
func (s *serve) Run(c *call) error {
	newsroom, err := app.Open(c.ctx, s.Config)
	if err != nil {
		return err
	}
	defer newsroom.Close()
	return newsroom.Serve(c.ctx, s.Config, c.out)
}
