package pod

import (
	"maps"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/podspec"
)

func prepareUpdate(_ kinds.Input, pod, old *corev1.Pod) {
	pod.Status = old.Status
	completeResources(pod)
	podspec.DropDisabled(&pod.Spec, &old.Spec)
	raiseGeneration(pod, old)
}

// raiseGeneration counts changes of the spec, whichever way they come in.
func raiseGeneration(pod, old *corev1.Pod) {
	pod.Generation = old.Generation
	if !kinds.Equal(&pod.Spec, &old.Spec) {
		pod.Generation++
	}
}

func options(old *corev1.Pod) podspec.Options {
	opts := podspec.SpecOptions(&old.Spec)
	opts.Pod = true
	return opts
}

func validateUpdate(_ kinds.Input, pod, old *corev1.Pod) field.ErrorList {
	errs := validate(pod, options(old))
	errs = append(errs, validateAnnotationUpdate(pod.Annotations, old.Annotations)...)
	return podspec.Distinct(append(errs, validateSpecUpdate(&pod.Spec, &old.Spec)...))
}

// changeable is the list of what an update may change, as the refusal of anything else puts it.
const changeable = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
	"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
	"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

// validateSpecUpdate checks what changed in a spec: first the few things that may, each by its own rule, then
// that nothing else did. It stops where what follows would only repeat what was said.
func validateSpecUpdate(spec, old *corev1.PodSpec) field.ErrorList {
	path := field.NewPath("spec")
	errs, ok := validateContainerUpdates(spec.Containers, old.Containers, path.Child("containers"))
	if !ok {
		return errs
	}
	more, ok := validateContainerUpdates(spec.InitContainers, old.InitContainers, path.Child("initContainers"))
	if errs = append(errs, more...); !ok {
		return errs
	}
	more, ok = validateDeadlineUpdate(spec.ActiveDeadlineSeconds, old.ActiveDeadlineSeconds, path.Child("activeDeadlineSeconds"))
	if errs = append(errs, more...); !ok {
		return errs
	}
	errs = append(errs, validateTolerationUpdate(spec.Tolerations, old.Tolerations, path.Child("tolerations"))...)
	errs = append(errs, validateGateUpdate(spec.SchedulingGates, old.SchedulingGates, path.Child("schedulingGates"))...)
	if kinds.Equal(spec, old) {
		return errs
	}
	rest := spec.DeepCopy()
	undo(rest, old)
	if len(old.SchedulingGates) > 0 {
		errs = append(errs, validateGatedUpdate(rest, old, path)...)
	}
	if kinds.Equal(rest, old) {
		return errs
	}
	return append(errs, field.Forbidden(path, changeable+"\n"+diff.Diff(internalname.Value(old), internalname.Value(rest))))
}

// undo takes back the changes of a spec that are allowed; what then still differs is not.
func undo(spec, old *corev1.PodSpec) {
	for i := range spec.Containers {
		spec.Containers[i].Image = old.Containers[i].Image
	}
	for i := range spec.InitContainers {
		spec.InitContainers[i].Image = old.InitContainers[i].Image
	}
	spec.ActiveDeadlineSeconds = old.ActiveDeadlineSeconds
	spec.SchedulingGates = old.SchedulingGates
	spec.Tolerations = old.Tolerations
}

func validateContainerUpdates(containers, old []corev1.Container, path *field.Path) (errs field.ErrorList, same bool) {
	if len(containers) != len(old) {
		return field.ErrorList{field.Forbidden(path, "pod updates may not add or remove containers")}, false
	}
	for i := range containers {
		if at := path.Index(i).Child("image"); containers[i].Image == "" {
			errs = append(errs, field.Required(at, ""))
		} else {
			errs = append(errs, validateImageSpace(containers[i].Image, at)...)
		}
	}
	return errs, true
}

// validateDeadlineUpdate: a deadline may be set, and come closer.
func validateDeadlineUpdate(deadline, old *int64, path *field.Path) (errs field.ErrorList, ok bool) {
	switch {
	case deadline == nil && old == nil:
	case deadline == nil:
		errs = append(errs, field.Invalid(path, deadline, "must not update from a positive integer to nil value"))
	case *deadline < 0 || *deadline > math.MaxInt32:
		return append(errs, field.Invalid(path, *deadline, validation.InclusiveRangeError(0, math.MaxInt32))), false
	case old != nil && *old < *deadline:
		return append(errs, field.Invalid(path, *deadline, "must be less than or equal to previous value")), false
	}
	return errs, true
}

// validateTolerationUpdate: tolerations may be added, and their seconds may change.
func validateTolerationUpdate(tolerations, old []corev1.Toleration, path *field.Path) field.ErrorList {
	for i := range old {
		kept := slices.ContainsFunc(tolerations, func(t corev1.Toleration) bool {
			t.TolerationSeconds = old[i].TolerationSeconds
			return t == old[i]
		})
		if !kept {
			return field.ErrorList{field.Forbidden(path, "existing toleration can not be modified except its tolerationSeconds")}
		}
	}
	return nil
}

// validateGateUpdate: scheduling gates may only be opened.
func validateGateUpdate(gates, old []corev1.PodSchedulingGate, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, gate := range gates {
		if !slices.Contains(old, gate) {
			errs = append(errs, field.Forbidden(path.Index(i).Child("name"), "only deletion is allowed, but found new scheduling gate '"+gate.Name+"'"))
		}
	}
	return errs
}

// validateAnnotationUpdate keeps the annotations that say what kind of pod this is.
func validateAnnotationUpdate(annotations, old map[string]string) field.ErrorList {
	if len(annotations) == 0 && len(old) == 0 {
		return nil
	}
	path := field.NewPath("metadata", "annotations")
	var errs field.ErrorList
	for _, key := range slices.Sorted(maps.Keys(old)) {
		if value, there := annotations[key]; there && value == old[key] {
			continue
		}
		if strings.HasPrefix(key, appArmorPrefix) {
			errs = append(errs, field.Forbidden(path.Key(key), "may not remove or update AppArmor annotations"))
		}
		if key == corev1.MirrorPodAnnotationKey {
			errs = append(errs, field.Forbidden(path.Key(key), "may not remove or update mirror pod annotation"))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		if _, there := old[key]; there {
			continue
		}
		if strings.HasPrefix(key, appArmorPrefix) {
			errs = append(errs, field.Forbidden(path.Key(key), "may not add AppArmor annotations"))
		}
		if key == corev1.MirrorPodAnnotationKey {
			errs = append(errs, field.Forbidden(path.Key(key), "may not add mirror pod annotation"))
		}
	}
	return errs
}
