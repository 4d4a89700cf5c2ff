package resource

import (
	"net/http"
	"testing"
	"time"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gvk "k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/builtin"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/kinds/schema"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/store/cache"
	"github.com/nave-k8s/nave/store/memory"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// anEngine has every kind and an empty store.
func anEngine(t testing.TB) *Engine {
	t.Helper()
	types, err := schema.NewTypeConverter()
	if err != nil {
		t.Fatal(err)
	}
	jsonpatch.AccumulatedCopySizeLimit = 3 << 20 // as the server has it
	s := memory.New(memory.Config{})
	t.Cleanup(func() { s.Close() }) //nolint:errcheck // nothing is kept
	return New(Config{
		Kinds: kinds.NewSet(builtin.All()), Store: s, Types: types, MaxBody: 3 << 20,
		Cache: cache.New(cache.Config{Store: s, Prefix: "/registry/"}),
		Now:   func() time.Time { return noon },
	})
}

func (e *Engine) of(group, version, plural string) *kinds.Resource {
	return e.Kinds.Resource(gvk.GroupVersionResource{Group: group, Version: version, Resource: plural})
}

// aRequest is one to an object of the resource.
func aRequest(res *kinds.Resource, name string) *request.Request {
	r := &request.Request{
		HTTP:  &http.Request{Method: http.MethodPost, Header: http.Header{}, Body: http.NoBody},
		Group: res.Group, Version: res.Version, Resource: res.Plural, Name: name, IsResource: true,
	}
	if res.Namespaced {
		r.Namespace = "default"
	}
	return r
}

// created takes a decoded object through all that a create does to it before the store, and what is
// accepted into the store's bytes and out again in each form. Nothing may panic, and what is accepted must be
// readable: nobody could list the kind otherwise.
func created(t *testing.T, e *Engine, res *kinds.Resource, obj kinds.Object) (stored kinds.Object, accepted bool) {
	t.Helper()
	obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
	setDefaults(res, obj)
	r := aRequest(res, obj.GetName())
	if fitNamespace(res, obj, r.Namespace) != nil {
		return nil, false
	}
	wipe(obj)
	fields, err := e.fields(res, nil)
	if err != nil {
		t.Fatal(err)
	}
	obj = fields.UpdateNoErrors(newObject(res), obj, "fuzz").(kinds.Object)
	if res.Hub != nil {
		obj = res.ToHub(obj)
	}
	root := res.Root()
	obj.SetCreationTimestamp(metav1.NewTime(noon))
	obj.SetUID("8f5c4e0e-0000-4000-8000-000000000000")
	if root.Rules.PrepareCreate != nil {
		root.Rules.PrepareCreate(e.input(r), obj)
	}
	if errs := validateCreate(e.input(r), root, nameRule(res), obj); len(errs) > 0 {
		return nil, false
	}
	if root.Rules.Warn != nil {
		root.Rules.Warn(obj, nil)
	}
	return readable(t, res, obj), true
}

// readable stores an object that was accepted and reads it in each form.
func readable(t *testing.T, res *kinds.Resource, obj kinds.Object) kinds.Object {
	t.Helper()
	root := res.Root()
	value, err := codec.Encode(root, obj)
	if err != nil {
		t.Fatalf("what was accepted cannot be stored: %v", err)
	}
	stored, err := codec.Decode(root, value, 7)
	if err != nil {
		t.Fatalf("what was stored cannot be read: %v", err)
	}
	if _, err := codec.JSON(res, value, 7); err != nil {
		t.Fatalf("what was stored cannot be shown as JSON: %v", err)
	}
	if cut, ok, err := codec.Message(value, 7); err != nil || ok && len(cut.Append(nil)) != cut.Size() {
		t.Fatalf("what was stored cannot be sent as protobuf: %v", err)
	}
	if _, err := codec.Metadata(value); err != nil && !root.Storage.JSON {
		t.Fatalf("the metadata of what was stored cannot be read: %v", err)
	}
	if root.Table.Cells != nil {
		root.Table.Cells(stored, noon)
	}
	if root.Table.Conditions != nil {
		root.Table.Conditions(stored)
	}
	if root.Fields.Values != nil {
		root.Fields.Values(stored)
	}
	return stored
}

// changed does the same for an update of what is stored.
func changed(t *testing.T, e *Engine, res *kinds.Resource, obj, old kinds.Object) {
	t.Helper()
	root := res.Root()
	if res.Hub != nil {
		obj = res.ToHub(obj)
	}
	r := aRequest(res, old.GetName())
	c := change{res: res}
	if fitNamespace(root, obj, r.Namespace) != nil || checkVersion(res, r, obj, 7) != nil || e.check(r, &c, root, &root.Rules, obj, old) != nil {
		return
	}
	finished(root, obj, old)
	readable(t, res, obj)
}

func aPod() *corev1.Pod {
	grace := int64(30)
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default", Labels: map[string]string{"app": "a"}},
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: &grace,
			Volumes:                       []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}},
			Containers: []corev1.Container{{
				Name: "c", Image: "i", Ports: []corev1.ContainerPort{{ContainerPort: 80}},
				Env:          []corev1.EnvVar{{Name: "E", Value: "v"}},
				VolumeMounts: []corev1.VolumeMount{{Name: "v", MountPath: "/v"}},
			}},
		},
	}
}

func aDeployment() *appsv1.Deployment {
	labels := map[string]string{"app": "a"}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default"},
		Spec: appsv1.DeploymentSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: aPod().Spec},
		},
	}
}

func aService() *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default"},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": "a"}, Type: corev1.ServiceTypeNodePort,
			ClusterIP: "10.96.0.9", ClusterIPs: []string{"10.96.0.9"},
			Ports: []corev1.ServicePort{{Name: "web", Port: 80, TargetPort: intstr.FromString("http"), NodePort: 30080}},
		},
	}
}

func aJob() *batchv1.Job {
	spec := aPod().Spec
	spec.RestartPolicy = corev1.RestartPolicyNever
	mode := batchv1.IndexedCompletion
	n := int32(3)
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default"},
		Spec:       batchv1.JobSpec{CompletionMode: &mode, Completions: &n, Parallelism: &n, Template: corev1.PodTemplateSpec{Spec: spec}},
	}
}

func aDefinition() *apiextensionsv1.CustomResourceDefinition {
	text := apiextensionsv1.JSONSchemaProps{Type: "string", Enum: []apiextensionsv1.JSON{{Raw: []byte(`"x"`)}}}
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "widgets.example.com"},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: "example.com", Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "widgets", Singular: "widget", Kind: "Widget", ListKind: "WidgetList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
					Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{"spec": {
						Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{"text": text},
						XValidations: apiextensionsv1.ValidationRules{{Rule: "self.text != ''"}},
					}},
				}},
			}},
		},
	}
}

func aConfigMap() *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: "a", Namespace: "default", Labels: map[string]string{"app": "a"}},
		Data:       map[string]string{"k": "v"}, BinaryData: map[string][]byte{"b": {0, 1}},
	}
}
