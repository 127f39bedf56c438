package main

import "math"

func instruments() []Picture {
	return []Picture{
		{"clock-noon", clockNoon},
		{"station-clock", stationClock},
		{"globe-arc", globeArc},
		{"metre-light", metreLight},
		{"kilogram", kilogram},
		{"seismogram", seismogram},
		{"projection-grid", projectionGrid},
		{"numerals", numerals},
		{"wirephoto", wirephoto},
	}
}

// turn is the angle of a clock hand, in radians from three o'clock, after a share of the round.
func turn(share float64) float64 { return 2*math.Pi*share - math.Pi/2 }

func polar(x, y, r, a float64) Point { return Point{x + r*math.Cos(a), y + r*math.Sin(a)} }

func clockNoon(c *Canvas) {
	const x, y, r = 800.0, 533.0, 415.0
	wall := plaster(hex(0x37474e), 1.5, 5)
	c.fill(func(px, py float64) Colour {
		return wall(px, py).times(1.25 - 0.75*smooth(0, 1900, px+0.6*py))
	})
	c.shadow(circle(x+34, y+46, r+20), 70, hex(0x0c1014), 0.85)
	c.draw(circle(x, y, r+16), brushed(x, y), 1)
	c.draw(circle(x, y, r-14), flat(hex(0x2a241c)), 1)
	c.draw(circle(x, y, r-18), func(px, py float64) Colour {
		age := 0.05*fractal(px/210, py/210, 4, 3) + 0.025*fractal(px/22, py/22, 3, 4)
		rim := 0.16 * smooth(r*0.72, r, math.Hypot(px-x, py-y))
		return hex(0xece0c4).times(1.03 + age - rim - 0.13*((px-x)+(py-y))/(2*r))
	}, 1)
	c.shadow(ring(x+7, y+9, r+6, r-20), 16, hex(0x6a5a44), 0.8)
	c.draw(ring(x, y, r-42, r-44.5), flat(hex(0x5c5346)), 0.7)
	for i := range 60 {
		a, in, w := turn(float64(i)/60), r-72.0, 4.0
		if i%5 == 0 {
			in, w = r-112, 13
		}
		c.draw(line(w, polar(x, y, in, a), polar(x, y, r-46, a)), flat(hex(0x2b2a2b)), 0.92)
	}
	c.hands(x, y, r)
	c.shine(polygon(Point{x - 380, y + 60}, Point{x - 60, y - 395}, Point{x + 60, y - 395}, Point{x - 330, y + 190}), 60, hex(0xfff6e0), 0.11)
}

// brushed is turned brass: the light runs around it with the grain of the lathe.
func brushed(x, y float64) Paint {
	return func(px, py float64) Colour {
		a := math.Atan2(py-y, px-x)
		shine := math.Pow(math.Max(0, math.Cos(a+2.3)), 3) + 0.5*math.Pow(math.Max(0, math.Cos(a-0.8)), 6)
		return hex(0x54432a).mix(hex(0xe7c98c), clamp(0.2+0.75*shine+0.2*noise(math.Hypot(px-x, py-y)/2, a*2, 4)))
	}
}

// hands stand together at twelve, but for the one of the seconds, which has just gone past.
func (c *Canvas) hands(x, y, r float64) {
	hand := func(share, long, back, wide, tip float64) Shape {
		a := turn(share)
		return polygon(polar(x, y, wide, a-math.Pi/2), polar(x, y, long*0.9, a-wide*tip/long), polar(x, y, long, a), polar(x, y, long*0.9, a+wide*tip/long),
			polar(x, y, wide, a+math.Pi/2), polar(x, y, back, a+math.Pi))
	}
	steel := func(px, _ float64) Colour { return hex(0x1f2226).mix(hex(0x4b525a), smooth(x+3, x-6, px)) }
	for _, h := range []Shape{hand(0.0009, r*0.56, 60, 17, 1.1), hand(0.0052, r*0.85, 76, 11, 1)} {
		c.shadow(h.moved(11, 15), 9, hex(0x6b5c48), 0.75)
		c.draw(h, steel, 1)
	}
	second := hand(2.2/60, r*0.9, 110, 4.5, 0.6)
	c.shadow(second.moved(15, 20), 9, hex(0x7a6650), 0.6)
	c.draw(second, flat(hex(0x9c3a2c)), 1)
	c.draw(circle(x, y, 22), brushed(x, y), 1)
	c.draw(circle(x, y, 7), flat(hex(0x2a2018)), 1)
}

