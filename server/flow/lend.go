package flow

import (
	"math"
	"time"
)

const (
	adjustEvery = 10 * time.Second
	// memory is how much of the need of the time before stays with each adjustment: half of it is gone after
	// five minutes.
	memory = 0.977
	// leastNeed keeps a level that needs nothing from having no part in what is left over.
	leastNeed = 0.001
)

// need is what a level asks for: at least low, at most high, best target.
type need struct {
	low, high, target float64
	nominal           int
}

// lend sets how many seats each level has, by what it needed since the last time. f.mu is held.
func (f *Fair) lend(now time.Time) {
	total := 0
	left := 0
	var limited []*level
	var needs []need
	for _, l := range f.levels {
		low, n, exempt := l.assess(now)
		total += n.nominal
		if exempt {
			left -= low
			l.setLimit(low, now)
			continue
		}
		limited, needs = append(limited, l), append(needs, n)
	}
	limits := share(float64(left+total), needs)
	for i, l := range limited {
		l.setLimit(int(math.Round(limits[i])), now)
	}
}

// assess closes the account of the time since the last adjustment.
func (l *level) assess(now time.Time) (low int, n need, exempt bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	average, deviation, most := l.demand.reset(now)
	l.high10 = int(most)
	if envelope := min(most, average+deviation); envelope > l.smooth {
		l.smooth = envelope
	} else {
		l.smooth = memory*l.smooth + (1-memory)*envelope
	}
	if l.exempt {
		return max(l.low, l.high10), need{nominal: l.nominal}, true
	}
	// What it needed at once it may keep, up to its nominal seats.
	low = max(l.low, min(l.nominal, l.high10))
	return low, need{low: float64(low), high: float64(max(l.high, low)), target: max(float64(low), l.smooth, leastNeed), nominal: l.nominal}, false
}

// share divides seats: each level gets the same fraction of its target, within its bounds.
func share(seats float64, needs []need) []float64 {
	sum := func(f float64) (out float64) {
		for _, n := range needs {
			out += n.at(f)
		}
		return out
	}
	from, to := 0.0, 1.0
	for sum(to) < seats && to < 1e9 {
		to *= 2
	}
	for range 60 {
		if mid := (from + to) / 2; sum(mid) < seats {
			from = mid
		} else {
			to = mid
		}
	}
	out := make([]float64, len(needs))
	for i, n := range needs {
		out[i] = n.at(to)
	}
	return out
}

func (n need) at(fraction float64) float64 { return min(n.high, max(n.low, fraction*n.target)) }
