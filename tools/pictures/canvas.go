package main

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/vector"
)

// The master is three to two, so that every crop of the site has something to cut from.
const (
	width  = 1600
	height = 1067
)

// Colour is a display-referred colour; 0 is black, 1 is full, and light may briefly exceed 1.
type Colour struct{ R, G, B float64 }

// Paint gives the colour of a point of the canvas, in pixels from the top left.
type Paint func(x, y float64) Colour

func hex(v uint32) Colour {
	return Colour{float64(v>>16&255) / 255, float64(v>>8&255) / 255, float64(v&255) / 255}
}

func (a Colour) mix(b Colour, t float64) Colour {
	return Colour{a.R + (b.R-a.R)*t, a.G + (b.G-a.G)*t, a.B + (b.B-a.B)*t}
}

func (a Colour) times(k float64) Colour { return Colour{a.R * k, a.G * k, a.B * k} }

func (a Colour) plus(b Colour) Colour { return Colour{a.R + b.R, a.G + b.G, a.B + b.B} }

func (a Colour) filter(b Colour) Colour { return Colour{a.R * b.R, a.G * b.G, a.B * b.B} }

func (a Colour) luma() float64 { return 0.3*a.R + 0.59*a.G + 0.11*a.B }

func flat(c Colour) Paint { return func(float64, float64) Colour { return c } }

// Stop is one colour of a gradient and the place where it is pure.
type Stop struct {
	at     float64
	colour Colour
}

// ramp reads a gradient at t; the steps between stops are eased, which hides their edges.
func ramp(t float64, stops ...Stop) Colour {
	if t <= stops[0].at {
		return stops[0].colour
	}
	for i := 1; i < len(stops); i++ {
		if t < stops[i].at {
			return stops[i-1].colour.mix(stops[i].colour, smooth(stops[i-1].at, stops[i].at, t))
		}
	}
	return stops[len(stops)-1].colour
}

func vertical(stops ...Stop) Paint {
	return func(_, y float64) Colour { return ramp(y, stops...) }
}

func horizontal(stops ...Stop) Paint {
	return func(x, _ float64) Colour { return ramp(x, stops...) }
}

// Canvas is the picture while it is being drawn.
type Canvas struct{ pix []Colour }

func blank() *Canvas { return &Canvas{make([]Colour, width*height)} }

func (c *Canvas) at(x, y int) *Colour { return &c.pix[y*width+x] }

// sample reads the nearest pixel, and the edge for points outside.
func (c *Canvas) sample(x, y float64) Colour {
	return *c.at(min(max(int(x), 0), width-1), min(max(int(y), 0), height-1))
}

func (c *Canvas) copy() *Canvas { return &Canvas{append([]Colour(nil), c.pix...)} }

// each replaces every pixel by what f makes of it.
func (c *Canvas) each(f func(x, y float64, old Colour) Colour) {
	for y := range height {
		for x := range width {
			p := c.at(x, y)
			*p = f(float64(x)+0.5, float64(y)+0.5, *p)
		}
	}
}

func (c *Canvas) fill(p Paint) {
	c.each(func(x, y float64, _ Colour) Colour { return p(x, y) })
}

// within lets f change the pixels under a mask in proportion to its cover.
func (c *Canvas) within(m *Mask, f func(x, y float64, old Colour) Colour) {
	r := m.bounds.Intersect(image.Rect(0, 0, width, height))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if a := m.cover(x, y); a > 0 {
				p := c.at(x, y)
				*p = p.mix(f(float64(x)+0.5, float64(y)+0.5, *p), a)
			}
		}
	}
}

func (c *Canvas) draw(s Shape, p Paint, opacity float64) {
	c.within(s.mask().scale(opacity), func(x, y float64, _ Colour) Colour { return p(x, y) })
}

