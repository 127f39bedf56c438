package main

import "math"

// Vec is a place or a direction in a scene: x to the right, y up, z away from the viewer.
type Vec struct{ X, Y, Z float64 }

func (a Vec) plus(b Vec) Vec             { return Vec{a.X + b.X, a.Y + b.Y, a.Z + b.Z} }
func (a Vec) minus(b Vec) Vec            { return Vec{a.X - b.X, a.Y - b.Y, a.Z - b.Z} }
func (a Vec) times(k float64) Vec        { return Vec{a.X * k, a.Y * k, a.Z * k} }
func (a Vec) dot(b Vec) float64          { return a.X*b.X + a.Y*b.Y + a.Z*b.Z }
func (a Vec) unit() Vec                  { return a.times(1 / math.Sqrt(a.dot(a))) }
func (a Vec) cross(b Vec) Vec            { return Vec{a.Y*b.Z - a.Z*b.Y, a.Z*b.X - a.X*b.Z, a.X*b.Y - a.Y*b.X} }
func (a Vec) along(d Vec, t float64) Vec { return Vec{a.X + d.X*t, a.Y + d.Y*t, a.Z + d.Z*t} }

// near is the shortest hit that counts; it keeps a surface from shading itself.
const near = 1e-4

// never is the distance to what a ray does not meet.
const never = math.MaxFloat64

// Form is the geometry of a solid: the distance along a ray to its surface, and the normal there.
type Form interface {
	hit(o, d Vec) (t float64, n Vec)
}

// Ground is the level plane y = Ground.
type Ground float64

func (g Ground) hit(o, d Vec) (float64, Vec) {
	if t := (float64(g) - o.Y) / d.Y; t > near {
		return t, Vec{0, 1, 0}
	}
	return never, Vec{}
}

// Box is upright between two corners, lo below hi on every axis.
type Box struct{ lo, hi Vec }

func (b Box) hit(o, d Vec) (float64, Vec) {
	in, out := slab(o.X, d.X, b.lo.X, b.hi.X)
	n := Vec{X: -math.Copysign(1, d.X)}
	y0, y1 := slab(o.Y, d.Y, b.lo.Y, b.hi.Y)
	if y0 > in {
		in, n = y0, Vec{Y: -math.Copysign(1, d.Y)}
	}
	if y1 < out {
		out = y1
	}
	if in >= out {
		return never, Vec{}
	}
	z0, z1 := slab(o.Z, d.Z, b.lo.Z, b.hi.Z)
	if z0 > in {
		in, n = z0, Vec{Z: -math.Copysign(1, d.Z)}
	}
	if z1 < out {
		out = z1
	}
	if in > near && in < out {
		return in, n
	}
	return never, Vec{}
}

// slab is where a ray enters and leaves the space between two parallel faces.
func slab(o, d, lo, hi float64) (in, out float64) {
	k := 1 / d
	in, out = (lo-o)*k, (hi-o)*k
	if in > out {
		return out, in
	}
	return in, out
}

// Ball is an ellipsoid with half-axes r.
type Ball struct{ at, r Vec }

func (b Ball) hit(o, d Vec) (float64, Vec) {
	p := o.minus(b.at)
	p, e := Vec{p.X / b.r.X, p.Y / b.r.Y, p.Z / b.r.Z}, Vec{d.X / b.r.X, d.Y / b.r.Y, d.Z / b.r.Z}
	a, h, c := e.dot(e), p.dot(e), p.dot(p)-1
	disc := h*h - a*c
	if disc < 0 {
		return never, Vec{}
	}
	t := (-h - math.Sqrt(disc)) / a
	if t < near {
		return never, Vec{}
	}
	q := p.along(e, t)
	return t, Vec{q.X / b.r.X, q.Y / b.r.Y, q.Z / b.r.Z}.unit()
}

// Post is an upright cylinder that stands on foot.
type Post struct {
	foot      Vec
	r, height float64
}

func (c Post) hit(o, d Vec) (float64, Vec) {
	x, z := o.X-c.foot.X, o.Z-c.foot.Z
	a, h, k := d.X*d.X+d.Z*d.Z, x*d.X+z*d.Z, x*x+z*z-c.r*c.r
	disc := h*h - a*k
	if disc < 0 {
		return never, Vec{}
	}
	if t := (-h - math.Sqrt(disc)) / a; t > near {
		if y := o.Y + d.Y*t - c.foot.Y; y >= 0 && y <= c.height {
			return t, Vec{(x + d.X*t) / c.r, 0, (z + d.Z*t) / c.r}
		}
	}
	if t := (c.foot.Y + c.height - o.Y) / d.Y; t > near && d.Y < 0 {
		if p := o.along(d, t); math.Hypot(p.X-c.foot.X, p.Z-c.foot.Z) < c.r {
			return t, Vec{0, 1, 0}
		}
	}
	return never, Vec{}
}

