// Package quota says what objects cost against a ResourceQuota: how much of which resource an object uses, which
// quotas look at it, and what it must say for its use to be known. Admission charges by it, and the controller
// that counts anew must count the same.
package quota

import (
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// A Meter measures objects of one resource.
type Meter interface {
	// Matching returns those of the names that objects of the resource use.
	Matching(names []corev1.ResourceName) []corev1.ResourceName
	// InScope reports whether the object is one of those a scope of a quota means.
	InScope(scope corev1.ScopedResourceSelectorRequirement, obj kinds.Object) (bool, error)
	// Constraints returns an error if the object leaves out what a quota on these names needs to know.
	Constraints(names []corev1.ResourceName, obj kinds.Object) error
	// Usage returns what the object uses at this time.
	Usage(obj kinds.Object, now time.Time) (corev1.ResourceList, error)
	// ChangesWithUpdate reports whether an update can change the usage.
	ChangesWithUpdate() bool
}

// MeterOf returns the meter of a resource: nil if nobody counts its objects.
func MeterOf(gr schema.GroupResource) Meter {
	switch gr {
	case schema.GroupResource{Resource: "pods"}:
		return pods{}
	case schema.GroupResource{Resource: "services"}:
		return services{}
	case schema.GroupResource{Resource: "persistentvolumeclaims"}:
		return volumeClaims{}
	case schema.GroupResource{Group: resourcev1.GroupName, Resource: "resourceclaims"}:
		return deviceClaims{}
	case schema.GroupResource{Resource: "configmaps"}, schema.GroupResource{Resource: "secrets"},
		schema.GroupResource{Resource: "replicationcontrollers"}, schema.GroupResource{Resource: "resourcequotas"}:
		return objects{countName(gr), corev1.ResourceName(gr.Resource)}
	case schema.GroupResource{Resource: "bindings"}, schema.GroupResource{Resource: "events"},
		schema.GroupResource{Group: eventsv1.GroupName, Resource: "events"}:
		return nil
	}
	if gr.Group == authenticationv1.GroupName || gr.Group == authorizationv1.GroupName {
		return nil
	}
	return objects{countName(gr)}
}

// countName is the name of the number of objects of a resource: count/deployments.apps.
func countName(gr schema.GroupResource) corev1.ResourceName {
	return corev1.ResourceName("count/" + gr.String())
}

// Scopes returns all scopes of a quota in the form of the newer field.
func Scopes(q *corev1.ResourceQuota) []corev1.ScopedResourceSelectorRequirement {
	var out []corev1.ScopedResourceSelectorRequirement
	for _, scope := range q.Spec.Scopes {
		out = append(out, corev1.ScopedResourceSelectorRequirement{ScopeName: scope, Operator: corev1.ScopeSelectorOpExists})
	}
	if q.Spec.ScopeSelector != nil {
		out = append(out, q.Spec.ScopeSelector.MatchExpressions...)
	}
	return out
}

// Matches reports whether the quota limits anything that the object uses: one of the names of status.hard, and
// the object in all of the quota's scopes.
func Matches(m Meter, q *corev1.ResourceQuota, obj kinds.Object) (bool, error) {
	if len(m.Matching(Names(q.Status.Hard))) == 0 {
		return false, nil
	}
	for _, scope := range Scopes(q) {
		if in, err := m.InScope(scope, obj); err != nil || !in {
			return false, err
		}
	}
	return true, nil
}
