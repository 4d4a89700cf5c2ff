package pod

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/podspec"
)

// prepareCreate drops the status a client sent, and takes over into the spec what it says by other means.
func prepareCreate(in kinds.Input, pod *corev1.Pod) {
	pod.Generation = 1
	completeResources(pod)
	pod.Status = corev1.PodStatus{Phase: corev1.PodPending, QOSClass: QOSClass(&pod.Spec)}
	podspec.DropDisabled(&pod.Spec, nil)
	if len(pod.Spec.SchedulingGates) > 0 {
		pod.Status.Conditions = []corev1.PodCondition{{
			Type:               corev1.PodScheduled,
			Status:             corev1.ConditionFalse,
			Reason:             corev1.PodReasonSchedulingGated,
			Message:            "Scheduling is blocked due to non-empty scheduling gates",
			LastTransitionTime: metav1.NewTime(in.Now.Truncate(time.Second)),
		}}
	}
	mergeLabelKeys(pod)
	fillAppArmor(pod)
}

func validateCreate(_ kinds.Input, pod *corev1.Pod) field.ErrorList {
	path := field.NewPath("spec")
	errs := validate(pod, podspec.Options{Pod: true})
	if len(pod.Spec.EphemeralContainers) > 0 {
		errs = append(errs, field.Forbidden(path.Child("ephemeralContainers"), "cannot be set on create"))
	}
	if pod.Spec.NodeName != "" && len(pod.Spec.SchedulingGates) > 0 {
		errs = append(errs, field.Forbidden(path.Child("nodeName"), "cannot be set until all schedulingGates have been cleared"))
	}
	errs = append(errs, podspec.ValidateSeccompAgreement(pod.Annotations, &pod.Spec, path)...)
	errs = append(errs, validateAppArmorAgreement(pod, path)...)
	if isMirror(pod) && len(pod.Spec.ResourceClaims) > 0 {
		errs = append(errs, field.Forbidden(field.NewPath(""), "static pods do not support resource claims"))
	}
	return podspec.Distinct(errs)
}

// validate is what a create and every change of a pod check.
func validate(pod *corev1.Pod, opts podspec.Options) field.ErrorList {
	path := field.NewPath("spec")
	errs := podspec.ValidateAnnotations(pod.Annotations, &pod.Spec, field.NewPath("metadata", "annotations"))
	errs = append(errs, podspec.ValidateSpec(&pod.Spec, &pod.ObjectMeta, opts, path)...)
	errs = append(errs, validateTokenVolumes(&pod.Spec, path.Child("volumes"))...)
	errs = append(errs, validateImages(pod.Spec.Containers, path.Child("containers"))...)
	return append(errs, validateImages(pod.Spec.InitContainers, path.Child("initContainers"))...)
}

// validateTokenVolumes: without a service account there is no token to project.
func validateTokenVolumes(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	if spec.ServiceAccountName != "" {
		return nil
	}
	var errs field.ErrorList
	for i := range spec.Volumes {
		if spec.Volumes[i].Projected == nil {
			continue
		}
		for j := range spec.Volumes[i].Projected.Sources {
			if spec.Volumes[i].Projected.Sources[j].ServiceAccountToken != nil {
				at := path.Index(i).Child("projected", "sources").Index(j).Child("serviceAccountToken")
				errs = append(errs, field.Forbidden(at, "must not be specified when serviceAccountName is not set"))
			}
		}
	}
	return errs
}

// validateImages refuses space around images, which templates may have: there it can be a placeholder.
func validateImages(containers []corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range containers {
		errs = append(errs, validateImageSpace(containers[i].Image, path.Index(i).Child("image"))...)
	}
	return errs
}

// warn returns the warnings of a new pod. Changes get none: mostly machines make them.
func warn(pod, old *corev1.Pod) []string {
	if old != nil {
		return nil
	}
	var texts []string
	if msgs := validation.IsDNS1123Label(pod.Name); len(msgs) > 0 {
		texts = append(texts, fmt.Sprintf("metadata.name: this is used in the Pod's hostname, which can result in surprising behavior; a DNS label is recommended: %v", msgs))
	}
	texts = append(texts, podspec.Warnings(&pod.Spec, &pod.ObjectMeta)...)
	return append(texts, warnAppArmor(pod)...)
}

// isMirror reports whether the pod stands for one that a node runs from a file of its own.
func isMirror(pod *corev1.Pod) bool {
	_, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]
	return mirror
}
