// Count reads what `go test -json` prints, shows failures as they come, and
// ends with how many tests passed, failed and were skipped, and which. It is a
// tool of the makefile, not a part of the program.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
)

// line is one event of test2json.
type line struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	counts := map[string]int{}
	output := map[string][]string{}
	var skipped, slow []string
	broken := 0
	for {
		text, err := in.ReadString('\n')
		if err != nil {
			break
		}
		var l line
		if json.Unmarshal([]byte(text), &l) != nil {
			fmt.Print(text) // what the compiler says is no event
			broken++
			continue
		}
		key := l.Package + " " + l.Test
		switch l.Action {
		case "output", "build-output":
			output[key] = append(output[key], l.Output)
		case "pass", "fail", "skip":
			if l.Action == "fail" || l.Test == "" && l.Action == "pass" {
				show(l, output[key])
			}
			if l.Test != "" {
				counts[l.Action]++
				if l.Action == "skip" {
					skipped = append(skipped, key+strings.Join(output[key], ""))
				}
				if l.Elapsed > 20 && !strings.Contains(l.Test, "/") {
					slow = append(slow, fmt.Sprintf("%s %.0f s", key, l.Elapsed))
				}
			} else if l.Action == "fail" {
				broken++
			}
			delete(output, key)
		case "build-fail":
			fmt.Print(strings.Join(output[key], ""))
			broken++
		}
	}
	sort.Strings(skipped)
	for _, s := range skipped {
		fmt.Println("skipped:", s)
	}
	for _, s := range slow {
		fmt.Println("slow:", s)
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", counts["pass"], counts["fail"], counts["skip"])
	if counts["fail"] > 0 || broken > 0 || counts["pass"] == 0 {
		os.Exit(1)
	}
}

func show(l line, output []string) {
	if l.Action == "pass" {
		fmt.Printf("ok %s %.1f s\n", l.Package, l.Elapsed)
		return
	}
	fmt.Printf("FAIL %s %s\n%s", l.Package, l.Test, strings.Join(output, ""))
}
