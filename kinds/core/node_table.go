package core

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func nodeTable() kinds.Table {
	info, status := corev1.NodeSystemInfo{}.SwaggerDoc(), corev1.NodeStatus{}.SwaggerDoc()
	return kinds.Table{
		Columns: kinds.Columns(
			cells.NameColumn,
			kinds.Column{Name: "Status", Type: "string", Description: "The status of the node"},
			kinds.Column{Name: "Roles", Type: "string", Description: "The roles of the node"},
			cells.AgeColumn,
			kinds.Column{Name: "Version", Type: "string", Description: info["kubeletVersion"]},
			kinds.Column{Name: "Internal-IP", Type: "string", Priority: 1, Description: status["addresses"]},
			kinds.Column{Name: "External-IP", Type: "string", Priority: 1, Description: status["addresses"]},
			kinds.Column{Name: "OS-Image", Type: "string", Priority: 1, Description: info["osImage"]},
			kinds.Column{Name: "Kernel-Version", Type: "string", Priority: 1, Description: info["kernelVersion"]},
			kinds.Column{Name: "Container-Runtime", Type: "string", Priority: 1, Description: info["containerRuntimeVersion"]},
		),
		Cells: func(obj kinds.Object, now time.Time) []any {
			n := obj.(*corev1.Node)
			info := &n.Status.NodeInfo
			kernel := cells.Or(info.KernelVersion, cells.Unknown)
			if info.Architecture != "" {
				kernel += " (" + info.Architecture + ")"
			}
			return []any{
				n.Name, nodeState(n), nodeRoles(n), cells.Age(n.CreationTimestamp, now), info.KubeletVersion,
				nodeAddress(n, corev1.NodeInternalIP), nodeAddress(n, corev1.NodeExternalIP),
				cells.Or(info.OSImage, cells.Unknown), kernel, cells.Or(info.ContainerRuntimeVersion, cells.Unknown),
			}
		},
	}
}

func nodeState(n *corev1.Node) string {
	state := "Unknown"
	for _, c := range n.Status.Conditions {
		if c.Type != corev1.NodeReady {
			continue
		}
		if state = "NotReady"; c.Status == corev1.ConditionTrue {
			state = "Ready"
		}
	}
	if n.Spec.Unschedulable {
		state += ",SchedulingDisabled"
	}
	return state
}

func nodeRoles(n *corev1.Node) string {
	var roles []string
	for label, value := range n.Labels {
		if role, ok := strings.CutPrefix(label, "node-role.kubernetes.io/"); ok && role != "" {
			roles = append(roles, role)
		} else if label == "kubernetes.io/role" && value != "" {
			roles = append(roles, value)
		}
	}
	slices.Sort(roles)
	return cells.Or(strings.Join(slices.Compact(roles), ","), cells.None)
}

func nodeAddress(n *corev1.Node, want corev1.NodeAddressType) string {
	for _, a := range n.Status.Addresses {
		if a.Type == want {
			return a.Address
		}
	}
	return cells.None
}
