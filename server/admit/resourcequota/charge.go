package resourcequota

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/quota"
	"github.com/nave-k8s/nave/server/admit"
)

// charge adds delta to status.used of each quota, or refuses. Each quota is read, checked and written in one
// compare-and-swap, so however many servers charge at once, none goes over. When a later quota refuses, the
// earlier ones get back what they paid.
func (p *Plugin) charge(ctx context.Context, a *admit.Attributes, quotas []*corev1.ResourceQuota, delta corev1.ResourceList) error {
	if len(quotas) > 1 { // what does not fit shows before anything is written
		for _, q := range quotas {
			if err := p.fits(ctx, a, q.Name, delta); err != nil {
				return err
			}
		}
	}
	for i, q := range quotas {
		if len(quota.Mask(delta, quota.Names(q.Status.Hard))) == 0 {
			continue
		}
		err := p.add(ctx, a, q.Name, delta)
		if apierrors.IsNotFound(err) {
			continue // deleted meanwhile: it limits nothing
		}
		if err != nil {
			p.refund(ctx, a, quotas[:i], delta)
			return err
		}
	}
	return nil
}

// fits looks at the quota as it is now.
func (p *Plugin) fits(ctx context.Context, a *admit.Attributes, name string, delta corev1.ResourceList) error {
	obj, err := p.reader.Get(ctx, "", "resourcequotas", a.Namespace, name)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	q, err := asQuota(obj)
	if err != nil {
		return err
	}
	return exceeded(a, q, delta)
}

func (p *Plugin) add(ctx context.Context, a *admit.Attributes, name string, delta corev1.ResourceList) error {
	return p.writer.Update(ctx, "", "resourcequotas", "status", a.Namespace, name, func(obj kinds.Object) error {
		q, err := asQuota(obj)
		if err != nil {
			return err
		}
		if err := exceeded(a, q, delta); err != nil {
			return err
		}
		q.Status.Used = quota.Add(q.Status.Used, quota.Mask(delta, quota.Names(q.Status.Hard)))
		return nil
	})
}

// refund takes back what was charged. If that fails too, the controller will count right.
func (p *Plugin) refund(ctx context.Context, a *admit.Attributes, quotas []*corev1.ResourceQuota, delta corev1.ResourceList) {
	for _, q := range quotas {
		if len(quota.Mask(delta, quota.Names(q.Status.Hard))) == 0 {
			continue
		}
		_ = p.writer.Update(ctx, "", "resourcequotas", "status", a.Namespace, q.Name, func(obj kinds.Object) error {
			q, err := asQuota(obj)
			if err != nil {
				return err
			}
			left := quota.Subtract(q.Status.Used, quota.Mask(delta, quota.Names(q.Status.Hard)))
			if len(quota.Negative(left)) > 0 {
				return fmt.Errorf("quota %s was counted anew", q.Name)
			}
			q.Status.Used = left
			return nil
		})
	}
}

func asQuota(obj kinds.Object) (*corev1.ResourceQuota, error) {
	q, ok := obj.(*corev1.ResourceQuota)
	if !ok {
		return nil, fmt.Errorf("resource quota is a %T", obj)
	}
	return q, nil
}
