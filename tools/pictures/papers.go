package main

import "math"

func papers() []Picture {
	return []Picture{
		{"missing-days", missingDays},
		{"letter-shapes", letterShapes},
		{"half-space", halfSpace},
		{"code-grid", codeGrid},
		{"halftone", halftone},
		{"correction", correction},
		{"headline", headline},
		{"paper-sizes", paperSizes},
	}
}

// window throws the light of a paned window across a wall, slanting down to the right.
func (c *Canvas) window(x, y, w, h, slant float64, light Colour, strength float64) {
	for col := range 2 {
		for row := range 3 {
			px, py := x+float64(col)*w*0.52, y+float64(row)*h*0.345
			at := func(dx, dy float64) Point { return Point{px + dx + (py+dy-y)*0.18, py + dy + dx*slant} }
			c.shine(polygon(at(0, 0), at(w*0.46, 0), at(w*0.46, h*0.31), at(0, h*0.31)), 20, light, strength)
		}
	}
}

func missingDays(c *Canvas) {
	c.fill(plaster(hex(0x9d8a6c), 1.3, 12))
	c.window(260, -150, 1150, 1280, 0.2, hex(0xe9c98c), 0.42)
	wall := c.copy()
	at := Point{800, 540}
	tilt := func(s Shape) Shape { return s.turned(at, -0.018) }
	sheet := tilt(rect(430, 150, 740, 780))
	c.shadow(tilt(rect(446, 190, 740, 780)), 44, hex(0x3d3022), 0.7)
	c.shadow(tilt(rect(434, 156, 740, 780)), 8, hex(0x3d3022), 0.6)
	fibre := paper(hex(0xefe5cd), 4)
	c.draw(sheet, func(x, y float64) Colour {
		lit := wall.sample(x, y).luma()
		return fibre(x, y).times(0.7 + 0.34*smooth(0.45, 0.75, lit))
	}, 1)
	c.draw(tilt(rect(430, 150, 740, 92)), func(x, y float64) Colour { return hex(0x8b3d31).times(0.95 + 0.1*fractal(x/60, y/60, 3, 2)) }, 0.92)
	for i := range 35 {
		c.day(i, tilt)
	}
	c.draw(circle(800, 196, 13), flat(hex(0x2a2420)), 1)
	c.draw(circle(797, 192, 6), flat(hex(0xd8c49a)), 1)
	c.shine(polygon(Point{-100, 200}, Point{1700, -420}, Point{1700, -120}, Point{-100, 620}), 120, hex(0xffe2a8), 0.16)
}

// day is one cell: a stamped block for a day that was, a bare outline for the ten that never were.
func (c *Canvas) day(i int, tilt func(Shape) Shape) {
	x, y := 462+float64(i%7)*97, 276+float64(i/7)*124
	if i >= 11 && i < 21 {
		for _, s := range []Shape{rect(x, y, 82, 2), rect(x, y+106, 82, 2), rect(x, y, 2, 106), rect(x+80, y, 2, 108)} {
			c.draw(tilt(s), flat(hex(0x8a7a62)), 0.55)
		}
		return
	}
	ink := hex(0x39525c)
	if i%7 == 6 {
		ink = hex(0x9a4b38)
	}
	c.draw(tilt(rect(x, y, 82, 108)), func(px, py float64) Colour {
		return ink.times(0.9+0.25*chance(i, 1, 3)).mix(hex(0xefe5cd), clamp(0.1+0.14*fractal(px/16, py/16, 3, uint32(i))))
	}, 0.88)
	c.draw(tilt(circle(x+41, y+54, 13)), flat(hex(0xefe5cd)), 0.8)
}

