package main

import (
	"bufio"
	"fmt"
	"io"
	"math"
)

// Film is a drawing that moves. Its first part draws what stands still; what it returns draws the
// rest at a share of the way, 0 to 1.
type Film struct {
	id      string
	seconds int
	poster  float64 // where on the way its poster stands
	begin   func(*Canvas) func(c *Canvas, t float64)
}

// frameRate is in pictures a second: enough for water and shadows, and half the work of a cinema's.
const frameRate = 12

// frameWidth and frameHeight are those of a film's frame; it is cut from the canvas below crop.
const (
	frameWidth, frameHeight = 640, 360
	crop                    = (height - width*frameHeight/frameWidth) / 2
)

func films() []Film {
	return []Film{
		{"sundial-day", 18, 0.3, sundialDay},
		{"canal-lock", 18, 0.45, canalLock},
	}
}

// posters are single frames at the size of a picture.
func posters() []Picture {
	var out []Picture
	for _, f := range films() {
		out = append(out, Picture{f.id, func(c *Canvas) { f.begin(c)(c, f.poster) }})
	}
	return out
}

// roll writes a film's frames one after another, three bytes for each dot.
func roll(id string, to io.Writer) error {
	for _, f := range films() {
		if f.id != id {
			continue
		}
		still := blank()
		move := f.begin(still)
		out := bufio.NewWriterSize(to, frameWidth*frameHeight*3)
		for n := range f.seconds * frameRate {
			c := still.copy()
			move(c, float64(n)/float64(f.seconds*frameRate-1))
			if _, err := out.Write(c.frame()); err != nil {
				return fmt.Errorf("roll %s: %w", id, err)
			}
		}
		return out.Flush()
	}
	return fmt.Errorf("no film is called %q", id)
}

// frame is the canvas, cut to a film's shape and averaged down to its size.
func (c *Canvas) frame() []byte {
	const scale = float64(width) / frameWidth
	out := make([]byte, 0, frameWidth*frameHeight*3)
	for y := range frameHeight {
		for x := range frameWidth {
			var sum Colour
			for j := range 3 {
				for i := range 3 {
					sum = sum.plus(c.sample((float64(x)+(float64(i)+0.5)/3)*scale, crop+(float64(y)+(float64(j)+0.5)/3)*scale))
				}
			}
			sum = sum.times(1.0 / 9)
			out = append(out, level(film(sum.R)), level(film(sum.G)), level(film(sum.B)))
		}
	}
	return out
}

// dial is the floor of the sundial: metres east and north of the foot of the pole, to the canvas.
func dial(east, north float64) Point {
	const eye, back, focal, horizon = 3.6, 7.0, 1150.0, 300.0
	z := north + back
	return Point{800 + east*focal/z, horizon + eye*focal/z}
}

// sundialDay is an equinox at 36 degrees north, seen by one who looks north: the sun stands behind
// the viewer, and the tip of the shadow walks along a straight line.
func sundialDay(still *Canvas) func(*Canvas, float64) {
	const latitude, pole = 36 * math.Pi / 180, 1.8
	still.fill(vertical(Stop{0, hex(0x5f8ea8)}, Stop{190, hex(0xb4ccce)}, Stop{320, hex(0xebe0c6)}))
	still.ridge(Ridge{top: 290, rise: 60, span: 420, seed: 203, relief: 1.3, colour: hex(0x8b9c98), haze: hex(0xdfd4b4), depth: 90})
	floor := polygon(dial(-40, 60), dial(40, 60), dial(8, -3.6), dial(-8, -3.6))
	still.draw(floor, func(x, y float64) Colour {
		z := 3.6 * 1150 / math.Max(y-300, 1)
		return terrace(Vec{(x - 800) * z / 1150, 0, z - 7}, Vec{}).times(0.98).mix(hex(0xe2d5b2), 1-math.Exp(-z/34))
	}, 1)
	tip := func(hour float64) (east, north float64) {
		h := (hour - 12) * math.Pi / 12
		return pole * math.Tan(h) / math.Cos(latitude), pole * math.Tan(latitude)
	}
	return func(c *Canvas, t float64) {
		hour := 7.5 + 9*t
		warm := math.Pow(math.Abs(hour-12)/4.5, 2)
		for h := 8.0; h <= hour; h++ {
			e, n := tip(h)
			p := dial(e, n)
			c.draw(ellipse(p.X, p.Y, 15, 7), flat(hex(0x8b3a2a)), 1)
		}
		e, n := tip(hour)
		end := dial(e, n)
		c.shadow(polygon(dial(-0.045, 0), dial(0.045, 0), Point{end.X + 5, end.Y}, Point{end.X - 5, end.Y}), 4, hex(0x4a4a52), 0.9)
		c.shadow(ellipse(end.X, end.Y, 17, 8), 6, hex(0x4a4a52), 0.9)
		c.gnomon(pole, hour)
		c.each(func(_, _ float64, old Colour) Colour { return old.filter(hex(0xffffff).mix(hex(0xf0b478), 0.5*warm)) })
	}
}

