// Package quantity has the rules of resource quantities that kinds share. Callers: kinds.
package quantity

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// RoundUp rounds the values of a list up to a thousandth, the finest that the API keeps.
func RoundUp(list corev1.ResourceList) {
	for name, q := range list {
		if q.RoundUp(resource.Milli) {
			continue // it was exact: q is unchanged
		}
		list[name] = q
	}
}
