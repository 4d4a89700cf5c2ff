// Package tolerations has what several plugins do with lists of tolerations.
package tolerations

import (
	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
)

// Merge returns the tolerations of both lists, in order, without those that another one of them includes.
// Of equal ones the first stays.
func Merge(first, second []corev1.Toleration) []corev1.Toleration {
	all := append(append([]corev1.Toleration(nil), first...), second...)
	var merged []corev1.Toleration
	for i, t := range all {
		if !includedIn(t, merged, true) && !includedIn(t, all[i+1:], false) {
			merged = append(merged, t)
		}
	}
	return merged
}

// includedIn reports whether one of the list tolerates all that t does; an equal one counts if equal is true.
func includedIn(t corev1.Toleration, list []corev1.Toleration, equal bool) bool {
	for _, other := range list {
		if apiequality.Semantic.DeepEqual(other, t) {
			if equal {
				return true
			}
			continue
		}
		if Includes(other, t) {
			return true
		}
	}
	return false
}

// Includes reports whether big tolerates every taint that small does, for as long.
func Includes(big, small corev1.Toleration) bool {
	if apiequality.Semantic.DeepEqual(big, small) {
		return true
	}
	if big.Key != small.Key && (big.Key != "" || big.Operator != corev1.TolerationOpExists) {
		return false
	}
	if big.Effect != small.Effect && big.Effect != "" {
		return false
	}
	if big.Effect == corev1.TaintEffectNoExecute && big.TolerationSeconds != nil {
		if small.TolerationSeconds == nil || *small.TolerationSeconds > *big.TolerationSeconds {
			return false
		}
	}
	switch big.Operator {
	case corev1.TolerationOpEqual, "":
		return small.Operator == corev1.TolerationOpEqual && small.Value == big.Value
	case corev1.TolerationOpExists:
		return true
	}
	return false
}

// AllIncluded reports whether each of the tolerations is included in one of the allowed ones. An empty list
// of allowed ones allows everything.
func AllIncluded(list, allowed []corev1.Toleration) bool {
	if len(allowed) == 0 {
		return true
	}
next:
	for _, t := range list {
		for _, big := range allowed {
			if Includes(big, t) {
				continue next
			}
		}
		return false
	}
	return true
}
