package theme

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// Prefix is where assets are served. Their names change with their content, so
// what stands under it may be kept for ever.
const Prefix = "/assets/"

// sheet is the style sheet that imports all others.
const sheet = "site.css"

// Asset is a file that pages refer to.
type Asset struct {
	Content []byte
	// Type is its media type.
	Type string
}

// assets are the files that pages refer to, by plain name.
type assets struct {
	dist     fs.FS
	manifest map[string]string
	// made are assets that the theme's layers change: hashed name to content.
	made    map[string][]byte
	preload map[string][]string
	// idle is what of the layers nothing uses.
	idle []string
}

// Asset returns the file with a hashed name, as the address after Prefix has
// it. The error is fs.ErrNotExist for a name that no page of this theme uses.
func (t *Theme) Asset(name string) (Asset, error) {
	kind := mime.TypeByExtension(path.Ext(name))
	if path.Ext(name) == ".woff2" {
		kind = "font/woff2"
	}
	if content, made := t.assets.made[name]; made {
		return Asset{Content: content, Type: kind}, nil
	}
	for _, hashed := range t.assets.manifest {
		if hashed == name {
			content, err := fs.ReadFile(t.assets.dist, name)
			return Asset{Content: content, Type: kind}, err
		}
	}
	return Asset{}, fmt.Errorf("theme: asset %s: %w", name, fs.ErrNotExist)
}

// formerName is a hashed name of another build.
var formerName = regexp.MustCompile(`^([a-z0-9-]+)-[A-Z0-9]{8}(\.[a-z0-9]+)$`)

// Present returns the file of now for the hashed name that another build gave it. The
// error is fs.ErrNotExist where there is none.
func (t *Theme) Present(name string) (Asset, error) {
	parts := formerName.FindStringSubmatch(name)
	if parts == nil {
		return Asset{}, fmt.Errorf("theme: asset %s: %w", name, fs.ErrNotExist)
	}
	hashed, known := t.assets.manifest[parts[1]+parts[2]]
	if !known {
		return Asset{}, fmt.Errorf("theme: asset %s: %w", name, fs.ErrNotExist)
	}
	return t.Asset(hashed)
}

// Address returns where the asset with a plain name is served.
func (t *Theme) Address(name string) (string, error) { return t.assets.address(name) }

// Script returns the script of a plain name, such as "sw.js", for an address that
// does not change with its content.
func (t *Theme) Script(name string) ([]byte, error) {
	hashed, known := t.assets.manifest[name]
	if !known {
		return nil, fmt.Errorf("theme: script %s: %w", name, fs.ErrNotExist)
	}
	file, err := t.Asset(hashed)
	return file.Content, err
}