func stationClock(c *Canvas) {
	const x, spring, r = 800.0, 560.0, 400.0
	c.fill(vertical(Stop{0, hex(0x1d2226)}, Stop{600, hex(0x3a3832)}, Stop{1067, hex(0x1c1b1a)}))
	window := Shape{append(arc(x, spring, r, r, math.Pi, 2*math.Pi), Point{x + r, 730}, Point{x - r, 730})}
	c.shine(window, 120, hex(0xf3cf92), 0.5)
	c.draw(window, func(px, py float64) Colour {
		pane := chance(int(px/40), int(py/46), 3)
		return ramp(py, Stop{160, hex(0x9db7b8)}, Stop{430, hex(0xeadfbd)}, Stop{640, hex(0xfbe6b4)}).times(0.93 + 0.1*pane)
	}, 1)
	c.glow(x+40, 560, 120, hex(0xfff0c8), 0.4)
	c.glazing(x, spring, r)
	c.vault(x, spring, r)
	c.platform(x)
	for i, dx := range []float64{-250, -130, -10, 120, 245} {
		top := Point{x + dx, 300 + math.Abs(dx)*0.35}
		slant := 250 + 70*float64(i)
		c.shine(polygon(Point{top.X - 22, top.Y}, Point{top.X + 22, top.Y}, Point{top.X + slant + 60, 1100}, Point{top.X + slant - 55, 1100}), 30, hex(0xffdd9a), 0.26)
	}
	c.hungClock(x, 470, 96)
}

// glazing is the iron of the end window: a fan of ribs above, uprights and sills below.
func (c *Canvas) glazing(x, spring, r float64) {
	iron := flat(hex(0x2c2d2c))
	for i := range 17 {
		a := math.Pi + math.Pi*float64(i)/16
		w := 4.0 + 5*float64((i+1)%2*(i/2+1)%2)
		c.draw(line(w, polar(x, spring, 150, a), polar(x, spring, r, a)), iron, 1)
	}
	for _, q := range []float64{150, 236, 318} {
		c.draw(stroke(arc(x, spring, q, q, math.Pi, 2*math.Pi), func(float64) float64 { return 7 }), iron, 1)
	}
	for dx := -400.0; dx <= 400; dx += 50 {
		c.draw(line(5, Point{x + dx, spring}, Point{x + dx, 735}), iron, 1)
	}
	for _, y := range []float64{spring, 645, 728} {
		c.draw(line(11, Point{x - r, y}, Point{x + r, y}), iron, 1)
	}
}

// vault is the shed itself, arch behind arch, each nearer one larger and darker.
func (c *Canvas) vault(x, spring, r float64) {
	for i := range 7 {
		t := float64(i) / 6
		k := 1 + 0.13*float64(i) + 0.035*float64(i*i)
		in, out := r*k, r*(k+0.055+0.03*t)
		foot := 735 + 330*(k-1)
		rib := func(q float64) []Point {
			return append(append([]Point{{x - q, foot}}, arc(x, spring, q, q, math.Pi, 2*math.Pi)...), Point{x + q, foot})
		}
		col := hex(0x5d5340).mix(hex(0x17191b), math.Sqrt(t))
		inner := rib(in)
		for a, b := 0, len(inner)-1; a < b; a, b = a+1, b-1 {
			inner[a], inner[b] = inner[b], inner[a]
		}
		c.shadow(Shape{append(rib(out), inner...)}, 20, hex(0x1b1a18), 0.6)
		c.draw(Shape{append(rib(out), inner...)}, func(_, y float64) Colour { return col.times(1.25 - 0.5*smooth(200, 900, y)) }, 1)
		c.draw(stroke(arc(x, spring, in, in, math.Pi*1.02, math.Pi*1.98), func(float64) float64 { return 2.2 }), flat(hex(0xd9b576)), 0.55*(1-t))
		for j := range 9 {
			a := math.Pi + math.Pi*(float64(j)+0.5)/9
			c.draw(line(3+4*t, polar(x, spring, in, a), polar(x, spring, r*(k+0.18+0.07*float64(i)), a)), flat(col), 0.9)
		}
	}
}