// pen sweeps a broad nib, held at an angle, along a path; press varies the ink's reach.
func pen(path []Point, nib, angle float64) Shape {
	var out Shape
	sin, cos := math.Sincos(angle)
	side := func(p Point, s float64) Point { return Point{p.X + s*cos*nib/2, p.Y - s*sin*nib/2} }
	for i := 1; i < len(path); i++ {
		a, b := path[i-1], path[i]
		q := []Point{side(a, -1), side(b, -1), side(b, 1), side(a, 1)}
		if winding(q) < 0 {
			q[1], q[3] = q[3], q[1]
		}
		out = append(out, q)
		out = append(out, stub(a, nib, angle), stub(b, nib, angle))
	}
	return out
}

// stub is the print of the nib at rest.
func stub(p Point, nib, angle float64) []Point {
	sin, cos := math.Sincos(angle)
	const thick = 2.5
	ax, ay, bx, by := cos*nib/2, -sin*nib/2, sin*thick, cos*thick
	q := []Point{{p.X - ax - bx, p.Y - ay - by}, {p.X + ax - bx, p.Y + ay - by}, {p.X + ax + bx, p.Y + ay + by}, {p.X - ax + bx, p.Y - ay + by}}
	if winding(q) < 0 {
		q[1], q[3] = q[3], q[1]
	}
	return q
}

func winding(q []Point) float64 {
	sum := 0.0
	for i, p := range q {
		n := q[(i+1)%len(q)]
		sum += p.X*n.Y - n.X*p.Y
	}
	return sum
}

// ink lays a stroke as fluid does: pooled where it ends, thin where the pen ran fast, ragged at the rim.
func (c *Canvas) ink(s Shape, tone Colour, seed uint32) {
	body, rim := s.mask(), s.mask().blur(14)
	c.within(s.mask().blur(5).scale(0.25), func(_, _ float64, old Colour) Colour { return old.filter(hex(0xb8a58a)) })
	c.within(body, func(x, y float64, old Colour) Colour {
		deep := rim.cover(int(x), int(y))
		dry := smooth(0.25, 0.6, fractal(x/150, y/150, 2, seed)+0.55*noise(x/30, y/3.2, seed+2))
		return old.mix(tone.times(0.75+0.5*smooth(0.5, 1, deep)+0.14*fractal(x/60, y/60, 3, seed+4)), 0.97-0.4*dry)
	})
}

// set prints a shape as type is printed: even, with the mottle of the sheet showing through.
func (c *Canvas) set(s Shape, tone Colour, seed uint32) {
	c.within(s.mask(), func(x, y float64, old Colour) Colour {
		return old.mix(tone, 0.93+0.07*fractal(x/24, y/24, 3, seed)-0.1*smooth(0.2, 0.5, noise(x/5, y/5, seed+1)))
	})
}

// desk covers the canvas with a sheet of paper under a lamp at the upper left.
func (c *Canvas) desk(base Colour, seed uint32) {
	sheet := paper(base, seed)
	c.fill(func(x, y float64) Colour {
		return sheet(x, y).times(1.04-0.2*smooth(500, 2300, x+y*0.8)).mix(hex(0xd9a765), 0.1*smooth(1000, 0, x+y))
	})
}

func letterShapes(c *Canvas) {
	c.desk(hex(0xece1c8), 21)
	const base = 600.0
	for _, y := range []float64{base, 330} {
		c.draw(rect(0, y, width, 2), flat(hex(0x9a5a45)), 0.4)
	}
	const nib, angle = 96, 0.95
	tone := hex(0x1d2631)
	strokes := [][]Point{
		append(bezier(Point{1400, 340}, Point{1450, 520}, Point{1400, 690}, Point{1270, 690}), bezier(Point{1270, 690}, Point{1160, 690}, Point{1130, base}, Point{1080, base})...),
		append(bezier(Point{1080, base}, Point{1030, base}, Point{1060, 380}, Point{950, 380}), bezier(Point{950, 380}, Point{860, 380}, Point{890, base}, Point{790, base})...),
		append(bezier(Point{790, base}, Point{730, base}, Point{740, 500}, Point{680, 500}), bezier(Point{680, 500}, Point{620, 500}, Point{650, base}, Point{560, base})...),
		append(bezier(Point{560, base}, Point{470, base}, Point{500, 790}, Point{370, 790}), bezier(Point{370, 790}, Point{250, 790}, Point{200, 640}, Point{210, 480})...),
	}
	for i, path := range strokes {
		c.ink(pen(path, nib, angle), tone.mix(hex(0x2b4750), float64(i)/5), uint32(30+10*i))
	}
	for i := range 4 {
		p := Point{800 + 74*(float64(i)-1.5), 830}
		c.draw(polygon(Point{p.X - 34, p.Y}, Point{p.X, p.Y - 34}, Point{p.X + 34, p.Y}, Point{p.X, p.Y + 34}), flat(hex(0x9a4433)), 0.88)
	}
}

