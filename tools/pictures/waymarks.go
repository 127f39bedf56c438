package main

import "math"

// waymarks are what stands beside a way to tell travellers where they are.
func waymarks() []Picture {
	return []Picture{
		{"lighthouse", lighthouse},
		{"milestone", milestone},
		{"semaphore", semaphore},
		{"buoy", buoy},
		{"cairn", cairn},
		{"runway", runway},
	}
}

func lighthouse(c *Canvas) {
	const sea, x, top = 720.0, 1090.0, 300.0
	c.fill(vertical(Stop{0, hex(0x141d38)}, Stop{360, hex(0x3a5073)}, Stop{640, hex(0xa98f86)}, Stop{720, hex(0xe0b384)}))
	c.clouds(hex(0x8d8496), 0.5, 690, 121)
	c.within(rect(0, sea, width, height-sea).mask(), func(px, y float64, _ Colour) Colour {
		return swell(px, y, sea, 300).filter(hex(0x8d93a8)).times(0.8)
	})
	for _, side := range []float64{-1, 1} {
		c.shine(polygon(Point{x, top - 4}, Point{x + side*1500, top - 210}, Point{x + side*1500, top + 90}, Point{x, top + 4}), 26, hex(0xffe6ac), 0.34)
	}
	rock := []Point{{560, height + 5}}
	for px := 560.0; px <= width+5; px += 4 {
		rock = append(rock, Point{px, 1010 - 300*smooth(560, 1080, px) + 60*smooth(1180, 1600, px) + 22*fractal(px/60, 1, 5, 3)})
	}
	c.draw(Shape{append(rock, Point{width + 5, height + 5})}, func(px, y float64) Colour {
		bump := (ridged((px-3)/120, y/90, 5, 8) - ridged((px+3)/120, y/90, 5, 8)) * 2.6
		return hex(0x3d3a3c).times(1+clamp(bump+0.4)-0.4).mix(hex(0x14181f), smooth(700, 1060, y)*0.7)
	}, 1)
	c.tower(x, top)
	c.glow(x, top, 46, hex(0xffeec2), 0.95)
	c.draw(circle(x, top, 13), flat(hex(0xfffaea)), 1)
}

// tower tapers from its foot on the rock to the gallery under the lamp.
func (c *Canvas) tower(x, top float64) {
	lit := func(px, y float64) Colour {
		w := mix(38, 62, clamp((y-top-60)/370))
		u := (px - x) / w
		col := hex(0xe9e0d0)
		if band := math.Mod(y-top, 150); band > 75 {
			col = hex(0x9a3f34)
		}
		return col.times(1.02-0.62*smooth(-0.9, 1.1, u)+0.05*fractal(px/20, y/20, 3, 2)).mix(hex(0x39445e), 0.25)
	}
	c.draw(polygon(Point{x - 38, top + 60}, Point{x + 38, top + 60}, Point{x + 62, top + 440}, Point{x - 62, top + 440}), lit, 1)
	iron := flat(hex(0x20242c))
	c.draw(rect(x-54, top+38, 108, 24), iron, 1)
	c.draw(rect(x-29, top-28, 58, 68), flat(hex(0x6b5a3c)), 1)
	c.draw(rect(x-26, top-25, 52, 60), flat(hex(0xffe9b4)), 0.95)
	for dx := -27.0; dx <= 27; dx += 18 {
		c.draw(rect(x+dx-2, top-28, 4, 68), iron, 0.9)
	}
	c.draw(polygon(Point{x - 38, top - 26}, Point{x, top - 70}, Point{x + 38, top - 26}), iron, 1)
	c.draw(circle(x, top-76, 8), iron, 1)
	for dx := -52.0; dx <= 52; dx += 13 {
		c.draw(rect(x+dx-1.5, top+12, 3, 28), iron, 1)
	}
	c.draw(rect(x-54, top+10, 108, 4), iron, 1)
	for _, y := range []float64{150, 260, 370} {
		c.draw(rect(x-8, top+y, 14, 26), flat(hex(0x2a2d36)), 1)
	}
}

