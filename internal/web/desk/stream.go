package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"broadsheet/internal/news/manuscript"
	"broadsheet/internal/news/ref"
	"broadsheet/internal/news/staff"
	"broadsheet/internal/platform/db"
	"broadsheet/internal/platform/lang"
)

// rooms are the stories that are open on this node, and in which windows. What is
// written is in the database: a room only says that there is something new.
type rooms struct {
	now    func() time.Time
	mu     sync.Mutex
	byID   map[ref.Story]*room
	closed chan struct{}
	once   sync.Once
}

// room is one open story.
type room struct {
	windows map[*window]bool
	// present are by client who is in the story, where.
	present map[string]present
}

// window is an open stream.
type window struct {
	client string
	// news has a place for one word of each kind; one that waits stands for all before.
	wrote, changed, moved chan struct{}
}

// present is somebody in a story.
type present struct {
	Client string `json:"client"`
	Name   string `json:"name"`
	ID     string `json:"id"`
	// Anchor and Head are the selection in the document of Version.
	Anchor  int       `json:"anchor"`
	Head    int       `json:"head"`
	Version int64     `json:"version"`
	Seen    time.Time `json:"-"`
}

// Patience of streams: how often they look whether another node wrote, whether the
// session is good, and whether the line still stands.
const (
	lookEvery  = 250 * time.Millisecond
	checkEvery = time.Second
	pingEvery  = 15 * time.Second
	goneAfter  = 30 * time.Second
	writeFor   = 20 * time.Second
)

func (r *rooms) open(now func() time.Time) {
	r.now, r.byID, r.closed = now, map[ref.Story]*room{}, make(chan struct{})
}

func (r *rooms) close() { r.once.Do(func() { close(r.closed) }) }

