package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The goals of a kept page, against nginx with the same bytes.
const (
	goalCPURatio  = 1.5
	goalRateRatio = 0.8
	goalLateRatio = 2
)

// The servers that are compared, and what is asked of them.
const (
	byNginx   = "nginx"
	byOne     = "nginx with one worker"
	byExpress = "broadsheet"
	byPlain   = "broadsheet --no-express"
	asGzip    = " gzip"
	as304     = " 304"
	asBrotli  = " br"
	asOwn     = " demonstration's story"
)

// cached measures kept pages: what an answer costs when nothing has changed
// since the last.
func (b *bench) cached(ctx context.Context) error {
	stage, err := b.stageCached(ctx)
	if err != nil {
		return err
	}
	defer stage.stop()
	if err := stage.encodings(ctx, b.report); err != nil {
		return err
	}
	targets, err := stage.targets(ctx)
	if err != nil {
		return err
	}
	shots, err := b.volley(ctx, targets)
	if err != nil {
		return err
	}
	stage.judge(b.report, shots)
	return stage.memory(b.report)
}

// stage is servers that show the same pages. Nginx is there twice: as it usually
// runs, with a worker on each CPU, and with one worker. Where the load shares the
// CPUs with the server, the usual one can starve one of its workers, and its
// latency then flatters whatever is compared with it: the other one tells.
type stage struct {
	nginx, one, express, plain *server
	// page is the story of the wanted size, own the demonstration's longest.
	page, own         string
	pageSize, ownSize int
}

func (s *stage) stop() {
	for _, each := range []*server{s.nginx, s.one, s.express, s.plain} {
		if each != nil {
			each.stop()
		}
	}
}

func (b *bench) stageCached(ctx context.Context) (_ *stage, err error) {
	dir, err := b.demo(ctx)
	if err != nil {
		return nil, err
	}
	copied, err := twin(dir)
	if err != nil {
		return nil, err
	}
	s := &stage{}
	defer func() {
		if err != nil {
			s.stop()
		}
	}()
	if s.express, err = b.serve(ctx, "serve", "--data", dir, "--addr", loopback); err != nil {
		return nil, err
	}
	if s.plain, err = b.serve(ctx, "serve", "--data", copied, "--addr", loopback, "--no-express"); err != nil {
		return nil, err
	}
	if err := s.choose(ctx); err != nil {
		return nil, err
	}
	if s.nginx, err = b.nginx(ctx, s.express, []string{s.page, s.own}, "auto"); err != nil {
		return nil, err
	}
	s.one, err = b.nginx(ctx, s.express, []string{s.page}, "1")
	return s, err
}

// choose finds the two pages.
func (s *stage) choose(ctx context.Context) error {
	found, err := survey(ctx, s.express)
	if err != nil {
		return err
	}
	english := slices.DeleteFunc(slices.Clone(found[storyPage]), func(path string) bool { return !strings.HasPrefix(path, "/en/") })
	demonstration := slices.DeleteFunc(slices.Clone(english), long)
	if s.page, s.pageSize, err = nearest(ctx, s.express, english, wantedPage); err != nil {
		return err
	}
	s.own, s.ownSize, err = nearest(ctx, s.express, demonstration, wantedPage)
	return err
}

// encodings says in which encodings the page comes.
func (s *stage) encodings(ctx context.Context, r *report) error {
	for _, encoding := range []string{"gzip", "br", "zstd"} {
		size, err := served(ctx, s.express, s.page, encoding)
		if err != nil {
			return err
		}
		f := figure{Part: partCached, Name: "served in " + encoding + " (1 is yes)", Note: fmt.Sprintf("%.1f kB", float64(size)/1e3)}
		if size == 0 {
			f.Note = "it comes uncompressed"
		}
		r.goal(f, atLeast, 1, either(size > 0, 0.0, 1.0))
	}
	return nil
}

