package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// kind is a way in which a newsroom breaks its word.
type kind string

// The kinds.
const (
	// lost: what was acknowledged is not there.
	lost kind = "lost"
	// half: places disagree about what is live.
	half kind = "half-published"
	// double: something is there twice.
	double kind = "double"
	// rude: an answer that should not be.
	rude kind = "rude"
	// foreign: something is there that nobody wrote.
	foreign kind = "foreign"
)

// finding is one thing that is wrong.
type finding struct {
	kind             kind
	story            string
	place, got, want string
}

// String tells it in a line.
func (f finding) String() string {
	return fmt.Sprintf("%s: story %s, %s: got %s, want %s", f.kind, f.story, f.place, f.got, f.want)
}

// judge compares a newsroom with the ledger: as a reader who comes for the
// first time, and as a person of the desk.
type judge struct {
	reader  *reader
	api     *api
	section string
	// deep reads every revision and version as well.
	deep bool
	// unlisted leaves out what readers see, for a newsroom where only the desk
	// is looked at.
	unlisted bool
	// within is how long readers' pages may lag behind.
	within time.Duration
}

func (n *newsroom) judge(url string) *judge {
	return &judge{reader: newReader(url), api: newAPI(url, n.editor), section: n.section.slug, within: 5 * time.Second}
}

// all judges every story of the ledger, each against the states that it may be
// in. What is wrong at first is looked at again until it is right or the time
// is over: pages may lag a moment.
func (j *judge) all(ctx context.Context, histories []history) ([]finding, error) {
	possible := make([][]state, 0, len(histories))
	for _, h := range histories {
		possible = append(possible, h.now())
	}
	return j.these(ctx, possible)
}

func (j *judge) these(ctx context.Context, possible [][]state) ([]finding, error) {
	end := time.Now().Add(j.within)
	for {
		found, again, err := j.once(ctx, possible)
		if err != nil || len(again) == 0 || time.Now().After(end) {
			return found, err
		}
		possible = again
		pause(ctx, 50*time.Millisecond)
	}
}

// once looks once, and returns which stories were not right.
func (j *judge) once(ctx context.Context, possible [][]state) (found []finding, wrong [][]state, err error) {
	var lists []listing
	if !j.unlisted {
		if lists, err = j.reader.lists(ctx, j.section, len(possible) > 64 || j.deep); err != nil {
			return nil, nil, fmt.Errorf("read the lists: %w", err)
		}
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	queue := make(chan []state)
	for range 8 {
		all.Go(func() {
			for states := range queue {
				some, failure := j.story(ctx, states, lists)
				mu.Lock()
				if failure != nil && err == nil {
					err = failure
				}
				if len(some) > 0 {
					found = append(found, some...)
					wrong = append(wrong, states)
				}
				mu.Unlock()
			}
		})
	}
	for _, states := range possible {
		if len(states) > 0 && ctx.Err() == nil {
			queue <- states
		}
	}
	close(queue)
	all.Wait()
	return found, wrong, err
}

// sights are what was seen of one story.
type sights struct {
	desk      desk
	deskState int
	draft     string
	page      shownStory
	found     listing
	open      openStory
	saves     []string
	versions  int
	lists     []listing
}

// openStory is what the public API tells of a story.
type openStory struct {
	status  int
	Version int
	sum     string
}

// story judges one story, and returns what is wrong against the state that
// comes nearest.
func (j *judge) story(ctx context.Context, possible []state, lists []listing) ([]finding, error) {
	newest := possible[len(possible)-1]
	if newest.id == "" {
		return nil, nil // its creation was never answered: nobody was promised anything
	}
	saw, err := j.look(ctx, newest)
	if err != nil {
		return nil, fmt.Errorf("look at story %s: %w", newest.own, err)
	}
	saw.lists = lists
	var nearest []finding
	for n := len(possible) - 1; n >= 0; n-- {
		wrong := j.compare(possible[n], saw)
		if len(wrong) == 0 {
			return nil, nil
		}
		if nearest == nil || len(wrong) < len(nearest) {
			nearest = wrong
		}
	}
	return nearest, nil
}

// look sees everything that shows one story.
func (j *judge) look(ctx context.Context, s state) (saw sights, err error) {
	if saw.desk, saw.deskState, err = j.api.story(ctx, s.id); err != nil {
		return saw, err
	}
	if saw.deskState == http.StatusOK {
		draft, err := readContent(saw.desk.Content)
		if err != nil {
			return saw, err
		}
		saw.draft = draft.sum()
	}
	if j.deep && saw.deskState == http.StatusOK {
		if saw.saves, err = j.revisions(ctx, s.id); err != nil {
			return saw, err
		}
		if saw.versions, err = j.versions(ctx, s.id); err != nil {
			return saw, err
		}
	}
	if j.unlisted {
		return saw, nil
	}
	if s.address != "" {
		if saw.page, err = j.reader.story(ctx, s.address); err != nil {
			return saw, err
		}
	}
	if saw.found, err = j.reader.search(ctx, s.own); err != nil {
		return saw, err
	}
	saw.open, err = j.open(ctx, s.id)
	return saw, err
}

// open asks the public API.
func (j *judge) open(ctx context.Context, id string) (o openStory, err error) {
	out, err := j.reader.get(ctx, "/api/v1/content/stories/"+id)
	o.status = out.status
	if err != nil || out.status != http.StatusOK {
		return o, err
	}
	if err := json.Unmarshal(out.body, &o); err != nil {
		return o, fmt.Errorf("read the public API: %w", err)
	}
	var inside struct{ Content json.RawMessage }
	if err := json.Unmarshal(out.body, &inside); err != nil {
		return o, fmt.Errorf("read the public API: %w", err)
	}
	raw := inside.Content
	if len(raw) == 0 {
		raw = out.body
	}
	t, err := readContent(raw)
	o.sum = t.sum()
	return o, err
}

// revisions are the sums of all saves, the oldest first.
func (j *judge) revisions(ctx context.Context, id string) ([]string, error) {
	list, err := j.list(ctx, "/api/v1/stories/"+id+"/revisions?")
	if err != nil {
		return nil, err
	}
	type revision struct {
		ID       string
		Sequence int64
	}
	var all []revision
	for _, raw := range list {
		var one revision
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, fmt.Errorf("read the revisions: %w", err)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b revision) int { return int(a.Sequence - b.Sequence) })
	var sums []string
	for _, one := range all {
		out, err := j.api.do(ctx, call{method: http.MethodGet, path: "/api/v1/stories/" + id + "/revisions/" + one.ID})
		if err != nil {
			return nil, err
		}
		var inside struct{ Content json.RawMessage }
		if err := json.Unmarshal(out.body, &inside); err != nil {
			return nil, fmt.Errorf("read a revision: %w", err)
		}
		t, err := readContent(inside.Content)
		if err != nil {
			return nil, err
		}
		sums = append(sums, t.sum())
	}
	return sums, nil
}

