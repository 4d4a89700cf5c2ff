package pod

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/podspec"
)

// prepareResize keeps everything as it is stored except resources: those of containers, by name, and those
// of the pod as a whole.
func prepareResize(_ kinds.Input, pod, old *corev1.Pod) {
	containers, init, whole := pod.Spec.Containers, pod.Spec.InitContainers, pod.Spec.Resources
	restore(pod, old)
	pod.Spec.Containers = resized(containers, old.Spec.Containers)
	pod.Spec.InitContainers = resized(init, old.Spec.InitContainers)
	if whole != nil {
		pod.Spec.Resources = whole
	}
	completeResources(pod)
	raiseGeneration(pod, old)
}

// resized returns the stored containers with the resources and resize policies that are asked for; a name
// that is not known stays for validation to refuse.
func resized(containers, old []corev1.Container) []corev1.Container {
	if len(containers) == 0 {
		return containers
	}
	out := make([]corev1.Container, len(containers))
	for i := range containers {
		j := slices.IndexFunc(old, func(c corev1.Container) bool { return c.Name == containers[i].Name })
		if j < 0 {
			out[i] = containers[i]
			continue
		}
		old[j].DeepCopyInto(&out[i])
		out[i].Resources, out[i].ResizePolicy = containers[i].Resources, containers[i].ResizePolicy
	}
	return out
}

func validateResize(_ kinds.Input, pod, old *corev1.Pod) field.ErrorList {
	switch {
	case isMirror(old):
		return field.ErrorList{field.Forbidden(field.NewPath(""), "static pods cannot be resized")}
	case onWindows(old):
		return field.ErrorList{field.Forbidden(field.NewPath(""), "windows pods cannot be resized")}
	}
	path := field.NewPath("spec")
	errs := validate(pod, options(old))
	if QOSClass(&pod.Spec) != qosOf(old) {
		errs = append(errs, field.Invalid(path, pod.Status.QOSClass, "Pod QOS Class may not change as a result of resizing"))
	}
	if moved := validateResizedContainers(&pod.Spec, &old.Spec, path); len(moved) > 0 {
		return podspec.Distinct(append(errs, moved...))
	}
	errs = append(errs, validateKeptResources(pod.Spec.Containers, old.Spec.Containers, path.Child("containers"))...)
	errs = append(errs, validateKeptResources(pod.Spec.InitContainers, old.Spec.InitContainers, path.Child("initContainers"))...)
	if pod.Spec.Resources != nil && old.Spec.Resources != nil {
		errs = append(errs, validateKept(pod.Spec.Resources, old.Spec.Resources, path.Child("resources"))...)
	}
	return podspec.Distinct(append(errs, validateOnlyResized(&pod.Spec, &old.Spec, path)...))
}

// qosOf is the class a pod was given, which an update cannot change.
func qosOf(pod *corev1.Pod) corev1.PodQOSClass {
	if pod.Status.QOSClass != "" {
		return pod.Status.QOSClass
	}
	return QOSClass(&pod.Spec)
}

func validateResizedContainers(spec, old *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(spec.Containers) != len(old.Containers) {
		errs = append(errs, field.Forbidden(path.Child("containers"), "containers may not be added or removed on resize"))
	}
	if len(spec.InitContainers) != len(old.InitContainers) {
		errs = append(errs, field.Forbidden(path.Child("initContainers"), "initContainers may not be added or removed on resize"))
	}
	if len(errs) > 0 {
		return errs
	}
	for i := range old.Containers {
		if spec.Containers[i].Name != old.Containers[i].Name {
			errs = append(errs, field.Forbidden(path.Child("containers").Index(i).Child("name"), "containers may not be renamed or reordered on resize"))
		}
	}
	for i := range old.InitContainers {
		if spec.InitContainers[i].Name != old.InitContainers[i].Name {
			errs = append(errs, field.Forbidden(path.Child("initContainers").Index(i).Child("name"), "initContainers may not be renamed or reordered on resize"))
		}
	}
	return errs
}

func validateKeptResources(containers, old []corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range old {
		errs = append(errs, validateKept(&containers[i].Resources, &old[i].Resources, path.Index(i).Child("resources"))...)
	}
	return errs
}

// validateKept: what was asked for or limited may change, not vanish.
func validateKept(r, old *corev1.ResourceRequirements, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if lost(r.Requests, old.Requests) {
		errs = append(errs, field.Forbidden(path.Child("requests"), "resource requests cannot be removed"))
	}
	if lost(r.Limits, old.Limits) {
		errs = append(errs, field.Forbidden(path.Child("limits"), "resource limits cannot be removed"))
	}
	return errs
}

func lost(list, old corev1.ResourceList) bool {
	for name := range old {
		if _, there := list[name]; !there {
			return true
		}
	}
	return false
}

// validateOnlyResized checks that only cpu and memory differ.
func validateOnlyResized(spec, old *corev1.PodSpec, path *field.Path) field.ErrorList {
	rest := spec.DeepCopy()
	for i := range rest.Containers {
		unsize(&rest.Containers[i].Resources, &old.Containers[i].Resources)
	}
	for i := range rest.InitContainers {
		unsize(&rest.InitContainers[i].Resources, &old.InitContainers[i].Resources)
	}
	if rest.Resources != nil {
		before := old.Resources
		if before == nil {
			before = &corev1.ResourceRequirements{}
		}
		unsize(rest.Resources, before)
		if old.Resources == nil && equality.Semantic.DeepEqual(rest.Resources, before) {
			rest.Resources = nil
		}
	}
	if !equality.Semantic.DeepEqual(rest, old) {
		return field.ErrorList{field.Forbidden(path, "only cpu and memory resources are mutable")}
	}
	return nil
}

// unsize takes back changes of cpu and memory.
func unsize(r, old *corev1.ResourceRequirements) {
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		unset(&r.Requests, old.Requests, name)
		unset(&r.Limits, old.Limits, name)
	}
}

func unset(list *corev1.ResourceList, old corev1.ResourceList, name corev1.ResourceName) {
	if q, there := old[name]; there {
		set(list, name, q)
	} else {
		delete(*list, name)
	}
}