func halfSpace(c *Canvas) {
	c.desk(hex(0xe8dec8), 33)
	const base = 620.0
	for _, g := range []struct{ at, w float64 }{{975, 40}, {540, 170}} {
		c.within(rect(g.at-g.w/2, 250, g.w, 500).mask().blur(4), func(_, y float64, old Colour) Colour {
			return old.mix(hex(0xd79a4c), 0.42*smooth(250, 330, y)*smooth(750, 670, y))
		})
		for _, s := range []float64{-1, 1} {
			c.draw(rect(g.at+s*g.w/2-1.5, 240, 3, 520), flat(hex(0x8b3a2d)), 0.75)
		}
	}
	c.draw(rect(0, base, width, 2), flat(hex(0x6d7a78)), 0.4)
	const nib, angle = 84, 0.95
	c.ink(pen(wave(1420, 1040, base, 2), nib, angle), hex(0x1e2731), 3)
	c.ink(pen(wave(905, 690, base, 1), nib, angle), hex(0x1e2731), 14)
	c.ink(pen(wave(390, 70, base, 2), nib, angle), hex(0x27424b), 25)
}

// wave is a run of bowls from right to left; it stands for a word without being one.
func wave(right, left, base float64, bowls int) []Point {
	path := bezier(Point{right, base - 210}, Point{right + 20, base - 120}, Point{right + 10, base - 70}, Point{right, base - 50})
	step := (right - left) / float64(bowls)
	for i := range bowls {
		x := right - float64(i)*step
		path = append(path, bezier(Point{x, base - 50}, Point{x - step*0.1, base + 70}, Point{x - step*0.9, base + 70}, Point{x - step, base - 50})...)
	}
	return path
}

func codeGrid(c *Canvas) {
	const horizon, eye, focal = 170.0, 2.1, 1150.0
	c.fill(vertical(Stop{0, hex(0x0f1724)}, Stop{horizon, hex(0x4f6f7c)}))
	palette := []Colour{hex(0xd79c45), hex(0x3f8583), hex(0xa4492f), hex(0xd9cda8), hex(0x46618a)}
	cell := func(x, z float64) Colour {
		i, j := math.Floor(x), math.Floor(z)
		u, v := math.Abs(x-i-0.5), math.Abs(z-j-0.5)
		soft := 0.012 + z*0.0028
		face := smooth(0.44+soft, 0.44-soft, u) * smooth(0.44+soft, 0.44-soft, v)
		base := hex(0x1b2733).times(1 + 0.25*fractal(x/3, z/3, 3, 2))
		tile := hex(0x2b3d4b)
		if chance(int(i), int(j), 77) < 0.36+0.3*noise(i/4, j/4, 4) {
			tile = palette[hash(int(i), int(j), 78)%5]
		}
		edge := 0.16*smooth(0.3, 0.44, z-j-0.5) - 0.2*smooth(-0.3, -0.44, z-j-0.5) - 0.12*(x-i-0.5)
		return base.mix(tile.times(0.95+edge+0.1*fractal(x*2, z*2, 3, 6)), face)
	}
	sin, cos := math.Sincos(0.42)
	c.within(rect(0, horizon, width, height-horizon).mask(), func(x, y float64, _ Colour) Colour {
		var sum Colour
		for k := range 4 {
			z := eye * focal / math.Max(y-horizon+0.5*float64(k>>1)-0.25, 0.5)
			px := (x - 800 + 0.5*float64(k&1) - 0.25) * z / focal
			sum = sum.plus(cell(px*cos-z*sin+40, px*sin+z*cos).times(0.25))
		}
		z := eye * focal / math.Max(y-horizon, 0.5)
		light := 0.62 + 0.62*math.Exp(-math.Pow((x-900)/520, 2)-math.Pow((y-480)/330, 2))
		return sum.times(light).mix(hex(0x55737e), 1-math.Exp(-math.Max(0, z-3)/11))
	})
	c.glow(900, horizon, 120, hex(0xe2b26a), 0.4)
}

