package main

import "math"

func clamp(v float64) float64 {
	if v < 0 {
		return 0
	}
	if v > 1 {
		return 1
	}
	return v
}

func mix(a, b, t float64) float64 { return a + (b-a)*t }

// smooth goes from 0 at a to 1 at b with flat ends; a may be the larger.
func smooth(a, b, v float64) float64 {
	t := clamp((v - a) / (b - a))
	return t * t * (3 - 2*t)
}

// hash scatters a lattice point; it is the only source of chance, so every run draws the same picture.
func hash(x, y int, seed uint32) uint32 {
	h := uint32(x)*0x8da6b343 ^ uint32(y)*0xd8163841 ^ seed*0xcb1ab31f
	h = (h ^ h>>15) * 0x2c1b3c6d
	h = (h ^ h>>12) * 0x297a2d39
	return h ^ h>>15
}

// chance is a number from 0 to 1 that belongs to a lattice point.
func chance(x, y int, seed uint32) float64 { return float64(hash(x, y, seed)) / math.MaxUint32 }

func slope(x, y int, fx, fy float64, seed uint32) float64 {
	h := hash(x, y, seed)
	return fx*(float64(h&0xffff)/32768-1) + fy*(float64(h>>16)/32768-1)
}

// noise is gradient noise, about -0.7 to 0.7, one bump per unit.
func noise(x, y float64, seed uint32) float64 {
	ix, iy := int(math.Floor(x)), int(math.Floor(y))
	fx, fy := x-float64(ix), y-float64(iy)
	u, v := fx*fx*fx*(fx*(fx*6-15)+10), fy*fy*fy*(fy*(fy*6-15)+10)
	a := mix(slope(ix, iy, fx, fy, seed), slope(ix+1, iy, fx-1, fy, seed), u)
	b := mix(slope(ix, iy+1, fx, fy-1, seed), slope(ix+1, iy+1, fx-1, fy-1, seed), u)
	return mix(a, b, v)
}

// fractal sums octaves of noise, each half as strong and twice as fine.
func fractal(x, y float64, octaves int, seed uint32) float64 {
	sum, gain := 0.0, 1.0
	for i := range octaves {
		sum += gain * noise(x, y, seed+uint32(i))
		x, y, gain = x*2.03+5.1, y*2.03-3.7, gain/2
	}
	return sum
}

// ridged is fractal noise folded at zero: sharp crests, round valleys; about 0 to 1.
func ridged(x, y float64, octaves int, seed uint32) float64 {
	sum, gain := 0.0, 0.55
	for i := range octaves {
		v := 1 - math.Min(1, 2*math.Abs(noise(x, y, seed+uint32(i))))
		sum += gain * v * v
		x, y, gain = x*2.1+1.7, y*2.1+9.2, gain*0.47
	}
	return sum
}
