package disruption

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// expected is how many pods there shall be, and how many of them healthy.
type expected struct {
	pods, healthy int32
	unmanaged     []string
}

func (c *controller) expect(ctx context.Context, b *policyv1.PodDisruptionBudget, mine []*corev1.Pod) (e expected, err error) {
	switch {
	case b.Spec.MaxUnavailable != nil:
		if e, err = c.scale(ctx, mine); err != nil {
			return e, err
		}
		n, err := intstr.GetScaledValueFromIntOrPercent(b.Spec.MaxUnavailable, int(e.pods), true)
		if err != nil {
			return e, err
		}
		e.healthy = max(0, e.pods-int32(n))
	case b.Spec.MinAvailable != nil && b.Spec.MinAvailable.Type == intstr.Int:
		e.pods, e.healthy = int32(len(mine)), b.Spec.MinAvailable.IntVal
	case b.Spec.MinAvailable != nil:
		if e, err = c.scale(ctx, mine); err != nil {
			return e, err
		}
		n, err := intstr.GetScaledValueFromIntOrPercent(b.Spec.MinAvailable, int(e.pods), true)
		if err != nil {
			return e, err
		}
		e.healthy = int32(n)
	}
	return e, nil
}

// scale adds up what the controllers of the pods declare.
func (c *controller) scale(ctx context.Context, mine []*corev1.Pod) (e expected, err error) {
	seen := map[types.UID]bool{}
	for _, p := range mine {
		ref := metav1.GetControllerOfNoCopy(p)
		if ref == nil {
			e.unmanaged = append(e.unmanaged, p.Name)
			continue
		}
		if seen[ref.UID] {
			continue
		}
		seen[ref.UID] = true
		uid, n, err := c.scaleOf(ctx, p.Namespace, *ref)
		if err != nil {
			return e, err
		}
		if uid == "" {
			return e, fmt.Errorf("found no controllers for pod %q", p.Name)
		}
		if uid != ref.UID && seen[uid] {
			continue
		}
		seen[uid] = true
		e.pods += n
	}
	return e, nil
}

// scaleOf is what an owner of pods declares; of a replica set of a deployment, what the deployment does. uid
// is empty if the owner is gone.
func (c *controller) scaleOf(ctx context.Context, namespace string, ref metav1.OwnerReference) (uid types.UID, n int32, err error) {
	gv, err := schema.ParseGroupVersion(ref.APIVersion)
	if err != nil {
		return "", 0, err
	}
	declared := func(obj metav1.Object, replicas *int32, err error) (types.UID, int32, error) {
		switch {
		case apierrors.IsNotFound(err) || err == nil && obj.GetUID() != ref.UID:
			return "", 0, nil
		case err != nil:
			return "", 0, err
		case replicas == nil:
			return ref.UID, 1, nil
		}
		return ref.UID, *replicas, nil
	}
	switch (schema.GroupKind{Group: gv.Group, Kind: ref.Kind}) {
	case schema.GroupKind{Group: "apps", Kind: "ReplicaSet"}:
		rs, err := c.replicaSets.ReplicaSets(namespace).Get(ref.Name)
		if err != nil {
			return declared(nil, nil, err)
		}
		owner := metav1.GetControllerOfNoCopy(rs)
		if owner == nil || rs.UID != ref.UID {
			return declared(rs, rs.Spec.Replicas, nil)
		}
		return c.scaleOf(ctx, namespace, *owner)
	case schema.GroupKind{Group: "apps", Kind: "Deployment"}:
		d, err := c.deployments.Deployments(namespace).Get(ref.Name)
		if err != nil {
			return declared(nil, nil, err)
		}
		return declared(d, d.Spec.Replicas, nil)
	case schema.GroupKind{Group: "apps", Kind: "StatefulSet"}:
		s, err := c.statefulSet.StatefulSets(namespace).Get(ref.Name)
		if err != nil {
			return declared(nil, nil, err)
		}
		return declared(s, s.Spec.Replicas, nil)
	case schema.GroupKind{Kind: "ReplicationController"}:
		rc, err := c.controllers.ReplicationControllers(namespace).Get(ref.Name)
		if err != nil {
			return declared(nil, nil, err)
		}
		return declared(rc, rc.Spec.Replicas, nil)
	}
	sc, _, err := c.scaler.Get(ctx, namespace, gv.WithKind(ref.Kind), ref.Name)
	if apierrors.IsNotFound(err) {
		// Either the object is gone or its kind cannot be scaled.
		return "", 0, fmt.Errorf("%s.%s does not implement the scale subresource", ref.Kind, gv.Group)
	}
	if err != nil {
		return "", 0, err
	}
	return declared(sc, &sc.Spec.Replicas, nil)
}
