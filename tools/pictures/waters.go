package main

import "math"

// waters are the pictures of water in its several shapes, and of the sky over it.
func waters() []Picture {
	return []Picture{
		{"fog-valley", fogValley},
		{"rain-lake", rainLake},
		{"river-bends", riverBends},
		{"lake-ice", lakeIce},
		{"open-sea", openSea},
		{"star-trails", starTrails},
	}
}

func fogValley(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x4b6d88)}, Stop{250, hex(0xa9bbbe)}, Stop{430, hex(0xf2dcb4)}))
	c.clouds(hex(0xf7e6c8), 0.45, 380, 61)
	c.glow(1180, 400, 150, hex(0xffdfa4), 0.6)
	for i, top := range []float64{400, 470, 560, 680} {
		t := float64(i) / 3
		c.ridge(Ridge{top: top, rise: 90 - 8*float64(i), span: 460 - 40*float64(i), seed: uint32(140 + 3*i), relief: 1.3, sharp: i == 0,
			colour: hex(0x8fa0a6).mix(hex(0x27373b), t), haze: hex(0xefe2c8), depth: 150 - 10*float64(i)})
		c.fog(top+95+20*float64(i), uint32(30+i))
	}
	c.ridge(Ridge{top: 920, rise: 50, span: 520, seed: 171, relief: 1, colour: hex(0x22302c), haze: hex(0x18211f), depth: 300})
	c.firs(925)
}

// fog is a white floor whose surface is smooth and whose edge feels its way into the valleys.
func (c *Canvas) fog(level float64, seed uint32) {
	c.each(func(x, y float64, old Colour) Colour {
		edge := level + 26*fractal(x/340, level/90, 4, seed)
		cover := smooth(edge-26, edge+34, y+9*fractal(x/90, y/26, 3, seed+4))
		lit := hex(0xc9cfcb).mix(hex(0xf6ead0), clamp(0.5+0.9*fractal(x/260, y/60, 4, seed+7)+0.25*(x-800)/800))
		return old.mix(lit, 0.9*cover)
	})
}

// firs stand dark along the nearest slope.
func (c *Canvas) firs(foot float64) {
	for i := range 46 {
		x := -20 + float64(i)*37 + 22*chance(i, 1, 4)
		h := 70 + 95*chance(i, 2, 4)
		y := foot + 46*chance(i, 3, 4) + 30*math.Sin(x/330)
		tone := hex(0x1d2b28).times(0.8 + 0.5*chance(i, 4, 4))
		for k := range 6 {
			t := float64(k) / 6
			w := h * 0.26 * (1 - 0.8*t)
			c.draw(polygon(Point{x - w, y - h*t}, Point{x + 2*noise(x, t*9, 2), y - h*(t+0.34)}, Point{x + w, y - h*t + 3}), flat(tone.times(1+0.5*t)), 1)
		}
		c.draw(rect(x-3, y-6, 6, 90), flat(tone), 1)
	}
}

func rainLake(c *Canvas) {
	const sea = 395.0
	c.fill(vertical(Stop{0, hex(0x46545e)}, Stop{220, hex(0x7d8b90)}, Stop{395, hex(0xb7bdb8)}))
	c.clouds(hex(0xc4cac8), 0.55, 360, 81)
	c.ridge(Ridge{top: 330, rise: 70, span: 380, seed: 82, relief: 0.9, colour: hex(0x6b7b7e), haze: hex(0xa5afae), depth: 90})
	c.ridge(Ridge{top: 372, rise: 34, span: 260, seed: 85, relief: 0.9, colour: hex(0x4c5c5b), haze: hex(0x8e9a99), depth: 60})
	c.within(rect(0, sea, width, height-sea).mask(), func(x, y float64, _ Colour) Colour {
		d := (y - sea) / (height - sea)
		ripple := fractal(x/(40+260*d), 14*math.Log(d+0.03), 4, 6)
		return hex(0x8f9b9c).mix(hex(0x2e3d43), math.Sqrt(d)).times(1 + 0.16*ripple)
	})
	for i := range 150 {
		d := math.Pow(chance(i, 1, 12), 0.8)
		c.ripples(chance(i, 2, 12)*width, sea+14+d*(height-sea-20), 8+70*d*(0.4+chance(i, 3, 12)), d, i)
	}
	for i := range 420 {
		x, y := chance(i, 4, 12)*(width+200)-100, chance(i, 5, 12)*height
		l := 26 + 60*chance(i, 6, 12)
		c.draw(line(1.2+chance(i, 7, 12), Point{x, y}, Point{x - l*0.16, y + l}), flat(hex(0xdfe6e6)), 0.1+0.22*chance(i, 8, 12))
	}
}

