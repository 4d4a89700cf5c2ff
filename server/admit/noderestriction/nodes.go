package noderestriction

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"

	"github.com/nave-k8s/nave/server/admit"
)

// nodeItself: a node registers and describes itself, but not in a way that would draw other pods to it.
func nodeItself(a *admit.Attributes, name string) error {
	requested := a.Name
	if node, ok := a.Object.(*corev1.Node); ok && requested == "" {
		requested = node.Name
	}
	if requested != name {
		return admit.Forbidden(a, "node %q is not allowed to modify node %q", name, requested)
	}
	switch a.Operation {
	case admit.Create:
		node, ok := a.Object.(*corev1.Node)
		if !ok {
			return unexpected(a, a.Object)
		}
		if node.Spec.ConfigSource != nil {
			return admit.Forbidden(a, "node %q is not allowed to create pods with a non-nil configSource", name)
		}
		if labels := forbiddenLabels(node.Labels, nil); len(labels) > 0 {
			return admit.Forbidden(a, "node %q is not allowed to set the following labels: %s", name, strings.Join(labels, ", "))
		}
	case admit.Update:
		node, ok := a.Object.(*corev1.Node)
		old, wasOne := a.OldObject.(*corev1.Node)
		if !ok || !wasOne {
			return unexpected(a, a.Object)
		}
		// An old kubelet may drop the field, so only another value is refused.
		if node.Spec.ConfigSource != nil && !apiequality.Semantic.DeepEqual(node.Spec.ConfigSource, old.Spec.ConfigSource) {
			return admit.Forbidden(a, "node %q is not allowed to update configSource to a new non-nil configSource", name)
		}
		if !apiequality.Semantic.DeepEqual(node.Spec.Taints, old.Spec.Taints) {
			return admit.Forbidden(a, "node %q is not allowed to modify taints", name)
		}
		if !apiequality.Semantic.DeepEqual(node.OwnerReferences, old.OwnerReferences) {
			return admit.Forbidden(a, "node %q is not allowed to modify ownerReferences", name)
		}
		if labels := forbiddenLabels(node.Labels, old.Labels); len(labels) > 0 {
			return admit.Forbidden(a, "is not allowed to modify labels: %s", strings.Join(labels, ", "))
		}
	}
	return nil
}

// forbiddenLabels returns the labels, sorted, that differ and that a node may not touch.
func forbiddenLabels(now, before map[string]string) []string {
	var out []string
	for k, v := range now {
		if was, ok := before[k]; (!ok || was != v) && !mayTouch(k) {
			out = append(out, k)
		}
	}
	for k := range before {
		if _, ok := now[k]; !ok && !mayTouch(k) {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// mayTouch: labels of Kubernetes' own domains are for those who run the cluster, except the ones that describe
// the machine and the two domains that are the kubelet's.
func mayTouch(label string) bool {
	domain, _, found := strings.Cut(label, "/")
	if !found {
		return true
	}
	switch {
	case within(domain, corev1.LabelNamespaceNodeRestriction):
		return false
	case !within(domain, "kubernetes.io") && !within(domain, "k8s.io"):
		return true
	case within(domain, corev1.LabelNamespaceSuffixKubelet) || within(domain, corev1.LabelNamespaceSuffixNode):
		return true
	}
	switch label {
	case corev1.LabelHostname, corev1.LabelOSStable, corev1.LabelArchStable, "beta.kubernetes.io/os", "beta.kubernetes.io/arch",
		corev1.LabelTopologyZone, corev1.LabelTopologyRegion, corev1.LabelFailureDomainBetaZone, corev1.LabelFailureDomainBetaRegion,
		corev1.LabelInstanceType, corev1.LabelInstanceTypeStable:
		return true
	}
	return false
}

func within(domain, suffix string) bool {
	return domain == suffix || strings.HasSuffix(domain, "."+suffix)
}
