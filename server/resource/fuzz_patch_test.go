package resource

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/kinds"
)

// patchBodies begin the search: good and odd patches of each type.
var patchBodies = map[types.PatchType][]string{
	types.JSONPatchType: {
		`[{"op":"replace","path":"/spec/containers/0/image","value":"j"},{"op":"add","path":"/metadata/labels/x","value":"y"}]`,
		`[{"op":"test","path":"/metadata/name","value":"a"},{"op":"remove","path":"/spec/volumes/-1"}]`,
		`[{"op":"copy","from":"/spec","path":"/metadata/annotations/x"},{"op":"move","from":"/spec/containers/0","path":"/spec/initContainers"}]`,
		`[{"op":"add","path":"/spec/containers/-","value":null},{"op":"add","path":"","value":{}}]`,
		`[{"op":"add","path":"/spec/containers/99999999999999999999","value":1}]`,
		`[null]`, `[{"op":"copy","from":"/metadata/labels/~1~0","path":"/a~"}]`,
	},
	types.MergePatchType: {
		`{"metadata":{"labels":{"app":null,"x":"y"}},"spec":{"containers":[{"name":"c","image":"j"}]}}`,
		`{"spec":null}`, `null`, `[]`, `{"metadata":{"name":"b"}}`, `{"kind":"Service","apiVersion":"v1"}`, `{"a":1,"a":2}`,
	},
	types.StrategicMergePatchType: {
		`{"spec":{"containers":[{"name":"c","image":"j"},{"name":"d","image":"k"}],"$setElementOrder/containers":[{"name":"d"},{"name":"c"}]}}`,
		`{"spec":{"containers":[{"$patch":"delete","name":"c"}],"volumes":[{"$patch":"replace"}]}}`,
		`{"spec":{"$retainKeys":["containers"],"volumes":[{"name":"v","$retainKeys":["name","emptyDir"]}]}}`,
		`{"metadata":{"$deleteFromPrimitiveList/finalizers":["x"],"$setElementOrder/finalizers":["a",1,null]}}`,
		`{"$patch":"replace"}`, `{"$patch":5}`, `{"spec":{"containers":{"$patch":"merge"}}}`, `null`,
		`{"spec":{"$setElementOrder/tolerations":[{}],"tolerations":[{}]}}`,
	},
	types.ApplyYAMLPatchType: {
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {x: y}}\nspec: {containers: [{name: c, image: j}]}\n",
		"apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c}, {name: c}]}\n",
		"apiVersion: v1\nkind: Pod\nspec: {containers: [{image: x}, {name: null}, null, {name: [a]}]}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {managedFields: [{}]}\n",
		"a: &a {b: c}\n<<: *a\n", "null", "[]", "- a", "apiVersion: v2\nkind: [x]\n", "kind: Pod\napiVersion: v1\nmetadata: 5\n",
	},
}

func FuzzJSONPatch(f *testing.F)      { fuzzPatch(f, types.JSONPatchType) }
func FuzzMergePatch(f *testing.F)     { fuzzPatch(f, types.MergePatchType) }
func FuzzStrategicPatch(f *testing.F) { fuzzPatch(f, types.StrategicMergePatchType) }
func FuzzApply(f *testing.F)          { fuzzPatch(f, types.ApplyYAMLPatchType) }

// fuzzPatch patches a pod, and takes what comes of it through defaults, rules and the store's bytes.
func fuzzPatch(f *testing.F, typ types.PatchType) {
	for _, text := range patchBodies[typ] {
		f.Add([]byte(text), uint8(0))
		f.Add([]byte(text), uint8(1))
		f.Add([]byte(text), uint8(6))
	}
	e := anEngine(f)
	res := e.of("", "v1", "pods")
	f.Fuzz(func(t *testing.T, data []byte, how uint8) {
		live, ok := created(t, e, res, aPod())
		if !ok {
			t.Fatal("the good pod is refused")
		}
		old := live.DeepCopyObject().(kinds.Object)
		live.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
		force := how&4 != 0
		options := &metav1.PatchOptions{
			FieldManager:    "patcher",
			FieldValidation: []string{metav1.FieldValidationWarn, metav1.FieldValidationStrict, metav1.FieldValidationIgnore}[how%3],
		}
		if typ == types.ApplyYAMLPatchType {
			options.Force = &force
		}
		p := patch{typ: typ, data: data, options: options, engine: e, r: aRequest(res, "a")}
		if p.read() != nil {
			return
		}
		obj, err := p.apply(res, nil, live)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		changed(t, e, res, obj, old)
	})
}
