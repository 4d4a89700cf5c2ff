package podspec

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/resourcename"
)

// podResources are the resources a pod as a whole may ask for, as errors list them.
var podResources = []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceHugePagesPrefix, corev1.ResourceMemory}

// IsPodLevel reports whether a resource may be asked for by a pod as a whole.
func IsPodLevel(name corev1.ResourceName) bool {
	return name == corev1.ResourceCPU || name == corev1.ResourceMemory || resourcename.HugePages(name)
}

func validatePodResourceName(name corev1.ResourceName, path *field.Path) field.ErrorList {
	if !IsPodLevel(name) {
		return field.ErrorList{field.NotSupported(path, name, podResources)}
	}
	return nil
}

// wholePages reports whether an amount of huge pages is a whole number of them.
func wholePages(name corev1.ResourceName, q resource.Quantity) bool {
	size, err := resource.ParseQuantity(strings.TrimPrefix(string(name), corev1.ResourceHugePagesPrefix))
	if err != nil || size.Sign() <= 0 || size.MilliValue()%1000 != 0 {
		return false
	}
	return q.Value()%size.Value() == 0
}