// address returns where an asset is served. An unknown name is an error, which
// stops the theme at start-up when a template asks for it.
func (a assets) address(name string) (string, error) {
	hashed, known := a.manifest[name]
	if !known {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return Prefix + hashed, nil
}

func loadAssets(layers []fs.FS, dist fs.FS) (assets, error) {
	files := overlay(layers)
	stock := assets{dist: dist, manifest: map[string]string{}, made: map[string][]byte{}, preload: map[string][]string{}}
	text, err := fs.ReadFile(dist, "manifest.json")
	if err != nil {
		return stock, fmt.Errorf("theme: read the manifest of assets: %w", err)
	}
	if err := json.Unmarshal(text, &stock.manifest); err != nil {
		return stock, fmt.Errorf("theme: manifest of assets: %w", err)
	}
	if err := stock.adopt(layers); err != nil {
		return stock, err
	}
	if err := stock.restyle(files); err != nil {
		return stock, err
	}
	if err := stock.readPreload(files); err != nil {
		return stock, err
	}
	stock.idle, err = stock.inspect(layers)
	return stock, err
}

// adopt takes in the fonts and the images of the layers over the base theme,
// the strongest last.
func (a assets) adopt(layers []fs.FS) error {
	for _, layer := range slices.Backward(layers[:len(layers)-1]) {
		for ending, folder := range folderOf {
			names, err := fs.Glob(layer, folder+"*"+ending)
			if err != nil {
				return fmt.Errorf("theme: list %s: %w", folder, err)
			}
			for _, name := range names {
				content, err := fs.ReadFile(layer, name)
				if err != nil {
					return fmt.Errorf("theme: read %s: %w", name, err)
				}
				a.put(path.Base(name), content)
			}
		}
	}
	return nil
}

// put serves content under a plain name, hashed.
func (a assets) put(name string, content []byte) {
	sum := sha256.Sum256(content)
	ending := path.Ext(name)
	hashed := strings.TrimSuffix(name, ending) + "-" + strings.ToUpper(hex.EncodeToString(sum[:4])) + ending
	a.manifest[name] = hashed
	a.made[hashed] = content
}

// readPreload reads fonts/preload.toml: by language, the fonts of a first view.
func (a assets) readPreload(files fs.FS) error {
	text, err := fs.ReadFile(files, "fonts/preload.toml")
	if err != nil {
		return fmt.Errorf("theme: read the list of fonts: %w", err)
	}
	var names map[string][]string
	if err := toml.Unmarshal(text, &names); err != nil {
		return fmt.Errorf("theme: fonts/preload.toml: %w", err)
	}
	for language, list := range names {
		for _, name := range list {
			address, err := a.address(name)
			if err != nil {
				return fmt.Errorf("theme: fonts/preload.toml: %w", err)
			}
			a.preload[language] = append(a.preload[language], address)
		}
	}
	return nil
}

var (
	imports = regexp.MustCompile(`@import "([^"]+)"(?: layer\((\w+)\))?;`)
	// An address of any other form has no name that the theme could have.
	urls = regexp.MustCompile(`url\(\s*(?:"(?:\.\./)?(?:fonts|images)/([^"]+)"\s*|(?:\.\./)?(?:fonts|images)/([^"')]+)|[^)]*)\)`)
)

// restyle rebuilds the style sheet when a layer has one of its files. It
// joins the files as they are: bundling and minifying need a tool that a
// running newsroom does not carry.
func (a assets) restyle(files fs.FS) error {
	changed, err := restyled(files)
	if err != nil || !changed {
		return err
	}
	joined, err := join(files, sheet)
	if err != nil {
		return err
	}
	var faults []error
	joined = urls.ReplaceAllStringFunc(remarks.ReplaceAllString(joined, ""), func(place string) string {
		match := urls.FindStringSubmatch(place)
		hashed, known := a.manifest[match[1]+match[2]]
		if !known {
			faults = append(faults, fmt.Errorf("theme: a style sheet asks for %s, which the theme has not; what it has is written url(../images/NAME) or url(../fonts/NAME)", place))
		}
		return "url(" + Prefix + hashed + ")"
	})
	a.put(sheet, []byte(joined))
	return errors.Join(faults...)
}

// restyled says whether a layer over the base theme has a style sheet, or what a
// style sheet may name.
func restyled(files fs.FS) (bool, error) {
	layers, stacked := files.(overlay)
	if !stacked || len(layers) < 2 {
		return false, nil
	}
	for _, layer := range layers[:len(layers)-1] {
		for _, of := range []string{"css/*.css", "fonts/*.woff2", "images/*.*"} {
			names, err := fs.Glob(layer, of)
			if err != nil || len(names) > 0 {
				return len(names) > 0, err
			}
		}
	}
	return false, nil
}

// join returns a style sheet with its imports in place.
func join(files fs.FS, name string, within ...string) (string, error) {
	text, err := fs.ReadFile(files, "css/"+name)
	if err != nil {
		return "", fmt.Errorf("theme: style sheet: %w", err)
	}
	if slices.Contains(within, name) {
		return "", fmt.Errorf("theme: css/%s imports itself", name)
	}
	if err := readable(name, string(text)); err != nil {
		return "", err
	}
	var faults []error
	joined := imports.ReplaceAllStringFunc(string(text), func(line string) string {
		match := imports.FindStringSubmatch(line)
		inner, err := join(files, strings.TrimPrefix(match[1], "./"), append(within, name)...)
		if err != nil {
			faults = append(faults, err)
		}
		if match[2] == "" {
			return inner
		}
		return "@layer " + match[2] + " {\n" + inner + "\n}"
	})
	return joined, errors.Join(faults...)
}

// sheetsOf shows a style sheet and all that it imports; it has been joined, or is
// the base theme's.
func sheetsOf(files fs.FS, name string, show func(name, text string)) error {
	text, err := fs.ReadFile(files, "css/"+name)
	if err != nil {
		return fmt.Errorf("theme: style sheet: %w", err)
	}
	show(name, string(text))
	for _, match := range imports.FindAllStringSubmatch(string(text), -1) {
		if err := sheetsOf(files, strings.TrimPrefix(match[1], "./"), show); err != nil {
			return err
		}
	}
	return nil
}
