package policy

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
	kindsschema "github.com/nave-k8s/nave/kinds/schema"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

type nobody struct{}

func (nobody) Allowed(context.Context, authenticationv1.UserInfo, authorizationv1.ResourceAttributes) (bool, string, error) {
	return false, "", nil
}

func (nobody) AllowedPath(context.Context, authenticationv1.UserInfo, string, string) (bool, string, error) {
	return false, "", nil
}

// config is a cluster with the namespace ns, in which config maps and nodes can be params.
func config(t *testing.T) (Config, *admittest.World) {
	t.Helper()
	converter, err := kindsschema.NewTypeConverter()
	if err != nil {
		t.Fatal(err)
	}
	world := admittest.NewWorld(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "ns", Labels: map[string]string{"team": "red"}}})
	params := map[string]*kinds.Resource{
		"ConfigMap": {Version: "v1", Kind: "ConfigMap", Plural: "configmaps", Namespaced: true, Storage: kinds.Storage{Key: "configmaps"}},
		"Node":      {Version: "v1", Kind: "Node", Plural: "nodes", Storage: kinds.Storage{Key: "minions"}},
	}
	return Config{
		Reader: world, Authorizer: nobody{}, Served: func() []*kinds.Resource { return nil }, Types: converter,
		ResourceOf: func(gvk schema.GroupVersionKind) *kinds.Resource { return params[gvk.Kind] },
	}, world
}

// parse reads the spec of a policy or a binding, and names it.
func parse(t *testing.T, text, name string, obj kinds.Object, spec any) kinds.Object {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(text), spec); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	obj.SetName(name)
	return obj
}

const everything = "matchConstraints: {resourceRules: [{apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*', '*']}]}\n"

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: name}, Data: data}
}

func create(obj kinds.Object) *admit.Attributes {
	return admittest.By(admittest.Write(admit.Create, obj, nil), "ann")
}
