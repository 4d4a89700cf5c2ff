package policy

import (
	"context"
	"maps"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func mutating(t *testing.T, name, text string) []kinds.Object {
	p := &admissionregistrationv1.MutatingAdmissionPolicy{}
	b := &admissionregistrationv1.MutatingAdmissionPolicyBinding{}
	b.Spec.PolicyName, b.Name = name, "b"+name
	return []kinds.Object{parse(t, everything+text, name, p, &p.Spec), b}
}

func apply(expression string) string {
	return "{patchType: ApplyConfiguration, applyConfiguration: {expression: \"" + expression + "\"}}"
}

func jsonPatch(expression string) string {
	return "{patchType: JSONPatch, jsonPatch: {expression: \"" + expression + "\"}}"
}

func TestMutating(t *testing.T) {
	for _, test := range []struct {
		name     string
		policies []string // p0, p1, ...
		want     map[string]string
		err      string
		code     int32
	}{
		{name: "apply", policies: []string{"mutations: [" + apply("Object{data: {'b': object.data.a + '2'}}") + "]"}, want: map[string]string{"a": "1", "b": "12"}},
		{name: "patch", policies: []string{"mutations: [" + jsonPatch("[JSONPatch{op: 'test', path: '/data/a', value: '1'}, JSONPatch{op: 'move', from: '/data/a', path: '/data/' + jsonpatch.escapeKey('x/y')}]") + "]"}, want: map[string]string{"x/y": "1"}},
		{name: "a test that does not hold", policies: []string{"mutations: [" + jsonPatch("[JSONPatch{op: 'replace', path: '/data/a', value: '2'}, JSONPatch{op: 'test', path: '/data/a', value: '1'}]") + "]"}, want: map[string]string{"a": "1"}},
		{name: "mutations see each other", policies: []string{"mutations: [" + apply("Object{data: {'b': '2'}}") + "," + jsonPatch("[JSONPatch{op: 'add', path: '/data/c', value: object.data.b}]") + "]"}, want: map[string]string{"a": "1", "b": "2", "c": "2"}},
		{name: "no condition holds", policies: []string{"matchConditions: [{name: c, expression: 'false'}]\nmutations: [" + apply("Object{data: {'a': '2'}}") + "]"}, want: map[string]string{"a": "1"}},
		{name: "fails", policies: []string{"mutations: [" + apply("Object{data: {'b': object.data.none}}") + "]"}, err: "policy 'p0' with binding 'bp0' denied request: expression 'Object{data: {'b': object.data.none}}' resulted in error: no such key: none", code: 403},
		{name: "fails and is ignored", policies: []string{"failurePolicy: Ignore\nmutations: [" + apply("Object{data: {'b': object.data.none}}") + "," + apply("Object{data: {'c': '3'}}") + "]"}, want: map[string]string{"a": "1", "c": "3"}},
		{name: "unknown field", policies: []string{"mutations: [" + apply("Object{none: 1}") + "]"}, err: "policy 'p0' with binding 'bp0' denied request: error applying patch: failed to convert patch object to typed object: .none: field not declared in schema", code: 403},
		{name: "wrong type", policies: []string{"mutations: [" + apply("Object{metadata: Object.spec{name: 'x'}}") + "]"}, err: "policy 'p0' with binding 'bp0' denied request: type mismatch: unexpected type name \"Object.spec\", expected \"Object.metadata\", which matches field name path from root Object type", code: 403},
		{name: "patched into nonsense", policies: []string{"mutations: [" + jsonPatch("[JSONPatch{op: 'add', path: '/none', value: 1}]") + "]"}, err: `Internal error occurred: strict decoding error: unknown field "none"`, code: 500},
		{name: "changed again", policies: []string{
			"reinvocationPolicy: IfNeeded\nmutations: [" + apply("'b' in object.data ? Object{data: {'c': object.data.b + '!'}} : Object{}") + "]",
			"mutations: [" + apply("Object{data: {'b': '2'}}") + "]",
		}, want: map[string]string{"a": "1", "b": "2", "c": "2!"}},
		{name: "not again", policies: []string{
			"mutations: [" + apply("'b' in object.data ? Object{data: {'c': object.data.b + '!'}} : Object{}") + "]",
			"mutations: [" + apply("Object{data: {'b': '2'}}") + "]",
		}, want: map[string]string{"a": "1", "b": "2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, world := config(t)
			for i, text := range test.policies {
				world.Put(mutating(t, "p"+string(rune('0'+i)), text)...)
			}
			chain, err := admit.NewChain(NewMutating(c))
			if err != nil {
				t.Fatal(err)
			}
			obj := configMap("name", map[string]string{"a": "1"})
			err = chain.Mutate(context.Background(), create(obj))
			if test.err != "" {
				status, ok := err.(apierrors.APIStatus)
				if !ok || status.Status().Message != test.err || status.Status().Code != test.code {
					t.Fatalf("got %v\nwant %s", err, test.err)
				}
				return
			}
			if err != nil || !maps.Equal(obj.Data, test.want) {
				t.Errorf("got %v, %v", obj.Data, err)
			}
		})
	}
}

// TestAtomic: what can only be set as a whole is not set by apply configurations; lists with keys are merged.
func TestAtomic(t *testing.T) {
	for _, test := range []struct{ expression, want string }{
		{"Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', image: 'j'}]}}", ""},
		{"Object{spec: Object.spec{containers: [Object.spec.containers{name: 'c', args: ['x']}]}}", "may not mutate atomic arrays, maps or structs: .spec.containers[0].args"},
		{"Object{spec: Object.spec{nodeSelector: {'a': 'b'}}}", "may not mutate atomic arrays, maps or structs: .spec.nodeSelector"},
	} {
		c, world := config(t)
		world.Put(mutating(t, "p", "mutations: ["+apply(test.expression)+"]")...)
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p"}, Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "a"}, {Name: "c", Command: []string{"run"}}}}}
		err := NewMutating(c).Mutate(context.Background(), admittest.Write(admit.Create, pod, nil))
		if test.want != "" {
			if want := "policy 'p' with binding 'bp' denied request: error applying patch: invalid ApplyConfiguration: " + test.want; err == nil || err.Error() != want {
				t.Errorf("got %v\nwant %s", err, want)
			}
			continue
		}
		if err != nil || len(pod.Spec.Containers) != 2 || pod.Spec.Containers[1].Image != "j" || pod.Spec.Containers[1].Command[0] != "run" {
			t.Errorf("got %+v, %v", pod.Spec, err)
		}
	}
}

// TestDeleteIsNotMutated: there is nothing to change.
func TestDeleteIsNotMutated(t *testing.T) {
	c, world := config(t)
	world.Put(mutating(t, "p", "mutations: ["+apply("Object{data: {'b': '2'}}")+"]")...)
	if err := NewMutating(c).Mutate(context.Background(), admittest.Write(admit.Delete, nil, configMap("name", nil))); err != nil {
		t.Error(err)
	}
}
