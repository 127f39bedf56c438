package cli

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"broadsheet/internal/app"
)

// lineEvery is how often long work says where it is when nobody looks at a
// terminal.
const lineEvery = 3 * time.Second

// progressTo shows how far long work is: a bar on a terminal, else a line every
// few seconds, and one at the end of work of which there was one.
func progressTo(w io.Writer) app.Progress {
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return bar(w)
	}
	return lines(w)
}

func bar(w io.Writer) app.Progress {
	var shown *progressbar.ProgressBar
	name := ""
	return func(what string, at, of int64) {
		if shown == nil || what != name {
			shown = progressbar.NewOptions64(of, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
				progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
			name = what
		}
		shown.Set64(min(at, of))
		if at >= of {
			shown.Finish()
			shown = nil
		}
	}
}

func lines(w io.Writer) app.Progress {
	last, unfinished := time.Now(), ""
	return func(what string, at, of int64) {
		ends := at >= of && what == unfinished
		if of == 0 || time.Since(last) < lineEvery && !ends {
			return
		}
		last, unfinished = time.Now(), what
		if at >= of {
			unfinished = ""
		}
		fmt.Fprintf(w, "%s: %d %%\n", what, at*100/of)
	}
}