func milestone(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x58819a)}, Stop{260, hex(0xb3c5c3)}, Stop{440, hex(0xf0dfb9)}))
	c.clouds(hex(0xf8ecd4), 0.7, 420, 131)
	c.ridge(Ridge{top: 400, rise: 70, span: 420, seed: 133, relief: 1.3, colour: hex(0x8b9a92), haze: hex(0xdcd0ac), depth: 120})
	c.ridge(Ridge{top: 462, rise: 36, span: 320, seed: 136, relief: 1.2, colour: hex(0x7d8560), haze: hex(0xc6b987), depth: 120})
	const horizon = 500.0
	c.within(rect(0, horizon, width, height-horizon).mask(), func(x, y float64, _ Colour) Colour {
		d := math.Max(y-horizon, 0.6)
		z := 900 / d
		return lane((x-800)*z/900, z)
	})
	c.shadow(polygon(Point{1010, 935}, Point{1210, 940}, Point{1590, 985}, Point{1450, 1015}, Point{1040, 960}), 14, hex(0x39412c), 0.75)
	stone := Shape{append(arc(1110, 560, 112, 118, math.Pi, 2*math.Pi), Point{1232, 940}, Point{988, 940})}
	c.draw(stone, func(x, y float64) Colour {
		u := (x - 1110) / 120
		bump := (fractal((x-2)/70, (y-2)/70, 5, 4) - fractal((x+2)/70, (y+2)/70, 5, 4)) * 3
		lichen := smooth(0.16, 0.3, fractal(x/80, y/70, 4, 12))
		return hex(0xcbbd9c).times(1.05-0.42*smooth(-0.6, 1.1, u)+bump).mix(hex(0xa8934a), 0.55*lichen).mix(hex(0x6d7548), 0.5*smooth(860, 945, y))
	}, 1)
	for i := range 4 {
		y := 640 + 62*float64(i)
		w := []float64{130, 92, 130, 60}[i]
		c.draw(rect(1106-w/2+3, y+3, w, 17), flat(hex(0xe6dabb)), 0.6)
		c.draw(rect(1106-w/2, y, w, 17), flat(hex(0x5a4f3c)), 0.8)
	}
	for i := range 260 {
		x := 930 + 360*chance(i, 1, 9)
		h := 22 + 52*chance(i, 2, 9)
		y := 948 + 26*chance(i, 3, 9)
		tone := hex(0x6e7440).mix(hex(0xb8a760), chance(i, 4, 9))
		c.draw(polygon(Point{x - 2.4, y}, Point{x + 16*(chance(i, 5, 9)-0.5), y - h}, Point{x + 2.4, y}), flat(tone), 0.95)
	}
}

// lane is a road of two ruts through dry grass, with x to the right and z ahead, in metres.
func lane(x, z float64) Colour {
	x += 1.1 + 0.9*math.Sin(z/11)
	grass := hex(0x99904f).mix(hex(0x6c7646), clamp(0.5+fractal(x/3, z/4, 4, 3))).times(1 + 0.3*fractal(x*5, z*2.4, 4, 5)*smooth(40, 4, z) + 0.22*noise(x*26, z*9, 6)*smooth(14, 3, z))
	dust := hex(0xcdb887).times(1 + 0.2*fractal(x*3, z*2, 4, 7)*smooth(40, 4, z) + 0.16*noise(x*30, z*16, 8)*smooth(12, 3, z))
	road := smooth(1.5, 1.1, math.Abs(x)+0.22*noise(x*3, z*1.4, 9))
	tuft := smooth(0.36, 0.16, math.Abs(x)+0.2*noise(x*4, z*3, 10))
	return grass.mix(dust, road*(1-0.75*tuft)).mix(hex(0xe9d9ac), 1-math.Exp(-z/70))
}

