// Package alwayspullimages is the plugin AlwaysPullImages: every container pulls its image, with the pod's own
// credentials, even if the node has it already for somebody else.
package alwayspullimages

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is AlwaysPullImages.
type Plugin struct{}

// Name is the plugin's name.
func (Plugin) Name() string { return "AlwaysPullImages" }

// Handles reports whether the plugin wants writes of this kind.
func (Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Mutate sets the pull policy of every container, and of volumes that are images.
func (Plugin) Mutate(_ context.Context, a *admit.Attributes) error {
	pod := podOf(a)
	if pod == nil {
		return nil
	}
	visit(pod, func(_ *field.Path, policy *corev1.PullPolicy) { *policy = corev1.PullAlways })
	return nil
}

// Review refuses what a later plugin set otherwise.
func (Plugin) Review(_ context.Context, a *admit.Attributes) error {
	pod := podOf(a)
	if pod == nil {
		return nil
	}
	var faults []error
	visit(pod, func(path *field.Path, policy *corev1.PullPolicy) {
		if *policy != corev1.PullAlways {
			faults = append(faults, admit.Forbidden(a, "%w", field.NotSupported(path.Child("imagePullPolicy"), *policy, []string{string(corev1.PullAlways)})))
		}
	})
	if len(faults) > 0 {
		return utilerrors.NewAggregate(faults)
	}
	return nil
}

// podOf returns the pod of a write that may bring in an image; nil for all others, which must not fail over the
// policy of a container that cannot change any more.
func podOf(a *admit.Attributes) *corev1.Pod {
	if !a.Is("", "pods") {
		return nil
	}
	pod, _ := a.Object.(*corev1.Pod)
	if old, ok := a.OldObject.(*corev1.Pod); ok && pod != nil && a.Operation == admit.Update && sameImages(pod, old) {
		return nil
	}
	return pod
}

func sameImages(pod, old *corev1.Pod) bool {
	images := func(p *corev1.Pod) map[string]bool {
		out := map[string]bool{}
		for _, list := range [][]corev1.Container{p.Spec.InitContainers, p.Spec.Containers} {
			for _, c := range list {
				out[c.Image] = true
			}
		}
		return out
	}
	had := images(old)
	for image := range images(pod) {
		if !had[image] {
			return false
		}
	}
	return true
}

func visit(pod *corev1.Pod, f func(*field.Path, *corev1.PullPolicy)) {
	spec := field.NewPath("spec")
	for i := range pod.Spec.InitContainers {
		f(spec.Child("initContainers").Index(i), &pod.Spec.InitContainers[i].ImagePullPolicy)
	}
	for i := range pod.Spec.Containers {
		f(spec.Child("containers").Index(i), &pod.Spec.Containers[i].ImagePullPolicy)
	}
	for i := range pod.Spec.EphemeralContainers {
		f(spec.Child("ephemeralContainers").Index(i), &pod.Spec.EphemeralContainers[i].ImagePullPolicy)
	}
	for i := range pod.Spec.Volumes {
		if v := pod.Spec.Volumes[i].Image; v != nil {
			f(spec.Child("volumes").Index(i).Child("image"), &v.PullPolicy)
		}
	}
}
