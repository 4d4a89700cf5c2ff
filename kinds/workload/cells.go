package workload

import (
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
)

// ContainersColumn and ImagesColumn show what a template runs, with -o wide.
var (
	ContainersColumn = kinds.Column{Name: "Containers", Type: "string", Priority: 1, Description: "Names of each container in the template."}
	ImagesColumn     = kinds.Column{Name: "Images", Type: "string", Priority: 1, Description: "Images referenced by each container in the template."}
)

// Containers returns the cells of the two columns.
func Containers(template *corev1.PodTemplateSpec) (names, images string) {
	var n, i strings.Builder
	for k := range template.Spec.Containers {
		if k > 0 {
			n.WriteByte(',')
			i.WriteByte(',')
		}
		n.WriteString(template.Spec.Containers[k].Name)
		i.WriteString(template.Spec.Containers[k].Image)
	}
	return n.String(), i.String()
}

// Int is an optional number as a table shows it: zero for none.
func Int(n *int32) int64 {
	if n == nil {
		return 0
	}
	return int64(*n)
}

// NodeSelectorColumn shows which nodes the pods of a template go to.
var NodeSelectorColumn = kinds.Column{Name: "Node Selector", Type: "string", Description: corev1.PodSpec{}.SwaggerDoc()["nodeSelector"]}
