package pod

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/diff"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/podspec"
)

// prepareEphemeralContainers keeps everything as it is stored except the ephemeral containers.
func prepareEphemeralContainers(_ kinds.Input, pod, old *corev1.Pod) {
	containers := pod.Spec.EphemeralContainers
	restore(pod, old)
	pod.Spec.EphemeralContainers = containers
	podspec.DropDisabled(&pod.Spec, &old.Spec)
	raiseGeneration(pod, old)
}

// restore makes a pod the stored one again, but for what a request is known by.
func restore(pod, old *corev1.Pod) {
	name, namespace, version, fields := pod.Name, pod.Namespace, pod.ResourceVersion, pod.ManagedFields
	kind := pod.TypeMeta
	old.DeepCopyInto(pod)
	pod.TypeMeta, pod.Name, pod.Namespace, pod.ResourceVersion, pod.ManagedFields = kind, name, namespace, version, fields
}

func validateEphemeralContainers(_ kinds.Input, pod, old *corev1.Pod) field.ErrorList {
	if isMirror(old) {
		return field.ErrorList{field.Forbidden(field.NewPath(""), "static pods do not support ephemeral containers")}
	}
	errs := validate(pod, options(old))
	errs = append(errs, validateAnnotationUpdate(pod.Annotations, old.Annotations)...)
	path := field.NewPath("spec", "ephemeralContainers")
	now := make(map[string]*corev1.EphemeralContainer, len(pod.Spec.EphemeralContainers))
	for i := range pod.Spec.EphemeralContainers {
		now[pod.Spec.EphemeralContainers[i].Name] = &pod.Spec.EphemeralContainers[i]
	}
	for i := range old.Spec.EphemeralContainers {
		before := &old.Spec.EphemeralContainers[i]
		switch c := now[before.Name]; {
		case c == nil:
			errs = append(errs, field.Forbidden(path, fmt.Sprintf("existing ephemeral containers %q may not be removed\n", before.Name)))
		case !equality.Semantic.DeepEqual(before, c):
			errs = append(errs, field.Forbidden(path, fmt.Sprintf("existing ephemeral containers %q may not be changed\n%v", before.Name, diff.Diff(internalname.Value(before), internalname.Value(c)))))
		}
	}
	return podspec.Distinct(errs)
}
