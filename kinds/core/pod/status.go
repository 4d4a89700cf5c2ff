package pod

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/podspec"
)

// prepareStatus keeps the spec, and what of metadata a kubelet must not touch. The class is given once; a
// client that does not know it may leave it out.
func prepareStatus(_ kinds.Input, pod, old *corev1.Pod) {
	pod.Spec = old.Spec
	pod.DeletionTimestamp = old.DeletionTimestamp
	pod.OwnerReferences = old.OwnerReferences
	pod.Generation = old.Generation
	if pod.Status.QOSClass == "" {
		pod.Status.QOSClass = old.Status.QOSClass
	}
	keepObserved(&pod.Status, &old.Status)
	dropDisabledStatus(&pod.Status, &old.Status)
}

// keepObserved keeps the generations that a status and its conditions were made from where a client that does
// not know them leaves them out. Conditions may share a type; the first of one is that of the other.
func keepObserved(s, old *corev1.PodStatus) {
	if s.ObservedGeneration == 0 {
		s.ObservedGeneration = old.ObservedGeneration
	}
	var before map[corev1.PodConditionType][]int64
	for i := range old.Conditions {
		if before == nil {
			before = make(map[corev1.PodConditionType][]int64, len(old.Conditions))
		}
		before[old.Conditions[i].Type] = append(before[old.Conditions[i].Type], old.Conditions[i].ObservedGeneration)
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		generations := before[c.Type]
		if len(generations) == 0 {
			continue
		}
		before[c.Type] = generations[1:]
		if c.ObservedGeneration == 0 {
			c.ObservedGeneration = generations[0]
		}
	}
}

// dropDisabledStatus drops what features report that are off by default.
func dropDisabledStatus(s, old *corev1.PodStatus) {
	if old.NodeAllocatableResourceClaimStatuses == nil {
		s.NodeAllocatableResourceClaimStatuses = nil
	}
	if old.VolumeHealth == nil {
		s.VolumeHealth = nil
	}
	for _, lists := range [][2][]corev1.ContainerStatus{
		{s.InitContainerStatuses, old.InitContainerStatuses},
		{s.ContainerStatuses, old.ContainerStatuses},
		{s.EphemeralContainerStatuses, old.EphemeralContainerStatuses},
	} {
		if hasStopSignal(lists[1]) {
			continue
		}
		for i := range lists[0] {
			lists[0][i].StopSignal = nil
		}
	}
}

func hasStopSignal(list []corev1.ContainerStatus) bool {
	for i := range list {
		if list[i].StopSignal != nil {
			return true
		}
	}
	return false
}

func validateStatus(_ kinds.Input, pod, old *corev1.Pod) field.ErrorList {
	path := field.NewPath("status")
	s, before := &pod.Status, &old.Status
	errs := validateAnnotationUpdate(pod.Annotations, old.Annotations)
	errs = append(errs, validateConditions(s.Conditions, path.Child("conditions"))...)
	if s.ObservedGeneration < 0 {
		errs = append(errs, field.Invalid(path.Child("observedGeneration"), s.ObservedGeneration, notNegative))
	}
	if name := s.NominatedNodeName; name != before.NominatedNodeName && name != "" {
		at := path.Child("nominatedNodeName")
		for _, msg := range validation.IsDNS1123Subdomain(name) {
			errs = append(errs, field.Invalid(at, name, msg))
		}
		if pod.Spec.NodeName != "" {
			errs = append(errs, field.Forbidden(at, "may not be set on pods that are already bound to a node"))
		}
	}
	errs = append(errs, apivalidation.ValidateImmutableField(s.QOSClass, before.QOSClass, path.Child("qosClass"))...)
	errs = append(errs, validateTransitions(s, before, &old.Spec, path)...)
	errs = append(errs, validateClaimStatuses(s.ResourceClaimStatuses, pod.Spec.ResourceClaims, path.Child("resourceClaimStatuses"))...)
	errs = append(errs, validateExtendedClaim(s.ExtendedResourceClaimStatus, &pod.Spec, path.Child("extendedResourceClaimStatus"))...)
	errs = append(errs, validatePodIPs(s, before, path.Child("podIPs"))...)
	return podspec.Distinct(append(errs, validateHostIPs(s, before, path.Child("hostIPs"))...))
}

const notNegative = "must be a non-negative integer"

func validateConditions(conditions []corev1.PodCondition, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range conditions {
		c, at := &conditions[i], path.Index(i)
		if c.ObservedGeneration < 0 {
			errs = append(errs, field.Invalid(at.Child("observedGeneration"), c.ObservedGeneration, notNegative))
		}
		switch c.Type {
		case corev1.PodScheduled, corev1.PodReady, corev1.PodInitialized:
			continue
		}
		for _, msg := range validation.IsQualifiedName(string(c.Type)) {
			errs = append(errs, field.Invalid(at.Child("Type"), string(c.Type), msg))
		}
	}
	return errs
}

func validatePodIPs(s, old *corev1.PodStatus, path *field.Path) field.ErrorList {
	ips, before := make([]string, len(s.PodIPs)), make([]string, len(old.PodIPs))
	for i := range ips {
		ips[i] = s.PodIPs[i].IP
	}
	for i := range before {
		before[i] = old.PodIPs[i].IP
	}
	errs := validateIPs(ips, before, path)
	return append(errs, validateDualStack(ips, internalname.Value(s.PodIPs), path)...)
}

func validateHostIPs(s, old *corev1.PodStatus, path *field.Path) field.ErrorList {
	if len(s.HostIPs) == 0 {
		return nil
	}
	ips, before := make([]string, len(s.HostIPs)), make([]string, len(old.HostIPs))
	for i := range ips {
		ips[i] = s.HostIPs[i].IP
	}
	for i := range before {
		before[i] = old.HostIPs[i].IP
	}
	var errs field.ErrorList
	if ips[0] != s.HostIP {
		errs = append(errs, field.Invalid(path.Index(0).Child("ip"), ips[0], "must be equal to `hostIP`"))
	}
	errs = append(errs, validateIPs(ips, before, path)...)
	return append(errs, validateDualStack(ips, internalname.Value(s.HostIPs), path)...)
}

func validateIPs(ips, old []string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, ip := range ips {
		errs = append(errs, validation.IsValidIPForLegacyField(path.Index(i), ip, true, old)...)
	}
	return errs
}

// validateDualStack: there is one address, or one of each family.
func validateDualStack(ips []string, shown any, path *field.Path) field.ErrorList {
	if len(ips) < 2 {
		return nil
	}
	var errs field.ErrorList
	both, err := netutils.IsDualStackIPStrings(ips)
	if err != nil {
		errs = append(errs, field.InternalError(path, fmt.Errorf("failed to check for dual stack with error:%v", err)))
	}
	if !both || len(ips) > 2 {
		errs = append(errs, field.Invalid(path, shown, "may specify no more than one IP for each IP family"))
	}
	return errs
}
