package networking

import (
	"fmt"
	"sort"
	"strings"
	"time"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func ingress() *kinds.Resource {
	status := kinds.For[*networkingv1.Ingress]{
		PrepareUpdate: func(_ kinds.Input, obj, old *networkingv1.Ingress) {
			obj.Spec = old.Spec
			obj.Generation = old.Generation
		},
		ValidateUpdate: validateIngressStatus,
		Warn:           warnIngressStatus,
		ResetFields:    []string{"spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "Ingress",
		Plural: "ingresses", Singular: "ingress", ShortNames: []string{"ing"},
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &networkingv1.Ingress{} },
		NewList: func() runtime.Object { return &networkingv1.IngressList{} },
		Storage: kinds.Storage{Key: "ingress", APIVersion: groupVersion},
		Rules: kinds.For[*networkingv1.Ingress]{
			PrepareCreate: func(_ kinds.Input, obj *networkingv1.Ingress) {
				obj.Status = networkingv1.IngressStatus{}
				obj.Generation = 1
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *networkingv1.Ingress) {
				obj.Status = old.Status
				obj.Generation = old.Generation
				if !equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
					obj.Generation++
				}
			},
			Validate:       validateIngressCreate,
			ValidateUpdate: validateIngressUpdate,
			Warn:           warnIngress,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Class", Type: "string", Description: "The name of the IngressClass resource that should be used for additional configuration"},
				kinds.Column{Name: "Hosts", Type: "string", Description: "Hosts that incoming requests are matched against before the ingress rule"},
				kinds.Column{Name: "Address", Type: "string", Description: "Address is a list containing ingress points for the load-balancer"},
				kinds.Column{Name: "Ports", Type: "string", Description: "Ports of TLS configurations that open"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*networkingv1.Ingress)
				class := "<none>"
				if obj.Spec.IngressClassName != nil {
					class = *obj.Spec.IngressClassName
				}
				ports := "80"
				if len(obj.Spec.TLS) > 0 {
					ports = "80, 443"
				}
				return []any{obj.Name, class, ingressHosts(obj.Spec.Rules), ingressAddress(obj), ports, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Subresources: []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}

// ingressHosts shows the first three hosts of the rules.
func ingressHosts(rules []networkingv1.IngressRule) string {
	const most = 3
	var hosts []string
	more := 0
	for _, rule := range rules {
		if len(hosts) == most {
			more++
			continue
		}
		if rule.Host != "" {
			hosts = append(hosts, rule.Host)
		}
	}
	if len(hosts) == 0 {
		return "*"
	}
	shown := strings.Join(hosts, ",")
	if more > 0 {
		return fmt.Sprintf("%s + %d more...", shown, more)
	}
	return shown
}

// ingressAddress shows the load balancer's addresses, each once, sorted.
func ingressAddress(obj *networkingv1.Ingress) string {
	seen := map[string]bool{}
	var out []string
	for _, in := range obj.Status.LoadBalancer.Ingress {
		address := in.IP
		if address == "" {
			address = in.Hostname
		}
		if address != "" && !seen[address] {
			seen[address] = true
			out = append(out, address)
		}
	}
	sort.Strings(out)
	return strings.Join(out, ",")
}