func (c *Canvas) platform(x float64) {
	c.within(rect(0, 735, width, height-735).mask(), func(px, y float64, old Colour) Colour {
		d := (y - 735) / (height - 735)
		spread := 400 + 560*d
		sheen := math.Exp(-math.Pow((px-x)/spread, 4)) * (1 - d) * (1 - d)
		u := (px - x) / spread
		seam := 0.3*smooth(0.03, 0.0, math.Abs(u*6-math.Round(u*6))) + 0.12*noise(u*30, 22*math.Log(1+d*6), 2)
		return hex(0x24221f).mix(hex(0xe7bd7a), 0.72*sheen).times(1 - seam)
	})
	for i, px := range []float64{520, 590, 610, 742, 905, 930, 1085} {
		h := []float64{74, 96, 92, 62, 110, 104, 80}[i]
		y := 738 + h*0.62
		c.shadow(polygon(Point{px - 9, y}, Point{px + 9, y}, Point{px + 18 + (px-x)*0.3, y + h*1.5}, Point{px - 20 + (px-x)*0.3, y + h*1.5}), 10, hex(0x1d1a17), 0.7)
		coat := polygon(Point{px - h*0.1, y - h*0.78}, Point{px + h*0.1, y - h*0.78}, Point{px + h*0.16, y - h*0.28}, Point{px + h*0.07, y}, Point{px - h*0.07, y}, Point{px - h*0.15, y - h*0.28})
		body := append(coat, ellipse(px, y-h*0.89, h*0.075, h*0.1)...)
		c.within(body.mask().blur(3), func(_, _ float64, _ Colour) Colour { return hex(0x1b1917) })
	}
}

func (c *Canvas) hungClock(x, y, r float64) {
	c.draw(line(7, Point{x, 100}, Point{x, y - r}), flat(hex(0x1a1a1a)), 1)
	c.shadow(circle(x, y, r+24), 36, hex(0x25221d), 0.8)
	c.draw(circle(x, y, r+14), flat(hex(0x1b1c1d)), 1)
	c.draw(ring(x, y, r+9, r+5), flat(hex(0xb98f4e)), 0.9)
	c.draw(circle(x, y, r), func(px, py float64) Colour {
		return hex(0xfff2d2).mix(hex(0xd9b97f), clamp(math.Hypot(px-x, py-y)/r*0.7))
	}, 1)
	for i := range 12 {
		a := turn(float64(i) / 12)
		c.draw(line(7, polar(x, y, r*0.76, a), polar(x, y, r*0.92, a)), flat(hex(0x25211c)), 1)
	}
	c.draw(line(9, polar(x, y, 14, turn(0.65)), polar(x, y, r*0.52, turn(0.15))), flat(hex(0x1c1a18)), 1)
	c.draw(line(6, polar(x, y, 18, turn(0.3)), polar(x, y, r*0.8, turn(0.8))), flat(hex(0x1c1a18)), 1)
	c.draw(circle(x, y, 8), flat(hex(0x1c1a18)), 1)
	c.shine(circle(x, y, r), 60, hex(0xffe3ac), 0.22)
}

