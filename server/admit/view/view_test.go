package view

import (
	"encoding/json"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
	"github.com/nave-k8s/nave/server/admit/match"
)

// versions are two of one kind: Secret is the hub, ConfigMap stands for an older version of it.
func versions() (old, hub *kinds.Resource) {
	hub = &kinds.Resource{Version: "v2", Kind: "Thing", Plural: "things", New: func() runtime.Object { return &corev1.Secret{} },
		Rules: kinds.For[*corev1.Secret]{Default: func(s *corev1.Secret) {
			if s.Type == "" {
				s.Type = "defaulted"
			}
		}}.Rules()}
	old = &kinds.Resource{Version: "v1", Kind: "Thing", Plural: "things", Hub: hub, New: func() runtime.Object { return &corev1.ConfigMap{} },
		FromHub: func(o kinds.Object) kinds.Object {
			s := o.(*corev1.Secret)
			return &corev1.ConfigMap{ObjectMeta: s.ObjectMeta, Data: s.StringData}
		},
		ToHub: func(o kinds.Object) kinds.Object {
			c := o.(*corev1.ConfigMap)
			return &corev1.Secret{ObjectMeta: c.ObjectMeta, StringData: c.Data}
		}}
	return old, hub
}

func data(obj runtime.Object) map[string]string { return obj.(*corev1.ConfigMap).Data }

func TestViewInAnotherVersion(t *testing.T) {
	old, hub := versions()
	obj := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a"}, StringData: map[string]string{"x": "1"}}
	a := admittest.Write(admit.Update, obj, obj.DeepCopy())
	a.Resource = hub
	v := Of(a, match.Target{Resource: old})
	object, oldObject, err := v.Objects()
	if err != nil || object.GetObjectKind().GroupVersionKind() != old.GroupVersionKind() || data(object)["x"] != "1" || data(oldObject)["x"] != "1" {
		t.Fatalf("got %v, %v, %v", object, oldObject, err)
	}
	raw, _, err := v.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(raw, &back); err != nil || back["apiVersion"] != "v1" || back["kind"] != "Thing" {
		t.Errorf("JSON %s, %v", raw, err)
	}
	request, err := v.Request()
	if err != nil || request.Kind.Version != "v1" || request.RequestKind.Version != "v2" || string(request.Options.Raw) != `{"kind":"UpdateOptions","apiVersion":"meta.k8s.io/v1"}` {
		t.Errorf("request %+v, %v", request, err)
	}
	changed, err := v.Replace([]byte(`{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"},"data":{"x":"2"}}`))
	if err != nil || !changed || obj.StringData["x"] != "2" || obj.Type != "defaulted" || obj.Kind != "" {
		t.Errorf("replaced: %v, %v, %+v", changed, err, obj)
	}
	if object, _, err = v.Objects(); err != nil || data(object)["x"] != "2" {
		t.Errorf("the view is stale: %v, %v", object, err)
	}
	if changed, err = v.Replace([]byte(`{"apiVersion":"v1","kind":"Thing","metadata":{"name":"a"},"data":{"x":"2"}}`)); err != nil || changed {
		t.Errorf("the same again: %v, %v", changed, err)
	}
	unknown := []byte(`{"metadata":{"name":"a"},"other":1}`)
	if _, err = v.ReplaceStrictly(unknown); err == nil || err.Error() != `strict decoding error: unknown field "other"` {
		t.Errorf("strictly: %v", err)
	}
	if changed, err = v.Replace(unknown); err != nil || !changed {
		t.Errorf("not strictly: %v, %v", changed, err)
	}
}
