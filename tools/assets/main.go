// Command assets bundles what the site and the desk send beside their pages: `go run
// ./tools/assets` joins and minifies the style sheets of the base theme and of the desk,
// makes a script of each *.ts in ui/site and ui/desk and of the worker in ui/worker, gives
// every file a name that changes with its content, and writes all of it with a manifest
// into ui/dist, which is committed. What the scripts of the desk are made of is in out/ui:
// scripts/install-test-needs puts it there. With -check it writes nothing and fails when ui/dist is not what
// it would write.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	theme   = "themes/base"
	script  = "ui/site"
	worker  = "ui/worker/sw.ts"
	desk    = "ui/desk"
	modules = "out/ui/node_modules"
	sheet   = "internal/web/desk/css/desk.css"
	dist    = "ui/dist"
	prefix  = "/assets/"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when ui/dist is out of date")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "assets:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	files, err := bundle()
	if err != nil {
		return err
	}
	if check {
		return compare(files)
	}
	return write(files)
}

// bundle returns the files of dist by name.
func bundle() (map[string][]byte, error) {
	entries := []string{theme + "/css/site.css", sheet, worker}
	for _, pattern := range []string{theme + "/fonts/*.woff2", theme + "/images/*.svg", theme + "/images/*.png", script + "/*.ts", desk + "/*.ts"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			return nil, err
		}
		entries = append(entries, names...)
	}
	modules, err := filepath.Abs(modules)
	if err != nil {
		return nil, err
	}
	made := api.Build(api.BuildOptions{
		NodePaths:         []string{modules},
		EntryPoints:       entries,
		Bundle:            true,
		Outdir:            dist,
		EntryNames:        "[name]-[hash]",
		AssetNames:        "[name]-[hash]",
		PublicPath:        prefix,
		Loader:            map[string]api.Loader{".woff2": api.LoaderCopy, ".svg": api.LoaderCopy, ".png": api.LoaderCopy},
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Metafile:          true,
		LegalComments:     api.LegalCommentsNone,
		// Browsers that know cascade layers, which the site cannot do without.
		Engines: []api.Engine{{Name: api.EngineChrome, Version: "111"}, {Name: api.EngineFirefox, Version: "113"}, {Name: api.EngineSafari, Version: "16.4"}},
	})
	if len(made.Errors) > 0 || len(made.Warnings) > 0 {
		return nil, errors.New(strings.Join(api.FormatMessages(append(made.Errors, made.Warnings...), api.FormatMessagesOptions{}), ""))
	}
	files := map[string][]byte{}
	for _, file := range made.OutputFiles {
		files[filepath.Base(file.Path)] = file.Contents
	}
	manifest, err := manifest(made.Metafile)
	files["manifest.json"] = manifest
	return files, err
}

// manifest maps plain names to hashed ones.
func manifest(metafile string) ([]byte, error) {
	var meta struct {
		Outputs map[string]struct {
			EntryPoint string                     `json:"entryPoint"`
			Inputs     map[string]json.RawMessage `json:"inputs"`
		} `json:"outputs"`
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return nil, fmt.Errorf("read what was bundled: %w", err)
	}
	names := map[string]string{}
	for output, from := range meta.Outputs {
		source := from.EntryPoint
		for input := range from.Inputs {
			if source == "" {
				source = input
			}
		}
		names[plain(source)] = path.Base(output)
	}
	text, err := json.MarshalIndent(names, "", "  ")
	return append(text, '\n'), err
}

// plain is the name by which pages ask for what was made of a file.
func plain(source string) string {
	name := path.Base(source)
	if stem, ok := strings.CutSuffix(name, ".ts"); ok {
		return stem + ".js"
	}
	return name
}

// write makes dist hold the files and nothing else.
func write(files map[string][]byte) error {
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	old, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dist, name), content, 0o644); err != nil {
			return err
		}
	}
	for _, entry := range old {
		if _, kept := files[entry.Name()]; !kept {
			if err := os.Remove(filepath.Join(dist, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare says what in dist differs from the files.
func compare(files map[string][]byte) error {
	var wrong []string
	for name, content := range files {
		got, err := os.ReadFile(filepath.Join(dist, name))
		if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(got, content) {
			wrong = append(wrong, name)
		} else if err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, known := files[entry.Name()]; !known {
			wrong = append(wrong, entry.Name())
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.Sort(wrong)
	return fmt.Errorf("ui/dist is out of date (%s): run `go run ./tools/assets` and commit it", strings.Join(wrong, ", "))
}