func metreLight(c *Canvas) {
	const beam, bench, left, right = 470.0, 690.0, 430.0, 1170.0
	c.fill(func(x, y float64) Colour {
		return hex(0x101519).mix(hex(0x27323a), math.Exp(-math.Pow((y-420)/330, 2))*math.Exp(-math.Pow((x-800)/620, 2))).times(1 + 0.1*fractal(x/300, y/300, 3, 4))
	})
	c.draw(rect(0, bench, width, height-bench), func(x, y float64) Colour {
		d := (y - bench) / (height - bench)
		spill := math.Exp(-math.Pow((x-800)/520, 2)) * math.Exp(-d*3.2)
		return hex(0x1b1a1a).mix(hex(0x8a4334), 0.75*spill).times(1 + 0.1*noise(x/190, y/4, 4))
	}, 1)
	c.draw(rect(0, bench, width, 3), horizontal(Stop{0, hex(0x2b2522)}, Stop{800, hex(0xc98064)}, Stop{1600, hex(0x2b2522)}), 0.8)
	for i := range 41 {
		x := left + (right-left)*float64(i)/40
		h := 9.0
		if i%10 == 0 {
			h = 26
		} else if i%5 == 0 {
			h = 17
		}
		c.draw(rect(x-1.2, bench+14, 2.4, h), flat(hex(0xd9a184)), 0.55)
	}
	ray := rect(left, beam-2.5, right-left, 5)
	c.shine(rect(left, beam-90, right-left, 180), 160, hex(0xd9583c), 0.5)
	c.shine(rect(left, beam-14, right-left, 28), 44, hex(0xff8a5a), 0.95)
	c.draw(ray, func(x, y float64) Colour { return hex(0xffe6cf).times(0.97 + 0.1*noise(x/14, 1, 3)) }, 1)
	for i := range 340 {
		x, dy := left+(right-left)*chance(i, 1, 9), 70*(chance(i, 2, 9)+chance(i, 3, 9)-1)
		c.shine(circle(x, beam+dy, 1+1.4*chance(i, 4, 9)), 2, hex(0xffc09a), 0.75*math.Exp(-math.Abs(dy)/22))
	}
	for _, x := range []float64{left, right} {
		c.mount(x, beam, bench)
	}
	c.within(rect(0, bench+40, width, 260).mask().blur(50), func(x, y float64, old Colour) Colour {
		return screen(old, c.sample(x, 2*bench-y).times(0.16))
	})
}

// mount is one of the two marks: a slit of bright brass on a dark stand.
func (c *Canvas) mount(x, beam, bench float64) {
	side := math.Copysign(1, x-800)
	c.draw(rect(x-52, bench-34, 104, 40), vertical(Stop{bench - 34, hex(0x3f3b39)}, Stop{bench, hex(0x151515)}), 1)
	c.draw(rect(x-17, beam+120, 34, bench-beam-150), horizontal(Stop{x - 17, hex(0x141516)}, Stop{x - 4*side, hex(0x5b4a43)}, Stop{x + 17, hex(0x141516)}), 1)
	c.draw(rect(x-34, beam-205, 68, 330), horizontal(Stop{x - 34, hex(0x1a1b1c)}, Stop{x - 14*side, hex(0x4a3a34)}, Stop{x + 34, hex(0x161718)}), 1)
	c.draw(rect(x-7, beam-180, 14, 280), func(_, y float64) Colour {
		return hex(0x8a6a3a).mix(hex(0xffe2b4), math.Exp(-math.Abs(y-beam)/70))
	}, 1)
	c.shine(circle(x, beam, 44), 60, hex(0xff8f5e), 0.9)
	c.draw(circle(x, beam, 9), flat(hex(0xfff4e4)), 1)
}

