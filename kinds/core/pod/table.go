package pod

import (
	"fmt"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func table() kinds.Table {
	spec, status := corev1.PodSpec{}.SwaggerDoc(), corev1.PodStatus{}.SwaggerDoc()
	return kinds.Table{
		Columns: kinds.Columns(
			cells.NameColumn,
			kinds.Column{Name: "Ready", Type: "string", Description: "The aggregate readiness state of this pod for accepting traffic."},
			kinds.Column{Name: "Status", Type: "string", Description: "The aggregate status of the containers in this pod."},
			kinds.Column{Name: "Restarts", Type: "string", Description: "The number of times the containers in this pod have been restarted and when the last container in this pod has restarted."},
			cells.AgeColumn,
			kinds.Column{Name: "IP", Type: "string", Priority: 1, Description: status["podIP"]},
			kinds.Column{Name: "Node", Type: "string", Priority: 1, Description: spec["nodeName"]},
			kinds.Column{Name: "Nominated Node", Type: "string", Priority: 1, Description: status["nominatedNodeName"]},
			kinds.Column{Name: "Readiness Gates", Type: "string", Priority: 1, Description: spec["readinessGates"]},
		),
		Cells: row,
		Reads: []string{
			"metadata.name", "metadata.creationTimestamp", "metadata.deletionTimestamp",
			"spec.containers.name", "spec.initContainers.name", "spec.initContainers.restartPolicy",
			"spec.nodeName", "spec.readinessGates",
			"status.phase", "status.reason", "status.conditions", "status.podIPs", "status.nominatedNodeName",
			"status.containerStatuses", "status.initContainerStatuses",
		},
		Conditions: rowConditions,
	}
}

func row(obj kinds.Object, now time.Time) []any {
	pod := obj.(*corev1.Pod)
	s := summarize(pod)
	restarts := strconv.Itoa(s.restarts)
	if s.restarts != 0 && !s.lastRestart.IsZero() {
		restarts += " (" + cells.Age(s.lastRestart, now) + " ago)"
	}
	ip := ""
	if len(pod.Status.PodIPs) > 0 {
		ip = pod.Status.PodIPs[0].IP
	}
	return []any{
		pod.Name,
		fmt.Sprintf("%d/%d", s.ready, s.total),
		s.state,
		restarts,
		cells.Age(pod.CreationTimestamp, now),
		cells.Or(ip, cells.None),
		cells.Or(pod.Spec.NodeName, cells.None),
		cells.Or(pod.Status.NominatedNodeName, cells.None),
		gates(pod),
	}
}

func gates(pod *corev1.Pod) string {
	if len(pod.Spec.ReadinessGates) == 0 {
		return cells.None
	}
	passed := 0
	for _, gate := range pod.Spec.ReadinessGates {
		if condition(pod, gate.ConditionType) == corev1.ConditionTrue {
			passed++
		}
	}
	return fmt.Sprintf("%d/%d", passed, len(pod.Spec.ReadinessGates))
}

// condition is the status of a condition, "" where the pod does not have it.
func condition(pod *corev1.Pod, name corev1.PodConditionType) corev1.ConditionStatus {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == name {
			return pod.Status.Conditions[i].Status
		}
	}
	return ""
}

// rowConditions let clients hide pods that are over.
func rowConditions(obj kinds.Object) []metav1.TableRowCondition {
	switch obj.(*corev1.Pod).Status.Phase {
	case corev1.PodSucceeded:
		return []metav1.TableRowCondition{{Type: metav1.RowCompleted, Status: metav1.ConditionTrue, Reason: "Succeeded", Message: "The pod has completed successfully."}}
	case corev1.PodFailed:
		return []metav1.TableRowCondition{{Type: metav1.RowCompleted, Status: metav1.ConditionTrue, Reason: "Failed", Message: "The pod failed."}}
	}
	return nil
}
