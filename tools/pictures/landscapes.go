package main

import "math"

func landscapes() []Picture {
	return []Picture{
		{"calendar-sky", calendarSky},
		{"noon-shadow", noonShadow},
		{"gauge-rails", gaugeRails},
		{"containers", containers},
		{"qanat", qanat},
		{"tide-moon", tideMoon},
		{"nilometer", nilometer},
		{"aquifer", aquifer},
		{"snow-field", snowField},
	}
}

func calendarSky(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x35506b)}, Stop{260, hex(0x6b8796)}, Stop{450, hex(0xc9b48f)}, Stop{590, hex(0xf0cf94)}))
	c.clouds(hex(0xf3d3a6), 0.5, 560, 11)
	c.glow(800, 585, 150, hex(0xffcf86), 0.85)
	c.draw(circle(800, 552, 66), flat(hex(0xfff3d2)), 1)
	c.shine(circle(800, 552, 72), 40, hex(0xffd890), 0.8)
	haze := hex(0xe3b882)
	for i, top := range []float64{596, 624, 656, 700} {
		t := float64(i) / 3
		c.ridge(Ridge{top: top, rise: 50 - 5*float64(i), span: 420 - 50*float64(i), seed: uint32(20 + i), relief: 1.3,
			colour: hex(0xa58c78).mix(hex(0x3d4a4c), t), haze: haze.mix(hex(0x8a7a60), t), depth: 170})
	}
	c.plainOfMarks()
	c.glow(800, 590, 130, hex(0xffc070), 0.4)
}

// plainOfMarks is the ground with twelve standing stones, each with its shadow towards the viewer.
func (c *Canvas) plainOfMarks() {
	const edge = 742
	soil := func(x, y float64) Colour {
		d := clamp((y - edge) / (height - edge))
		n := fractal(x/(60+260*d), 30*math.Log(1+8*d), 5, 91)
		near := hex(0x8f7247).mix(hex(0x2c2a24), math.Sqrt(d))
		return near.times(1+0.32*n).mix(hex(0xd9a763), 0.5*math.Exp(-math.Pow((x-800)/420, 2))*(1-d)*(1-d))
	}
	ground := []Point{{-5, height + 5}}
	for x := -5.0; x <= width+5; x += 5 {
		ground = append(ground, Point{x, edge + 9*fractal(x/300, 2, 4, 5)})
	}
	c.draw(Shape{append(ground, Point{width + 5, height + 5})}, soil, 1)
	for i := range 12 {
		x := 800 + (float64(i)-5.5)*84
		lean := (x - 800) * 0.9
		foot := 850.0
		c.shadow(polygon(Point{x - 7, foot}, Point{x + 7, foot}, Point{x + lean + 17, foot + 200}, Point{x + lean - 19, foot + 200}), 7, hex(0x262b33), 0.75)
		h := 66 + 16*chance(i, 3, 8)
		stone := polygon(Point{x - 13, foot + 3}, Point{x - 10, foot - h + 7}, Point{x - 1, foot - h}, Point{x + 9, foot - h + 4}, Point{x + 13, foot + 3})
		c.draw(stone, func(px, _ float64) Colour {
			return hex(0x2b2723).mix(hex(0xd79a55), 0.75*math.Exp(-math.Pow((px-x+math.Copysign(11, x-800))/5, 2)))
		}, 1)
	}
}

func noonShadow(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x6d97a8)}, Stop{150, hex(0xb8cdca)}, Stop{290, hex(0xebdfc4)}))
	c.clouds(hex(0xf7efdc), 0.6, 300, 4)
	c.ridge(Ridge{top: 215, rise: 80, span: 420, seed: 3, relief: 1.4, colour: hex(0x8fa3a3), haze: hex(0xdfd8c2), depth: 150})
	c.ridge(Ridge{top: 262, rise: 40, span: 300, seed: 9, relief: 1.4, colour: hex(0x7d8a78), haze: hex(0xd8ccab), depth: 110})
	scene := Scene{
		eye: Vec{-1.1, 1.9, -4.6}, at: Vec{0.15, 0.62, 0}, zoom: 0.92,
		sun: Vec{-0.02, 1, 0.6}.unit(), soft: 0.035, sunlight: Colour{1.05, 0.96, 0.8}, sky: Colour{0.34, 0.4, 0.46},
		bounce: Colour{0.3, 0.25, 0.18}, reach: 0.7, haze: hex(0xdfd3b4), mist: 0.03, clear: 6,
		solids: []Solid{
			{form: Box{Vec{-60, -1, -9}, Vec{60, 0, 9}}, colour: terrace},
			{form: Post{Vec{0.42, 0, 0}, 0.035, 1.75}, colour: plain(hex(0x3a3b3c)), gloss: 0.5},
			{form: Ball{Vec{0.42, 1.8, 0}, Vec{0.085, 0.085, 0.085}}, colour: plain(hex(0xb5893f)), gloss: 0.9},
			{form: Box{Vec{0.27, 0, -0.15}, Vec{0.57, 0.06, 0.15}}, colour: plain(hex(0xb3a489))},
			{form: Box{Vec{-60, 0, 8.5}, Vec{60, 0.5, 9}}, colour: terrace},
		},
	}
	scene.render(c)
}