func kilogram(c *Canvas) {
	const x, table = 800.0, 800.0
	c.fill(func(px, y float64) Colour {
		light := math.Exp(-math.Pow((px-620)/560, 2) - math.Pow((y-380)/420, 2))
		return hex(0x1d2a30).mix(hex(0x8c9c98), 0.75*light).times(1 + 0.05*fractal(px/200, y/200, 3, 3))
	})
	c.draw(rect(0, table-70, width, height), func(px, y float64) Colour {
		d := (y - table + 70) / 340
		light := math.Exp(-math.Pow((px-700)/600, 2))
		return hex(0x2b2420).mix(hex(0x9a7a55), light*(0.9-0.5*d)).times(1 + 0.1*fractal(px/260, y/9, 4, 6))
	}, 1)
	c.within(rect(0, table-74, width, 8).mask().blur(8), func(_, _ float64, old Colour) Colour { return old.mix(hex(0x4a4b45), 0.7) })
	c.shadow(ellipse(x+110, table+44, 420, 58), 60, hex(0x1b1715), 0.75)
	c.draw(ellipse(x, table+40, 400, 66), flat(hex(0x342a23)), 1)
	c.draw(ellipse(x, table+26, 400, 66), horizontal(Stop{400, hex(0xc9a878)}, Stop{760, hex(0x7f6244)}, Stop{1200, hex(0x4a382a)}), 1)
	bells := []Bell{{x, table + 22, 345, 655, 58}, {x, table + 12, 245, 505, 41}, {x, table + 2, 160, 360, 27}}
	for _, b := range bells {
		c.bellBack(b)
	}
	c.ingot(x, table-4, 74, 150)
	for i := range bells {
		c.bellFront(bells[len(bells)-1-i])
	}
}

// ingot is the polished cylinder; its side mirrors a bright window on the left and the dark room.
func (c *Canvas) ingot(x, foot, r, h float64) {
	side := Shape{append(arc(x, foot, r, r*0.17, 0, math.Pi), Point{x - r, foot - h}, Point{x + r, foot - h})}
	c.shadow(ellipse(x+40, foot+8, r*1.3, 22), 24, hex(0x17120f), 0.8)
	c.draw(side, func(px, y float64) Colour {
		col := ramp((px-x)/r, Stop{-1, hex(0x6c7478)}, Stop{-0.8, hex(0xb9c0c0)}, Stop{-0.5, hex(0xf8f7f2)}, Stop{-0.28, hex(0xaab1b2)}, Stop{0.1, hex(0x5b6266)}, Stop{0.55, hex(0x33383c)}, Stop{0.85, hex(0x7f868a)}, Stop{1, hex(0x4b5054)})
		return col.mix(hex(0xb08d62), 0.4*smooth(foot-h*0.5, foot+12, y))
	}, 1)
	c.draw(ellipse(x, foot-h, r, r*0.17), horizontal(Stop{x - r, hex(0xf3f3ef)}, Stop{x + r, hex(0x9aa2a5)}), 1)
	c.draw(ellipse(x, foot-h, r*0.93, r*0.15), horizontal(Stop{x - r, hex(0xd5d9d8)}, Stop{x + r, hex(0x858d92)}), 1)
}

// Bell is a glass cover on its rim, with a knob on top.
type Bell struct{ x, foot, r, h, rim float64 }

func (b Bell) outline() []Point {
	dome := arc(b.x, b.foot-b.h+b.r*0.8, b.r, b.r*0.8, math.Pi, 2*math.Pi)
	return append(dome, arc(b.x, b.foot, b.r, b.rim, 0, math.Pi)...)
}

func (c *Canvas) bellBack(b Bell) {
	c.within(Shape{b.outline()}.mask(), func(x, y float64, old Colour) Colour {
		edge := math.Pow(math.Abs(x-b.x)/b.r, 6)
		return old.mix(hex(0xcfe0dc), 0.05+0.16*edge)
	})
	rim := stroke(arc(b.x, b.foot, b.r, b.rim, math.Pi, 2*math.Pi), func(float64) float64 { return 2 })
	c.draw(rim, flat(hex(0xdde8e2)), 0.4)
}

