// Package nodelabels knows the labels of nodes that were renamed, for warnings to those who still select
// by the old ones. Callers: kinds that hold a selector of nodes.
package nodelabels

import corev1 "k8s.io/api/core/v1"

// Deprecated returns the text of the warning for an old label; ok is false for any other.
func Deprecated(label string) (text string, ok bool) {
	since, now := "", ""
	switch label {
	case "beta.kubernetes.io/arch":
		since, now = "v1.14", corev1.LabelArchStable
	case "beta.kubernetes.io/os":
		since, now = "v1.14", corev1.LabelOSStable
	case corev1.LabelFailureDomainBetaRegion:
		since, now = "v1.17", corev1.LabelTopologyRegion
	case corev1.LabelFailureDomainBetaZone:
		since, now = "v1.17", corev1.LabelTopologyZone
	case corev1.LabelInstanceType:
		since, now = "v1.17", corev1.LabelInstanceTypeStable
	default:
		return "", false
	}
	return "deprecated since " + since + `; use "` + now + `" instead`, true
}