// terrace is slabs of pale stone with a brass meridian let into them along x = 0.
func terrace(p, _ Vec) Colour {
	row := math.Floor(p.Z / 0.9)
	u, v := p.X/1.25+0.5*math.Mod(math.Abs(row), 2)+0.25, p.Z/0.9
	edge := math.Min(math.Min(u-math.Floor(u), math.Ceil(u)-u)*1.25, math.Min(v-math.Floor(v), math.Ceil(v)-v)*0.9)
	tone := 0.9 + 0.16*chance(int(math.Floor(u)), int(row), 6) + 0.12*fractal(p.X*1.4, p.Z*1.4, 4, 7) + 0.04*noise(p.X*22, p.Z*22, 2)
	stone := hex(0xcfbf9d).times(tone).mix(hex(0x6d604a), 0.75*smooth(0.016, 0.006, edge))
	if d := math.Abs(p.X); d < 0.05 {
		return hex(0x5f4a26).mix(hex(0xd8a24a), smooth(0.05, 0.038, d))
	}
	return stone
}

// rail is the distance from the middle of the line to the middle of a track, z metres away.
func rail(z float64) float64 { return 2.75 * smooth(75, 7, z) }

func gaugeRails(c *Canvas) {
	const horizon, eye, focal = 455.0, 2.3, 1250.0
	c.fill(vertical(Stop{0, hex(0x3f6076)}, Stop{240, hex(0x8fa6a8)}, Stop{400, hex(0xdccba4)}, Stop{470, hex(0xf1d9a8)}))
	c.clouds(hex(0xf4e2c2), 0.85, 440, 31)
	c.glow(800, 450, 120, hex(0xffdfa6), 0.55)
	c.ridge(Ridge{top: 438, rise: 40, span: 380, seed: 77, relief: 1.2, colour: hex(0x8f9690), haze: hex(0xdcc69a), depth: 70})
	place := func(x, z float64) Point { return Point{800 + x*focal/z, horizon + eye*focal/z} }
	c.within(rect(0, horizon, width, height-horizon).mask(), func(x, y float64, _ Colour) Colour {
		z := eye * focal / math.Max(y-horizon, 0.6)
		return trackbed((x-800)*z/focal, z)
	})
	for _, side := range []float64{-1, 1} {
		gauge := map[float64]float64{-1: 0.62, 1: 1.0}[side]
		for _, r := range []float64{-gauge, gauge} {
			c.steel(place, func(z float64) float64 { return side*rail(z) + r })
		}
	}
	c.wires(place)
	c.glow(800, 452, 60, hex(0xffe2ae), 0.5)
}

// trackbed is the plain: sleepers in ballast under each track, dry grass beside them, haze far off.
func trackbed(x, z float64) Colour {
	grass := hex(0x8c7a4a).mix(hex(0x6a6a44), clamp(0.5+fractal(x/9, z/14, 4, 3))).times(1 + 0.25*fractal(x*1.6, z*0.9, 4, 5)*smooth(60, 8, z))
	mid := rail(z)
	bed := smooth(2.1, 1.6, math.Min(math.Abs(x-mid), math.Abs(x+mid))+0.25*noise(x*2, z, 8))
	gravel := hex(0x857a6c).times(1 + 0.5*noise(x*16, z*9, 9)*smooth(24, 3, z) + 0.15*noise(x*3, z*2, 6))
	col := grass.mix(gravel, bed)
	for _, t := range []struct{ at, half float64 }{{-mid, 1.05}, {mid, 1.45}} {
		u := z/0.72 - math.Floor(z/0.72)
		sleeper := smooth(t.half+0.04, t.half-0.02, math.Abs(x-t.at)) * smooth(0.2, 0.24, u) * smooth(0.62, 0.56, u)
		sleeper = mix(sleeper, 0.35*smooth(t.half+0.1, t.half-0.1, math.Abs(x-t.at)), smooth(18, 45, z))
		col = col.mix(hex(0x41382f).times(1+0.4*noise(x*1.5, z*14, 2)*smooth(20, 4, z)), sleeper*0.9)
	}
	return col.mix(hex(0xe8cd9b), 1-math.Exp(-z/95))
}

