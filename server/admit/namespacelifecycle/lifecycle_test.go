package namespacelifecycle

import (
	"context"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func namespace(name string, phase corev1.NamespacePhase) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}, Status: corev1.NamespaceStatus{Phase: phase}}
}

func configMap(ns string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "c"}}
}

func TestMutate(t *testing.T) {
	gone := `configmaps "c" is forbidden: unable to create new content in namespace going because it is being terminated`
	for _, test := range []struct {
		name string
		op   admit.Operation
		obj  kinds.Object
		old  kinds.Object
		want string
	}{
		{"create", admit.Create, configMap("here"), nil, ""},
		{"create in a terminating namespace", admit.Create, configMap("going"), nil, gone},
		{"update in a terminating namespace", admit.Update, configMap("going"), configMap("going"), ""},
		{"create in no namespace", admit.Create, configMap("none"), nil, `namespaces "none" not found`},
		{"update in no namespace", admit.Update, configMap("none"), configMap("none"), `namespaces "none" not found`},
		{"delete in no namespace", admit.Delete, nil, configMap("none"), ""},
		{"namespace of another server", admit.Create, configMap("late"), nil, ""},
		{"cluster-scoped", admit.Create, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n"}}, nil, ""},
		{"a new namespace", admit.Create, namespace("none", ""), nil, ""},
		{"delete default", admit.Delete, nil, namespace("default", ""), `namespaces "default" is forbidden: this namespace may not be deleted`},
		{"delete kube-system", admit.Delete, nil, namespace("kube-system", ""), `namespaces "kube-system" is forbidden: this namespace may not be deleted`},
		{"delete kube-public", admit.Delete, nil, namespace("kube-public", ""), `namespaces "kube-public" is forbidden: this namespace may not be deleted`},
		{"delete kube-node-lease", admit.Delete, nil, namespace("kube-node-lease", ""), ""},
		{"access review", admit.Create, &authorizationv1.LocalSubjectAccessReview{ObjectMeta: metav1.ObjectMeta{Namespace: "none"}}, nil, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			world := admittest.NewWorld(namespace("here", corev1.NamespaceActive), namespace("going", corev1.NamespaceTerminating))
			world.OnSync = func() { world.Put(namespace("late", corev1.NamespaceActive)) }
			err := New(world).Mutate(context.Background(), admittest.Write(test.op, test.obj, test.old))
			if got := message(err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if test.want == gone && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
				t.Error("no cause NamespaceTerminating")
			}
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