func (r *rooms) enter(id ref.Story, client string) *window {
	w := &window{client, make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	in := r.byID[id]
	if in == nil {
		in = &room{map[*window]bool{}, map[string]present{}}
		r.byID[id] = in
	}
	in.windows[w] = true
	return w
}

func (r *rooms) leave(id ref.Story, w *window) {
	r.mu.Lock()
	in := r.byID[id]
	delete(in.windows, w)
	delete(in.present, w.client)
	for other := range in.windows {
		poke(other.moved)
	}
	if len(in.windows) == 0 {
		delete(r.byID, id)
	}
	r.mu.Unlock()
}

// each pokes one channel of every window of a story.
func (r *rooms) each(id ref.Story, of func(*window) chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if in := r.byID[id]; in != nil {
		for w := range in.windows {
			poke(of(w))
		}
	}
}

// wrote says that steps were taken.
func (r *rooms) wrote(id ref.Story, _ int64) {
	r.each(id, func(w *window) chan struct{} { return w.wrote })
}

// changed says that how a story stands has changed.
func (r *rooms) changed(id ref.Story) {
	r.each(id, func(w *window) chan struct{} { return w.changed })
}

// moved notes where somebody is.
func (r *rooms) moved(id ref.Story, p present) {
	r.mu.Lock()
	in := r.byID[id]
	if in != nil {
		p.Seen = r.now()
		in.present[p.Client] = p
	}
	r.mu.Unlock()
	r.each(id, func(w *window) chan struct{} { return w.moved })
}

// others are who is in a story, but for one window.
func (r *rooms) others(id ref.Story, but string) []present {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := []present{}
	if in := r.byID[id]; in != nil {
		for client, p := range in.present {
			if client != but && r.now().Sub(p.Seen) < goneAfter {
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b present) int { return bytes.Compare([]byte(a.Client), []byte(b.Client)) })
	return all
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one waits, and stands for this one too
	}
}

// presence notes where in the text somebody is.
func (d *Desk) presence(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	var at struct {
		Client  string `json:"client"`
		Anchor  int    `json:"anchor"`
		Head    int    `json:"head"`
		Version int64  `json:"version"`
	}
	if err := v.into(&at); err != nil {
		return err
	}
	if len(at.Client) == 0 || len(at.Client) > maxClient {
		return invalid("client", "fault.form")
	}
	d.rooms.moved(id, present{Client: at.Client, Name: lang.Clip(v.who.Person.Shown(staff.Principal{}), 40), ID: fmt.Sprint(int64(v.by())), Anchor: at.Anchor, Head: at.Head, Version: at.Version})
	return v.json(http.StatusOK, map[string]any{})
}

// stream tells a window what happens to its story, as Server-Sent Events: steps, people,
// story (it stands otherwise now), out (the session has ended).
func (d *Desk) stream(v *visit) error {
	id, err := identity[ref.Story](v, "story")
	if err != nil {
		return err
	}
	client := v.URL.Query().Get("client")
	version, err := ref.Parse[ref.Revision](v.URL.Query().Get("version"))
	if err != nil || client == "" || len(client) > maxClient {
		return invalid("client", "fault.form")
	}
	if last, err := ref.Parse[ref.Revision](v.Header.Get("Last-Event-ID")); err == nil {
		version = max(version, last)
	}
	if err := v.view(func(tx *db.Tx) error { _, err := d.Stories.Draft(tx, id); return err }); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	s := &events{visit: v, control: http.NewResponseController(v.w), story: id, version: int64(version)}
	s.window = d.rooms.enter(id, client)
	defer d.rooms.leave(id, s.window)
	s.run()
	return nil
}

// events is one stream.
type events struct {
	*visit
	*window
	control *http.ResponseController
	story   ref.Story
	version int64
	failed  error
}

// send writes one event; the stream ends when it cannot.
func (s *events) send(name string, id int64, value any) {
	if s.failed != nil {
		return
	}
	data, err := json.Marshal(value)
	if err != nil {
		s.failed = err
		return
	}
	var out bytes.Buffer
	if id > 0 {
		fmt.Fprintf(&out, "id: %d\n", id)
	}
	fmt.Fprintf(&out, "event: %s\ndata: %s\n\n", name, data)
	s.write(out.Bytes())
}

func (s *events) write(p []byte) {
	s.control.SetWriteDeadline(time.Now().Add(writeFor))
	if _, s.failed = s.w.Write(p); s.failed == nil {
		s.failed = s.control.Flush()
	}
}

func (s *events) run() {
	s.control.SetReadDeadline(time.Time{})
	s.write([]byte("retry: 1000\n\n"))
	s.steps(s.Context())
	s.people()
	look, check, ping := time.NewTicker(lookEvery), time.NewTicker(checkEvery), time.NewTicker(pingEvery)
	defer look.Stop()
	defer check.Stop()
	defer ping.Stop()
	for s.failed == nil {
		select {
		case <-s.Context().Done():
			return
		case <-s.desk.rooms.closed:
			return
		case <-s.wrote:
			s.steps(s.Context())
		case <-look.C:
			s.steps(s.Context())
		case <-s.changed:
			s.send("story", 0, map[string]any{})
		case <-s.moved:
			s.people()
		case <-check.C:
			s.check()
		case <-ping.C:
			s.write([]byte(": ping\n\n"))
			s.people()
		}
	}
}

func (s *events) people() { s.send("people", 0, s.desk.rooms.others(s.story, s.client)) }

// steps sends what was written since the version that the window has.
func (s *events) steps(ctx context.Context) {
	var behind manuscript.Behind
	err := s.desk.DB.View(ctx, func(tx *db.Tx) (err error) {
		now, err := manuscript.Version(tx, s.story)
		if err != nil || now == s.version {
			behind.Version = s.version
			return err
		}
		behind, err = manuscript.Since(tx, s.story, s.version)
		return err
	})
	if err != nil || behind.Version == s.version {
		return // a database that is away comes back; the line stands meanwhile
	}
	s.send("steps", behind.Version, behindData(&behind))
	s.version = behind.Version
}

// check ends the stream of who is not signed in any more. What the browser keeps is to
// be wiped where it was revoked.
func (s *events) check() {
	err := s.view(func(tx *db.Tx) error {
		if still, err := staff.StillIn(tx, s.session.ID, s.desk.Now()); still || err != nil {
			return err
		}
		secret, err := staff.DeviceSecret(tx, s.session.Device)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		s.send("out", 0, map[string]any{"wipe": secret == ""})
		return staff.ErrSession
	})
	if errors.Is(err, staff.ErrSession) {
		s.failed = err
	}
}