// ripples are the rings of one drop, seen flat across the water, and the column that it throws up.
func (c *Canvas) ripples(x, y, r, d float64, i int) {
	band := func(r, w float64) Shape {
		return Shape{arc(x, y, r, r*0.26, 0, 2*math.Pi), arc(x, y, r-w, (r-w)*0.26-w*0.2, 2*math.Pi, 0)}
	}
	for k, share := range []float64{1, 0.66, 0.36} {
		if r*share < 5 {
			continue
		}
		w := 1.2 + 2.4*d
		c.draw(band(r*share, w), flat(hex(0xdfe6e4)), (0.5-0.1*float64(k))*(0.5+0.5*chance(i, 9, 12)))
		c.draw(band(r*share-w*1.4, w), flat(hex(0x1f2d33)), 0.35)
	}
	if chance(i, 10, 12) > 0.72 {
		h := 6 + 34*d
		c.draw(polygon(Point{x - 2 - 3*d, y}, Point{x, y - h}, Point{x + 2 + 3*d, y}), flat(hex(0xeaf0ef)), 0.75)
		c.draw(circle(x, y-h-5*d-3, 1.5+2.6*d), flat(hex(0xf4f7f5)), 0.85)
	}
}

// riverBends is a plain seen from the air: a river in loops, and two bends that it has left behind.
func riverBends(c *Canvas) {
	var course []Point
	for at, s := (Point{-90, 400}), 0.0; s < 9000 && at.X < width+90; s += 3 {
		course = append(course, at)
		way := (1.75+0.25*math.Sin(s/700))*math.Sin(2*math.Pi*s/1010) - 0.02
		at = Point{at.X + 3*math.Cos(way), at.Y + 3*math.Sin(way)}
	}
	c.fill(func(x, y float64) Colour {
		scroll := math.Sin(0.05*math.Hypot(math.Mod(x+60, 520)-260, y-560+40*noise(x/160, 1, 4)) + 1.5*fractal(x/200, y/200, 3, 5))
		green := hex(0x6f7d49).mix(hex(0xa0955c), clamp(0.45+0.9*fractal(x/300, y/240, 5, 7)))
		return green.times(1+0.06*scroll+0.14*fractal(x/34, y/30, 3, 9)).mix(hex(0x3f5238), 0.55*smooth(0.16, 0.3, fractal(x/190, y/170, 5, 15)))
	})
	wide := func(w float64) func(float64) float64 {
		return func(t float64) float64 { return w * (1 + 0.12*math.Sin(t*40)) }
	}
	for _, old := range []struct{ x, y, r, from, to float64 }{{470, 960, 84, 3.3, 7.1}, {1180, 130, 80, 0.2, 4.2}} {
		lake := stroke(arc(old.x, old.y, old.r, old.r*0.86, old.from, old.to), func(t float64) float64 { return 44 * math.Sqrt(math.Sin(math.Pi*clamp(0.02+0.96*t))) })
		c.draw(lake, flat(hex(0x57633f)), 0.7)
		c.draw(lake.moved(0, 1), func(x, y float64) Colour { return hex(0x35565b).times(1 + 0.2*fractal(x/60, y/60, 3, 2)) }, 0.9)
	}
	c.shadow(stroke(course, wide(74)), 16, hex(0x5b5a3c), 0.55)
	c.draw(stroke(course, wide(66)), func(x, y float64) Colour { return hex(0xd9c791).times(1 + 0.1*fractal(x/22, y/22, 3, 3)) }, 0.95)
	shift := make([]Point, len(course))
	for i, p := range course {
		n := course[min(i+1, len(course)-1)]
		b := course[max(i-1, 0)]
		turn := (n.X-p.X)*(p.Y-b.Y) - (n.Y-p.Y)*(p.X-b.X)
		k := math.Max(-1, math.Min(1, turn*1.6))
		l := math.Max(math.Hypot(n.X-b.X, n.Y-b.Y), 1e-6)
		shift[i] = Point{p.X + 9*k*-(n.Y-b.Y)/l, p.Y + 9*k*(n.X-b.X)/l}
	}
	c.draw(stroke(shift, wide(46)), func(x, y float64) Colour {
		return hex(0x2f6a76).mix(hex(0x7fb0a8), clamp(0.35+0.6*fractal(x/120, y/90, 4, 21))).plus(hex(0xf0e6c0).times(0.25 * smooth(300, 0, math.Hypot(x-1180, y-430))))
	}, 1)
	c.clouds(hex(0xf4ecd8), 0.16, height, 33)
	c.shine(polygon(Point{-200, -100}, Point{700, -100}, Point{100, 1200}, Point{-200, 1200}), 150, hex(0xffeec4), 0.14)
}