func halftone(c *Canvas) {
	scene := blank()
	scene.fill(vertical(Stop{0, hex(0x6f8688)}, Stop{330, hex(0xc9b98e)}, Stop{560, hex(0xf3dfae)}))
	scene.glow(930, 400, 150, hex(0xfff0c8), 0.9)
	for i, top := range []float64{500, 640, 800, 960} {
		t := float64(i) / 3
		col := hex(0x8d8468).mix(hex(0x1f2f36), t)
		scene.ridge(Ridge{top: top, rise: 190 - 30*float64(i), span: 760 - 60*float64(i), seed: uint32(51 + i), sharp: i == 0, colour: col, haze: col.mix(hex(0xd8b272), 0.5), depth: 300})
	}
	c.desk(hex(0xebdfc4), 8)
	c.each(func(x, y float64, old Colour) Colour { return old.mix(scene.sample(x, y), 0.62) })
	ink := hex(0x26343a)
	c.within(screenDots(scene, 50, 0.4).mask().blur(4).scale(0.94), func(x, y float64, old Colour) Colour {
		return ink.mix(old, 0.06+0.06*fractal(x/120, y/120, 3, 5))
	})
}

// screenDots is the scene as dots on a turned screen, each as large as the picture is dark there.
func screenDots(scene *Canvas, pitch, angle float64) Shape {
	var out Shape
	sin, cos := math.Sincos(angle)
	for i := -40; i < 40; i++ {
		for j := -40; j < 40; j++ {
			x, y := width/2+pitch*(float64(i)*cos-float64(j)*sin), height/2+pitch*(float64(i)*sin+float64(j)*cos)
			if x < -pitch || x > width+pitch || y < -pitch || y > height+pitch {
				continue
			}
			dark := 1 - (scene.sample(x, y).luma()+scene.sample(x+9, y+9).luma()+scene.sample(x-9, y-9).luma())/3
			r := pitch * 0.7 * math.Pow(clamp(dark*1.05), 0.8)
			out = append(out, arc(x, y, r, r, 0, 2*math.Pi))
		}
	}
	return out
}

// Sheet is a page lying in perspective: it maps its own coordinates, 0 to 1, to the canvas.
type Sheet struct{ a, b, c, d Point }

func (s Sheet) at(u, v float64) Point {
	top := Point{mix(s.a.X, s.b.X, u), mix(s.a.Y, s.b.Y, u)}
	foot := Point{mix(s.d.X, s.c.X, u), mix(s.d.Y, s.c.Y, u)}
	return Point{mix(top.X, foot.X, v), mix(top.Y, foot.Y, v)}
}

func (s Sheet) bar(u, v, w, h float64) Shape {
	return polygon(s.at(u, v), s.at(u+w, v), s.at(u+w, v+h), s.at(u, v+h))
}

