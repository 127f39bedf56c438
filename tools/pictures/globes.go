package main

import "math"

// Sphere is the earth seen from far: where a pixel meets it, and where a place on it falls.
type Sphere struct{ x, y, r, lon, lat float64 }

func (s Sphere) place(lat, lon float64) (Point, bool) {
	l := lon - s.lon
	dx := math.Cos(lat) * math.Sin(l)
	dy := math.Cos(s.lat)*math.Sin(lat) - math.Sin(s.lat)*math.Cos(lat)*math.Cos(l)
	dz := math.Sin(s.lat)*math.Sin(lat) + math.Cos(s.lat)*math.Cos(lat)*math.Cos(l)
	return Point{s.x + s.r*dx, s.y - s.r*dy}, dz > 0.01
}

// trail draws a line over the sphere and leaves out what lies behind it.
func (c *Canvas) trail(s Sphere, w float64, p Paint, opacity float64, at func(t float64) (lat, lon float64)) {
	var run []Point
	flush := func() {
		if len(run) > 1 {
			c.draw(stroke(run, func(float64) float64 { return w }), p, opacity)
		}
		run = nil
	}
	for i := range 181 {
		q, seen := s.place(at(float64(i) / 180))
		if !seen {
			flush()
			continue
		}
		run = append(run, q)
	}
	flush()
}

func globeArc(c *Canvas) {
	s := Sphere{800, 560, 420, 0.9, 0.42}
	c.fill(vertical(Stop{0, hex(0x0f1626)}, Stop{1067, hex(0x243348)}))
	for i := range 260 {
		x, y := chance(i, 1, 3)*width, chance(i, 2, 3)*height
		c.draw(circle(x, y, 0.7+chance(i, 3, 3)), flat(hex(0xd8dce0)), 0.15+0.5*chance(i, 4, 3)*chance(i, 5, 3))
	}
	c.shine(circle(s.x-14, s.y-14, s.r+16), 90, hex(0x7fb0bd), 0.75)
	c.draw(circle(s.x, s.y, s.r), s.earth, 1)
	for i := range 12 {
		lon := float64(i) * math.Pi / 6
		c.trail(s, 1.8, flat(hex(0xe9e2cc)), 0.42, func(t float64) (float64, float64) { return math.Pi * (t - 0.5), lon })
	}
	for i := -5; i <= 5; i++ {
		lat := float64(i) * math.Pi / 12
		c.trail(s, 1.8, flat(hex(0xe9e2cc)), 0.34, func(t float64) (float64, float64) { return lat, 2 * math.Pi * t })
	}
	route := func(t float64) (float64, float64) { return greatCircle(0.30, 0.02, 0.62, 1.9, t) }
	c.trail(s, 26, flat(hex(0x10151c)), 0.25, route)
	c.trail(s, 11, flat(hex(0xe0a24a)), 1, route)
	for _, t := range []float64{0, 1} {
		q, _ := s.place(route(t))
		c.shine(circle(q.X, q.Y, 30), 34, hex(0xffc56b), 0.8)
		c.draw(circle(q.X, q.Y, 15), flat(hex(0xf7e4bd)), 1)
		c.draw(circle(q.X, q.Y, 8), flat(hex(0xa4442f)), 1)
	}
}

// earth shades land that chance has drawn, and sea, by a sun at the upper left.
func (s Sphere) earth(px, py float64) Colour {
	x, y := (px-s.x)/s.r, (s.y-py)/s.r
	z := math.Sqrt(math.Max(0, 1-x*x-y*y))
	u, v := x+z*0.35, y*math.Cos(s.lat)+z*math.Sin(s.lat)
	n := fractal(u*1.5+7, v*1.9-z*0.8, 6, 17)
	sea := hex(0x22485a).mix(hex(0x3b6670), clamp(0.5+n))
	land := hex(0x9a8457).mix(hex(0x6d7350), clamp(0.5+1.4*fractal(u*4, v*4, 4, 9)))
	col := sea.mix(land, smooth(0.08, 0.13, n))
	day := clamp(-0.5*x + 0.48*y + 0.72*z + 0.08)
	rim := math.Pow(1-z, 3)
	return col.times(0.13+1.15*day).mix(hex(0xa7c9cc), clamp(rim*(0.15+0.75*day)))
}