func (c *Canvas) steel(place func(x, z float64) Point, at func(z float64) float64) {
	var left, right, shine []Point
	for z := 2.2; z < 900; z *= 1.04 {
		left, right = append(left, place(at(z)-0.055, z)), append(right, place(at(z)+0.055, z))
		shine = append(shine, place(at(z)-0.02, z))
	}
	for i := len(right) - 1; i >= 0; i-- {
		left = append(left, right[i])
	}
	c.shadow(Shape{left}.moved(5, 3), 6, hex(0x2a2420), 0.7)
	c.draw(Shape{left}, vertical(Stop{455, hex(0xd8bd8c)}, Stop{620, hex(0x6f6253)}, Stop{1067, hex(0x3c3732)}), 1)
	c.draw(stroke(shine, func(t float64) float64 { return mix(9, 0.8, math.Sqrt(t)) }), vertical(Stop{455, hex(0xffeec8)}, Stop{1067, hex(0xb9b2a4)}), 0.9)
}

// wires are the poles and lines that give the plain its depth.
func (c *Canvas) wires(place func(x, z float64) Point) {
	const beside, high = -10.5, 7.4
	previous := 0.0
	for z := 470.0; z > 4; z /= 1.36 {
		foot, k := place(beside, z), 1250/z
		tone := flat(hex(0x2f3030).mix(hex(0xe0c596), 1-math.Exp(-z/110)))
		c.draw(line(math.Max(0.2*k, 1), foot, Point{foot.X, foot.Y - high*k}), tone, 1)
		for _, arm := range []struct{ up, half float64 }{{high - 0.5, 1.2}, {high - 1.4, 0.85}} {
			c.draw(line(math.Max(0.12*k, 0.8), Point{foot.X - arm.half*k, foot.Y - arm.up*k}, Point{foot.X + arm.half*k, foot.Y - arm.up*k}), tone, 1)
			for _, side := range []float64{-arm.half, -arm.half / 2, arm.half / 2, arm.half} {
				c.draw(line(math.Max(0.07*k, 0.7), Point{foot.X + side*k, foot.Y - arm.up*k}, Point{foot.X + side*k, foot.Y - (arm.up+0.26)*k}), tone, 1)
				if previous > 0 {
					c.draw(stroke(sag(place, beside+side, arm.up+0.26, previous, z), func(float64) float64 { return math.Max(0.022*k, 0.8) }), tone, 0.75)
				}
			}
		}
		previous = z
	}
}

// sag is one wire between the poles at distances far and close.
func sag(place func(x, z float64) Point, x, up, far, close float64) []Point {
	var out []Point
	for i := range 25 {
		t := float64(i) / 24
		z := mix(far, close, t)
		p := place(x, z)
		out = append(out, Point{p.X, p.Y - (up-1.8*t*(1-t))*1250/z})
	}
	return out
}

func containers(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x4d6a7d)}, Stop{350, hex(0xa9b3ac)}, Stop{620, hex(0xe8cfa3)}))
	c.clouds(hex(0xf2dfc0), 0.6, 620, 51)
	c.glow(1180, 560, 150, hex(0xffdca0), 0.6)
	for i, x := range []float64{1230, 820, 1560} {
		c.crane(x, 640, []float64{1.15, 0.8, 0.62}[i], hex(0x46545c).mix(hex(0xd6c4a0), []float64{0.15, 0.5, 0.6}[i]))
	}
	scene := Scene{
		eye: Vec{-3, 4.6, -38}, at: Vec{-1, 6.9, 0}, zoom: 0.95,
		sun: Vec{0.75, 0.62, -0.55}.unit(), soft: 0.06, sunlight: Colour{1.15, 0.95, 0.7}, sky: Colour{0.3, 0.36, 0.42},
		bounce: Colour{0.22, 0.2, 0.17}, reach: 2, haze: hex(0xdcc8a2), mist: 0.011, clear: 30,
		solids: []Solid{{form: Ground(0), colour: quay, mirror: 0.3}},
	}
	scene.stack()
	scene.render(c)
}