func lakeIce(c *Canvas) {
	const edge = 380.0
	c.fill(vertical(Stop{0, hex(0x29486a)}, Stop{240, hex(0x86a3b6)}, Stop{390, hex(0xecdcc2)}))
	c.clouds(hex(0xf3e8d8), 0.5, 350, 91)
	snow, shade := hex(0xf1e8da), hex(0x7f98ad)
	c.ridge(Ridge{top: 290, rise: 170, span: 460, seed: 93, relief: 3.2, sharp: true, haze: hex(0xd6d9d6), depth: 260, snow: &snow, snowShadow: &shade})
	c.ridge(Ridge{top: 366, rise: 26, span: 300, seed: 95, relief: 1, colour: hex(0x4d5f62), haze: hex(0x98a6a8), depth: 50})
	sky := c.copy()
	c.within(rect(0, edge, width, height-edge).mask(), func(x, y float64, _ Colour) Colour {
		d := math.Max(y-edge, 0.7)
		z := 520 / d
		return ice((x-800)*z/520, z, d/(height-edge), sky.sample(x, edge-d*0.62))
	})
	c.glow(1150, edge, 120, hex(0xffe6b8), 0.25)
}

// ice is dark and clear: cracks that run through it as pale walls, bubbles, and the sky on its face.
func ice(x, z, d float64, above Colour) Colour {
	u, v := x*1.5, z*1.5
	col := hex(0x16343f).mix(hex(0x2c6570), clamp(0.5+fractal(u*0.2, v*0.2, 2, 4)))
	fade := smooth(0.03, 0.3, d)
	for i, scale := range []float64{0.5, 1.1} {
		n := noise(u*scale+0.5*noise(u*scale*1.7, v*scale*1.7, 8), v*scale, uint32(20+i))
		crack := smooth(0.022+0.014*float64(i), 0.002, math.Abs(n))
		veil := smooth(0.13, 0, math.Abs(n)) * smooth(-0.1, 0.4, noise(u*scale*0.7, v*scale*0.7, uint32(40+i)))
		col = col.mix(hex(0xdfeceb), crack*(0.85-0.22*float64(i))*math.Pow(fade, float64(i+1))).mix(hex(0x8fc0c2), 0.4*veil*fade)
	}
	bubble := smooth(0.42, 0.55, noise(u*6, v*6, 51)) * smooth(0.1, 0.4, noise(u, v, 52))
	col = col.mix(hex(0xe6f0ee), 0.7*bubble*smooth(0.4, 0.9, d))
	drift := smooth(0.05, 0.35, fractal(u*0.3+4, v*0.12, 3, 61)) * smooth(0.8, 0.1, d)
	col = col.mix(above, 0.75*math.Pow(1-d, 3)+0.08)
	return col.mix(hex(0xe9ebe6), 0.8*drift)
}