// greatCircle is the shortest way between two places, a share t along it.
func greatCircle(lat0, lon0, lat1, lon1, t float64) (lat, lon float64) {
	at := func(lat, lon float64) Vec {
		return Vec{math.Cos(lat) * math.Cos(lon), math.Sin(lat), math.Cos(lat) * math.Sin(lon)}
	}
	a, b := at(lat0, lon0), at(lat1, lon1)
	w := math.Acos(a.dot(b))
	p := a.times(math.Sin((1-t)*w)/math.Sin(w)).along(b, math.Sin(t*w)/math.Sin(w))
	return math.Asin(p.Y), math.Atan2(p.Z, p.X)
}

// unrolled carries a place from the globe, on the left, to the flat sheet that comes off it.
func unrolled(lat, lon float64) Point {
	const x, y, r = 590.0, 533.0, 330.0
	if lon <= 0 {
		return Point{x + r*math.Cos(lat)*math.Sin(lon), y - r*math.Sin(lat)}
	}
	flatness := smooth(0, 1.5, lon)
	stretched := math.Log(math.Tan(math.Pi/4 + lat*0.92/2))
	h := mix(math.Sin(lat), stretched*0.92, flatness)
	return Point{x + r*lon*mix(math.Cos(lat), 1, smooth(0, 1.1, lon)), y - r*h}
}

// trim is the latitude where the sheet is cut: the pole itself cannot be laid flat.
func trim(lon float64) float64 {
	if lon > 0 {
		return 1.22
	}
	return math.Pi / 2
}

func projectionGrid(c *Canvas) {
	c.fill(func(x, y float64) Colour {
		return hex(0x16272f).mix(hex(0x2c5058), math.Exp(-math.Pow((x-760)/760, 2)-math.Pow((y-480)/520, 2))).times(1 + 0.06*fractal(x/240, y/240, 4, 5))
	})
	edge := func(a, b, lat float64) []Point {
		var out []Point
		for i := range 81 {
			lon := mix(a, b, float64(i)/80)
			out = append(out, unrolled(lat*trim(lon), lon))
		}
		return out
	}
	globe := circle(590, 533, 330)
	sheet := Shape{append(edge(1e-9, 2.75, 1), edge(2.75, 1e-9, -1)...)}
	c.shadow(sheet.moved(26, 40), 60, hex(0x081114), 0.75)
	c.shadow(globe.moved(20, 44), 60, hex(0x081114), 0.6)
	tone := paper(hex(0xe6dbbd), 3)
	light := func(x, y float64) Colour {
		u, v := (x-590)/330, (y-533)/330
		round := clamp(1 - u*u*smooth(0.2, -0.1, u) - 0.55*v*v*smooth(0.9, -0.1, u))
		return tone(x, y).times(0.4+0.66*math.Sqrt(round)).mix(hex(0x2c5a66), 0.35*smooth(0.3, -1, u))
	}
	c.draw(globe, func(x, y float64) Colour {
		return light(math.Min(x, 1180-x), y).times(1 - 0.45*smooth(560, 700, x))
	}, 1)
	c.shadow(sheet.moved(4, 10), 24, hex(0x2a4046), 0.6)
	c.draw(sheet, light, 1)
	c.graticule()
}

// graticule draws the grid and the circles that grow as the sheet is stretched towards the poles.
func (c *Canvas) graticule() {
	pen := func(w float64) func(float64) float64 { return func(float64) float64 { return w } }
	path := func(f func(t float64) (lat, lon float64)) []Point {
		var out []Point
		for i := range 121 {
			out = append(out, unrolled(f(float64(i)/120)))
		}
		return out
	}
	for i := -6; i <= 10; i++ {
		lon := float64(i) * math.Pi / 12
		c.draw(stroke(path(func(t float64) (float64, float64) { return trim(lon) * (2*t - 1), lon }), pen(2.2)), flat(hex(0x2f5560)), 0.75)
	}
	for i := -5; i <= 5; i++ {
		lat := 1.22 * float64(i) / 5
		c.draw(stroke(path(func(t float64) (float64, float64) { return lat, mix(-math.Pi/2, 2.75, t) }), pen(2.2)), flat(hex(0x2f5560)), 0.75)
	}
	for i := -1; i <= 2; i++ {
		for j := -2; j <= 2; j++ {
			lat, lon := 0.49*float64(j), 0.26+float64(i)*0.785
			spot := path(func(t float64) (float64, float64) {
				a := 2 * math.Pi * t
				return lat + 0.15*math.Sin(a), lon + 0.15*math.Cos(a)/math.Cos(lat)
			})
			c.draw(Shape{spot}, flat(hex(0xb0563a)), 0.5)
			c.draw(stroke(spot, pen(2.4)), flat(hex(0x86382a)), 0.9)
		}
	}
}
