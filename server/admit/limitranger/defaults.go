package limitranger

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// setDefaults gives the pod's containers what the LimitRange says they have by default, and says so in an
// annotation.
func setDefaults(p *corev1.Pod, r *corev1.LimitRange) {
	requests, limits := corev1.ResourceList{}, corev1.ResourceList{}
	for _, item := range r.Spec.Limits {
		if item.Type != corev1.LimitTypeContainer {
			continue
		}
		for k, v := range item.DefaultRequest {
			requests[k] = v.DeepCopy()
		}
		for k, v := range item.Default {
			limits[k] = v.DeepCopy()
		}
	}
	var notes []string
	for i := range p.Spec.Containers {
		c := &p.Spec.Containers[i]
		notes = setContainer(notes, &c.Resources, requests, limits, "container "+c.Name)
	}
	for i := range p.Spec.InitContainers {
		c := &p.Spec.InitContainers[i]
		notes = setContainer(notes, &c.Resources, requests, limits, "init container "+c.Name)
	}
	if len(notes) > 0 {
		if p.Annotations == nil {
			p.Annotations = map[string]string{}
		}
		p.Annotations[annotation] = "LimitRanger plugin set: " + strings.Join(notes, "; ")
	}
}

func setContainer(notes []string, have *corev1.ResourceRequirements, requests, limits corev1.ResourceList, who string) []string {
	for _, set := range []struct {
		what string
		have *corev1.ResourceList
		want corev1.ResourceList
	}{{"request", &have.Requests, requests}, {"limit", &have.Limits, limits}} {
		var names []string
		for name, value := range set.want {
			if _, ok := (*set.have)[name]; ok {
				continue
			}
			if *set.have == nil {
				*set.have = corev1.ResourceList{}
			}
			(*set.have)[name] = value.DeepCopy()
			names = append(names, string(name))
		}
		if len(names) > 0 {
			slices.Sort(names)
			notes = append(notes, fmt.Sprintf("%s %s for %s", strings.Join(names, ", "), set.what, who))
		}
	}
	return notes
}
