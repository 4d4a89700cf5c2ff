package quota

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/nave-k8s/nave/kinds"
)

// byDeviceClass follows the name of a device class in the name of what is counted.
const byDeviceClass = ".deviceclass.resource.k8s.io/devices"

// deviceClaims counts resource claims, and the devices of each class they may get at most.
type deviceClaims struct{}

func (deviceClaims) Matching(names []corev1.ResourceName) []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, name := range names {
		if name == "count/resourceclaims.resource.k8s.io" || strings.HasSuffix(string(name), byDeviceClass) {
			out = append(out, name)
		}
	}
	return out
}

func (deviceClaims) InScope(corev1.ScopedResourceSelectorRequirement, kinds.Object) (bool, error) {
	return false, nil
}

func (deviceClaims) Constraints([]corev1.ResourceName, kinds.Object) error { return nil }

func (deviceClaims) Usage(obj kinds.Object, _ time.Time) (corev1.ResourceList, error) {
	claim, ok := obj.(*resourcev1.ResourceClaim)
	if !ok {
		return nil, fmt.Errorf("expect *v1.ResourceClaim, got %T", obj)
	}
	devices := map[string]int64{}
	for _, request := range claim.Spec.Devices.Requests {
		if request.Exactly != nil {
			devices[request.Exactly.DeviceClassName] += count(request.Exactly.AllocationMode, request.Exactly.Count)
		}
		// Of several alternatives one is taken; which, nobody knows yet, so each class pays for its worst.
		worst := map[string]int64{}
		for _, sub := range request.FirstAvailable {
			worst[sub.DeviceClassName] = max(worst[sub.DeviceClassName], count(sub.AllocationMode, sub.Count))
		}
		for class, n := range worst {
			devices[class] += n
		}
	}
	out := corev1.ResourceList{"count/resourceclaims.resource.k8s.io": one()}
	for class, n := range devices {
		out[corev1.ResourceName(class+byDeviceClass)] = *resource.NewQuantity(n, resource.DecimalSI)
	}
	return out, nil
}

// count is how many devices a request gets at most.
func count(mode resourcev1.DeviceAllocationMode, n int64) int64 {
	if mode == resourcev1.DeviceAllocationModeExactCount {
		return n
	}
	return resourcev1.AllocationResultsMaxSize
}

func (deviceClaims) ChangesWithUpdate() bool { return false }