func semaphore(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x2c3f60)}, Stop{330, hex(0x7c8093)}, Stop{620, hex(0xd99f70)}, Stop{790, hex(0xf6cf88)}))
	c.clouds(hex(0xf0b684), 0.75, 760, 141)
	c.glow(470, 800, 150, hex(0xffd892), 0.8)
	c.ridge(Ridge{top: 800, rise: 34, span: 380, seed: 143, relief: 0.5, colour: hex(0x594c52), haze: hex(0xc98f68), depth: 60})
	c.ridge(Ridge{top: 880, rise: 16, span: 420, seed: 146, relief: 0.4, colour: hex(0x2a272c), haze: hex(0x1a191d), depth: 90})
	for _, r := range []struct{ x, foot float64 }{{500, 1180}, {700, 1420}} {
		c.draw(polygon(Point{482, 884}, Point{486, 884}, Point{r.foot - 860, height}, Point{r.foot - 890, height}), vertical(Stop{884, hex(0xffdd9c)}, Stop{1067, hex(0x9a7a66)}), 0.9)
	}
	c.signal(1040, 960, 1)
	c.signal(1420, 930, 0.62)
	for i := range 3 {
		y := 560 + 16*float64(i)
		c.draw(stroke(bezier(Point{-20, y - 120}, Point{400, y + 30}, Point{800, y + 30}, Point{1650, y - 190}), func(float64) float64 { return 1.6 }), flat(hex(0x1d1d24)), 0.7)
	}
}

// signal is a post with an arm that points up for "go" and one that lies level for "stop".
func (c *Canvas) signal(x, foot, k float64) {
	dark := flat(hex(0x17171c))
	at := func(dx, dy float64) Point { return Point{x + dx*k, foot + dy*k} }
	c.draw(polygon(at(-15, 10), at(-10, -790), at(10, -790), at(15, 10)), dark, 1)
	c.draw(polygon(at(-17, -790), at(0, -850), at(17, -790)), dark, 1)
	arm := func(dy, lift float64, tone Colour) {
		blade := polygon(at(12, dy-23), at(-190, dy-19), at(-190, dy+21), at(12, dy+23)).turned(at(0, dy), lift)
		c.draw(blade, func(px, _ float64) Colour { return tone.times(0.75 + 0.3*smooth(x-200*k, x, px)) }, 1)
		c.draw(polygon(at(-150, dy-20), at(-128, dy-20), at(-128, dy+21), at(-150, dy+21)).turned(at(0, dy), lift), flat(hex(0xeadfc8)), 0.9)
		c.draw(circle(at(34, dy+4).X, at(34, dy+4).Y, 22*k), dark, 1)
	}
	arm(-735, 0.78, hex(0xa8402f))
	lamp := at(34, -731)
	c.shine(circle(lamp.X, lamp.Y, 15*k), int(40*k), hex(0x7ff0b4), 0.9)
	c.draw(circle(lamp.X, lamp.Y, 12*k), flat(hex(0xb8ffd8)), 1)
	arm(-560, 0, hex(0xa8402f))
	lamp = at(34, -556)
	c.shine(circle(lamp.X, lamp.Y, 15*k), int(40*k), hex(0xff6a4a), 0.9)
	c.draw(circle(lamp.X, lamp.Y, 12*k), flat(hex(0xffb49c)), 1)
	for y := -20.0; y > -700; y -= 40 {
		c.draw(line(3*k, at(18, y), at(44, y)), dark, 1)
	}
	c.draw(line(4*k, at(18, 10), at(18, -700)), dark, 1)
	c.draw(line(4*k, at(44, 10), at(44, -700)), dark, 1)
}