// shadow darkens towards tint under a blurred shape.
func (c *Canvas) shadow(s Shape, blur int, tint Colour, strength float64) {
	c.within(s.mask().blur(blur).scale(strength), func(_, _ float64, old Colour) Colour { return old.filter(tint) })
}

// shine adds light under a blurred shape, as a lamp or a beam does in haze.
func (c *Canvas) shine(s Shape, blur int, light Colour, strength float64) {
	c.within(s.mask().blur(blur).scale(strength), func(_, _ float64, old Colour) Colour { return screen(old, light) })
}

func screen(a, b Colour) Colour {
	return Colour{1 - (1-a.R)*(1-b.R), 1 - (1-a.G)*(1-b.G), 1 - (1-a.B)*(1-b.B)}
}

func (c *Canvas) image() *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	for i, p := range c.pix {
		out.SetRGBA(i%width, i/width, color.RGBA{level(p.R), level(p.G), level(p.B), 255})
	}
	return out
}

func level(v float64) uint8 { return uint8(clamp(v)*255 + 0.5) }

// Mask is how much of each pixel a shape covers, 0 to 1.
type Mask struct {
	bounds image.Rectangle
	alpha  []float32
}

func (m *Mask) cover(x, y int) float64 {
	return float64(m.alpha[(y-m.bounds.Min.Y)*m.bounds.Dx()+x-m.bounds.Min.X])
}

func (m *Mask) scale(k float64) *Mask {
	if k == 1 {
		return m
	}
	for i := range m.alpha {
		m.alpha[i] *= float32(k)
	}
	return m
}

// blur softens a mask by three box filters, which come close to a Gaussian of that radius.
func (m *Mask) blur(radius int) *Mask {
	if radius < 1 {
		return m
	}
	w, h := m.bounds.Dx(), m.bounds.Dy()
	spare := make([]float32, len(m.alpha))
	for range 3 {
		for y := range h {
			box(m.alpha[y*w:], spare[y*w:], w, 1, radius/2)
		}
		for x := range w {
			box(spare[x:], m.alpha[x:], h, w, radius/2)
		}
	}
	return m
}

func box(from, to []float32, n, step, r int) {
	var sum float32
	at := func(i int) float32 {
		if i < 0 || i >= n {
			return 0
		}
		return from[i*step]
	}
	for i := -r; i <= r; i++ {
		sum += at(i)
	}
	for i := range n {
		to[i*step] = max(sum, 0) / float32(2*r+1)
		sum += at(i+r+1) - at(i-r)
	}
}

// Point is a place on the canvas.
type Point struct{ X, Y float64 }

// Shape is a set of closed outlines, filled where they wind around a point.
type Shape [][]Point

func polygon(p ...Point) Shape { return Shape{p} }

func rect(x, y, w, h float64) Shape {
	return polygon(Point{x, y}, Point{x + w, y}, Point{x + w, y + h}, Point{x, y + h})
}

func circle(x, y, r float64) Shape { return ellipse(x, y, r, r) }

func ellipse(x, y, rx, ry float64) Shape { return Shape{arc(x, y, rx, ry, 0, 2*math.Pi)} }

// arc runs clockwise on the screen from angle a to b, in radians from three o'clock.
func arc(x, y, rx, ry, a, b float64) []Point {
	n := 24 + int(math.Max(rx, ry)*math.Abs(b-a)/6)
	out := make([]Point, n+1)
	for i := range out {
		t := a + (b-a)*float64(i)/float64(n)
		out[i] = Point{x + rx*math.Cos(t), y + ry*math.Sin(t)}
	}
	return out
}

// ring is the band between two circles.
func ring(x, y, outer, inner float64) Shape {
	return Shape{arc(x, y, outer, outer, 0, 2*math.Pi), arc(x, y, inner, inner, 2*math.Pi, 0)}
}