func (c *Canvas) bellFront(b Bell) {
	top := b.foot - b.h
	shoulder := b.foot - b.h + b.r*0.8
	outline := append(b.outline(), b.outline()[0])
	c.draw(stroke(outline, func(float64) float64 { return 3.2 }), horizontal(Stop{b.x - b.r, hex(0xf2f6f0)}, Stop{b.x, hex(0xaebdb9)}, Stop{b.x + b.r, hex(0x8fa3a3)}), 0.75)
	c.draw(stroke(arc(b.x, b.foot+3, b.r-2, b.rim, 0.1, math.Pi-0.1), func(float64) float64 { return 6 }), horizontal(Stop{b.x - b.r, hex(0xf6f5ea)}, Stop{b.x + b.r, hex(0x6f7f80)}), 0.5)
	streak := append(arc(b.x, shoulder, b.r*0.88, b.r*0.68, math.Pi, math.Pi*1.36), Point{b.x - b.r*0.36, shoulder - b.r*0.5})
	streak = append(streak, Point{b.x - b.r*0.66, shoulder}, Point{b.x - b.r*0.68, b.foot - b.h*0.12}, Point{b.x - b.r*0.88, b.foot - b.h*0.14})
	c.shine(Shape{streak}, 7, hex(0xf4f7ee), 0.2)
	c.shine(rect(b.x+b.r*0.8, shoulder, b.r*0.05, b.h*0.5), 5, hex(0xe9efe6), 0.3)
	k := 9 + b.r*0.065
	c.draw(rect(b.x-k*0.4, top-k*0.7, k*0.8, k), flat(hex(0xb9c7c3)), 0.6)
	c.draw(circle(b.x, top-k*1.4, k), func(px, y float64) Colour {
		return hex(0xf2f5ee).mix(hex(0x50666a), clamp(math.Hypot(px-b.x+k*0.4, y-top+k*1.8)/(1.7*k)))
	}, 0.85)
}

func seismogram(c *Canvas) {
	sheet := paper(hex(0xe9dfc6), 9)
	c.fill(func(x, y float64) Colour {
		curl := 0.16*smooth(420, 0, y) + 0.2*smooth(800, 1067, y)
		return sheet(x, y).times(1.02-curl).mix(hex(0xc99f62), 0.16*smooth(900, 1600, x))
	})
	for y := 33.0; y < height; y += 62.5 {
		c.draw(rect(0, y, width, 1.2), flat(hex(0x8fa6a0)), 0.35)
	}
	for x := 34.0; x < width; x += 110 {
		c.draw(rect(x, 0, 1.6, height), flat(hex(0x8fa6a0)), 0.45)
	}
	for row := range 9 {
		y := 33 + float64(row)*125
		c.draw(stroke(trace(row, y), func(float64) float64 { return 3.4 }), flat(hex(0x24303c)), 0.9)
	}
	c.needle(1128, 533)
}

// trace is one turn of the drum: a quiet ground, and in the middle turns the quake and its long coda.
func trace(row int, y float64) []Point {
	var out []Point
	for x := -5.0; x < width+5; x += 1.6 {
		t := x + float64(row-4)*1600
		amp := 3 + 2*noise(t/200, 1, 3)
		if t > 430 {
			p, s := math.Exp(-(t-430)/260), 0.0
			if t > 620 {
				s = math.Exp(-(t - 620) / 330)
			}
			amp += 40*p + 470*s*smooth(620, 660, t) + 22*math.Exp(-(t-430)/1500)
		}
		if row == 2 {
			amp += 30 * math.Exp(-math.Pow((x-1180)/60, 2))
		}
		wave := noise(t/11, 2, 5)*0.75 + noise(t/21, 7, 6)*0.8
		hush := 1.0
		if row == 4 {
			hush = smooth(1128, 1090, x)
		}
		if row == 4 && x > 1128 {
			break
		}
		out = append(out, Point{x, y + 2.4*amp*wave*hush})
	}
	return out
}

