package main

import "math"

// Ridge is one range of hills: a rough skyline, lit from one side, that sinks into haze.
type Ridge struct {
	top, rise, span  float64 // mean skyline, its swing and its wavelength, in pixels
	colour, haze     Colour
	depth            float64 // pixels below the skyline at which the haze has won
	relief           float64 // strength of the light on its flanks
	sharp            bool    // crests rather than downs
	seed             uint32
	octaves          int
	lean             float64 // the skyline's fall from left to right, in pixels
	snow, snowShadow *Colour
}

func (r Ridge) skyline(x float64) float64 {
	n := 0.0
	if r.sharp {
		n = 1.6*ridged(x/r.span, 0.37, r.octaves, r.seed) - 0.75
	} else {
		n = 1.3 * fractal(x/r.span, 0.37, r.octaves, r.seed)
	}
	return r.top - r.rise*n + r.lean*(x/width-0.5)
}

// flank is the height of the hillside's gullies, drawn out down the slope.
func (r Ridge) flank(x, d float64) float64 {
	k := r.span / 2.2
	warp := 0.5 * noise(x/k, d/k, r.seed+70)
	return ridged(x/k+warp, d/(k*1.5)+warp, 5, r.seed+40)
}

func (r Ridge) shade(x, d float64) Colour {
	col := r.colour
	if r.relief > 0 {
		light := (r.flank(x-2.5, d-1) - r.flank(x+2.5, d+1)) * r.relief
		if r.snow != nil {
			return r.snowShadow.mix(*r.snow, clamp(0.5+light*2.2)).mix(r.haze, smooth(0, r.depth, d))
		}
		col = col.times(1 + clamp(light+0.5) - 0.5)
	}
	return col.mix(r.haze, smooth(0, r.depth, d)*0.92)
}

func (c *Canvas) ridge(r Ridge) {
	if r.octaves == 0 {
		r.octaves = 6
	}
	for x := range width {
		fx := float64(x) + 0.5
		s := r.skyline(fx)
		for y := max(0, int(s)-1); y < height; y++ {
			fy := float64(y) + 0.5
			p := c.at(x, y)
			*p = p.mix(r.shade(fx, fy-s), clamp(fy-s+0.5))
		}
	}
}

// clouds lays thin drifts of cloud over the sky above y = floor.
func (c *Canvas) clouds(light Colour, amount, floor float64, seed uint32) {
	c.each(func(x, y float64, old Colour) Colour {
		if y > floor {
			return old
		}
		stretch := mix(1, 4, y/floor)
		n := fractal(x/520+0.3*noise(x/300, y/90, seed+9), y*stretch/240, 5, seed)
		return old.mix(light, amount*smooth(-0.05, 0.6, n)*smooth(floor, floor*0.7, y))
	})
}

// glow adds a round light that fades with distance; reach is where half of it is left.
func (c *Canvas) glow(x0, y0, reach float64, light Colour, strength float64) {
	c.each(func(x, y float64, old Colour) Colour {
		d := math.Hypot(x-x0, y-y0) / reach
		return screen(old, light.times(strength/(1+d*d)))
	})
}

// paper is a sheet seen close: fibres, blotches and a light that falls from the upper left.
func paper(base Colour, seed uint32) Paint {
	return func(x, y float64) Colour {
		blotch := 0.025 * fractal(x/420, y/420, 3, seed)
		fibre := 0.022 * fractal(x/26, y/9, 2, seed+5)
		light := 0.05 * (0.5 - (x/width+y/height)/2)
		return base.times(1 + blotch + fibre + light)
	}
}

// plaster is a rough wall under light that rakes across it from the left.
func plaster(base Colour, roughness float64, seed uint32) Paint {
	bump := func(x, y float64) float64 {
		return fractal(x/190, y/170, 5, seed) + 0.5*ridged(x/310, y/260, 3, seed+8)
	}
	return func(x, y float64) Colour {
		light := (bump(x+2, y+1) - bump(x-2, y-1)) * roughness
		return base.times(1 + light + 0.06*fractal(x/500, y/500, 3, seed+3))
	}
}

// finish gives every picture the same lens and film: darker corners, a soft shoulder, grain.
func (c *Canvas) finish(seed uint32) {
	c.each(func(x, y float64, old Colour) Colour {
		dx, dy := x/width-0.5, y/height-0.5
		old = old.times(1 - 0.27*smooth(0.12, 0.62, dx*dx+dy*dy))
		old = Colour{film(old.R), film(old.G), film(old.B)}
		grain := 0.016 * (noise(x/1.9, y/1.9, seed) + 0.6*noise(x/3.7, y/3.7, seed+1))
		return old.plus(Colour{grain, grain, grain})
	})
}

// film lifts black a little and rolls white off, as print does.
func film(v float64) float64 {
	if v > 0.8 {
		v = 0.8 + 0.2*(1-math.Exp(-(v-0.8)/0.2))
	}
	return 0.018 + 0.972*math.Max(v, 0)
}