// Solid is a form with a surface.
type Solid struct {
	form   Form
	colour func(p, n Vec) Colour
	gloss  float64 // strength of the highlight
	mirror float64 // share of the light that is reflected; ripples bend it
}

func plain(c Colour) func(Vec, Vec) Colour { return func(Vec, Vec) Colour { return c } }

// Scene is solids under one soft light and an even sky, seen through a pinhole.
type Scene struct {
	solids     []Solid
	eye, at    Vec
	zoom       float64 // focal length in picture widths
	sun        Vec     // towards the light
	soft       float64 // how wide the light is; 0 gives hard shadows
	sunlight   Colour
	sky        Colour // light from everywhere
	bounce     Colour // light from below
	reach      float64
	haze       Colour
	mist       float64 // haze per unit of distance
	clear      float64 // distance before the haze begins
	lamp       *Vec    // when set, the light is at this place rather than in a direction
	lampFalls  float64 // distance at which the lamp is half as bright
	background func(d Vec) Colour
}

// surface is what a ray found.
type surface struct {
	solid int
	t     float64
	p, n  Vec
}

func (s *Scene) trace(o, d Vec) surface {
	best := surface{solid: -1, t: never}
	for i := range s.solids {
		if t, n := s.solids[i].form.hit(o, d); t < best.t {
			best = surface{solid: i, t: t, n: n}
		}
	}
	if best.solid >= 0 {
		best.p = o.along(d, best.t)
	}
	return best
}

func (s *Scene) blocked(o, d Vec, within float64) bool {
	for i := range s.solids {
		if t, _ := s.solids[i].form.hit(o, d); t < within {
			return true
		}
	}
	return false
}

// light is how much of the lamp and of the sky a point sees, 0 to 1 each.
type light struct{ sun, sky, weight float32 }

const rays = 4

func (s *Scene) towards(p Vec) (Vec, float64) {
	if s.lamp == nil {
		return s.sun, never
	}
	d := s.lamp.minus(p)
	l := math.Sqrt(d.dot(d))
	return d.times(1 / l), l
}

// gather throws a few scattered rays; calm later smooths the noise they leave, and fills every
// other pixel, where no rays were thrown.
func (s *Scene) gather(h surface, x, y int) light {
	p := h.p.along(h.n, 1e-3)
	to, far := s.towards(p)
	out := light{weight: 1}
	for i := range rays {
		j := Vec{chance(x, y, uint32(3*i+1)) - 0.5, chance(x, y, uint32(3*i+2)) - 0.5, chance(x, y, uint32(3*i+3)) - 0.5}
		if d := to.along(j, s.soft).unit(); d.dot(h.n) > 0 && !s.blocked(p, d, far) {
			out.sun += 1.0 / rays
		}
		if !s.blocked(p, h.n.along(j, 1.9).unit(), s.reach) {
			out.sky += 1.0 / rays
		}
	}
	return out
}

func (s *Scene) shade(h surface, d Vec, l light) Colour {
	m := &s.solids[h.solid]
	a := m.colour(h.p, h.n)
	to, far := s.towards(h.p)
	power := math.Max(0, h.n.dot(to)) * float64(l.sun)
	if s.lamp != nil {
		power /= 1 + far*far/(s.lampFalls*s.lampFalls)
	}
	ambient := s.bounce.mix(s.sky, 0.5+0.5*h.n.Y).times(0.25 + 0.75*float64(l.sky))
	lit := s.sunlight.times(power).plus(ambient)
	out := a.filter(a).filter(lit)
	if m.gloss > 0 {
		half := to.minus(d).unit()
		k := math.Pow(math.Max(0, half.dot(h.n)), 60) * m.gloss * float64(l.sun)
		out = out.plus(s.sunlight.times(k))
	}
	return Colour{math.Sqrt(out.R), math.Sqrt(out.G), math.Sqrt(out.B)}
}

func (s *Scene) air(c Colour, t float64) Colour {
	return c.mix(s.haze, 1-math.Exp(-math.Max(0, t-s.clear)*s.mist))
}