func (s *Scene) stack() {
	palette := []Colour{hex(0x8e3f35), hex(0x2f5560), hex(0xb98a3e), hex(0x3f4a63), hex(0x6d7a6a), hex(0xa7633f), hex(0xb7ab93), hex(0x55717d), hex(0x6b3a3f)}
	heights := [][]int{{5, 4, 3, 2, 1, 0, 0}, {5, 5, 4, 3, 2, 1, 1}, {6, 5, 5, 4, 2, 2, 1}}
	for row, columns := range heights {
		for col, n := range columns {
			for k := range n {
				x, y, z := -21+float64(col)*6.5, float64(k)*2.55, float64(row)*3.2
				paint := palette[hash(col*7+k*3, row, 13)%uint32(len(palette))]
				s.solids = append(s.solids, Solid{form: Box{Vec{x, y + 0.06, z}, Vec{x + 6.3, y + 2.55, z + 2.5}}, colour: corrugated(paint, Vec{x, y, z})})
			}
		}
	}
}

func corrugated(base Colour, at Vec) func(p, n Vec) Colour {
	return func(p, n Vec) Colour {
		u, v := p.X-at.X, p.Y-at.Y
		if math.Abs(n.X) > 0.5 {
			u = (p.Z - at.Z) * 2.4
		}
		wear := 1 + 0.16*fractal(p.X/2, p.Y*0.8+p.Z, 4, 3) - 0.12*smooth(0.5, 0, v)
		frame := math.Min(math.Min(u, 6.3-u), math.Min(v-0.06, 2.55-v))
		wave := 0.1 * math.Sin(u*2*math.Pi/0.42)
		return base.times(wear * (0.92 + mix(0.12, wave, smooth(0.12, 0.16, frame)) - 0.35*smooth(0.05, 0.0, frame)))
	}
}

func quay(p, _ Vec) Colour {
	return hex(0x8b8271).times(1 + 0.22*fractal(p.X/5, p.Z/5, 4, 2) - 0.2*smooth(0.12, 0.05, math.Abs(math.Mod(math.Abs(p.X), 9)-4.5)))
}

// crane is a ship-to-shore crane in silhouette; its foot stands at (x, y).
func (c *Canvas) crane(x, y, k float64, tone Colour) {
	p := func(dx, dy float64) Point { return Point{x + dx*k, y + dy*k} }
	beam := func(w float64, pts ...Point) { c.draw(line(w*k, pts...), flat(tone), 1) }
	beam(13, p(-95, 60), p(-70, -330))
	beam(13, p(75, 60), p(60, -330))
	beam(9, p(-88, -60), p(66, -60))
	beam(7, p(-88, -60), p(62, -220))
	beam(11, p(-75, -230), p(64, -230))
	beam(16, p(-430, -330), p(190, -330))
	beam(7, p(-430, -352), p(190, -352))
	for d := -430.0; d < 190; d += 31 {
		beam(3, p(d, -330), p(d+31, -352))
	}
	beam(9, p(-60, -330), p(0, -480))
	beam(9, p(60, -330), p(0, -480))
	beam(4, p(0, -478), p(-400, -345))
	beam(4, p(0, -478), p(-220, -345))
	beam(4, p(0, -478), p(180, -345))
	beam(2, p(-250, -330), p(-250, -200))
	c.draw(rect(x-272*k, y-205*k, 44*k, 20*k), flat(tone), 1)
	c.draw(rect(x+90*k, y-352*k, 70*k, 40*k), flat(tone), 1)
}

// strata is earth in section: beds that bend together, each with its own grain.
func strata(top func(x float64) float64, thick float64, beds []Colour) Paint {
	return func(x, y float64) Colour {
		d := (y-top(x))/thick + 0.35*fractal(x/700, y/900, 3, 61)
		i := min(max(int(d), 0), len(beds)-1)
		col := beds[i]
		if i+1 < len(beds) {
			col = col.mix(beds[i+1], smooth(0.9, 1, d-float64(i)+0.06*noise(x/18, y/18, 5)))
		}
		lamina := 0.17*fractal(x/330, d*9, 3, uint32(70+i)) + 0.12*fractal(x/36, y/12, 3, uint32(80+i))
		depth := 0.1 * (d - float64(len(beds))/2) * 0.5
		return col.times(1.02 + lamina - depth - 0.14*smooth(0.2, 0, d-float64(i)))
	}
}

