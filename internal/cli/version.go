package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version says which build this is.
type version struct {
	JSON bool `name:"json" help:"For machines."`
}

// Run prints it.
func (v *version) Run(c *call) error {
	build := map[string]string{"version": "development", "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				build["revision"] = setting.Value
			}
		}
		if info.Main.Version != "" && info.Main.Version != "(devel)" {
			build["version"] = info.Main.Version
		}
	}
	if v.JSON {
		return json.NewEncoder(c.out).Encode(build)
	}
	_, err := fmt.Fprintf(c.out, "broadsheet %s %s (%s, %s)\n", build["version"], build["revision"], build["go"], build["platform"])
	return err
}