// see is the colour along a reflected ray, with one ray of light and no noise to smooth.
func (s *Scene) see(o, d Vec) Colour {
	h := s.trace(o, d)
	if h.solid < 0 {
		if s.background != nil {
			return s.background(d)
		}
		return s.haze
	}
	l := light{sky: 0.8}
	if to, far := s.towards(h.p); !s.blocked(h.p.along(h.n, 1e-3), to, far) {
		l.sun = 1
	}
	return s.air(s.shade(h, d, l), h.t)
}

func (s *Scene) reflect(c Colour, h surface, d Vec, k float64) Colour {
	n := h.n.plus(Vec{0.05 * noise(h.p.X*2.2, h.p.Z*5, 3), 0, 0.06 * noise(h.p.X*2.2, h.p.Z*5, 4)}).unit()
	fresnel := k * (0.35 + 0.65*math.Pow(1-math.Abs(d.dot(n)), 2))
	r := d.along(n, -2*d.dot(n)).unit()
	r.Y = math.Abs(r.Y)
	return c.mix(s.see(h.p.along(h.n, 1e-3), r), fresnel)
}

// view turns canvas points into rays.
func (s *Scene) view() func(x, y float64) Vec {
	f := s.at.minus(s.eye).unit()
	right := Vec{f.Z, 0, -f.X}.unit()
	up := f.cross(right)
	return func(x, y float64) Vec {
		u, v := (x-width/2)/width, (height/2-y)/width
		return f.times(s.zoom).along(right, u).along(up, v).unit()
	}
}

// render draws the scene over what is already on the canvas; the sky is left as it was.
func (s *Scene) render(c *Canvas) {
	ray := s.view()
	hits, lights := make([]surface, width*height), make([]light, width*height)
	for y := range height {
		for x := range width {
			h := s.trace(s.eye, ray(float64(x)+0.5, float64(y)+0.5))
			hits[y*width+x] = h
			if h.solid >= 0 && (x+y)%2 == 0 {
				lights[y*width+x] = s.gather(h, x, y)
			}
		}
	}
	lights = calm(hits, calm(hits, lights, 1, 6), width, 6)
	for i := range c.pix {
		x, y := float64(i%width), float64(i/width)
		var sum Colour
		for k := range 4 {
			d := ray(x+0.25+0.5*float64(k&1), y+0.25+0.5*float64(k>>1))
			sum = sum.plus(s.pixel(c.pix[i], d, hits, lights, i))
		}
		c.pix[i] = sum.times(0.25)
	}
}

func (s *Scene) pixel(behind Colour, d Vec, hits []surface, lights []light, i int) Colour {
	h := s.again(d, hits, i)
	if h.solid < 0 {
		return behind
	}
	l := lights[i]
	for _, step := range [9]int{0, 1, -1, width, -width, width + 1, width - 1, -width + 1, -width - 1} {
		if j := i + step; j >= 0 && j < len(hits) && alike(&hits[j], &h) {
			l = lights[j]
			break
		}
	}
	col := s.shade(h, d, l)
	if k := s.solids[h.solid].mirror; k > 0 {
		col = s.reflect(col, h, d, k)
	}
	return s.air(col, h.t)
}

// again traces a ray through pixel i, against one solid alone where nothing else is near.
func (s *Scene) again(d Vec, hits []surface, i int) surface {
	for _, step := range [4]int{1, -1, width, -width} {
		if j := i + step; j < 0 || j >= len(hits) || !alike(&hits[i], &hits[j]) {
			return s.trace(s.eye, d)
		}
	}
	h := hits[i]
	if h.solid < 0 {
		return h
	}
	t, n := s.solids[h.solid].form.hit(s.eye, d)
	return surface{h.solid, t, s.eye.along(d, t), n}
}

func alike(a, b *surface) bool { return a.solid == b.solid && (a.solid < 0 || a.n.dot(b.n) > 0.9) }

// calm averages light along one direction, but never across the edge of a surface.
func calm(hits []surface, in []light, step, reach int) []light {
	out := make([]light, len(in))
	for i := range in {
		if hits[i].solid < 0 {
			continue
		}
		var sum light
		for k := -reach; k <= reach; k++ {
			if j := i + k*step; j >= 0 && j < len(in) && alike(&hits[i], &hits[j]) {
				l := in[j]
				sum.sun, sum.sky, sum.weight = sum.sun+l.sun*l.weight, sum.sky+l.sky*l.weight, sum.weight+l.weight
			}
		}
		if sum.weight > 0 {
			out[i] = light{sum.sun / sum.weight, sum.sky / sum.weight, 1}
		}
	}
	return out
}
