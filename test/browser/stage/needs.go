package stage

import (
	"fmt"
	"os"
	"path/filepath"
)

// Need is the path of a file that scripts/install-test-needs puts beside the
// tree: a package of test/browser/needs and a file in it. One that is not there
// is an error that says what to do.
func Need(file string) (string, error) {
	root, err := root()
	if err != nil {
		return "", err
	}
	at := filepath.Join(root, "out", "needs", "node_modules", filepath.FromSlash(file))
	if _, err := os.Stat(at); err != nil {
		return "", fmt.Errorf("%s is not installed: run scripts/install-test-needs", file)
	}
	return at, nil
}

// root is the folder of the project: the nearest one above with its go.mod.
func root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the project: %w", err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find the project: no go.mod here or above")
		}
	}
}
