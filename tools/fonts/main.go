// Command fonts cuts the public site's fonts: `go run ./tools/fonts` fetches
// the families with npm, limits their axes and glyphs with fonttools, and
// writes the files, their licences and a table of sizes into themes/base/fonts.
// It needs npm and, from fonttools with brotli, the programs `fonttools` and
// `pyftsubset`. It is run when a family or a cut changes, never in a build.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const into = "themes/base/fonts"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fonts:", err)
		os.Exit(1)
	}
}

func run() error {
	work, err := os.MkdirTemp("", "fonts")
	if err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
	}
	defer os.RemoveAll(work)
	for name, f := range families {
		if err := f.fetch(work, name); err != nil {
			return err
		}
	}
	for _, c := range cuts {
		if err := c.make(work); err != nil {
			return fmt.Errorf("cut %s: %w", c.name, err)
		}
	}
	table, err := sizes()
	if err != nil {
		return err
	}
	fmt.Print(table)
	return os.WriteFile(filepath.Join(into, "README.md"), []byte(table), 0o644)
}

// fetch unpacks a family's package and keeps its licence.
func (f family) fetch(work, name string) error {
	home := filepath.Join(work, name)
	if err := os.Mkdir(home, 0o755); err != nil {
		return err
	}
	archive, err := output(home, "npm", "pack", "--silent", "@fontsource-variable/"+name+"@"+f.version)
	if err != nil {
		return err
	}
	lines := strings.Fields(archive)
	if _, err := output(home, "tar", "xzf", lines[len(lines)-1]); err != nil {
		return err
	}
	licence, err := os.ReadFile(filepath.Join(home, "package", "LICENSE"))
	if err != nil {
		return fmt.Errorf("licence of %s: %w", name, err)
	}
	return os.WriteFile(filepath.Join(into, "OFL-"+name+".txt"), licence, 0o644)
}

// make pins or limits the axes, then keeps only the glyphs and features named.
// HVAR goes because what it says of widths stands in gvar as well, names go
// because the licences stand beside the files.
func (c cut) make(work string) error {
	family := filepath.Join(work, c.family, "package", "files", c.family+"-"+c.source+".woff2")
	limited := filepath.Join(work, c.name+".ttf")
	args := append([]string{"varLib.instancer", "-q", "-o", limited, family}, c.axes...)
	if _, err := output(".", "fonttools", args...); err != nil {
		return err
	}
	_, err := output(".", "pyftsubset", limited,
		"--output-file="+filepath.Join(into, c.name+".woff2"), "--flavor=woff2",
		"--unicodes="+c.glyphs, "--layout-features="+c.features,
		"--no-hinting", "--desubroutinize", "--notdef-outline", "--name-IDs=1", "--drop-tables+=HVAR")
	return err
}

// output runs a program in a folder and returns what it prints.
func output(folder, program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = folder
	// The same families give the same bytes, whenever they are cut.
	cmd.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=0")
	var fault strings.Builder
	cmd.Stderr = &fault
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, fault.String())
	}
	return string(out), nil
}

// sizes is the table of what was cut, in kB of 1,000 bytes.
func sizes() (string, error) {
	var b strings.Builder
	b.WriteString("# Fonts\n\nCut by `go run ./tools/fonts`; the cuts and their reasons stand in `tools/fonts/cuts.go`.\n")
	b.WriteString("All families are under the SIL Open Font License, whose texts stand beside this file.\n\n")
	b.WriteString("| file | family | bytes | fetched |\n|---|---|---|---|\n")
	first := map[string]int64{}
	for _, c := range cuts {
		info, err := os.Stat(filepath.Join(into, c.name+".woff2"))
		if err != nil {
			return "", err
		}
		when := "when a page needs it"
		if len(c.first) > 0 {
			when = "first view: " + strings.Join(c.first, ", ")
		}
		fmt.Fprintf(&b, "| %s.woff2 | %s | %d | %s |\n", c.name, c.family, info.Size(), when)
		for _, language := range c.first {
			first[language] += info.Size()
		}
	}
	b.WriteString("\nFirst view, at most 60,000 bytes:")
	for _, language := range []string{"en", "ar", "fa"} {
		fmt.Fprintf(&b, " %s %d;", language, first[language])
		if first[language] > budget {
			return "", fmt.Errorf("the fonts of %s weigh %d bytes, more than %d", language, first[language], budget)
		}
	}
	return strings.TrimSuffix(b.String(), ";") + ".\n", nil
}

// budget is what the fonts of a first view may weigh, in bytes.
const budget = 60_000