// stroke follows points with a round pen; thickness is asked at each point, 0 to 1 along the way.
func stroke(points []Point, thickness func(t float64) float64) Shape {
	var out Shape
	for i := range points {
		r := thickness(float64(i)/math.Max(1, float64(len(points)-1))) / 2
		out = append(out, arc(points[i].X, points[i].Y, r, r, 0, 2*math.Pi)[:24])
		if i > 0 {
			out = append(out, band(points[i-1], points[i], r))
		}
	}
	return out
}

func line(w float64, points ...Point) Shape {
	var out Shape
	for i := 1; i < len(points); i++ {
		out = append(out, band(points[i-1], points[i], w/2))
	}
	return out
}

func band(p, q Point, r float64) []Point {
	l := math.Max(math.Hypot(q.X-p.X, q.Y-p.Y), 1e-9)
	nx, ny := (q.Y-p.Y)/l*r, -(q.X-p.X)/l*r
	return []Point{{p.X + nx, p.Y + ny}, {q.X + nx, q.Y + ny}, {q.X - nx, q.Y - ny}, {p.X - nx, p.Y - ny}}
}

// bezier samples a cubic curve.
func bezier(a, b, c, d Point) []Point {
	n := 12 + int((math.Hypot(b.X-a.X, b.Y-a.Y)+math.Hypot(c.X-b.X, c.Y-b.Y)+math.Hypot(d.X-c.X, d.Y-c.Y))/3)
	out := make([]Point, n+1)
	for i := range out {
		t := float64(i) / float64(n)
		u := 1 - t
		k := [4]float64{u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t}
		out[i] = Point{k[0]*a.X + k[1]*b.X + k[2]*c.X + k[3]*d.X, k[0]*a.Y + k[1]*b.Y + k[2]*c.Y + k[3]*d.Y}
	}
	return out
}

func (s Shape) moved(dx, dy float64) Shape {
	return s.mapped(func(p Point) Point { return Point{p.X + dx, p.Y + dy} })
}

func (s Shape) turned(about Point, angle float64) Shape {
	sin, cos := math.Sincos(angle)
	return s.mapped(func(p Point) Point {
		x, y := p.X-about.X, p.Y-about.Y
		return Point{about.X + x*cos - y*sin, about.Y + x*sin + y*cos}
	})
}

func (s Shape) mapped(f func(Point) Point) Shape {
	out := make(Shape, len(s))
	for i, ring := range s {
		out[i] = make([]Point, len(ring))
		for j, p := range ring {
			out[i][j] = f(p)
		}
	}
	return out
}

// margin is kept around every mask, and around the canvas, so that blurred edges have room.
const margin = 160

func (s Shape) bounds() image.Rectangle {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, ring := range s {
		for _, p := range ring {
			x0, y0, x1, y1 = math.Min(x0, p.X), math.Min(y0, p.Y), math.Max(x1, p.X), math.Max(y1, p.Y)
		}
	}
	limit := func(v float64) int { return int(math.Min(math.Max(v, -1e4), 1e4)) }
	r := image.Rect(limit(x0)-margin, limit(y0)-margin, limit(x1)+margin, limit(y1)+margin)
	return r.Intersect(image.Rect(-margin, -margin, width+margin, height+margin))
}

func (s Shape) mask() *Mask {
	b := s.bounds()
	if b.Empty() {
		return &Mask{}
	}
	z := vector.NewRasterizer(b.Dx(), b.Dy())
	for _, ring := range s {
		for i, p := range ring {
			x, y := float32(p.X-float64(b.Min.X)), float32(p.Y-float64(b.Min.Y))
			if i == 0 {
				z.MoveTo(x, y)
			} else {
				z.LineTo(x, y)
			}
		}
		z.ClosePath()
	}
	cover := image.NewAlpha(image.Rect(0, 0, b.Dx(), b.Dy()))
	z.Draw(cover, cover.Bounds(), image.Opaque, image.Point{})
	m := &Mask{b, make([]float32, len(cover.Pix))}
	for i, v := range cover.Pix {
		m.alpha[i] = float32(v) / 255
	}
	return m
}