// needle is the pen where the trace ends, with the shadow that lifts it off the paper.
func (c *Canvas) needle(x, y float64) {
	arm := polygon(Point{x, y}, Point{x + 26, y - 9}, Point{width + 60, y - 196}, Point{width + 60, y - 148}, Point{x + 26, y + 2})
	c.shadow(arm.moved(16, 46), 18, hex(0x5f5342), 0.7)
	c.draw(arm, func(px, py float64) Colour {
		t := (py - (y - (px-x)*0.355)) / 30
		return hex(0xf0e0b8).mix(hex(0x5b4524), clamp(0.3+t*0.8))
	}, 1)
	c.draw(polygon(Point{x - 2, y + 3}, Point{x + 24, y - 10}, Point{x + 30, y + 2}), flat(hex(0x2a2622)), 1)
}

func numerals(c *Canvas) {
	c.fill(flat(hex(0x1c1613)))
	wood := func(p, _ Vec) Colour {
		g := fractal(p.X*0.7, p.Y*6+p.Z*3, 4, 5) + 0.5*noise(p.X*1.3, p.Y*30, 8)
		return hex(0x6b432a).times(0.95 + 0.3*g)
	}
	scene := Scene{
		eye: Vec{-1.9, 1.5, -7.6}, at: Vec{0.05, -0.02, 0}, zoom: 1.1,
		sun: Vec{-0.8, 0.62, -0.5}.unit(), soft: 0.16, sunlight: Colour{1.7, 1.28, 0.8}, sky: Colour{0.14, 0.14, 0.17},
		bounce: Colour{0.2, 0.12, 0.07}, reach: 0.9, haze: hex(0x1a1412), mist: 0.05, clear: 7.4,
		solids: []Solid{
			{form: Box{Vec{-30, -30, 0.62}, Vec{30, 30, 0.8}}, colour: func(p, _ Vec) Colour {
				return hex(0x8a6a4a).times(0.9 + 0.14*fractal(p.X*0.8, p.Y*0.8, 5, 3))
			}},
			{form: Box{Vec{-9, 0.62, -0.22}, Vec{9, 0.82, 0.22}}, colour: wood, gloss: 0.1},
			{form: Box{Vec{-9, 2.05, -0.34}, Vec{9, 2.4, 0.34}}, colour: wood, gloss: 0.1},
			{form: Box{Vec{-9, -2.55, -0.34}, Vec{9, -2.2, 0.34}}, colour: wood, gloss: 0.1},
		},
	}
	for i := -4; i <= 4; i++ {
		scene.rod(float64(i)*0.74, int(hash(i+9, 2, 12)%5), hash(i, 3, 4)%2 == 0)
	}
	scene.render(c)
}

// rod is a column of beads: digit of the four below are pushed up, and the one above may be down.
func (s *Scene) rod(x float64, digit int, down bool) {
	ivory, red := plain(hex(0xd9b98a)), plain(hex(0xa4442e))
	bead := func(y float64, c func(Vec, Vec) Colour) {
		s.solids = append(s.solids, Solid{form: Ball{Vec{x, y, 0}, Vec{0.335, 0.2, 0.335}}, colour: c, gloss: 0.75})
	}
	s.solids = append(s.solids, Solid{form: Post{Vec{x, -2.3, 0}, 0.045, 4.4}, colour: plain(hex(0x8d7a5c)), gloss: 0.5})
	for k := range 4 {
		y := -2.0 + float64(k)*0.4
		if k >= 4-digit {
			y = 0.42 - float64(3-k)*0.4
		}
		bead(y, ivory)
	}
	y := 1.84
	if down {
		y = 1.03
	}
	bead(y, red)
}