func qanat(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x5f8797)}, Stop{240, hex(0xb9c5b8)}, Stop{430, hex(0xf0dcb0)}))
	c.clouds(hex(0xf8ead0), 0.5, 400, 21)
	c.ridge(Ridge{top: 300, rise: 150, span: 520, seed: 14, relief: 1.6, sharp: true, lean: -160, colour: hex(0x8d8f90), haze: hex(0xe5cfa4), depth: 260})
	c.ridge(Ridge{top: 400, rise: 60, span: 380, seed: 19, relief: 1.4, lean: -170, colour: hex(0x9a7f5f), haze: hex(0xd9b983), depth: 200})
	surface := func(x float64) float64 { return 640 - 300*smooth(150, 1750, x) + 6*fractal(x/130, 1, 4, 5) }
	tunnel := func(x float64) float64 { return 655 + (x-250)*-0.02 }
	earth := strata(surface, 130, []Colour{hex(0xb28e57), hex(0x9c6f42), hex(0x84573a), hex(0x6a4a3c), hex(0x503d3a), hex(0x3c3338)})
	ground := []Point{{-5, height + 5}}
	for x := -5.0; x <= width+5; x += 4 {
		ground = append(ground, Point{x, surface(x)})
	}
	c.draw(Shape{append(ground, Point{width + 5, height + 5})}, func(x, y float64) Colour {
		wet := smooth(-10, 60, y-(tunnel(x)-smooth(900, 1600, x)*95)) * smooth(800, 1300, x)
		return earth(x, y).mix(hex(0x2f5a68), 0.62*wet).mix(hex(0xd9b676), 0.6*smooth(7, 0, y-surface(x)))
	}, 1)
	c.gallery(surface, tunnel)
	c.fields(surface)
}

// gallery is the tunnel with its water, and the shafts that let the diggers breathe.
func (c *Canvas) gallery(surface, tunnel func(float64) float64) {
	for x := 470.0; x < 1560; x += 152 {
		top, foot := surface(x), tunnel(x)
		shaft := rect(x-11, top-6, 22, foot-top+4)
		c.shadow(shaft, 8, hex(0x3a2a20), 0.6)
		c.draw(shaft, func(px, y float64) Colour {
			t := (y - top) / (foot - top)
			return hex(0xf3d9a0).mix(hex(0x2b2220), clamp(t*1.5+0.25+(px-x)/60))
		}, 1)
		for _, side := range []float64{-1, 1} {
			c.draw(polygon(Point{x + side*10, top + 4}, Point{x + side*24, top - 15}, Point{x + side*58, top + 8}), flat(hex(0xc79f63).times(1-0.14*side)), 1)
		}
	}
	var roof, floor []Point
	for x := 215.0; x <= width+10; x += 6 {
		roof = append(roof, Point{x, tunnel(x) - 21 + 2.5*noise(x/30, 1, 4)})
		floor = append([]Point{{x, tunnel(x) + 17}}, floor...)
	}
	bore := Shape{append(roof, floor...)}
	c.shadow(bore, 14, hex(0x35261d), 0.7)
	c.draw(bore, func(x, y float64) Colour { return hex(0x231d1d).mix(hex(0x6b5138), smooth(700, 215, x)) }, 1)
	c.draw(rect(205, 0, width, 1).mapped(func(p Point) Point { return Point{p.X, tunnel(p.X) + 2 + p.Y*15} }), func(x, y float64) Colour {
		return hex(0x2f7f8e).mix(hex(0xa9d6d2), clamp(smooth(5, 0, y-tunnel(x)-2)*0.8+0.25*noise(x/40, y/3, 5)))
	}, 1)
}

func (c *Canvas) fields(surface func(float64) float64) {
	greens := []Colour{hex(0x5c7442), hex(0x7f8a45), hex(0x486748), hex(0x9a9650)}
	for i := range 22 {
		x := -20 + float64(i)*13
		y := surface(x+6) - 1
		col := greens[hash(i/3, 1, 3)%4]
		for k := range 4 {
			px := x + float64(k)*3.6
			h := 10 + 8*chance(i, k, 2)
			c.draw(polygon(Point{px - 3, y + 6}, Point{px, y - h}, Point{px + 3, y + 6}), flat(col.times(0.85+0.3*chance(i, k, 4))), 1)
		}
	}
	for i, x := range []float64{60, 118, 300, 352} {
		y, r := surface(x), 30+10*chance(i, 1, 1)
		c.draw(line(7, Point{x, y + 4}, Point{x, y - 40}), flat(hex(0x4b3a2a)), 1)
		for k := range 9 {
			dx, dy := (chance(i, k, 5)-0.5)*r*1.5, (chance(i, k, 6)-0.5)*r
			c.draw(circle(x+dx, y-58+dy, r*0.5), flat(hex(0x46603f).mix(hex(0x8c9a55), clamp(0.4-dy/r-dx/r*0.4))), 0.9)
		}
	}
}

