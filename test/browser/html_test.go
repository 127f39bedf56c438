package browser_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"broadsheet/test/browser/stage"
)

// pardoned are what the Nu HTML Checker says that is no mistake of ours: a part
// of its message, and the reason.
var pardoned = map[string]string{}

// remark is what the checker says of a place in a file.
type remark struct {
	Type, SubType, URL, Message, Extract string
	LastLine                             int
}

// spoilt is a page with two mistakes, which the checker must find: one that finds
// nothing there would find nothing anywhere.
const spoilt = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Spoilt</title></head><body><p><div></p><img src="a.png"></body></html>`

// TestEveryPageIsValidHTML has the Nu HTML Checker read every page as it is sent,
// all in one process, warnings included.
func TestEveryPageIsValidHTML(t *testing.T) {
	dir := t.TempDir()
	for _, p := range set.pages {
		_, _, body, err := set.Newsroom.Get(t.Context(), p.Path)
		if err != nil {
			t.Fatal(err)
		}
		keepPage(t, filepath.Join(dir, p.Name+"-"+p.Edition.Key+".html"), body)
	}
	keepPage(t, filepath.Join(dir, "spoilt.html"), []byte(spoilt))
	found, used := 0, map[string]bool{}
	for _, r := range checkHTML(t, dir) {
		name := filepath.Base(r.URL)
		if name == "spoilt.html" {
			found++
			continue
		}
		if why := pardon(r); why != "" {
			used[why] = true
			continue
		}
		t.Errorf("%s, line %d: %s %s: %s\n  %s", name, r.LastLine, r.Type, r.SubType, r.Message, r.Extract)
	}
	if found < 2 {
		t.Errorf("the checker found %d mistakes in a spoilt page: it is blind", found)
	}
	for said := range pardoned {
		if !used[said] {
			t.Errorf("nothing is pardoned for %q any more: take it away", said)
		}
	}
}

// pardon is the message for which a remark is left out, or nothing.
func pardon(r remark) string {
	for said := range pardoned {
		if strings.Contains(r.Message, said) {
			return said
		}
	}
	return ""
}

func keepPage(t *testing.T, at string, body []byte) {
	t.Helper()
	if err := os.WriteFile(at, body, 0o600); err != nil {
		t.Fatal(err)
	}
}

// checkHTML runs the checker on a folder.
func checkHTML(t *testing.T, dir string) []remark {
	t.Helper()
	jar, err := stage.Need("vnu-jar/build/dist/vnu.jar")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("java"); err != nil {
		t.Fatal("java is not installed: run scripts/install-test-needs (on Debian: default-jre-headless)")
	}
	check := exec.CommandContext(t.Context(), "java", "-Xss4m", "-jar", jar, "--format", "json", "--stdout", "--exit-zero-always", "--skip-non-html", dir)
	said, err := check.Output()
	if err != nil {
		t.Fatal(fmt.Errorf("run the HTML checker: %w", err))
	}
	var answer struct{ Messages []remark }
	if err := json.Unmarshal(said, &answer); err != nil {
		t.Fatalf("read what the HTML checker says: %v: %.300s", err, said)
	}
	return answer.Messages
}
