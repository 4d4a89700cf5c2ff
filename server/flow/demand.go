package flow

import (
	"math"
	"time"
)

// demand keeps account of a number over time: its average, deviation and maximum.
type demand struct {
	value         float64
	since, began  time.Time
	sum, sumOfSqr float64 // over seconds
	most          float64
}

func newDemand(now time.Time) demand { return demand{since: now, began: now} }

func (d *demand) set(value float64, now time.Time) {
	d.advance(now)
	d.value = value
	d.most = max(d.most, value)
}

func (d *demand) advance(now time.Time) {
	seconds := now.Sub(d.since).Seconds()
	if seconds <= 0 {
		return
	}
	d.sum += d.value * seconds
	d.sumOfSqr += d.value * d.value * seconds
	d.since = now
}

// reset returns what was since the last reset.
func (d *demand) reset(now time.Time) (average, deviation, most float64) {
	d.advance(now)
	if seconds := now.Sub(d.began).Seconds(); seconds > 0 {
		average = d.sum / seconds
		deviation = math.Sqrt(max(0, d.sumOfSqr/seconds-average*average))
	}
	most = d.most
	*d = demand{value: d.value, since: now, began: now, most: d.value}
	return average, deviation, most
}