// gnomon is the pole, lit on the side on which the sun stands.
func (c *Canvas) gnomon(high, hour float64) {
	foot := dial(0, 0)
	const metre = 1150 / 7.0
	top := foot.Y - high*metre
	c.draw(polygon(Point{foot.X - 12, foot.Y}, Point{foot.X - 8, top}, Point{foot.X + 8, top}, Point{foot.X + 12, foot.Y}), func(x, _ float64) Colour {
		side := (x - foot.X) / 12 * (12 - hour) / 5
		return hex(0x4a4038).times(1.1 + 0.7*side)
	}, 1)
	c.draw(circle(foot.X, top-12, 20), func(x, y float64) Colour {
		dx, dy := (x-foot.X)/20-0.5*(12-hour)/5, (y-top+12)/20+0.4
		return hex(0xe9c070).times(1.1 - 0.45*math.Hypot(dx, dy))
	}, 1)
}

// The lock of the film, in canvas pixels: two gates, two levels of the canal, and the beds below.
const (
	lowGate, highGate   = 520.0, 1130.0
	lowWater, highWater = 700.0, 490.0
	lowBed, highBed     = 850.0, 650.0
)

// canalLock is a lock cut open along its middle: a boat comes from below, on the left, and leaves above.
func canalLock(still *Canvas) func(*Canvas, float64) {
	still.fill(vertical(Stop{0, hex(0x6d9bb2)}, Stop{260, hex(0xb9cfcc)}, Stop{440, hex(0xf0e0ba)}))
	still.clouds(hex(0xf8eed8), 0.6, 420, 211)
	still.ridge(Ridge{top: 400, rise: 50, span: 420, seed: 213, relief: 1.2, colour: hex(0x85967e), haze: hex(0xd9cfa6), depth: 120})
	still.ridge(Ridge{top: 452, rise: 20, span: 300, seed: 216, relief: 1, colour: hex(0x6f7f54), haze: hex(0xb0a874), depth: 140})
	ground := Shape{{{-5, lowBed}, {highGate + 30, lowBed}, {highGate + 30, highBed}, {width + 5, highBed}, {width + 5, height + 5}, {-5, height + 5}}}
	still.draw(ground, strata(func(float64) float64 { return lowBed - 190 }, 120, []Colour{hex(0xa98a5a), hex(0x94704a), hex(0x7b5a42), hex(0x644a3e), hex(0x4d3c3a)}), 1)
	wall := func(x, y float64) Colour { return ashlar(Vec{x / 110, (height - y) / 110, 0}, Vec{}).times(0.72) }
	still.draw(rect(lowGate-40, highWater-52, highGate-lowGate+100, lowBed-highWater+52), wall, 1)
	still.draw(rect(-5, lowBed-3, highGate+35, 14), wall, 1)
	still.draw(rect(highGate+30, highBed-3, 500, 14), wall, 1)
	return func(c *Canvas, t float64) {
		s := lockAt(t)
		c.water(-5, lowGate, lowWater, lowBed, t)
		c.water(lowGate, highGate, s.level, lowBed, t)
		c.water(highGate, width+5, highWater, highBed, t)
		c.boat(s.boat, s.level, s)
		c.gate(lowGate, lowBed, s.low)
		c.gate(highGate, highBed, s.high)
		c.paddle(s)
	}
}

// lockState is what has changed in the lock.
type lockState struct {
	boat, level float64
	low, high   float64 // how far the gates are open, 0 to 1
	paddle      float64 // how far the sluice of the upper gate is open
}

