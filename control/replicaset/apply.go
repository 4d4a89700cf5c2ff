package replicaset

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// apply makes and deletes pods.
func (c *controller) apply(ctx context.Context, key loop.Key, s *set, p plan) error {
	if p.create > 0 {
		owner := *metav1.NewControllerRef(s, c.sets.kind())
		_, err := pods.SlowStart(p.create, func(int) error {
			made, err := c.ctl.Create(ctx, pods.FromTemplate(&s.Spec.Template, s.Namespace, owner), s.original)
			if err == nil {
				c.seen.Wrote(key, made, c.now())
			}
			if apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
				return nil // the set goes soon as well
			}
			return err
		})
		return err
	}
	return pods.First(pods.All(len(p.remove), func(i int) error {
		err := c.ctl.Delete(ctx, p.remove[i], s.original)
		if err == nil {
			c.seen.Deleted(key, p.remove[i], c.now())
		}
		return err
	}))
}
