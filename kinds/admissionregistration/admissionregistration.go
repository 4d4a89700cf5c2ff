// Package admissionregistration makes the kinds of admissionregistration.k8s.io/v1. A kind is a file, with
// its rules in files beside it. Callers: kinds/builtin. Pure, like all of kinds.
package admissionregistration

import "github.com/nave-k8s/nave/kinds"

const group, version, groupVersion = "admissionregistration.k8s.io", "v1", "admissionregistration.k8s.io/v1"

// All returns the group's resources in discovery order.
func All() []*kinds.Resource {
	return []*kinds.Resource{
		mutatingPolicy(),
		mutatingPolicyBinding(),
		mutatingWebhook(),
		validatingPolicy(),
		validatingPolicyBinding(),
		validatingWebhook(),
	}
}
