package pod

import (
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/nave-k8s/nave/kinds"
)

// selectable are the fields that watches of schedulers, kubelets and controllers select by.
func selectable() kinds.Fields {
	return kinds.Fields{
		Names: []string{"spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
			"status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName"},
		Values: func(obj kinds.Object) fields.Set {
			pod := obj.(*corev1.Pod)
			ip := ""
			if len(pod.Status.PodIPs) > 0 {
				ip = pod.Status.PodIPs[0].IP
			}
			return fields.Set{ // status.podIPs is accepted, and is never set
				"spec.nodeName":            pod.Spec.NodeName,
				"spec.restartPolicy":       string(pod.Spec.RestartPolicy),
				"spec.schedulerName":       pod.Spec.SchedulerName,
				"spec.serviceAccountName":  pod.Spec.ServiceAccountName,
				"spec.hostNetwork":         strconv.FormatBool(pod.Spec.HostNetwork),
				"status.phase":             string(pod.Status.Phase),
				"status.podIP":             ip,
				"status.nominatedNodeName": pod.Status.NominatedNodeName,
			}
		},
		Refuse: kinds.RefuseUnsupported,
		Rename: map[string]string{"spec.host": "spec.nodeName"},
	}
}
