package service

import (
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func table() kinds.Table {
	doc := corev1.ServiceSpec{}.SwaggerDoc()
	return kinds.Table{
		Columns: kinds.Columns(
			cells.NameColumn,
			kinds.Column{Name: "Type", Type: "string", Description: doc["type"]},
			kinds.Column{Name: "Cluster-IP", Type: "string", Description: doc["clusterIP"]},
			kinds.Column{Name: "External-IP", Type: "string", Description: doc["externalIPs"]},
			kinds.Column{Name: "Port(s)", Type: "string", Description: doc["ports"]},
			cells.AgeColumn,
			kinds.Column{Name: "Selector", Type: "string", Priority: 1, Description: doc["selector"]},
		),
		Cells: func(obj kinds.Object, now time.Time) []any {
			s := obj.(*corev1.Service)
			clusterIP := cells.None
			if len(s.Spec.ClusterIPs) > 0 {
				clusterIP = s.Spec.ClusterIPs[0]
			}
			return []any{
				s.Name, string(s.Spec.Type), clusterIP, externalIP(s), ports(s.Spec.Ports),
				cells.Age(s.CreationTimestamp, now), labels.FormatLabels(s.Spec.Selector),
			}
		},
	}
}

func externalIP(s *corev1.Service) string {
	external := strings.Join(s.Spec.ExternalIPs, ",")
	switch s.Spec.Type {
	case corev1.ServiceTypeClusterIP, corev1.ServiceTypeNodePort:
		return cells.Or(external, cells.None)
	case corev1.ServiceTypeLoadBalancer:
		var out []string
		for _, in := range s.Status.LoadBalancer.Ingress {
			if address := cells.Or(in.IP, in.Hostname); address != "" {
				out = append(out, address)
			}
		}
		slices.Sort(out)
		out = append(slices.Compact(out), s.Spec.ExternalIPs...)
		return cells.Or(strings.Join(out, ","), "<pending>")
	case corev1.ServiceTypeExternalName:
		return s.Spec.ExternalName
	}
	return cells.Unknown
}

func ports(ports []corev1.ServicePort) string {
	if len(ports) == 0 {
		return cells.None
	}
	var b strings.Builder
	for i, p := range ports {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.Itoa(int(p.Port)))
		if p.NodePort > 0 {
			b.WriteByte(':')
			b.WriteString(strconv.Itoa(int(p.NodePort)))
		}
		b.WriteByte('/')
		b.WriteString(string(p.Protocol))
	}
	return b.String()
}
