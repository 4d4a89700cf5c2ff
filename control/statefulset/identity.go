package statefulset

import (
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/control/pods"
)

// ordinalOf is the pod's number; ok is false if its name is not of the set.
func ordinalOf(set *appsv1.StatefulSet, name string) (int, bool) {
	text, ok := strings.CutPrefix(name, set.Name+"-")
	n, err := strconv.Atoi(text)
	return n, ok && err == nil && n >= 0 && strconv.Itoa(n) == text
}

func nameOf(set *appsv1.StatefulSet, ordinal int) string {
	return set.Name + "-" + strconv.Itoa(ordinal)
}

// first is the lowest number.
func first(set *appsv1.StatefulSet) int {
	if set.Spec.Ordinals == nil {
		return 0
	}
	return int(set.Spec.Ordinals.Start)
}

func count(set *appsv1.StatefulSet) int {
	if set.Spec.Replicas == nil {
		return 1
	}
	return int(*set.Spec.Replicas)
}

// inRange reports whether the set shall have the pod.
func inRange(set *appsv1.StatefulSet, ordinal int) bool {
	return ordinal >= first(set) && ordinal < first(set)+count(set)
}

// version is a template and the name of its revision.
type version struct {
	name     string
	template *corev1.PodTemplateSpec
}

// podFor makes the pod of a number.
func podFor(set *appsv1.StatefulSet, v version, ordinal int) *corev1.Pod {
	p := pods.FromTemplate(v.template, set.Namespace, *metav1.NewControllerRef(set, kind))
	p.Name = nameOf(set, ordinal)
	p.Spec.Hostname, p.Spec.Subdomain = p.Name, set.Spec.ServiceName
	identify(set, p)
	p.Labels[appsv1.ControllerRevisionHashLabelKey] = v.name
	p.Spec.Volumes = volumes(set, p.Spec.Volumes, ordinal)
	return p
}

// identify sets the labels by which others know the pod. It reports whether any differed.
func identify(set *appsv1.StatefulSet, p *corev1.Pod) bool {
	changed := false
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	index := ""
	if n, ok := ordinalOf(set, p.Name); ok {
		index = strconv.Itoa(n)
	}
	for k, v := range map[string]string{appsv1.StatefulSetPodNameLabel: p.Name, appsv1.PodIndexLabel: index} {
		if p.Labels[k] != v {
			p.Labels[k] = v
			changed = true
		}
	}
	return changed
}

// volumes are those of the template, but for those that are claimed for the pod alone.
func volumes(set *appsv1.StatefulSet, of []corev1.Volume, ordinal int) []corev1.Volume {
	var out []corev1.Volume
	claimed := map[string]bool{}
	for _, c := range set.Spec.VolumeClaimTemplates {
		claimed[c.Name] = true
		out = append(out, corev1.Volume{Name: c.Name, VolumeSource: corev1.VolumeSource{
			PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: claimName(set, c.Name, ordinal)},
		}})
	}
	for _, v := range of {
		if !claimed[v.Name] {
			out = append(out, v)
		}
	}
	return out
}

func claimName(set *appsv1.StatefulSet, template string, ordinal int) string {
	return template + "-" + nameOf(set, ordinal)
}
