package resource

import (
	"encoding/json"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	kjson "sigs.k8s.io/json"

	"github.com/nave-k8s/nave/kinds"
)

// Objects of any content, as far as they decode, pass the rules of their kind without a panic: as new ones, and
// as changes of a good one.

func FuzzPod(f *testing.F)        { fuzzKind(f, "", "v1", "pods", aPod()) }
func FuzzService(f *testing.F)    { fuzzKind(f, "", "v1", "services", aService()) }
func FuzzDeployment(f *testing.F) { fuzzKind(f, "apps", "v1", "deployments", aDeployment()) }
func FuzzJob(f *testing.F)        { fuzzKind(f, "batch", "v1", "jobs", aJob()) }
func FuzzCustomResourceDefinition(f *testing.F) {
	fuzzKind(f, "apiextensions.k8s.io", "v1", "customresourcedefinitions", aDefinition())
}

func fuzzKind(f *testing.F, group, version, plural string, good kinds.Object) {
	e := anEngine(f)
	res := e.of(group, version, plural)
	inJSON, err := json.Marshal(good)
	if err != nil {
		f.Fatal(err)
	}
	inProtobuf, err := marshal(good)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(inJSON)
	f.Add(inProtobuf)
	f.Add([]byte(`{"metadata":{"name":"a"},"spec":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		obj, ok := e.decodeAny(res, data)
		if !ok {
			return
		}
		created(t, e, res, obj.DeepCopyObject().(kinds.Object))
		old, ok := created(t, e, res, good.DeepCopyObject().(kinds.Object))
		if !ok {
			t.Fatal("the good object is refused")
		}
		obj.SetName(good.GetName())
		obj.SetNamespace(good.GetNamespace())
		obj.SetResourceVersion("")
		obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
		setDefaults(res, obj)
		changed(t, e, res, obj, old)
	})
}

// FuzzEveryKind does the same for a kind by number, whose good objects are whatever is accepted.
func FuzzEveryKind(f *testing.F) {
	e := anEngine(f)
	var all []*kinds.Resource
	for _, res := range e.Kinds.All() {
		if res.Stored() && !isUnstructured(res) {
			all = append(all, res)
		}
	}
	for i := range all {
		f.Add(uint8(i), []byte(`{"metadata":{"name":"a","labels":{"a":"b"}},"spec":{}}`))
	}
	pod, _ := marshal(aPod())
	f.Add(uint8(0), pod)
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		res := all[int(kind)%len(all)]
		obj, ok := e.decodeAny(res, data)
		if !ok {
			return
		}
		old, ok := created(t, e, res, obj.DeepCopyObject().(kinds.Object))
		if !ok {
			return
		}
		obj.SetResourceVersion("")
		obj.SetNamespace(old.GetNamespace())
		obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
		setDefaults(res, obj)
		changed(t, e, res, obj, old)
	})
}

// decodeAny reads JSON or a protobuf message.
func (e *Engine) decodeAny(res *kinds.Resource, data []byte) (kinds.Object, bool) {
	obj := res.New().(kinds.Object)
	if len(data) > 0 && data[0] == '{' {
		return obj, kjson.UnmarshalCaseSensitivePreserveInts(data, obj) == nil
	}
	m, ok := obj.(interface{ Unmarshal([]byte) error })
	return obj, ok && m.Unmarshal(data) == nil && e.sound.Check(obj) == nil
}

func marshal(obj runtime.Object) ([]byte, error) {
	return obj.(interface{ Marshal() ([]byte, error) }).Marshal()
}
