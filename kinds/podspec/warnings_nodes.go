package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// deprecatedNodeLabels are labels of nodes that have other names now.
var deprecatedNodeLabels = map[string]string{
	"beta.kubernetes.io/arch":                  `deprecated since v1.14; use "kubernetes.io/arch" instead`,
	"beta.kubernetes.io/os":                    `deprecated since v1.14; use "kubernetes.io/os" instead`,
	"failure-domain.beta.kubernetes.io/region": `deprecated since v1.17; use "topology.kubernetes.io/region" instead`,
	"failure-domain.beta.kubernetes.io/zone":   `deprecated since v1.17; use "topology.kubernetes.io/zone" instead`,
	"beta.kubernetes.io/instance-type":         `deprecated since v1.17; use "node.kubernetes.io/instance-type" instead`,
}

func (w *warner) nodeLabels() {
	for _, key := range sortedKeys(w.spec.NodeSelector) {
		if text := deprecatedNodeLabels[key]; text != "" {
			w.add(w.at("nodeSelector").Key(key), "%s", text)
		}
	}
	if w.spec.Affinity == nil || w.spec.Affinity.NodeAffinity == nil {
		return
	}
	n, at := w.spec.Affinity.NodeAffinity, w.at("affinity", "nodeAffinity")
	if required := n.RequiredDuringSchedulingIgnoredDuringExecution; required != nil {
		for i := range required.NodeSelectorTerms {
			w.nodeTerm(&required.NodeSelectorTerms[i], at.Child(requiredTerms, "nodeSelectorTerms").Index(i))
		}
	}
	for i := range n.PreferredDuringSchedulingIgnoredDuringExecution {
		w.nodeTerm(&n.PreferredDuringSchedulingIgnoredDuringExecution[i].Preference, at.Child(preferredTerms).Index(i).Child("preference"))
	}
}

func (w *warner) nodeTerm(t *corev1.NodeSelectorTerm, at *field.Path) {
	for i, e := range t.MatchExpressions {
		if text := deprecatedNodeLabels[e.Key]; text != "" {
			w.add(at.Child("matchExpressions").Index(i).Child("key"), "%s is %s", e.Key, text)
		}
	}
}

const matchesNothing = "a null labelSelector results in matching no pod"

func (w *warner) spread() {
	for i := range w.spec.TopologySpreadConstraints {
		c, at := &w.spec.TopologySpreadConstraints[i], w.at("topologySpreadConstraints").Index(i)
		if text := deprecatedNodeLabels[c.TopologyKey]; text != "" {
			w.add(at.Child("topologyKey"), "%s is %s", c.TopologyKey, text)
		}
		if c.LabelSelector == nil {
			w.add(at.Child("labelSelector"), matchesNothing)
		}
	}
}

func (w *warner) affinity() {
	a := w.spec.Affinity
	if a == nil {
		return
	}
	if p := a.PodAffinity; p != nil {
		w.terms(p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution, w.at("affinity", "podAffinity"))
	}
	if p := a.PodAntiAffinity; p != nil {
		w.terms(p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution, w.at("affinity", "podAntiAffinity"))
	}
}

func (w *warner) terms(required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm, at *field.Path) {
	for i := range required {
		if required[i].LabelSelector == nil {
			w.add(at.Child(requiredTerms).Index(i).Child("labelSelector"), matchesNothing)
		}
	}
	for i := range preferred {
		if preferred[i].PodAffinityTerm.LabelSelector == nil {
			w.add(at.Child(preferredTerms).Index(i).Child("podAffinityTerm", "labelSelector"), matchesNothing)
		}
	}
}
