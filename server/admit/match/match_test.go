package match

import (
	"context"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func rule(ops, groups, versions, resources string, scope admissionregistrationv1.ScopeType) Rule {
	return Rule{Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.OperationType(ops)},
		Rule: admissionregistrationv1.Rule{APIGroups: []string{groups}, APIVersions: []string{versions}, Resources: []string{resources}, Scope: ptr.To(scope)}}
}

func TestRules(t *testing.T) {
	v2 := &kinds.Resource{Group: "autoscaling", Version: "v2", Plural: "hpas", Subresources: []*kinds.Subresource{{Name: "status"}}}
	v1 := &kinds.Resource{Group: "autoscaling", Version: "v1", Plural: "hpas", Hub: v2, Subresources: []*kinds.Subresource{{Name: "status"}}}
	served := []*kinds.Resource{v1, v2}
	namespaces := &kinds.Resource{Version: "v1", Plural: "namespaces"}
	for _, test := range []struct {
		name       string
		rule       Rule
		resource   *kinds.Resource
		sub        string
		namespace  string
		equivalent bool
		want       string // version of the target, "" for no match
	}{
		{"exact", rule("CREATE", "autoscaling", "v1", "hpas", "*"), v1, "", "ns", false, "v1"},
		{"another version", rule("CREATE", "autoscaling", "v2", "hpas", "*"), v1, "", "ns", false, ""},
		{"another version, equivalent", rule("CREATE", "autoscaling", "v2", "hpas", "*"), v1, "", "ns", true, "v2"},
		{"the same version comes first", rule("*", "*", "*", "*", "*"), v1, "", "ns", true, "v1"},
		{"another operation", rule("UPDATE", "*", "*", "*", "*"), v1, "", "ns", true, ""},
		{"a subresource is not its parent", rule("CREATE", "*", "*", "hpas", "*"), v1, "status", "ns", false, ""},
		{"subresource", rule("CREATE", "*", "*", "hpas/status", "*"), v1, "status", "ns", false, "v1"},
		{"all subresources", rule("CREATE", "*", "*", "hpas/*", "*"), v1, "status", "ns", false, "v1"},
		{"that subresource of all", rule("CREATE", "*", "*", "*/status", "*"), v1, "status", "ns", false, "v1"},
		{"everything", rule("CREATE", "*", "*", "*/*", "*"), v1, "status", "ns", false, "v1"},
		{"subresource, equivalent", rule("CREATE", "*", "v2", "hpas/status", "*"), v1, "status", "ns", true, "v2"},
		{"namespaced", rule("CREATE", "*", "*", "*", "Namespaced"), v1, "", "ns", false, "v1"},
		{"not namespaced", rule("CREATE", "*", "*", "*", "Cluster"), v1, "", "ns", false, ""},
		{"cluster", rule("CREATE", "*", "*", "*", "Cluster"), v1, "", "", false, "v1"},
		{"a namespace is of the cluster", rule("CREATE", "*", "*", "*", "Cluster"), namespaces, "", "ns", false, "v1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := &admit.Attributes{Resource: test.resource, Subresource: test.sub, Namespace: test.namespace, Operation: admit.Create}
			target, ok := Rules(a, []Rule{test.rule}, test.equivalent, served)
			if ok != (test.want != "") || ok && target.Resource.Version != test.want {
				t.Errorf("got %+v, %v; want %q", target, ok, test.want)
			}
		})
	}
}

func TestSelectors(t *testing.T) {
	world := admittest.NewWorld(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{"env": "prod"}}}, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "b"}})
	prod := &metav1.LabelSelector{MatchLabels: map[string]string{"env": "prod"}}
	cm := func(ns string, labels map[string]string) *corev1.ConfigMap {
		return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Labels: labels}}
	}
	labelled := map[string]string{"env": "prod"}
	for _, test := range []struct {
		name              string
		write             *admit.Attributes
		namespace, object bool
	}{
		{"selected", admittest.Write(admit.Create, cm("a", labelled), nil), true, true},
		{"neither", admittest.Write(admit.Create, cm("b", nil), nil), false, false},
		{"was selected", admittest.Write(admit.Update, cm("a", nil), cm("a", labelled)), true, true},
		{"cluster-scoped", admittest.Write(admit.Create, &corev1.Node{}, nil), true, false},
		{"a namespace by its own labels", admittest.Write(admit.Create, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "c", Labels: labelled}}, nil), true, true},
		{"a deleted namespace", admittest.Write(admit.Delete, nil, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "b"}}), false, false},
	} {
		selectors, err := ParseSelectors(prod, prod)
		if err != nil {
			t.Fatal(err)
		}
		in, err := selectors.OfNamespace(context.Background(), world, test.write)
		if err != nil || in != test.namespace || selectors.OfObject(test.write) != test.object {
			t.Errorf("%s: namespace %v (%v), object %v", test.name, in, err, selectors.OfObject(test.write))
		}
	}
	selectors, _ := ParseSelectors(prod, nil)
	if _, err := selectors.OfNamespace(context.Background(), world, admittest.Write(admit.Create, cm("none", nil), nil)); err == nil {
		t.Error("a missing namespace is no error")
	}
}
