package core

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	netutils "k8s.io/utils/net"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/addresses"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/resourcename"
)

func validateNode(_ kinds.Input, obj *corev1.Node) field.ErrorList {
	errs := validateNodeAnnotations(obj.Annotations)
	errs = append(errs, validateTaints(obj.Spec.Taints)...)
	errs = append(errs, validateNodeResources(obj)...)
	return append(errs, validatePodCIDRs(obj.Spec.PodCIDRs)...)
}

func validatePodCIDRs(cidrs []string) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("spec", "podCIDRs")
	for i, cidr := range cidrs {
		errs = append(errs, addresses.CIDR(cidr, nil, path.Index(i))...)
	}
	if len(cidrs) > 1 {
		dual, err := netutils.IsDualStackCIDRStrings(cidrs)
		if err != nil {
			errs = append(errs, field.InternalError(path, fmt.Errorf("invalid PodCIDRs. failed to check with dual stack with error:%v", err)))
		}
		if !dual || len(cidrs) > 2 {
			errs = append(errs, field.Invalid(path, cidrs, "may specify no more than one CIDR for each IP family"))
		}
	}
	return errs
}

func validateNodeUpdate(_ kinds.Input, obj, old *corev1.Node) field.ErrorList {
	errs := validateNodeAnnotations(obj.Annotations)
	errs = append(errs, validateNodeResources(obj)...)

	addresses := make(map[corev1.NodeAddress]bool, len(obj.Status.Addresses))
	for i, a := range obj.Status.Addresses {
		if addresses[a] {
			errs = append(errs, field.Duplicate(field.NewPath("status", "addresses").Index(i), internalname.Value(a)))
		}
		addresses[a] = true
	}

	// Controllers may give a node its addresses and identity once.
	const fixed = "node updates may not change %s except from \"\" to valid"
	if len(old.Spec.PodCIDRs) > 0 {
		path := field.NewPath("spec", "podCIDRs")
		if len(old.Spec.PodCIDRs) != len(obj.Spec.PodCIDRs) {
			errs = append(errs, field.Forbidden(path, fmt.Sprintf(fixed, "podCIDR")))
		} else {
			for i := range old.Spec.PodCIDRs {
				if old.Spec.PodCIDRs[i] != obj.Spec.PodCIDRs[i] {
					errs = append(errs, field.Forbidden(path, fmt.Sprintf(fixed, "podCIDR")))
				}
			}
		}
	}
	errs = append(errs, validateProviderID(obj.Spec.ProviderID, old.Spec.ProviderID)...)
	errs = append(errs, validateTaints(obj.Spec.Taints)...)
	if obj.Spec.DoNotUseExternalID != old.Spec.DoNotUseExternalID {
		errs = append(errs, field.Forbidden(field.NewPath("spec", "externalID"), "may not be updated"))
	}
	return errs
}

// validateProviderID lets a provider ID be set once. The value is not shown.
func validateProviderID(id, old string) field.ErrorList {
	switch path := field.NewPath("spec", "providerID"); {
	case old == "" || id == old:
		return nil
	case id == "":
		return field.ErrorList{field.Invalid(path, nil, "field cannot be cleared once set")}
	default:
		return field.ErrorList{field.Invalid(path, nil, "field cannot be modified once set")}
	}
}

func validateTaints(taints []corev1.Taint) field.ErrorList {
	var errs field.ErrorList
	type keyEffect struct {
		key    string
		effect corev1.TaintEffect
	}
	seen := make(map[keyEffect]bool, len(taints))
	for i, t := range taints {
		path := field.NewPath("metadata", "taints").Index(i)
		errs = append(errs, metav1validation.ValidateLabelName(t.Key, path.Child("key"))...)
		if msgs := validation.IsValidLabelValue(t.Value); len(msgs) > 0 {
			errs = append(errs, field.Invalid(path.Child("value"), t.Value, strings.Join(msgs, ";")))
		}
		switch t.Effect {
		case corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
		case "":
			errs = append(errs, field.Required(path.Child("effect"), ""))
		default:
			errs = append(errs, field.NotSupported(path.Child("effect"), t.Effect, []corev1.TaintEffect{
				corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute,
			}))
		}
		id := keyEffect{t.Key, t.Effect}
		if seen[id] {
			dup := field.Duplicate(path, internalname.Value(t))
			dup.Detail = "taints must be unique by key and effect pair"
			errs = append(errs, dup)
		}
		seen[id] = true
	}
	return errs
}

func validateNodeResources(obj *corev1.Node) field.ErrorList {
	var errs field.ErrorList
	for _, part := range []struct {
		name string
		list corev1.ResourceList
	}{{"capacity", obj.Status.Capacity}, {"allocatable", obj.Status.Allocatable}} {
		path := field.NewPath("status", part.name)
		for _, name := range resourcename.Sorted(part.list) {
			errs = append(errs, resourcename.ValidateQuantity(name, part.list[name], path.Child(string(name)))...)
		}
	}
	return errs
}

// validateNodeAnnotations checks the annotation that asks the scheduler to keep a controller's pods away.
func validateNodeAnnotations(annotations map[string]string) field.ErrorList {
	text, ok := annotations[corev1.PreferAvoidPodsAnnotationKey]
	if !ok {
		return nil
	}
	path := field.NewPath("metadata", "annotations")
	var avoid corev1.AvoidPods
	if text != "" {
		if err := json.Unmarshal([]byte(text), &avoid); err != nil {
			return field.ErrorList{field.Invalid(path.Child("AvoidPods"), corev1.PreferAvoidPodsAnnotationKey, err.Error())}
		}
	}
	var errs field.ErrorList
	for i, entry := range avoid.PreferAvoidPods {
		signature := path.Child(corev1.PreferAvoidPodsAnnotationKey).Index(i).Child("PodSignature")
		switch c := entry.PodSignature.PodController; {
		case c == nil:
			errs = append(errs, field.Required(signature, ""))
		case c.Controller == nil || !*c.Controller:
			errs = append(errs, field.Invalid(signature.Child("PodController", "Controller"), false, "must point to a controller"))
		}
	}
	return errs
}