// versions counts the versions; -1 when two have one number.
func (j *judge) versions(ctx context.Context, id string) (int, error) {
	list, err := j.list(ctx, "/api/v1/stories/"+id+"/versions?")
	if err != nil {
		return 0, err
	}
	numbers := map[int]bool{}
	for _, raw := range list {
		var one struct{ Number int }
		if err := json.Unmarshal(raw, &one); err != nil {
			return 0, fmt.Errorf("read the versions: %w", err)
		}
		if numbers[one.Number] {
			return -1, nil
		}
		numbers[one.Number] = true
	}
	return len(numbers), nil
}

// compare says where what was seen is not what a state wants.
func (j *judge) compare(s state, saw sights) []finding {
	var wrong []finding
	miss := func(k kind, place, got, want string) {
		wrong = append(wrong, finding{k, s.own, place, got, want})
	}
	if !s.there() {
		if saw.deskState == http.StatusOK {
			miss(foreign, "API", "a story", "none")
		}
		return wrong
	}
	j.compareDesk(s, saw, miss)
	if !j.unlisted {
		j.compareReaders(s, saw, miss)
	}
	return classed(wrong)
}

// classed calls something half only where places disagree: what is wrong
// everywhere is lost.
func classed(wrong []finding) []finding {
	readers := slices.DeleteFunc(slices.Clone(wrong), func(f finding) bool { return f.kind != half })
	page, open := slices.ContainsFunc(readers, func(f finding) bool { return f.place == "story page" }),
		slices.ContainsFunc(readers, func(f finding) bool { return f.place == "public API" })
	if !page || !open {
		return wrong
	}
	for n := range wrong {
		if wrong[n].kind == half {
			wrong[n].kind = lost
		}
	}
	return wrong
}

func (j *judge) compareDesk(s state, saw sights, miss func(kind, string, string, string)) {
	if saw.deskState != http.StatusOK {
		miss(lost, "API", fmt.Sprint("status ", saw.deskState), "the story")
		return
	}
	if saw.draft != s.draft {
		miss(lost, "draft", short(saw.draft), short(s.draft))
	}
	switch {
	case s.live && saw.desk.Live == nil:
		miss(half, "API", "not live", fmt.Sprint("version ", s.version))
	case s.live && saw.desk.Live.Version != s.version:
		miss(half, "API", fmt.Sprint("version ", saw.desk.Live.Version), fmt.Sprint("version ", s.version))
	case !s.live && saw.desk.Live != nil:
		miss(half, "API", "live", "not live")
	}
	if !j.deep {
		return
	}
	if !slices.Equal(saw.saves, s.saves) {
		k := lost
		if len(saw.saves) > len(s.saves) {
			k = double
		}
		miss(k, "revisions", sums(saw.saves), sums(s.saves))
	}
	if saw.versions != s.publications {
		k := lost
		if saw.versions > s.publications || saw.versions < 0 {
			k = double
		}
		miss(k, "versions", fmt.Sprint(saw.versions), fmt.Sprint(s.publications))
	}
}