// targets are all that is loaded.
func (s *stage) targets(ctx context.Context) ([]target, error) {
	gzip := "Accept-Encoding: gzip"
	var all []target
	for _, side := range s.sides() {
		c := newClient()
		r, err := c.get(ctx, side.server.url+s.page, "gzip")
		c.close()
		if err != nil {
			return nil, err
		}
		all = append(all,
			target{side.name + asGzip, side.server, s.page, []string{gzip}},
			target{side.name + as304, side.server, s.page, []string{gzip, "If-None-Match: " + r.header.Get("Etag")}})
	}
	return append(all,
		target{byOne + asGzip, s.one, s.page, []string{gzip}},
		target{byNginx + asOwn, s.nginx, s.own, []string{gzip}},
		target{byExpress + asOwn, s.express, s.own, []string{gzip}},
		target{byExpress + asBrotli, s.express, s.page, []string{"Accept-Encoding: br"}}), nil
}

// side is a server under its name.
type side struct {
	name   string
	server *server
}

func (s *stage) sides() []side {
	return []side{{byNginx, s.nginx}, {byExpress, s.express}, {byPlain, s.plain}}
}

// judge writes the figures of the loads. CPU per request comes first: the
// number of requests a second moves with what else the machine does.
func (s *stage) judge(r *report, shots map[string][]shot) {
	page := fmt.Sprintf("story of %.1f kB gzip", float64(s.pageSize)/1e3)
	limit, one, express := shots[byNginx+asGzip], shots[byOne+asGzip], shots[byExpress+asGzip]
	named := func(name, unit string) figure { return figure{Part: partCached, Name: name, Unit: unit} }
	r.goal(named(page+": CPU per request, against nginx", "×"), atMost, goalCPURatio, against(express, limit, cpuOfShot)...)
	r.goal(named(page+": requests per second, against nginx", "×"), atLeast, goalRateRatio, against(express, limit, rateOfShot)...)
	r.goal(named(page+": p99, against nginx", "×"), atMost, goalLateRatio, against(express, limit, mostOfShot)...)
	r.tell(named("CPU per request, against nginx with one worker", "×"), against(express, one, cpuOfShot)...)
	r.tell(named("requests per second, against nginx with one worker", "×"), against(express, one, rateOfShot)...)
	r.tell(named("p99, against nginx with one worker", "×"), against(express, one, mostOfShot)...)
	r.tell(named("the same with --no-express: CPU per request, against nginx", "×"), against(shots[byPlain+asGzip], limit, cpuOfShot)...)
	r.tell(named("304: CPU per request, against nginx", "×"), against(shots[byExpress+as304], shots[byNginx+as304], cpuOfShot)...)
	r.tell(named("304 with --no-express: CPU per request, against nginx", "×"), against(shots[byPlain+as304], shots[byNginx+as304], cpuOfShot)...)
	own := fmt.Sprintf("demonstration's story of %.1f kB gzip: CPU per request, against nginx", float64(s.ownSize)/1e3)
	r.tell(named(own, "×"), against(shots[byExpress+asOwn], shots[byNginx+asOwn], cpuOfShot)...)
	for _, name := range []string{byNginx + asGzip, byOne + asGzip, byExpress + asGzip, byPlain + asGzip, byExpress + asBrotli, byNginx + as304, byExpress + as304, byPlain + as304} {
		r.tell(named(name+": CPU per request", "µs"), of(shots[name], cpuOfShot)...)
		r.tell(named(name+": requests per second", ""), of(shots[name], rateOfShot)...)
		r.tell(named(name+": p50", "ms"), of(shots[name], halfOfShot)...)
		r.tell(named(name+": p99", "ms"), of(shots[name], mostOfShot)...)
		r.tell(named(name+": bytes per answer, with its header", "kB"), of(shots[name], sizeOfShot)...)
	}
}

// memory says what each server takes after all that.
func (s *stage) memory(r *report) error {
	for _, side := range s.sides() {
		share, err := familyMemory(side.server.pid)
		if err != nil {
			return err
		}
		r.tell(figure{Part: partCached, Name: side.name + ": memory after the load", Unit: "MB"}, share)
	}
	return nil
}
