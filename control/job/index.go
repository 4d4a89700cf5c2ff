package job

import (
	"slices"
	"strconv"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// intervals is a set of completion indexes: sorted, apart from each other by at least one.
type intervals []interval

type interval struct{ first, last int }

// parseIntervals reads "1,3-5,7". What is not a number, or not below limit, is left out.
func parseIntervals(s string, limit int) intervals {
	var out intervals
	for part := range strings.SplitSeq(s, ",") {
		a, b, isRange := strings.Cut(part, "-")
		first, err := strconv.Atoi(a)
		last := first
		if err == nil && isRange {
			last, err = strconv.Atoi(b)
		}
		if err != nil || first >= limit {
			continue
		}
		out = out.with(first, min(last, limit-1))
	}
	return out
}

// with returns the set with indexes from first to last.
func (in intervals) with(first, last int) intervals {
	out := make(intervals, 0, len(in)+1)
	for _, i := range in {
		if i.last+1 < first || i.first > last+1 {
			out = append(out, i)
			continue
		}
		first, last = min(first, i.first), max(last, i.last)
	}
	out = append(out, interval{first, last})
	slices.SortFunc(out, func(a, b interval) int { return a.first - b.first })
	return out
}

func (in intervals) has(ix int) bool {
	_, ok := slices.BinarySearchFunc(in, ix, func(i interval, ix int) int {
		switch {
		case i.last < ix:
			return -1
		case i.first > ix:
			return 1
		}
		return 0
	})
	return ok
}

func (in intervals) total() (n int) {
	for _, i := range in {
		n += i.last - i.first + 1
	}
	return n
}

// common is how many indexes both sets have.
func (in intervals) common(other intervals) (n int) {
	for _, a := range in {
		for _, b := range other {
			n += max(0, min(a.last, b.last)-max(a.first, b.first)+1)
		}
	}
	return n
}

func (in intervals) String() string {
	var parts []string
	for _, i := range in {
		switch s := strconv.Itoa(i.first); i.last - i.first {
		case 0:
			parts = append(parts, s)
		case 1:
			parts = append(parts, s, strconv.Itoa(i.last))
		default:
			parts = append(parts, s+"-"+strconv.Itoa(i.last))
		}
	}
	return strings.Join(parts, ",")
}

// noIndex is the index of a pod that has none.
const noIndex = -1

func indexOf(p *corev1.Pod) int {
	n, err := strconv.Atoi(p.Annotations[batchv1.JobCompletionIndexAnnotation])
	if err != nil || n < 0 {
		return noIndex
	}
	return n
}

// failures are how often the pod's index failed before it, by the count that matters and by that which a
// policy ignores.
func failures(p *corev1.Pod) (counted, ignored int32) {
	return number(p, batchv1.JobIndexFailureCountAnnotation), number(p, batchv1.JobIndexIgnoredFailureCountAnnotation)
}

func number(p *corev1.Pod, annotation string) int32 {
	n, err := strconv.ParseInt(p.Annotations[annotation], 10, 32)
	if err != nil {
		return 0
	}
	return int32(n)
}
