package ownerreferences

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

// grants allows "VERB NAMESPACE/RESOURCE/SUBRESOURCE/NAME".
type grants map[string]bool

func (g grants) Allowed(_ context.Context, _ authenticationv1.UserInfo, r authorizationv1.ResourceAttributes) (bool, string, error) {
	return g[r.Verb+" "+r.Namespace+"/"+r.Resource+"/"+r.Subresource+"/"+r.Name], "no rule", nil
}

func resourceOf(gvk schema.GroupVersionKind) *kinds.Resource {
	switch gvk.Kind {
	case "ReplicationController":
		return &kinds.Resource{Version: "v1", Kind: gvk.Kind, Plural: "replicationcontrollers", Namespaced: true}
	case "Node":
		return &kinds.Resource{Version: "v1", Kind: gvk.Kind, Plural: "nodes"}
	}
	return nil
}

func pod(refs ...metav1.OwnerReference) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p", OwnerReferences: refs}}
}

func owner(kind string, uid types.UID, block bool) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: "v1", Kind: kind, Name: "o", UID: uid, BlockOwnerDeletion: ptr.To(block)}
}

func TestReview(t *testing.T) {
	const (
		cannotDelete = `pods "p" is forbidden: cannot set an ownerRef on a resource you can't delete: no rule, <nil>`
		cannotBlock  = `pods "p" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: no rule, <nil>`
		mayDelete    = "delete ns/pods//p"
	)
	rc, rcBlocks := owner("ReplicationController", "u", false), owner("ReplicationController", "u", true)
	for _, test := range []struct {
		name  string
		write *admit.Attributes
		grant string
		want  string
	}{
		{"create without owners", admittest.Write(admit.Create, pod(), nil), "", ""},
		{"create with an owner", admittest.Write(admit.Create, pod(rc), nil), "", ""},
		{"create that blocks", admittest.Write(admit.Create, pod(rcBlocks), nil), "", cannotBlock},
		{"create that may block", admittest.Write(admit.Create, pod(rcBlocks), nil), "update ns/replicationcontrollers/finalizers/o", ""},
		{"an owner of the cluster", admittest.Write(admit.Create, pod(owner("Node", "u", true)), nil), "update /nodes/finalizers/o", ""},
		{"an unknown owner", admittest.Write(admit.Create, pod(owner("Nope", "u", true)), nil), "", `pods "p" is forbidden: cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion v1 Kind Nope: no matches for kind "Nope" in version "v1"`},
		{"no change", admittest.Write(admit.Update, pod(rcBlocks), pod(rcBlocks)), "", ""},
		{"new owner", admittest.Write(admit.Update, pod(rc), pod()), "", cannotDelete},
		{"new owner, may delete", admittest.Write(admit.Update, pod(rc), pod()), mayDelete, ""},
		{"removed owner", admittest.Write(admit.Update, pod(), pod(rc)), "", cannotDelete},
		{"now blocks", admittest.Write(admit.Update, pod(rcBlocks), pod(rc)), mayDelete, cannotBlock},
		{"blocked before", admittest.Write(admit.Update, pod(rcBlocks, owner("Node", "v", false)), pod(rcBlocks)), mayDelete, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := New(grants{test.grant: true}, resourceOf).Review(context.Background(), test.write)
			if err != nil && err.Error() != test.want || err == nil && test.want != "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
