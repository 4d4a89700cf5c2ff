package resourcename

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
)

// Sorted returns the names in a list in order.
func Sorted(list corev1.ResourceList) []corev1.ResourceName {
	return slices.Sorted(maps.Keys(list))
}