func tideMoon(c *Canvas) {
	const sea, moonX, moonY = 430.0, 800.0, 205.0
	c.fill(vertical(Stop{0, hex(0x131c33)}, Stop{260, hex(0x31476a)}, Stop{430, hex(0x7b8fa0)}))
	c.clouds(hex(0x9fb0bd), 0.5, 430, 41)
	c.glow(moonX, moonY, 80, hex(0xcfd8d2), 0.55)
	c.draw(circle(moonX, moonY, 62), func(x, y float64) Colour {
		return hex(0xf6efd9).times(0.97 + 0.2*fractal(x/34, y/34, 4, 8))
	}, 1)
	c.ridge(Ridge{top: 425, rise: 34, span: 300, seed: 8, relief: 0.6, lean: -44, colour: hex(0x3a4d66), haze: hex(0x6d8294), depth: 60})
	c.within(rect(0, sea, width, height-sea).mask(), func(x, y float64, _ Colour) Colour { return shore(x, y, sea, moonX) })
	c.glow(moonX, sea, 90, hex(0xc3cfcf), 0.18)
}

// shore is sea, then sand with two wet lines where the water stood, each holding the sky.
func shore(x, y, sea, moonX float64) Colour {
	d := (y - sea) / (height - sea)
	z := 1 / (d + 0.04)
	path := math.Exp(-math.Pow((x-moonX)/(80+360*d), 2))
	ripple := fractal(x*z/1500, 9*math.Log(d+0.02)*6, 4, 6)
	water := hex(0x5d7488).mix(hex(0x24364c), math.Sqrt(d)*1.3)
	glitter := path * smooth(-0.25, 0.3, ripple)
	water = water.times(1+0.22*ripple).mix(hex(0xe9e6d2), 0.85*glitter)
	swash := func(at float64, seed uint32) float64 { return d - at - 0.05*fractal(x/520, at*9, 4, seed)*(1+d) }
	sand := hex(0x6f6455).mix(hex(0x3a3534), d).times(1 + 0.12*fractal(x*z/420, 40*math.Log(d+0.05), 4, 12))
	edge := swash(0.3, 2)
	col := water.mix(sand, smooth(-0.006, 0.006, edge))
	for i, at := range []float64{0.44, 0.7} {
		s := swash(at, uint32(5+4*i))
		w := 0.035 + 0.02*float64(i)
		wet := smooth(-w, -w*0.2, s) * smooth(0.006, 0, s)
		mirror := hex(0x8fa3ad).mix(hex(0xf1ead2), path*0.9)
		col = col.mix(mirror, 0.85*wet).mix(hex(0xe8e4d6), (0.22+0.5*path)*smooth(0.005, 0.001, math.Abs(s))*clamp(0.6+1.5*noise(x/70, at*9, 3)))
	}
	col = col.mix(hex(0xf0ede0), (0.3+0.5*path)*smooth(0.007, 0.001, math.Abs(edge))*clamp(0.7+noise(x/60, 1, 3)))
	wetSand := smooth(0.1, 0, edge) * smooth(0, 0.004, edge)
	return col.mix(hex(0x8698a3).mix(hex(0xe9e3cc), path), 0.45*wetSand)
}

func nilometer(c *Canvas) {
	c.fill(flat(hex(0xd9c295)))
	lamp := Vec{-1.2, 9.5, 0.6}
	scene := Scene{
		eye: Vec{0.9, 3.6, -5.6}, at: Vec{0, 2.25, 1}, zoom: 0.78,
		lamp: &lamp, lampFalls: 9, soft: 0.22, sunlight: Colour{2.3, 1.9, 1.3}, sky: Colour{0.16, 0.18, 0.2},
		bounce: Colour{0.1, 0.12, 0.12}, reach: 1.5, haze: hex(0x2a2e30), mist: 0.012,
		solids: []Solid{
			{form: Ground(0), colour: plain(hex(0x274a4c)), mirror: 0.85, gloss: 0.2},
			{form: Post{Vec{0, -1, 1.2}, 0.42, 6.6}, colour: graduated},
			{form: Box{Vec{-0.62, 0, 0.58}, Vec{0.62, 0.28, 1.82}}, colour: ashlar},
			{form: Box{Vec{-9, -1, 4.4}, Vec{9, 12, 5}}, colour: ashlar},
			{form: Box{Vec{-9, -1, -9}, Vec{-4.2, 12, 5}}, colour: ashlar},
			{form: Box{Vec{4.2, -1, -9}, Vec{9, 12, 5}}, colour: ashlar},
			{form: Box{Vec{-4.2, 5.35, 0.95}, Vec{4.2, 5.75, 1.45}}, colour: plain(hex(0x6b4c30))},
		},
	}
	for i := range 13 {
		x := -4.2 + float64(i)*0.5
		scene.solids = append(scene.solids, Solid{form: Box{Vec{x, -1, 3.3}, Vec{x + 0.5, 4.2 - float64(i)*0.34, 4.4}}, colour: ashlar})
	}
	scene.render(c)
	c.shine(polygon(Point{520, -60}, Point{760, -60}, Point{1020, 800}, Point{640, 800}), 90, hex(0xffe3ac), 0.22)
}

