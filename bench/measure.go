package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU time in /proc/PID/stat: the kernel gives it in
// hundredths of a second on every architecture that Go runs on, whatever its
// own clock. A stretch to be measured must be long against it.
const tick = 10 * time.Millisecond

// cpuOf is the CPU time that a process and those below it have used: of the
// living ones their own, and of those that ended what their parents inherited.
func cpuOf(pid int) (time.Duration, error) {
	var sum time.Duration
	family, err := familyOf(pid)
	if err != nil {
		return 0, err
	}
	for _, member := range family {
		fields, err := statOf(member)
		if err != nil {
			continue // it ended since the list was made
		}
		for _, field := range fields[11:15] { // utime, stime, cutime, cstime
			n, err := strconv.ParseInt(field, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read the CPU time of process %d: %w", member, err)
			}
			sum += time.Duration(n) * tick
		}
	}
	return sum, nil
}

// statOf reads /proc/PID/stat from its third field on: the second is a name in
// parentheses that may hold anything.
func statOf(pid int) ([]string, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 15 {
		return nil, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields))
	}
	return fields, nil
}

// familyOf is a process and all below it.
func familyOf(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("list the processes: %w", err)
	}
	children := map[int][]int{}
	for _, entry := range entries {
		child, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if fields, err := statOf(child); err == nil {
			parent, _ := strconv.Atoi(fields[1])
			children[parent] = append(children[parent], child)
		}
	}
	family := []int{pid}
	for n := 0; n < len(family); n++ {
		family = append(family, children[family[n]]...)
	}
	return family, nil
}

// memory is what a process takes, in units of 10⁶ bytes.
type memory struct {
	// resident is now, peak was the most since it began; pages that it shares
	// with others count in full.
	resident, peak float64
	// share counts shared pages by how many share them.
	share float64
}

// memoryOf measures one process.
func memoryOf(pid int) (m memory, err error) {
	status, err := sizesIn(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return m, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	// Not every kernel has the rollup; without it the share stays 0.
	rollup, _ := sizesIn(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	return memory{resident: status["VmRSS"], peak: status["VmHWM"], share: rollup["Pss"]}, nil
}

// familyMemory adds up the shares of a process and those below it.
func familyMemory(pid int) (share float64, err error) {
	family, err := familyOf(pid)
	if err != nil {
		return 0, err
	}
	for _, member := range family {
		if m, err := memoryOf(member); err == nil {
			share += m.share
		}
	}
	return share, nil
}

// sizesIn reads lines of the form "VmRSS:  1234 kB".
func sizesIn(path string) (map[string]float64, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sizes := map[string]float64{}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) != 3 || fields[2] != "kB" {
			continue
		}
		if n, err := strconv.ParseFloat(fields[1], 64); err == nil {
			sizes[strings.TrimSuffix(fields[0], ":")] = n * 1024 / 1e6
		}
	}
	return sizes, nil
}

// median is the middle value; 0 of none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}

// quantile is the value below which the given share of all values lies, by the
// nearest rank; 0 of none.
func quantile(values []time.Duration, share float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