func wirephoto(c *Canvas) {
	const left, right, top, bottom, spot = 420.0, 1180.0, 330.0, 700.0, 860.0
	c.fill(func(x, y float64) Colour {
		return hex(0x13181d).mix(hex(0x2f4048), math.Exp(-math.Pow((x-860)/620, 2)-math.Pow((y-480)/420, 2)))
	})
	c.scanned(spot, bottom)
	c.shadow(rect(left, bottom-40, right-left, 90), 60, hex(0x06080a), 0.8)
	for _, x := range []float64{left - 190, right + 20} {
		c.draw(rect(x, 500, 170, 30), vertical(Stop{500, hex(0xa9aca8)}, Stop{530, hex(0x2c3034)}), 1)
		c.draw(ellipse(x+85, 515, 34, 92), horizontal(Stop{x + 50, hex(0x6f777a)}, Stop{x + 120, hex(0x22272b)}), 1)
	}
	photo := landscapeTone()
	round := func(y float64) float64 { return math.Asin(clamp(math.Abs(y-515)/185)) * math.Copysign(1, y-515) }
	drum := Shape{append(arc(right, 515, 34, 185, -math.Pi/2, math.Pi/2), arc(left, 515, 34, 185, math.Pi/2, 3*math.Pi/2)...)}
	c.draw(drum, func(x, y float64) Colour {
		a := round(y)
		bow := 34 * math.Cos(a)
		tone := photo((x-bow-left)/(right-left), 0.5+a/2.5)
		scan := 0.94 + 0.06*math.Sin(x*2*math.Pi/6)
		col := hex(0x231f1d).mix(hex(0xe8dcc0), tone*scan)
		if u := x - bow; u < left+18 || u > right-24 {
			col = hex(0x9a8a68)
		}
		return col.times(0.22 + 0.85*math.Pow(math.Max(0, math.Cos(a+0.45)), 1.4))
	}, 1)
	c.draw(ellipse(right, 515, 34, 185), vertical(Stop{330, hex(0xb9b4a4)}, Stop{515, hex(0x5c5d5b)}, Stop{700, hex(0x1d2023)}), 1)
	c.draw(ellipse(right, 515, 9, 26), flat(hex(0x15181a)), 1)
	c.shine(polygon(Point{1330, -60}, Point{1440, -60}, Point{spot + 6, 462}, Point{spot - 6, 452}), 16, hex(0xffdf9f), 0.55)
	c.shine(polygon(Point{1374, -60}, Point{1398, -60}, Point{spot + 3, 458}, Point{spot - 3, 456}), 5, hex(0xfff2cf), 0.7)
	c.shine(ellipse(spot, 456, 26, 22), 40, hex(0xffe0a0), 1)
	c.draw(ellipse(spot, 456, 7, 6), flat(hex(0xfffaea)), 1)
}

// landscapeTone is the picture on the drum: hills, a lake and a low sun, as brightness from 0 to 1.
func landscapeTone() func(u, v float64) float64 {
	return func(u, v float64) float64 {
		sky := 0.42 + 0.5*v + 0.4*math.Exp(-(math.Pow((u-0.6)/0.1, 2)+math.Pow((v-0.42)/0.13, 2)))
		for i := range 3 {
			line := 0.48 + 0.11*float64(i) - 0.12*fractal(u*3.5, float64(i)*3, 5, uint32(3+i))
			sky = mix(sky, 0.5-0.17*float64(i)+0.3*(v-line), smooth(line-0.006, line+0.006, v))
		}
		return clamp(sky)
	}
}

// scanned is the same picture leaving as a run of lines, each as bright as what the beam met.
func (c *Canvas) scanned(spot, bottom float64) {
	photo := landscapeTone()
	for i := range 22 {
		y := bottom + 66 + float64(i)*13.2
		c.within(rect(0, y, width, 5).mask().blur(1), func(x, _ float64, old Colour) Colour {
			tone := photo((x-420)/760, float64(i)/21)
			fade := smooth(120, 520, x) * smooth(1480, 1080, x) * smooth(23, 17, float64(i))
			return old.mix(hex(0xe7b56a), fade*clamp(0.1+1.25*tone*tone))
		})
	}
}
