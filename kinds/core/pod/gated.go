package pod

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
)

// validateGatedUpdate checks the changes that a pod may have only while its scheduling gates are closed: the
// nodes it can go to may become fewer (KEP-3838). What is checked is taken back in spec.
func validateGatedUpdate(spec, old *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if !kinds.Equal(spec.NodeSelector, old.NodeSelector) {
		for key, value := range old.NodeSelector {
			if now, there := spec.NodeSelector[key]; !there || now != value {
				errs = append(errs, field.Invalid(path.Child("nodeSelector"), spec.NodeSelector, "only additions to spec.nodeSelector are allowed (no mutations or deletions)"))
				break
			}
		}
		spec.NodeSelector = old.NodeSelector
	}
	now, before := nodeAffinity(spec), nodeAffinity(old)
	if kinds.Equal(now, before) {
		return errs
	}
	errs = append(errs, validateNarrowed(now, before, path.Child("affinity", "nodeAffinity"))...)
	switch {
	case spec.Affinity == nil && before == nil:
	case spec.Affinity == nil:
		spec.Affinity = &corev1.Affinity{NodeAffinity: before}
	case old.Affinity == nil && spec.Affinity.PodAffinity == nil && spec.Affinity.PodAntiAffinity == nil:
		spec.Affinity = nil
	default:
		spec.Affinity.NodeAffinity = before
	}
	return errs
}

func nodeAffinity(spec *corev1.PodSpec) *corev1.NodeAffinity {
	if spec.Affinity == nil {
		return nil
	}
	return spec.Affinity.NodeAffinity
}

func requiredTerms(a *corev1.NodeAffinity) []corev1.NodeSelectorTerm {
	if a == nil || a.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return nil
	}
	return a.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms
}

// validateNarrowed checks that the required terms stay as many and each only gets further requirements. What
// is preferred may change freely.
func validateNarrowed(now, before *corev1.NodeAffinity, path *field.Path) field.ErrorList {
	terms, old := requiredTerms(now), requiredTerms(before)
	at := path.Child("requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
	if len(old) == 0 {
		return nil
	}
	if len(terms) != len(old) {
		return field.ErrorList{field.Invalid(at, internalname.Value(terms), "no additions/deletions to non-empty NodeSelectorTerms list are allowed")}
	}
	var errs field.ErrorList
	for i := range old {
		if !extends(&terms[i], &old[i]) {
			errs = append(errs, field.Invalid(at.Index(i), internalname.Value(terms[i]), "only additions are allowed (no mutations or deletions)"))
		}
	}
	return errs
}

// extends reports whether a term begins as the old one. A term without requirements matches no node, and
// must stay so.
func extends(term, old *corev1.NodeSelectorTerm) bool {
	if len(old.MatchExpressions) == 0 && len(old.MatchFields) == 0 {
		return len(term.MatchExpressions) == 0 && len(term.MatchFields) == 0
	}
	begins := func(list, with []corev1.NodeSelectorRequirement) bool {
		return len(list) >= len(with) && kinds.Equal(list[:len(with)], with)
	}
	return begins(term.MatchExpressions, old.MatchExpressions) && begins(term.MatchFields, old.MatchFields)
}