func buoy(c *Canvas) {
	const sea = 400.0
	c.fill(vertical(Stop{0, hex(0x4a7590)}, Stop{230, hex(0xa8bfc3)}, Stop{400, hex(0xe9dfc6)}))
	c.clouds(hex(0xf5eddc), 0.9, 385, 151)
	c.within(rect(0, sea, width, height-sea).mask(), func(x, y float64, _ Colour) Colour { return swell(x, y, sea, 1250) })
	lean := func(s Shape) Shape { return s.turned(Point{780, 800}, 0.13) }
	c.within(lean(ellipse(800, 850, 190, 46)).mask().blur(30).scale(0.8), func(_, _ float64, old Colour) Colour { return old.filter(hex(0x4f6670)) })
	red := func(x, y float64) Colour {
		u := (x - 780) / 150
		return hex(0xa83c2e).times(1.15-0.6*smooth(-0.7, 1, u)+0.1*fractal(x/26, y/26, 3, 4)).mix(hex(0x4a2a22), 0.5*smooth(0.1, 0.3, fractal(x/60, y/110, 4, 9)))
	}
	c.draw(lean(ellipse(780, 806, 168, 62)), red, 1)
	c.draw(lean(ellipse(780, 780, 168, 50)), func(x, y float64) Colour { return red(x, y).times(1.18) }, 1)
	for _, leg := range []struct{ foot, top float64 }{{690, 742}, {870, 818}, {780, 780}} {
		c.draw(lean(line(15, Point{leg.foot, 782}, Point{leg.top, 360})), red, 1)
	}
	for _, y := range []float64{690, 590, 490, 400} {
		w := mix(90, 44, (782-y)/420)
		c.draw(lean(line(10, Point{780 - w, y}, Point{780 + w, y})), red, 1)
	}
	c.draw(lean(rect(724, 340, 112, 22)), red, 1)
	c.draw(lean(rect(758, 296, 44, 46)), flat(hex(0x31363a)), 1)
	c.draw(lean(circle(780, 286, 26)), flat(hex(0xffe4c0)), 0.95)
	c.shine(lean(circle(780, 284, 26)), 40, hex(0xff8a60), 0.8)
	c.draw(lean(rect(742, 214, 76, 48)), red, 1)
	c.within(rect(520, 800, 560, 120).mask(), func(x, y float64, old Colour) Colour {
		line := 838 + 16*fractal(x/90, 1, 4, 6)
		foam := smooth(16, 2, math.Abs(y-line)+10*noise(x/14, y/9, 8)) * smooth(280, 190, math.Abs(x-785))
		water := swell(x, y, sea, 1250)
		return old.mix(water, 0.92*smooth(line-4, line+6, y)*smooth(270, 200, math.Abs(x-785))).mix(hex(0xf1f3ee), 0.85*foam)
	})
}

func cairn(c *Canvas) {
	c.fill(vertical(Stop{0, hex(0x3f678a)}, Stop{280, hex(0x9ab5bf)}, Stop{520, hex(0xecdcbc)}))
	c.clouds(hex(0xf6ecdb), 0.6, 500, 161)
	c.ridge(Ridge{top: 470, rise: 150, span: 520, seed: 163, relief: 2, sharp: true, colour: hex(0x8898a2), haze: hex(0xdcd3bd), depth: 240})
	c.ridge(Ridge{top: 560, rise: 80, span: 420, seed: 167, relief: 1.6, sharp: true, colour: hex(0x6f7d78), haze: hex(0xcfc3a2), depth: 220})
	scene := Scene{
		eye: Vec{-0.6, 1.25, -4.4}, at: Vec{0.35, 0.95, 0}, zoom: 0.95,
		sun: Vec{-0.75, 0.62, -0.35}.unit(), soft: 0.06, sunlight: Colour{1.15, 1, 0.78}, sky: Colour{0.32, 0.38, 0.44},
		bounce: Colour{0.22, 0.2, 0.16}, reach: 0.8, haze: hex(0xd8ccac), mist: 0.05, clear: 7,
		solids: []Solid{{form: Ball{Vec{0, -30.0, 1}, Vec{46, 30, 14}}, colour: scree}},
	}
	y := -0.06
	for i, s := range []struct{ x, w, h, d float64 }{{0, 0.82, 0.2, 0.66}, {-0.06, 0.66, 0.17, 0.54}, {0.07, 0.58, 0.19, 0.48}, {0, 0.46, 0.15, 0.4}, {-0.05, 0.4, 0.16, 0.34}, {0.03, 0.28, 0.13, 0.26}, {0, 0.19, 0.12, 0.17}} {
		scene.solids = append(scene.solids, Solid{form: Ball{Vec{0.35 + s.x, y + s.h, 0}, Vec{s.w, s.h, s.d}}, colour: boulder(uint32(i))})
		y += s.h * 1.78
	}
	for i := range 26 {
		x, z := -4+8*chance(i, 1, 3), -1.6+4.6*chance(i, 2, 3)
		r := 0.07 + 0.2*chance(i, 3, 3)
		if math.Abs(x-0.35) < 1.1 && z < 0.6 {
			continue
		}
		ground := -30 + 30*math.Sqrt(math.Max(0, 1-x*x/2116-(z-1)*(z-1)/196))
		scene.solids = append(scene.solids, Solid{form: Ball{Vec{x, ground + r*0.25, z}, Vec{r * 1.3, r * 0.7, r}}, colour: boulder(uint32(30 + i))})
	}
	scene.render(c)
}