// ashlar is coursed stone on walls, treads and plinth alike.
func ashlar(p, n Vec) Colour {
	u, v := p.X, p.Y
	if math.Abs(n.X) > 0.5 {
		u = p.Z
	}
	if n.Y > 0.5 {
		v = p.Z
	}
	row := math.Floor(v / 0.55)
	u = u/1.15 + 0.5*math.Mod(math.Abs(row), 2)
	edge := math.Min(math.Min(u-math.Floor(u), math.Ceil(u)-u)*1.15, math.Min(v/0.55-row, row+1-v/0.55)*0.55)
	tone := 0.86 + 0.2*chance(int(math.Floor(u)), int(row), 9) + 0.2*fractal(p.X*1.3+p.Z, p.Y*1.3, 4, 5)
	wet := 1 - 0.35*smooth(1.5, 0.2, p.Y+0.4*noise(u*2, 1, 3))
	return hex(0xc2a676).times(tone*wet).mix(hex(0x3b3226), 0.6*smooth(0.022, 0.004, edge))
}

// graduated is the column: a long mark at every cubit, short ones between, no figures.
func graduated(p, n Vec) Colour {
	base := hex(0xdac9a2).times(0.95 + 0.2*fractal(p.X*2+p.Z, p.Y*2, 4, 8))
	cubit := math.Abs(p.Y/0.6 - math.Round(p.Y/0.6))
	small := math.Abs(p.Y/0.1-math.Round(p.Y/0.1)) * 0.1
	angle := math.Atan2(n.X, -n.Z)
	mark := smooth(0.045, 0.03, cubit)
	if math.Abs(angle+0.15) < 0.42 {
		mark = math.Max(mark, smooth(0.02, 0.012, small))
	}
	wet := 1 - 0.4*smooth(1.0, 0.3, p.Y)
	return base.mix(hex(0x4a3826), 0.8*mark).times(wet)
}

func aquifer(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x7fa0a8)}, Stop{200, hex(0xcfd3bd)}, Stop{330, hex(0xf1e0b8)}))
	c.clouds(hex(0xf8eed6), 0.6, 300, 71)
	c.ridge(Ridge{top: 262, rise: 60, span: 420, seed: 31, relief: 1.3, colour: hex(0x8c9a96), haze: hex(0xdccfa8), depth: 110})
	surface := func(x float64) float64 { return 318 + 14*fractal(x/420, 4, 4, 9) }
	beds := []Colour{hex(0x6b5638), hex(0x9c7a4d), hex(0xb59a6a), hex(0x86604a), hex(0x665449), hex(0x3f6b76), hex(0x2f5266), hex(0x2b3038)}
	earth := strata(surface, 92, beds)
	ground := []Point{{-5, height + 5}}
	for x := -5.0; x <= width+5; x += 4 {
		ground = append(ground, Point{x, surface(x)})
	}
	c.draw(Shape{append(ground, Point{width + 5, height + 5})}, func(x, y float64) Colour {
		col := earth(x, y)
		deep := smooth(740, 800, y+60*fractal(x/700, y/900, 3, 61)) * smooth(985, 930, y)
		return col.plus(hex(0x3fa0b0).times(0.11*deep*(0.6+fractal(x/120, y/30, 3, 33)))).mix(hex(0x6f7d45), smooth(9, 0, y-surface(x)+5*noise(x/6, 0, 3)))
	}, 1)
	c.well(surface(800))
}

