package match

import (
	"context"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func TestResources(t *testing.T) {
	world := admittest.NewWorld(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ns", Labels: map[string]string{"team": "red"}}})
	a := admittest.Write(admit.Create, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "a", Labels: map[string]string{"x": "y"}}}, nil)
	const rule = "apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [configmaps]"
	for _, test := range []struct {
		text string
		want bool
		err  bool
	}{
		{"{}", true, false},
		{"resourceRules: [{" + rule + "}]", true, false},
		{"resourceRules: [{" + rule + ", resourceNames: [a, b]}]", true, false},
		{"resourceRules: [{" + rule + ", resourceNames: [b]}]", false, false},
		{"resourceRules: [{" + rule + ", resourceNames: [b]}, {" + rule + "}]", true, false},
		{"excludeResourceRules: [{" + rule + "}]", false, false},
		{"excludeResourceRules: [{" + rule + ", resourceNames: [b]}]", true, false},
		{"namespaceSelector: {matchLabels: {team: red}}\nobjectSelector: {matchLabels: {x: 'y'}}", true, false},
		{"namespaceSelector: {matchLabels: {team: blue}}", false, false},
		{"objectSelector: {matchLabels: {x: z}}", false, false},
		{"objectSelector: {matchExpressions: [{key: x, operator: Wrong}]}", false, true},
		{"resourceRules: [{" + rule + ", resourceNames: [b]}]\nobjectSelector: {matchExpressions: [{key: x, operator: Wrong}]}", false, false},
	} {
		var m admissionregistrationv1.MatchResources
		if err := yaml.UnmarshalStrict([]byte(test.text), &m); err != nil {
			t.Fatalf("%s: %v", test.text, err)
		}
		target, got, err := CompileResources(&m).Match(context.Background(), world, a, nil)
		if got != test.want || (err != nil) != test.err || got && target != Of(a) {
			t.Errorf("%s: got %v, %v", test.text, got, err)
		}
	}
}
