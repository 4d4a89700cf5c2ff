package core

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// roundUp rounds quantities finer than a thousandth up to one, as defaulting does to every list of resources.
func roundUp(list corev1.ResourceList) {
	for name, q := range list {
		if q.RoundUp(resource.Milli) {
			continue // it was exact, nothing to write back
		}
		list[name] = q
	}
}