// words is a line of print as grey bars, broken where words end.
func (c *Canvas) words(s Sheet, u, v, w, h float64, tone Colour, row int, blur int) {
	for x, k := u, 0; x < u+w-0.006; k++ {
		l := math.Min(0.024+0.07*chance(row, k, 7), u+w-x)
		c.within(s.bar(x, v, l, h).mask().blur(blur).scale(0.85), func(px, py float64, old Colour) Colour {
			return old.mix(tone.times(1+0.25*fractal(px/30, py/30, 3, 3)), 0.92)
		})
		x += l + 0.012
	}
}

func correction(c *Canvas) {
	c.fill(func(x, y float64) Colour {
		return hex(0x4a3a2d).times(0.8 + 0.3*smooth(1600, 0, x+y*0.4)).times(1 + 0.16*fractal(x/400, y/10, 4, 3))
	})
	page := Sheet{Point{330, -60}, Point{1390, 20}, Point{1500, 1200}, Point{110, 1120}}
	c.shadow(page.bar(0.01, 0.01, 1.01, 1), 60, hex(0x120d0a), 0.8)
	fibre := paper(hex(0xeee5d0), 14)
	c.draw(page.bar(0, 0, 1, 1), func(x, y float64) Colour { return fibre(x, y).times(1.02 - 0.24*smooth(500, 2400, x+y)) }, 1)
	ink := hex(0x6f6d68)
	for i := range 15 {
		v := 0.085 + float64(i)*0.058
		if i >= 7 {
			v += 0.05
		}
		w := 0.8
		if i == 5 || i == 14 {
			w = 0.42
		}
		blur := int(math.Abs(v-0.5) * 9)
		c.words(page, 0.1, v, w, 0.019, ink.mix(hex(0x8d8a82), math.Abs(v-0.5)), i, blur)
	}
	struck := page.bar(0.26, 0.546, 0.38, 0.0085)
	c.draw(page.bar(0.255, 0.532, 0.39, 0.036), flat(hex(0xd9b36a)), 0.28)
	c.set(struck, hex(0xa23b2a), 3)
	for k, x := range []float64{0.275, 0.375, 0.52} {
		w := []float64{0.085, 0.13, 0.1}[k]
		c.set(page.bar(x, 0.472, w, 0.024), hex(0x9e3829), uint32(k))
	}
	mark := stroke([]Point{page.at(0.425, 0.536), page.at(0.445, 0.508), page.at(0.465, 0.536)}, func(float64) float64 { return 6 })
	c.draw(mark, flat(hex(0xa23b2a)), 0.9)
	c.pencil(page)
}

// pencil lies across the lower corner, red as the marks.
func (c *Canvas) pencil(page Sheet) {
	tip, end := Point{1010, 690}, Point{1760, 1010}
	dx, dy := (end.X-tip.X)/815, (end.Y-tip.Y)/815
	at := func(l, w float64) Point { return Point{tip.X + dx*l - dy*w, tip.Y + dy*l + dx*w} }
	body := polygon(at(0, 0), at(96, -27), at(815, -27), at(815, 27), at(96, 27))
	c.shadow(body.moved(10, 40), 26, hex(0x4a3a2c), 0.75)
	c.draw(polygon(at(0, 0), at(96, -27), at(96, 27)), flat(hex(0xd8b27c)), 1)
	c.draw(polygon(at(0, 0), at(32, -9), at(32, 9)), flat(hex(0x8e2f24)), 1)
	for i, tone := range []Colour{hex(0xb8513d), hex(0x97392b), hex(0x6a251e)} {
		w := -27 + 18*float64(i)
		c.draw(polygon(at(92, w), at(815, w), at(815, w+18.5), at(92, w+18.5)), flat(tone), 1)
	}
}