func scree(p, _ Vec) Colour {
	n := fractal(p.X*1.3, p.Z*1.3, 5, 4) + 0.6*noise(p.X*14, p.Z*14, 6)
	moss := smooth(0.1, 0.4, fractal(p.X*0.9+5, p.Z*0.9, 4, 9))
	return hex(0xa19376).times(1+0.3*n).mix(hex(0x7f8350), 0.7*moss)
}

func boulder(seed uint32) func(p, n Vec) Colour {
	base := []Colour{hex(0xa89b86), hex(0x8f8b86), hex(0xb5a283), hex(0x98897a)}[seed%4]
	return func(p, _ Vec) Colour {
		grain := 0.25*fractal(p.X*5+float64(seed), p.Y*9+p.Z*4, 5, seed) + 0.12*noise(p.X*30, p.Y*40+p.Z*30, seed+3)
		lichen := smooth(0.2, 0.34, fractal(p.X*6+p.Z*3, p.Y*6, 4, seed+11))
		return base.times(1+grain).mix(hex(0xb9a552), 0.5*lichen)
	}
}

func runway(c *Canvas) {
	const horizon, focal, eye = 470.0, 1150.0, 2.6
	c.fill(vertical(Stop{0, hex(0x0d1630)}, Stop{300, hex(0x2a3c62)}, Stop{450, hex(0x8b7480)}, Stop{480, hex(0xd99a6c)}))
	c.clouds(hex(0x5d5674), 0.5, 450, 171)
	c.ridge(Ridge{top: 462, rise: 20, span: 360, seed: 173, relief: 0.4, colour: hex(0x1d2436), haze: hex(0x3a3746), depth: 30})
	c.within(rect(0, horizon, width, height-horizon).mask(), func(x, y float64, _ Colour) Colour {
		z := eye * focal / math.Max(y-horizon, 0.5)
		return tarmac((x-800)*z/focal, z)
	})
	place := func(x, z float64) Point { return Point{800 + x*focal/z, horizon + eye*focal/z} }
	lamp := func(x, z float64, tint Colour) {
		p, r := place(x, z), math.Max(0.11*focal/z, 1.1)
		c.shine(circle(p.X, p.Y-r, r*1.6), int(math.Min(8*r, 70)), tint, 0.75)
		c.draw(circle(p.X, p.Y-r, r), flat(tint.mix(hex(0xffffff), 0.35)), 1)
		c.shine(polygon(Point{p.X - r, p.Y}, Point{p.X + r, p.Y}, Point{p.X + r*1.4, p.Y + r*9}, Point{p.X - r*1.4, p.Y + r*9}), int(r*2), tint, 0.22)
	}
	for z := 620.0; z > 5; z /= 1.26 {
		lamp(-9, z, hex(0xffd489))
		lamp(9, z, hex(0xffd489))
		lamp(0, z*1.1, hex(0xf4f6ff))
	}
	for x := -9.0; x <= 9; x += 1.5 {
		lamp(x, 640, hex(0x6fe8a0))
	}
	c.glow(800, horizon+4, 70, hex(0xffc890), 0.4)
}

// tarmac is wet: it holds the last of the sky, and the stripes along its middle.
func tarmac(x, z float64) Colour {
	n := fractal(x*0.7, z*0.4, 4, 3)
	col := hex(0x20242e).times(1 + 0.3*n + 0.3*noise(x*12, z*9, 5)*smooth(20, 3, z))
	col = col.mix(hex(0xb98268), 0.5*smooth(8, 140, z)+0.12*smooth(0.1, 0.4, n))
	stripe := smooth(0.24, 0.2, math.Abs(x)) * smooth(0.02, 0.04, math.Abs(math.Mod(z/14, 1)-0.5)-0.12)
	edge := smooth(0.16, 0.12, math.Abs(math.Abs(x)-8.2))
	col = col.mix(hex(0xc9c3b8), 0.7*math.Max(stripe, edge)*smooth(160, 20, z))
	return col.mix(hex(0x252a22), smooth(9.6, 10.2, math.Abs(x)+0.3*noise(x, z, 8)))
}
