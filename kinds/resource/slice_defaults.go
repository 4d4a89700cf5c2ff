package resource

import (
	"time"

	resourcev1 "k8s.io/api/resource/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

// stampTaint sets when a taint was added, unless the writer did.
func stampTaint(t *resourcev1.DeviceTaint, now time.Time) {
	if t.TimeAdded == nil {
		t.TimeAdded = &metav1.Time{Time: now.Truncate(time.Second)}
	}
}

// restampTaint says that a taint is new if its effect is.
func restampTaint(t, old *resourcev1.DeviceTaint, now time.Time) {
	if t.Effect != old.Effect && t.TimeAdded != nil && old.TimeAdded != nil && t.TimeAdded.Equal(old.TimeAdded) {
		t.TimeAdded = nil
	}
	stampTaint(t, now)
}

func prepareSlice(spec *resourcev1.ResourceSliceSpec, in kinds.Input) {
	dropFromSlice(spec)
	for i := range spec.Devices {
		for j := range spec.Devices[i].Taints {
			stampTaint(&spec.Devices[i].Taints[j], in.Now)
		}
	}
}

// dropFromSlice drops what belongs to features that are off.
func dropFromSlice(spec *resourcev1.ResourceSliceSpec) {
	spec.PartitionTypeAttribute = nil
	spec.SkipNodeOperations = nil
	for i := range spec.Devices {
		device := &spec.Devices[i]
		device.NodeAllocatableResources = nil
		for name, attribute := range device.Attributes {
			if attribute.IntValues != nil || attribute.BoolValues != nil || attribute.StringValues != nil || attribute.VersionValues != nil {
				attribute.IntValues, attribute.BoolValues, attribute.StringValues, attribute.VersionValues = nil, nil, nil, nil
				device.Attributes[name] = attribute
			}
		}
		for j := range device.ConsumesCounters {
			device.ConsumesCounters[j].CompatibilityGroups = nil
		}
	}
}
