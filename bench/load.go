package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// connections are how many readers ask at once, each over one connection that
// stays open.
const connections = 32

// target is an address under load, and the server that pays for it.
type target struct {
	name   string
	server *server
	path   string
	// header are fields that each request has, as "Name: value".
	header []string
}

// shot is what one load measured.
type shot struct {
	requests  int
	perSecond float64
	p50, p99  time.Duration
	// cpu is the server's time for one request.
	cpu time.Duration
	// bytes are what one answer has, with its header.
	bytes float64
}

// volley loads all targets in turns: each round begins with another one, so that
// what else the machine does falls on all alike. The first shot warms up and is
// not counted.
func (b *bench) volley(ctx context.Context, targets []target) (map[string][]shot, error) {
	shots := map[string][]shot{}
	seconds := either(b.quick, 4, 1)
	if !b.quick {
		for _, t := range targets {
			if _, err := load(ctx, t, 1); err != nil {
				return nil, err
			}
		}
	}
	for round := range b.rounds {
		b.say("round %d of %d", round+1, b.rounds)
		for n := range targets {
			t := targets[(round+n)%len(targets)]
			s, err := load(ctx, t, seconds)
			if err != nil {
				return nil, err
			}
			shots[t.name] = append(shots[t.name], s)
		}
	}
	return shots, nil
}

// load asks for one address as fast as the answers come.
func load(ctx context.Context, t target, seconds int) (s shot, err error) {
	args := []string{"-t1", fmt.Sprintf("-c%d", connections), fmt.Sprintf("-d%ds", seconds), "--latency", "--timeout", "10s"}
	for _, field := range t.header {
		args = append(args, "-H", field)
	}
	before, err := cpuOf(t.server.pid)
	if err != nil {
		return s, err
	}
	cmd := exec.CommandContext(ctx, "wrk", append(args, t.server.url+t.path)...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return s, fmt.Errorf("load %s: %w: %s", t.name, err, out)
	}
	after, err := cpuOf(t.server.pid)
	if err != nil {
		return s, err
	}
	if s, err = readShot(string(out)); err != nil {
		return s, fmt.Errorf("load %s: %w", t.name, err)
	}
	s.cpu = (after - before) / time.Duration(s.requests)
	return s, nil
}

// What wrk prints. A line of the second kind is there only when something went
// wrong.
var (
	wrkTotal   = regexp.MustCompile(`(\d+) requests in \S+, ([\d.]+)([KMG]?)B read`)
	wrkTrouble = regexp.MustCompile(`(Socket errors: .*|Non-2xx or 3xx responses: .*)`)
	wrkRate    = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkHalf    = regexp.MustCompile(`\n\s+50%\s+(\S+)`)
	wrkMost    = regexp.MustCompile(`\n\s+99%\s+(\S+)`)
)

// readShot reads what wrk prints. A load in which any request failed measured
// something else than what was asked.
func readShot(out string) (s shot, err error) {
	if trouble := wrkTrouble.FindString(out); trouble != "" {
		return s, fmt.Errorf("some requests failed: %s", strings.TrimSpace(trouble))
	}
	total, rate := wrkTotal.FindStringSubmatch(out), wrkRate.FindStringSubmatch(out)
	half, most := wrkHalf.FindStringSubmatch(out), wrkMost.FindStringSubmatch(out)
	if total == nil || rate == nil || half == nil || most == nil {
		return s, fmt.Errorf("wrk said something unexpected: %q", out)
	}
	if s.requests, err = strconv.Atoi(total[1]); err != nil || s.requests == 0 {
		return s, fmt.Errorf("no request was answered: %q", out)
	}
	read, err := strconv.ParseFloat(total[2], 64)
	if err != nil {
		return s, fmt.Errorf("how much was read: %w", err)
	}
	unit := map[string]float64{"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}[total[3]]
	s.bytes = read * unit / float64(s.requests)
	if s.perSecond, err = strconv.ParseFloat(rate[1], 64); err != nil {
		return s, fmt.Errorf("how many a second: %w", err)
	}
	if s.p50, err = time.ParseDuration(half[1]); err != nil {
		return s, fmt.Errorf("the middle latency: %w", err)
	}
	if s.p99, err = time.ParseDuration(most[1]); err != nil {
		return s, fmt.Errorf("the 99th percentile: %w", err)
	}
	return s, nil
}

// of takes one value out of each shot.
func of(shots []shot, value func(shot) float64) []float64 {
	all := make([]float64, len(shots))
	for n, s := range shots {
		all[n] = value(s)
	}
	return all
}

// against divides the values of two targets round by round.
func against(shots, limit []shot, value func(shot) float64) []float64 {
	var all []float64
	for n := range min(len(shots), len(limit)) {
		if below := value(limit[n]); below > 0 {
			all = append(all, value(shots[n])/below)
		}
	}
	return all
}

func cpuOfShot(s shot) float64  { return microseconds(s.cpu) }
func rateOfShot(s shot) float64 { return s.perSecond }
func halfOfShot(s shot) float64 { return milliseconds(s.p50) }
func mostOfShot(s shot) float64 { return milliseconds(s.p99) }
func sizeOfShot(s shot) float64 { return s.bytes / 1e3 }
