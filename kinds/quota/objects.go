package quota

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
)

// objects counts objects and looks into none: under count/RESOURCE.GROUP, and for a few under an older name.
type objects []corev1.ResourceName

func (o objects) Matching(names []corev1.ResourceName) []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, name := range names {
		if slices.Contains(o, name) {
			out = append(out, name)
		}
	}
	return out
}

func (objects) InScope(corev1.ScopedResourceSelectorRequirement, kinds.Object) (bool, error) {
	return false, nil
}

func (objects) Constraints([]corev1.ResourceName, kinds.Object) error { return nil }

func (o objects) Usage(kinds.Object, time.Time) (corev1.ResourceList, error) {
	out := corev1.ResourceList{}
	for _, name := range o {
		out[name] = one()
	}
	return out, nil
}

func (objects) ChangesWithUpdate() bool { return false }
