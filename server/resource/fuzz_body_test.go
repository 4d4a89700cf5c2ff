package resource

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/respond"
)

// FuzzBody decodes request bodies of each media type into a few kinds. What decodes goes the whole way of a
// create, and whatever error comes must have a text.
func FuzzBody(f *testing.F) {
	e := anEngine(f)
	all := []*kinds.Resource{e.of("", "v1", "configmaps"), e.of("", "v1", "pods"), e.of("apps", "v1", "deployments")}
	types := []string{respond.JSON, respond.YAML, respond.Protobuf}
	for i, obj := range []kinds.Object{aConfigMap(), aPod(), aDeployment()} {
		obj.GetObjectKind().SetGroupVersionKind(all[i].GroupVersionKind())
		inJSON, err := json.Marshal(obj)
		if err != nil {
			f.Fatal(err)
		}
		inYAML, err := yaml.JSONToYAML(inJSON)
		if err != nil {
			f.Fatal(err)
		}
		inProtobuf, err := codec.Protobuf(obj, all[i].GroupVersion().String(), all[i].Kind)
		if err != nil {
			f.Fatal(err)
		}
		for typ, data := range [][]byte{inJSON, inYAML, inProtobuf} {
			f.Add(uint8(i), uint8(typ), data)
		}
	}
	f.Add(uint8(0), uint8(1), []byte("a: &a [x]\nb: [*a, *a]\n<<: *a\n"))
	f.Add(uint8(0), uint8(1), []byte("metadata: {name: a}\ndata: {a: !!binary aGk=, b: 1e400, c: 0x10, d: .nan}\n"))
	f.Add(uint8(1), uint8(0), []byte(`{"spec":{"containers":[{"resources":{"limits":{"cpu":"1e1000"}}}]}}`))
	f.Fuzz(func(t *testing.T, kind, typ uint8, data []byte) {
		res := all[int(kind)%len(all)]
		b := body{data: data, typ: types[int(typ)%len(types)], want: res.GroupVersionKind(), strict: kind&0x80 == 0}
		r := aRequest(res, "")
		obj := res.New().(kinds.Object)
		if err := e.decodeBody(r, res, b, obj, metav1.FieldValidationWarn); err != nil {
			if err.Error() == "" {
				t.Error("an error without a text")
			}
			return
		}
		created(t, e, res, obj)
	})
}