// well is a lined shaft with its head on the surface and its foot in the water.
func (c *Canvas) well(top float64) {
	const x, foot, level = 800.0, 905.0, 700.0
	shaft := rect(x-27, top-4, 54, foot-top)
	c.shadow(shaft, 22, hex(0x2a1f1a), 0.75)
	c.draw(shaft, func(px, y float64) Colour {
		course := math.Abs(math.Mod(y, 17)/17 - 0.5)
		wall := hex(0xb09a78).times(0.75 + 0.3*chance(int(y/17), 0, 2) - 0.3*smooth(0.42, 0.5, course))
		inside := smooth(19, 16, math.Abs(px-x))
		dark := hex(0x8a7858).mix(hex(0x191a1d), clamp((y-top)/230))
		if y > level {
			dark = hex(0x5fb4bd).mix(hex(0x1f4c60), clamp((y-level)/190))
		}
		return wall.mix(dark, inside)
	}, 1)
	c.shine(ellipse(x, level, 60, 14), 20, hex(0x6fd0d2), 0.6)
	c.draw(line(2, Point{x, top - 60}, Point{x, level - 26}), flat(hex(0x2a2420)), 0.9)
	c.draw(polygon(Point{x - 10, level - 28}, Point{x + 10, level - 28}, Point{x + 8, level - 6}, Point{x - 8, level - 6}), flat(hex(0x3b2e26)), 1)
	head := rect(x-48, top-40, 96, 44)
	c.draw(head, func(px, y float64) Colour {
		return hex(0xc4b08a).times(1.1 - (px-x+48)/180 - 0.1*chance(int(px/16), int(y/14), 3))
	}, 1)
	for _, s := range []float64{-40, 40} {
		c.draw(line(8, Point{x + s, top - 40}, Point{x + s, top - 128}), flat(hex(0x40332a)), 1)
	}
	c.draw(line(12, Point{x - 44, top - 100}, Point{x + 44, top - 100}), flat(hex(0x594636)), 1)
	c.draw(polygon(Point{x - 66, top - 122}, Point{x, top - 168}, Point{x + 66, top - 122}), horizontal(Stop{x - 60, hex(0x8f5a42)}, Stop{x + 60, hex(0x5a3a32)}), 1)
}

func snowField(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x33546f)}, Stop{300, hex(0x88a3b1)}, Stop{520, hex(0xe6dccb)}))
	c.clouds(hex(0xf2ece2), 0.6, 480, 15)
	for i, top := range []float64{330, 450, 560} {
		t := float64(i) / 2
		snow, shade := hex(0xf0e9df).mix(hex(0xfbf4e6), t), hex(0x93a8b8).mix(hex(0x5c7891), t)
		c.ridge(Ridge{top: top, rise: 220 - 60*float64(i), span: 620 - 110*float64(i), seed: uint32(102 + 7*i), relief: 3.4, sharp: true,
			haze: hex(0xd9dcd8), depth: 330 - 40*float64(i), snow: &snow, snowShadow: &shade})
	}
	c.within(rect(0, 640, width, height-640).mask().blur(30), func(_, _ float64, old Colour) Colour { return old.mix(hex(0xdfe1de), 0.8) })
	drift := func(x float64) float64 { return 742 + 60*math.Sin(x/520+0.6) + 14*fractal(x/260, 3, 3, 6) }
	ground := []Point{{-5, height + 5}}
	for x := -5.0; x <= width+5; x += 4 {
		ground = append(ground, Point{x, drift(x)})
	}
	lift := func(x, y float64) float64 { return fractal(x/360+y/900, y/110, 5, 44) }
	c.draw(Shape{append(ground, Point{width + 5, height + 5})}, func(x, y float64) Colour {
		l := (lift(x+5, y+2) - lift(x-5, y-2)) * 3.2
		return hex(0xa9bccb).mix(hex(0xfaf5ea), clamp(0.66+l-0.2*(y-drift(x))/330))
	}, 1)
	c.pole(800, 880)
}

// pole is banded like a surveyor's staff and throws a long blue shadow over the drifts.
func (c *Canvas) pole(x, foot float64) {
	c.shadow(line(17, Point{x, foot}, Point{x + 150, foot + 22}, Point{x + 330, foot + 26}, Point{x + 560, foot + 62}), 8, hex(0x7590ab), 0.9)
	c.shadow(ellipse(x+6, foot, 40, 9), 10, hex(0x8aa0b5), 0.8)
	for i := range 12 {
		y := foot - float64(i+1)*48
		col := hex(0xf2ebdc)
		if i%2 == 0 {
			col = hex(0x9c3f34)
		}
		c.draw(rect(x-9, y, 18, 48.5), func(px, _ float64) Colour { return col.times(1.1 - 0.38*smooth(-9, 9, px-x)) }, 1)
	}
	c.draw(ellipse(x, foot-576, 9, 3), flat(hex(0xf6f0e4)), 1)
	c.draw(ellipse(x-2, foot+3, 26, 8), flat(hex(0xf1ede4)), 1)
}