func lockAt(t float64) lockState {
	rise := smooth(0.36, 0.7, t)
	s := lockState{level: mix(lowWater, highWater, rise)}
	s.low = 1 - smooth(0.24, 0.32, t)
	s.high = smooth(0.73, 0.81, t)
	s.paddle = smooth(0.33, 0.37, t) * (1 - smooth(0.71, 0.74, t))
	s.boat = mix(mix(150, 825, smooth(0, 0.24, t)), 1790, smooth(0.8, 1.06, t))
	return s
}

func (c *Canvas) water(from, to, level, bed, t float64) {
	c.draw(rect(from, level, to-from, bed-level), func(x, y float64) Colour {
		d := y - level
		wave := 0.1 * noise(x/60+6*t, d/24, 5)
		return hex(0x3f8793).mix(hex(0x1d4a58), clamp(d/220)).times(1+wave).mix(hex(0xcfe7e0), 0.8*smooth(5, 0, d))
	}, 0.93)
}

// boat rides on the water that is under it.
func (c *Canvas) boat(x, level float64, s lockState) {
	switch {
	case x < lowGate-150:
		level = lowWater
	case x > highGate+150:
		level = highWater
	}
	at := func(dx, dy float64) Point { return Point{x + dx, level + dy} }
	hull := polygon(at(-190, -34), at(190, -34), at(168, 34), at(-160, 34))
	c.draw(rect(x-112, level-92, 170, 60), func(px, _ float64) Colour { return hex(0xe6dcc2).times(1.05 - 0.2*smooth(x-112, x+60, px)) }, 1)
	for dx := -96.0; dx < 40; dx += 44 {
		c.draw(rect(x+dx, level-78, 28, 24), flat(hex(0x2c4a58)), 1)
	}
	c.draw(rect(x-122, level-100, 190, 10), flat(hex(0x7a3a2e)), 1)
	c.draw(hull, func(_, y float64) Colour {
		return hex(0x9a3f30).mix(hex(0x2e2a2c), smooth(level-8, level+4, y))
	}, 1)
	c.draw(line(7, at(-190, -36), at(190, -36)), flat(hex(0xe9d8a8)), 1)
	c.draw(line(6, at(130, -36), at(130, -120)), flat(hex(0x4a3a2c)), 1)
	c.draw(polygon(at(130, -120), at(176, -106), at(130, -92)), flat(hex(0xd9a23f)), 1)
}

// gate swings away from the viewer, so that an open one is a thin edge.
func (c *Canvas) gate(x, bed, open float64) {
	w := mix(30, 8, open)
	c.draw(rect(x-w/2, highWater-46, w, bed-highWater+46), func(px, y float64) Colour {
		plank := math.Abs(math.Mod(y, 34)/34 - 0.5)
		return hex(0x5a4630).times(1.15 - 0.3*smooth(0.42, 0.5, plank) - 0.25*(px-x)/w)
	}, mix(1, 0.55, open))
	c.draw(rect(x-mix(95, 26, open), highWater-60, mix(110, 40, open), 15), flat(hex(0x3d3024)), 1)
	c.draw(rect(x-mix(95, 26, open), highWater-60, 14, 15), flat(hex(0xe9e0cc)), 1)
}

// paddle is the sluice low in the upper gate: when it is drawn up, water pours through.
func (c *Canvas) paddle(s lockState) {
	const y = 610.0
	c.draw(rect(highGate-20, y-44*s.paddle, 40, 44), flat(hex(0xc9a24a)), 1)
	if s.paddle < 0.02 {
		return
	}
	c.draw(rect(highGate-16, y+2, 32, 30*s.paddle), flat(hex(0xd8efea)), 0.9)
	if s.level > y {
		jet := bezier(Point{highGate - 10, y + 16}, Point{highGate - 70, y + 16}, Point{highGate - 110, y + 50}, Point{highGate - 125, math.Max(s.level, y+30)})
		c.draw(stroke(jet, func(t float64) float64 { return (16 + 22*t) * s.paddle }), flat(hex(0xd8efea)), 0.8)
	}
	c.shine(ellipse(highGate-110, math.Max(s.level+12, y+20), 90, 26), 24, hex(0xe9f7f2), 0.6*s.paddle)
}
