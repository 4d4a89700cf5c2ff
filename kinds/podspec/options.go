package podspec

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/resourcename"
)

// Options say what validation lets pass because the object that is replaced has it already: a stored
// object must stay writable when the rules become stricter. The zero value is for a create.
type Options struct {
	// Pod: the spec is a pod's and not a template's. Few rules differ.
	Pod bool
	// InvalidLabelValues: label selectors of affinity terms may hold invalid label values.
	InvalidLabelValues bool
	// InvalidSpreadSelectors: label selectors of topology spread constraints may be invalid.
	InvalidSpreadSelectors bool
	// HostSysctls: sysctls of a namespace that the pod shares with the host may be set.
	HostSysctls bool
	// NonLocalTokenPaths: paths of projected service account tokens may leave the volume.
	NonLocalTokenPaths bool
	// IndivisibleHugePages: amounts of huge pages need not be multiples of the page's size.
	IndivisibleHugePages bool
	// MergedKeysTwice: matchLabelKeys may also be in the labelSelector by themselves.
	MergedKeysTwice bool
	// OldIPs are addresses that stay accepted in whatever form they have.
	OldIPs []string
}

// OptionsFor returns the options for a template that replaces old; old is nil on create.
func OptionsFor(old *corev1.PodTemplateSpec) Options {
	if old == nil {
		return Options{}
	}
	return SpecOptions(&old.Spec)
}

// SpecOptions is OptionsFor for a spec alone; old is nil on create.
func SpecOptions(old *corev1.PodSpec) Options {
	if old == nil {
		return Options{}
	}
	o := Options{
		HostSysctls:          hasHostSysctl(old),
		NonLocalTokenPaths:   hasNonLocalTokenPath(old),
		IndivisibleHugePages: hasIndivisibleHugePages(old),
	}
	if old.Affinity != nil {
		o.InvalidLabelValues, o.MergedKeysTwice = hasInvalidTerm(old.Affinity)
	}
	for i := range old.TopologySpreadConstraints {
		c := &old.TopologySpreadConstraints[i]
		o.InvalidSpreadSelectors = o.InvalidSpreadSelectors || len(metav1validation.ValidateLabelSelector(c.LabelSelector, metav1validation.LabelSelectorValidationOptions{}, nil)) > 0
		o.MergedKeysTwice = o.MergedKeysTwice || hasKeyTwice(c.MatchLabelKeys, c.LabelSelector)
	}
	if old.DNSConfig != nil {
		o.OldIPs = append(o.OldIPs, old.DNSConfig.Nameservers...)
	}
	for i := range old.HostAliases {
		o.OldIPs = append(o.OldIPs, old.HostAliases[i].IP)
	}
	return o
}

func hasKeyTwice(keys []string, selector *metav1.LabelSelector) bool {
	return len((&scope{}).validateMergedKeys(keys, selector, field.NewPath("x"))) > 0
}

// hasInvalidTerm reports whether terms of pod affinity have invalid label values, and keys twice.
func hasInvalidTerm(a *corev1.Affinity) (values, keys bool) {
	look := func(t *corev1.PodAffinityTerm) {
		values = values || metav1validation.LabelSelectorHasInvalidLabelValue(t.LabelSelector) || metav1validation.LabelSelectorHasInvalidLabelValue(t.NamespaceSelector)
		keys = keys || hasKeyTwice(t.MatchLabelKeys, t.LabelSelector) || hasKeyTwice(t.MismatchLabelKeys, t.LabelSelector)
	}
	each := func(required []corev1.PodAffinityTerm, preferred []corev1.WeightedPodAffinityTerm) {
		for i := range required {
			look(&required[i])
		}
		for i := range preferred {
			look(&preferred[i].PodAffinityTerm)
		}
	}
	if p := a.PodAffinity; p != nil {
		each(p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	if p := a.PodAntiAffinity; p != nil {
		each(p.RequiredDuringSchedulingIgnoredDuringExecution, p.PreferredDuringSchedulingIgnoredDuringExecution)
	}
	return values, keys
}

func hasNonLocalTokenPath(spec *corev1.PodSpec) bool {
	for i := range spec.Volumes {
		p := spec.Volumes[i].Projected
		if p == nil {
			continue
		}
		for j := range p.Sources {
			if t := p.Sources[j].ServiceAccountToken; t != nil && len(validateFreePath(t.Path, nil)) > 0 {
				return true
			}
		}
	}
	return false
}

func hasIndivisibleHugePages(spec *corev1.PodSpec) bool {
	indivisible := func(list corev1.ResourceList) bool {
		for name, q := range list {
			if resourcename.HugePages(name) && !wholePages(name, q) {
				return true
			}
		}
		return false
	}
	for c := range Containers(spec) {
		if indivisible(c.Resources.Limits) || indivisible(c.Resources.Requests) {
			return true
		}
	}
	return spec.Resources != nil && (indivisible(spec.Resources.Limits) || indivisible(spec.Resources.Requests))
}
