package kinds

import (
	"slices"
	"strings"
	"testing"

	clientv3 "go.etcd.io/etcd/client/v3"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	clientscheme "k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/nave-k8s/nave/store/etcdtest"
	"github.com/nave-k8s/nave/test/up"
)

const namespace = "default"

// TestEveryKind lets an object of every kind live and die.
func TestEveryKind(t *testing.T) {
	endpoint := etcdtest.Serve(t)
	server := up.Start(t, "--etcd-servers", "http://"+endpoint, "--without", "controllers,scheduler,cloud,nodes")
	etcd, err := clientv3.New(clientv3.Config{Endpoints: []string{endpoint}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { etcd.Close() }) //nolint:errcheck // the test is over
	facts, err := readFacts("testdata/storage.tsv")
	if err != nil {
		t.Fatal(err)
	}
	objects, err := readObjects("testdata/objects")
	if err != nil {
		t.Fatal(err)
	}
	client := kubernetes.NewForConfigOrDie(server.Config(t))
	prepare(t, client)

	resources := creatable(t, client)
	known := map[schema.GroupVersionKind]bool{}
	for _, encoding := range []string{"application/json", "application/vnd.kubernetes.protobuf"} {
		t.Run(strings.TrimPrefix(encoding, "application/"), func(t *testing.T) {
			for _, resource := range resources {
				gvk := schema.GroupVersionKind{Group: resource.Group, Version: resource.Version, Kind: resource.Kind}
				known[gvk] = true
				t.Run(gvk.Group+"/"+gvk.Version+"/"+resource.Name, func(t *testing.T) {
					object := objects[gvk]
					if object == nil {
						t.Fatalf("there is no %s in testdata/objects: add one", gvk)
					}
					l := newLife(t, server.Config(t), encoding, resource, object)
					l.etcd = etcd
					if f, ok := facts[schema.GroupResource{Group: resource.Group, Resource: resource.Name}]; ok {
						l.fact = f
						l.all(t)
					} else if l.create(t); slices.Contains(resource.Verbs, "get") {
						t.Errorf("nothing says how %s are stored", resource.Name)
					}
				})
			}
		})
	}
	for gvk := range objects {
		if !known[gvk] {
			t.Errorf("the server does not let %s be created, though testdata/objects has one", gvk)
		}
	}
}

// creatable are the resources that can be created, with their group and version filled in.
func creatable(t *testing.T, client kubernetes.Interface) (resources []metav1.APIResource) {
	t.Helper()
	_, lists, err := client.Discovery().ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "create") && !strings.Contains(r.Name, "/") {
				r.Group, r.Version = gv.Group, gv.Version
				resources = append(resources, r)
			}
		}
	}
	const fewest = 71
	if len(resources) < fewest {
		t.Fatalf("only %d resources can be created", len(resources))
	}
	return resources
}

// prepare makes what objects need: the service account of pods, and a pod for each binding.
func prepare(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	if _, err := client.CoreV1().ServiceAccounts(namespace).Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"to-bind-json", "to-bind-protobuf"} {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "web", Image: "nginx"}}},
		}
		if _, err := client.CoreV1().Pods(namespace).Create(t.Context(), pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

// scheme has the types of all kinds.
func scheme(t *testing.T) *runtime.Scheme {
	t.Helper()
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientscheme.AddToScheme, apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme,
	} {
		if err := add(s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}
