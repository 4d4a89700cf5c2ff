package codec_test

import (
	"encoding/json"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/randfill"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/kinds/codec"
)

// filler makes random objects, with text that JSON has to escape now and then.
func filler(seed int64) *randfill.Filler {
	funcs := fuzzer.MergeFuzzerFuncs(metafuzzer.Funcs, func(serializer.CodecFactory) []interface{} {
		return []interface{}{
			func(s *string, c randfill.Continue) {
				*s = []string{"", "plain", "a-b.c/d", "a<b>&\"q\"\\", "line\nfeed\t\x01\x7f", "größe", "\u2028"}[c.Intn(7)]
			},
			func(f *metav1.FieldsV1, c randfill.Continue) {
				*f = *metav1.NewFieldsV1([]string{`{"f:spec":{"f:a":{}}}`, `{"f:a b":{}}`, `{"k:{\"x\":\"<\"}":{}}`}[c.Intn(3)])
			},
			func(raw *runtime.RawExtension, c randfill.Continue) {
				*raw = runtime.RawExtension{Raw: []byte(`{"a": [1, "<"]}`)}
			},
		}
	})
	return fuzzer.FuzzerFor(funcs, rand.NewSource(seed), serializer.NewCodecFactory(runtime.NewScheme()))
}

// TestForms holds the JSON of forms against encoding/json, for random objects of every kind.
func TestForms(t *testing.T) {
	var forms codec.Forms
	whole, all := 0, 0
	for _, r := range builtin.All() {
		if !r.Stored() || r.Hub != nil {
			continue
		}
		all++
		form := forms.Of(r)
		if form.Whole() {
			whole++
		}
		for seed := range int64(20) {
			obj := r.New().(kinds.Object)
			if seed > 0 {
				filler(seed).Fill(obj)
			}
			value, err := codec.Encode(r, obj)
			if err != nil {
				continue // random text that is no value of the type
			}
			same(t, form, r, value)
			sameRow(t, form, r, value)
		}
		if r.Table.Reads != nil && !form.Rows() {
			t.Errorf("%s: its table reads a field that there is not", r.Kind)
		}
	}
	if whole < all*9/10 {
		t.Errorf("of %d kinds only %d are written without decoding", all, whole)
	}
	t.Logf("%d of %d kinds are written without decoding", whole, all)
}

func same(t *testing.T, form *codec.Form, r *kinds.Resource, value []byte) {
	t.Helper()
	want, err := codec.JSON(r, value, 42)
	if err != nil {
		return
	}
	got, err := form.JSON(value, 42)
	if err != nil || string(got) != string(want) {
		t.Errorf("%s: %v\n got %s\nwant %s", r.Kind, err, got, want)
	}
	if meta, ok := form.AppendMetadata(nil, value, 42); ok && !strings.HasPrefix(string(want), `{"metadata":`+string(meta)) {
		t.Errorf("%s: metadata %s\nof %s", r.Kind, meta, want)
	}
}

const podText = `{"metadata":{"name":"web-0","namespace":"default","uid":"0b7a1f6e-3f0a-4d86-9a55-6f5e8e3a2b11","creationTimestamp":"2026-01-01T00:00:00Z",
	"labels":{"app":"web","tier":"frontend"},"managedFields":[{"manager":"kubectl","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:00Z","fieldsType":"FieldsV1",
	"fieldsV1":{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:name":{}}}}}}]},
	"spec":{"containers":[{"name":"app","image":"registry.example.com/team/app:v1.27.3","args":["--config=/etc/web/config.yaml"],"ports":[{"name":"http","containerPort":8080}],
	"env":[{"name":"POD_NAME","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],"resources":{"requests":{"cpu":"100m","memory":"128Mi"}},
	"volumeMounts":[{"name":"config","mountPath":"/etc/web"}]}],"volumes":[{"name":"config","configMap":{"name":"web"}}]},
	"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True","lastTransitionTime":"2026-01-01T00:00:00Z"}]}}`

// sameRow holds the cells of an object that is decoded for its row against those of the whole.
func sameRow(t *testing.T, form *codec.Form, r *kinds.Resource, value []byte) {
	t.Helper()
	whole, err := codec.Decode(r, value, 42)
	if err != nil || r.Table.Cells == nil {
		return
	}
	some, err := form.Row(value, 42)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1e9, 0)
	if got, want := r.Table.Cells(some, now), r.Table.Cells(whole, now); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: row %v, want %v", r.Kind, got, want)
	}
	if f := r.Table.Conditions; f != nil && !reflect.DeepEqual(f(some), f(whole)) {
		t.Errorf("%s: conditions %v, want %v", r.Kind, f(some), f(whole))
	}
}

// FuzzForms gives forms bytes that are no message.
func FuzzForms(f *testing.F) {
	var forms codec.Forms
	pods := resourceOf("Pod")
	value, err := codec.Encode(pods, pods.New().(kinds.Object))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	f.Add([]byte("k8s\x00"))
	f.Fuzz(func(t *testing.T, value []byte) { same(t, forms.Of(pods), pods, value) })
}

func resourceOf(kind string) *kinds.Resource {
	for _, r := range builtin.All() {
		if r.Kind == kind {
			return r
		}
	}
	return nil
}

func BenchmarkForms(b *testing.B) {
	var forms codec.Forms
	pods := resourceOf("Pod")
	obj := &corev1.Pod{}
	if err := json.Unmarshal([]byte(podText), obj); err != nil {
		b.Fatal(err)
	}
	value, err := codec.Encode(pods, obj)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(value)))
	b.Run("form", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := forms.Of(pods).JSON(value, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := codec.JSON(pods, value, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