func (j *judge) compareReaders(s state, saw sights, miss func(kind, string, string, string)) {
	wantPage, wantOpen := http.StatusOK, http.StatusOK
	if !s.live {
		wantPage, wantOpen = http.StatusNotFound, http.StatusNotFound
		if s.gone {
			wantPage = http.StatusGone
		}
	}
	if s.address != "" {
		switch {
		case saw.page.status != wantPage:
			miss(half, "story page", fmt.Sprint("status ", saw.page.status), fmt.Sprint("status ", wantPage))
		case s.live && saw.page.sum() != s.sum:
			miss(half, "story page", fmt.Sprintf("%q %s", saw.page.headline, short(saw.page.sum())), fmt.Sprintf("%q %s", s.headline, short(s.sum)))
		}
	}
	switch {
	case saw.open.status != wantOpen && !(s.gone && saw.open.status == http.StatusGone):
		miss(half, "public API", fmt.Sprint("status ", saw.open.status), fmt.Sprint("status ", wantOpen))
	case s.live && (saw.open.Version != s.version || saw.open.sum != s.sum):
		miss(half, "public API", fmt.Sprintf("version %d %s", saw.open.Version, short(saw.open.sum)), fmt.Sprintf("version %d %s", s.version, short(s.sum)))
	}
	found := saw.found
	found.whole = true
	for _, l := range append([]listing{found}, saw.lists...) {
		compareList(s, l, miss)
	}
}

func compareList(s state, l listing, miss func(kind, string, string, string)) {
	heads := l.heads[s.address]
	switch {
	case s.address == "":
		return
	case !s.live && len(heads) > 0:
		miss(half, l.place, "listed", "not listed")
		return
	case s.live && l.whole && len(heads) == 0:
		miss(half, l.place, "not listed", "listed")
		return
	}
	if l.once && len(heads) > 1 {
		miss(double, l.place, fmt.Sprintf("listed %d times", len(heads)), "once")
	}
	for _, h := range heads {
		if l.titled && bare.Replace(strings.TrimSpace(h)) != bare.Replace(s.headline) {
			miss(half, l.place, fmt.Sprintf("%q", h), fmt.Sprintf("%q", s.headline))
		}
	}
}

// bare takes away what plain lines, in feeds and sitemaps, have around their foreign
// runs.
var bare = strings.NewReplacer("\u2068", "", "\u2069", "")

func short(sum string) string { return sum[:min(8, len(sum))] }

func sums(all []string) string {
	var out []string
	for _, s := range all {
		out = append(out, short(s))
	}
	return fmt.Sprintf("%d [%s]", len(all), strings.Join(out, " "))
}

// mostAnswers bounds the walk through a list.
const mostAnswers = 5000

// list reads a list of the desk to its end.
func (j *judge) list(ctx context.Context, path string) (all []json.RawMessage, err error) {
	before := ""
	for range mostAnswers {
		out, err := j.api.do(ctx, call{method: http.MethodGet, path: path + "limit=100&before=" + before})
		if err != nil {
			return nil, err
		}
		if out.status != http.StatusOK {
			return nil, fmt.Errorf("%s answers %d %s", path, out.status, out.sentence())
		}
		page := listed(out.body)
		all = append(all, page...)
		var cursor struct{ Before string }
		json.Unmarshal(out.body, &cursor) // a list without a cursor has one page
		if before = cursor.Before; before == "" || len(page) == 0 {
			return all, nil
		}
	}
	return nil, fmt.Errorf("the list %s has no end", path)
}

// strangers are drafts that the ledger does not know, and marks that two drafts
// have: a creation that happened twice.
func (j *judge) strangers(ctx context.Context, histories []history) ([]finding, error) {
	known, owners := map[string]bool{}, map[string]string{}
	for _, h := range histories {
		for _, s := range h.now() {
			known[s.own] = true
		}
	}
	list, err := j.list(ctx, "/api/v1/stories?edition="+edition+"&")
	if err != nil {
		return nil, err
	}
	var found []finding
	for _, raw := range list {
		var d struct{ ID, Headline string }
		if err := json.Unmarshal(raw, &d); err != nil {
			return nil, fmt.Errorf("read the list of drafts: %w", err)
		}
		own := ownOf(d.Headline)
		switch {
		case own == "":
			continue // not a story of the ledger
		case !known[own]:
			found = append(found, finding{foreign, own, "list of drafts", "story " + d.ID, "none"})
		case owners[own] != "" && owners[own] != d.ID:
			found = append(found, finding{double, own, "list of drafts", "stories " + owners[own] + " and " + d.ID, "one"})
		}
		owners[own] = d.ID
	}
	return found, nil
}

// ownOf is the mark of the story whose headline this is.
func ownOf(headline string) string {
	rest, ok := strings.CutPrefix(headline, "Ledger ")
	if !ok {
		return ""
	}
	own, _, _ := strings.Cut(rest, " ")
	return own
}
