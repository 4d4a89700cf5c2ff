package revision

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/nave-k8s/nave/control/claim"
	"github.com/nave-k8s/nave/control/pods"
)

// Claim returns the owner's revisions, the oldest first, after adoption and release.
func Claim(ctx context.Context, client kubernetes.Interface, indexer cache.Indexer, owner claim.Owner) ([]*appsv1.ControllerRevision, error) {
	ns := owner.Object.GetNamespace()
	owner.Patch = func(ctx context.Context, name string, patch []byte) error {
		_, err := client.AppsV1().ControllerRevisions(ns).Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
		return err
	}
	mine, err := claim.Claim(ctx, owner, append(
		pods.Owned[*appsv1.ControllerRevision](indexer, owner.Object.GetUID()),
		pods.Orphans[*appsv1.ControllerRevision](indexer, ns)...))
	Sort(mine)
	return mine, err
}
