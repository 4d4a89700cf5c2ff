package podspec

import (
	"iter"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// Containers yields every container of a spec: init containers, containers, ephemeral ones. What is
// yielded is the spec's own and may be changed.
func Containers(spec *corev1.PodSpec) iter.Seq[*corev1.Container] {
	return func(yield func(*corev1.Container) bool) {
		for i := range spec.InitContainers {
			if !yield(&spec.InitContainers[i]) {
				return
			}
		}
		for i := range spec.Containers {
			if !yield(&spec.Containers[i]) {
				return
			}
		}
		for i := range spec.EphemeralContainers {
			if !yield(asContainer(&spec.EphemeralContainers[i])) {
				return
			}
		}
	}
}

// EachContainer yields the containers with their paths.
func EachContainer(spec *corev1.PodSpec, path *field.Path) iter.Seq2[*corev1.Container, *field.Path] {
	return func(yield func(*corev1.Container, *field.Path) bool) {
		for i := range spec.InitContainers {
			if !yield(&spec.InitContainers[i], path.Child("initContainers").Index(i)) {
				return
			}
		}
		for i := range spec.Containers {
			if !yield(&spec.Containers[i], path.Child("containers").Index(i)) {
				return
			}
		}
		for i := range spec.EphemeralContainers {
			if !yield(asContainer(&spec.EphemeralContainers[i]), path.Child("ephemeralContainers").Index(i)) {
				return
			}
		}
	}
}

// asContainer sees the common part of an ephemeral container as a container; the two types are the same
// struct by definition.
func asContainer(e *corev1.EphemeralContainer) *corev1.Container {
	return (*corev1.Container)(&e.EphemeralContainerCommon)
}

func hasContainer(spec *corev1.PodSpec, name string) bool {
	for c := range Containers(spec) {
		if c.Name == name {
			return true
		}
	}
	return false
}

// IsSidecar reports whether an init container runs on beside the containers.
func IsSidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// DropOldAnnotations drops the annotations in which init containers were kept before there was a field.
func DropOldAnnotations(meta *metav1.ObjectMeta) {
	for _, key := range []string{
		"pod.beta.kubernetes.io/init-containers", "pod.alpha.kubernetes.io/init-containers",
		"pod.beta.kubernetes.io/init-container-statuses", "pod.alpha.kubernetes.io/init-container-statuses",
	} {
		delete(meta.Annotations, key)
	}
}