func headline(c *Canvas) {
	c.fill(flat(hex(0x2e2a26)))
	page := Sheet{Point{150, -90}, Point{1500, -40}, Point{1640, 1250}, Point{-40, 1200}}
	news := paper(hex(0xdfd5be), 44)
	c.draw(page.bar(-0.1, 0, 1.2, 1), func(x, y float64) Colour {
		fold := 0.1*smooth(60, 0, math.Abs(y-640))*math.Copysign(1, 640-y) - 0.05*smooth(3, 0, math.Abs(y-640))
		return news(x, y).times(1.03 + fold - 0.22*smooth(700, 2500, x+y))
	}, 1)
	black := hex(0x23211f)
	c.set(page.bar(0.06, 0.115, 0.88, 0.005), black, 1)
	c.set(page.bar(0.06, 0.127, 0.88, 0.0018), black, 1)
	for i, w := range []float64{0.86, 0.62, 0.74} {
		v := 0.165 + float64(i)*0.098
		for x, k := 0.06, 0; x < 0.06+w-0.03; k++ {
			l := math.Min(0.09+0.17*chance(i, k, 21), 0.06+w-x)
			c.set(page.bar(x, v, l, 0.066), black, uint32(7*i+k))
			x += l + 0.024
		}
	}
	c.set(page.bar(0.06, 0.478, 0.2, 0.016), hex(0x8e3527), 9)
	c.columns(page, black)
}

// columns is the print under the headline: three columns with hairlines, and a picture over two of them.
func (c *Canvas) columns(page Sheet, black Colour) {
	photo := landscapeTone()
	left, right := page.at(0.36, 0.53), page.at(0.94, 0.8)
	c.draw(page.bar(0.36, 0.53, 0.58, 0.27), func(x, y float64) Colour {
		tone := photo((x-left.X)/(right.X-left.X), (y-left.Y)/(right.Y-left.Y))
		return hex(0x33312e).mix(hex(0xd6ccb4), tone)
	}, 0.92)
	for col := range 3 {
		u := 0.06 + float64(col)*0.305
		for row := range 22 {
			v := 0.532 + float64(row)*0.0215
			if col > 0 && v < 0.83 {
				continue
			}
			w := 0.27
			if row%8 == 7 {
				w = 0.15
			}
			c.words(page, u, v, w, 0.0085, black.mix(hex(0x77726a), 0.5), col*40+row, 0)
		}
		if col > 0 {
			c.draw(page.bar(u-0.018, 0.53+0.3*math.Min(1, float64(col-1)), 0.0014, 0.5), flat(black), 0.6)
		}
	}
}

func paperSizes(c *Canvas) {
	c.fill(func(x, y float64) Colour {
		return hex(0x35505a).times(1.15 - 0.5*smooth(0, 2600, x+y)).times(1 + 0.05*fractal(x/300, y/300, 4, 3) + 0.04*fractal(x/9, y/9, 2, 6))
	})
	tones := []Colour{hex(0xece2ca), hex(0xd9b878), hex(0xc9c3ad), hex(0xb4674a), hex(0xe6d9b8), hex(0x6f8d8c), hex(0xd3a560), hex(0xf0e8d4), hex(0x8e4334)}
	x, y, w, h := 251.0, 145.0, 1098.0, 777.0
	about := Point{800, 533}
	for i, tone := range tones {
		gap := 7 * math.Pow(0.8, float64(i))
		px, py, pw, ph := x, y, w, h
		if i < len(tones)-1 {
			if w > h {
				pw, x, w = w/2, x+w/2, w/2
			} else {
				ph, y, h = h/2, y+h/2, h/2
			}
		}
		lean := 0.012 * (chance(i, 2, 4) - 0.5)
		s := rect(px+gap, py+gap, pw-2*gap, ph-2*gap).turned(about, -0.05+lean)
		lift := 6 + 3*float64(i)
		c.shadow(s.moved(lift*1.1, lift*1.6), 26, hex(0x10191d), 0.75)
		c.shadow(s.moved(2, 3), 6, hex(0x10191d), 0.5)
		fibre := paper(tone, uint32(60+i))
		c.draw(s, func(qx, qy float64) Colour {
			curl := 0.09 * ((qx-px)/pw + (qy-py)/ph - 1)
			return fibre(qx, qy).times(1.03 - curl)
		}, 1)
	}
}
