package autoscaler

import (
	"math"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
)

// defaultTolerance is used where the autoscaler names none.
const defaultTolerance = 0.1

// memory is what an autoscaler did and would have done lately.
type memory struct {
	wanted   []change // sizes that metrics asked for
	up, down []change // by how much it scaled
}

type change struct {
	n  int32
	at time.Time
}

// rules are the behaviour with its defaults: up at once, by four pods or to the double; down to the highest
// size asked for in five minutes.
func rules(b *autoscalingv2.HorizontalPodAutoscalerBehavior) (up, down autoscalingv2.HPAScalingRules) {
	policy := func(kind autoscalingv2.HPAScalingPolicyType, v int32) autoscalingv2.HPAScalingPolicy {
		return autoscalingv2.HPAScalingPolicy{Type: kind, Value: v, PeriodSeconds: 15}
	}
	var none, five int32 = 0, 300
	up = autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &none, Policies: []autoscalingv2.HPAScalingPolicy{policy(autoscalingv2.PodsScalingPolicy, 4), policy(autoscalingv2.PercentScalingPolicy, 100)}}
	down = autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &five, Policies: []autoscalingv2.HPAScalingPolicy{policy(autoscalingv2.PercentScalingPolicy, 100)}}
	merge := func(into *autoscalingv2.HPAScalingRules, r *autoscalingv2.HPAScalingRules) {
		if r == nil {
			return
		}
		if r.StabilizationWindowSeconds != nil {
			into.StabilizationWindowSeconds = r.StabilizationWindowSeconds
		}
		if len(r.Policies) > 0 {
			into.Policies = r.Policies
		}
		into.SelectPolicy, into.Tolerance = r.SelectPolicy, r.Tolerance
	}
	if b != nil {
		merge(&up, b.ScaleUp)
		merge(&down, b.ScaleDown)
	}
	return up, down
}

func tolerances(b *autoscalingv2.HorizontalPodAutoscalerBehavior) tolerance {
	up, down := rules(b)
	t := tolerance{defaultTolerance, defaultTolerance}
	if up.Tolerance != nil {
		t.up = up.Tolerance.AsApproximateFloat64()
	}
	if down.Tolerance != nil {
		t.down = down.Tolerance.AsApproximateFloat64()
	}
	return t
}

// limited is a size within behaviour and bounds, and why it is not what was wanted.
type limited struct {
	n                   int32
	stabilized          string // reason of AbleToScale; empty if it was not
	stabilizedWhy       string
	limit, limitMessage string // reason of ScalingLimited; empty if it was not
}

// limit applies the behaviour to a wanted size, and remembers it.
func (m *memory) limit(hpa *autoscalingv2.HorizontalPodAutoscaler, current, want, least int32, now time.Time) limited {
	up, down := rules(hpa.Spec.Behavior)
	out := limited{n: m.stabilize(up, down, current, want, now)}
	if out.n != want {
		out.stabilized, out.stabilizedWhy = "ScaleDownStabilized", "recent recommendations were higher than current one, applying the highest recent recommendation"
		if out.n < want {
			out.stabilized, out.stabilizedWhy = "ScaleUpStabilized", "recent recommendations were lower than current one, applying the lowest recent recommendation"
		}
	}
	switch {
	case out.n > current:
		top, why, message := hpa.Spec.MaxReplicas, "TooManyReplicas", "the desired replica count is more than the maximum replica count"
		if l := max(current, m.ceiling(up, current, now)); l < top {
			top, why, message = l, "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate"
		}
		if out.n > top {
			out.n, out.limit, out.limitMessage = top, why, message
		}
	case out.n < current:
		bottom, why, message := least, "TooFewReplicas", "the desired replica count is less than the minimum replica count"
		if l := min(current, m.floor(down, current, now)); l > bottom {
			bottom, why, message = l, "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate"
		}
		if out.n < bottom {
			out.n, out.limit, out.limitMessage = bottom, why, message
		}
	}
	return out
}

// stabilize goes up only to what was asked for all the time, and down likewise.
func (m *memory) stabilize(up, down autoscalingv2.HPAScalingRules, current, want int32, now time.Time) int32 {
	lowest, highest := want, want
	upFrom := now.Add(-seconds(*up.StabilizationWindowSeconds))
	downFrom := now.Add(-seconds(*down.StabilizationWindowSeconds))
	kept := m.wanted[:0]
	for _, r := range m.wanted {
		if r.at.After(upFrom) {
			lowest = min(lowest, r.n)
		}
		if r.at.After(downFrom) {
			highest = max(highest, r.n)
		}
		if r.at.After(upFrom) || r.at.After(downFrom) {
			kept = append(kept, r)
		}
	}
	m.wanted = append(kept, change{want, now})
	return min(max(current, lowest), highest)
}

func seconds(n int32) time.Duration { return time.Duration(n) * time.Second }

// sum is by how much it changed within a policy's period.
func sum(changes []change, period int32, now time.Time) (n int32) {
	for _, c := range changes {
		if c.at.After(now.Add(-seconds(period))) {
			n += c.n
		}
	}
	return n
}

// ceiling is the largest size that the policies allow now.
func (m *memory) ceiling(r autoscalingv2.HPAScalingRules, current int32, now time.Time) int32 {
	return m.bound(r, current, func(p autoscalingv2.HPAScalingPolicy) int32 {
		start := current - sum(m.up, p.PeriodSeconds, now) + sum(m.down, p.PeriodSeconds, now)
		if p.Type == autoscalingv2.PodsScalingPolicy {
			return start + p.Value
		}
		return int32(math.Ceil(float64(start) * (1 + float64(p.Value)/100)))
	}, false)
}

// floor is the smallest.
func (m *memory) floor(r autoscalingv2.HPAScalingRules, current int32, now time.Time) int32 {
	return m.bound(r, current, func(p autoscalingv2.HPAScalingPolicy) int32 {
		start := current - sum(m.up, p.PeriodSeconds, now) + sum(m.down, p.PeriodSeconds, now)
		if p.Type == autoscalingv2.PodsScalingPolicy {
			return start - p.Value
		}
		return int32(float64(start) * (1 - float64(p.Value)/100))
	}, true)
}

func (m *memory) bound(r autoscalingv2.HPAScalingRules, current int32, of func(autoscalingv2.HPAScalingPolicy) int32, down bool) int32 {
	largest := true // change
	if r.SelectPolicy != nil {
		switch *r.SelectPolicy {
		case autoscalingv2.DisabledPolicySelect:
			return current
		case autoscalingv2.MinChangePolicySelect:
			largest = false
		}
	}
	out, first := current, true
	for _, p := range r.Policies {
		n := of(p)
		if first || (n > out) == (largest != down) {
			out, first = n, false
		}
	}
	return out
}

// scaled remembers that it scaled.
func (m *memory) scaled(from, to int32, now time.Time) {
	const longest = 30 * time.Minute // no period is longer
	old := func(list []change) []change {
		kept := list[:0]
		for _, c := range list {
			if c.at.After(now.Add(-longest)) {
				kept = append(kept, c)
			}
		}
		return kept
	}
	m.up, m.down = old(m.up), old(m.down)
	if to > from {
		m.up = append(m.up, change{to - from, now})
	} else {
		m.down = append(m.down, change{from - to, now})
	}
}