func openSea(c *Canvas) {
	const sea = 420.0
	c.fill(vertical(Stop{0, hex(0x3a6482)}, Stop{250, hex(0x9db6bb)}, Stop{420, hex(0xf0dcb2)}))
	c.clouds(hex(0xf8ead0), 0.8, 400, 101)
	c.glow(640, 330, 130, hex(0xffe2a8), 0.6)
	c.draw(circle(640, 318, 42), flat(hex(0xfff6dc)), 1)
	c.within(rect(0, sea, width, height-sea).mask(), func(x, y float64, _ Colour) Colour { return swell(x, y, sea, 640) })
	c.glow(640, sea, 110, hex(0xffe0a8), 0.3)
}

// swell is rows of waves that grow towards the viewer; the sun lies on those that lean towards it.
func swell(x, y, sea, sun float64) Colour {
	d := (y - sea) / (height - sea)
	z := 1 / (d + 0.03)
	u, v := (x-800)*z/420, z*2.6
	h := func(u, v float64) float64 {
		return math.Sin(v*1.7+1.4*noise(u*0.45, v*0.5, 3)+0.5*u) + 0.9*fractal(u*1.1, v*1.5, 5, 5)
	}
	lean := h(u, v+0.05) - h(u, v-0.05)
	side := h(u+0.06, v) - h(u-0.06, v)
	col := hex(0x6f98a0).mix(hex(0x173a4c), math.Sqrt(clamp(d*1.25)))
	col = col.times(1 + 1.1*lean*smooth(0, 0.1, d))
	col = col.mix(hex(0x6fb3a8), 0.3*smooth(0.6, 1.6, h(u, v))*d)
	path := math.Exp(-math.Pow((x-sun)/(70+420*d), 2))
	glitter := path * smooth(0.06, 0.3, lean+0.5*side+0.12*noise(u*9, v*11, 8))
	foam := smooth(1.35, 1.8, h(u, v)+0.3*fractal(u*6, v*6, 3, 9)) * smooth(0.08, 0.4, d)
	return col.mix(hex(0xfff0cc), 0.85*glitter).mix(hex(0xeef1ea), 0.7*foam).mix(hex(0xe2d3b0), 0.7*smooth(0.07, 0, d))
}

// starTrails is an hour and a half of the night in one picture: each star has gone the same angle about the pole.
func starTrails(c *Canvas) {
	const x0, y0, angle = 720.0, 330.0, 0.42
	c.fill(vertical(Stop{0, hex(0x0b1226)}, Stop{560, hex(0x1f3150)}, Stop{820, hex(0x5a6a78)}, Stop{900, hex(0x8d8a80)}))
	c.clouds(hex(0x33496b), 0.25, 800, 111)
	for i := range 420 {
		r := 14 + 1150*math.Sqrt(chance(i, 1, 7))
		a := 2 * math.Pi * chance(i, 2, 7)
		bright := math.Pow(chance(i, 3, 7), 3)
		tint := hex(0xcfdcf0).mix(hex(0xffe0b0), chance(i, 4, 7))
		c.draw(stroke(arc(x0, y0, r, r, a, a+angle), func(float64) float64 { return 1.2 + 2.4*bright }), flat(tint), 0.22+0.75*bright)
	}
	c.draw(stroke(arc(x0, y0, 8, 8, 1, 1+angle), func(float64) float64 { return 4 }), flat(hex(0xfff6e0)), 1)
	c.ridge(Ridge{top: 830, rise: 70, span: 420, seed: 117, relief: 0.5, colour: hex(0x222c3a), haze: hex(0x2f3a46), depth: 160})
	c.ridge(Ridge{top: 935, rise: 46, span: 520, seed: 119, relief: 0.4, colour: hex(0x10161f), haze: hex(0x0b0f16), depth: 200})
}
