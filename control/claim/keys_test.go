package claim

import (
	"fmt"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

func TestKeys(t *testing.T) {
	owner := func(name string, selector map[string]string) *appsv1.DaemonSet {
		return &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: name}, Spec: appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: selector}}}
	}
	keys := Keys(appsv1.SchemeGroupVersion.WithKind("DaemonSet"),
		func(string) []*appsv1.DaemonSet {
			return []*appsv1.DaemonSet{owner("x", map[string]string{"app": "x"}), owner("too", map[string]string{"app": "x"}), owner("y", map[string]string{"app": "y"}), owner("all", nil)}
		},
		func(ds *appsv1.DaemonSet) (labels.Selector, error) {
			return metav1.LabelSelectorAsSelector(ds.Spec.Selector)
		})
	controlled := func(apiVersion, kind string) []metav1.OwnerReference {
		yes := true
		return []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: "mine", Controller: &yes}}
	}
	for name, c := range map[string]struct {
		labels map[string]string
		owners []metav1.OwnerReference
		want   string
	}{
		"controlled":                  {map[string]string{"app": "y"}, controlled("apps/v1", "DaemonSet"), "[a/mine]"},
		"controlled by another kind":  {map[string]string{"app": "x"}, controlled("apps/v1", "ReplicaSet"), "[]"},
		"controlled by another group": {map[string]string{"app": "x"}, controlled("other/v1", "DaemonSet"), "[]"},
		"orphan of two":               {map[string]string{"app": "x"}, nil, "[a/x a/too]"},
		"orphan of nobody":            {map[string]string{"app": "z"}, nil, "[]"},
		"without labels":              {nil, nil, "[]"},
	} {
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "p", Labels: c.labels, OwnerReferences: c.owners}}
		if got := fmt.Sprint(keys(p)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	if got := keys("no object"); got != nil {
		t.Errorf("of a string: %v", got)
	}
}
