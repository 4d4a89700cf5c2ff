package daemonset

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/control/claim"
	"github.com/nave-k8s/nave/control/hash"
	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/revision"
)

const hashLabel = appsv1.DefaultDaemonSetUniqueLabelKey

// history sees to it that the template has a revision, the newest, and returns its hash and the older ones.
// The hash is empty if it is to be looked at again.
func (c *controller) history(ctx context.Context, key loop.Key, ds *appsv1.DaemonSet, owner claim.Owner) (string, []*appsv1.ControllerRevision, error) {
	all, err := revision.Claim(ctx, c.client, c.revisions, owner)
	if err != nil {
		return "", nil, err
	}
	patch, err := revision.Patch(&ds.Spec.Template)
	if err != nil {
		return "", nil, err
	}
	var current *appsv1.ControllerRevision
	var old []*appsv1.ControllerRevision
	for _, r := range all {
		if !revision.Holds(r, patch) {
			old = append(old, r)
			continue
		}
		if current != nil {
			old = append(old, current) // of one template, the newest counts
		}
		current = r
	}
	next := revision.Next(old)
	api := c.client.AppsV1().ControllerRevisions(ds.Namespace)
	switch {
	case current == nil:
		current, err = c.snapshot(ctx, key, ds, patch, next)
		if current == nil || err != nil {
			return "", nil, err
		}
	case current.Revision < next || current.Labels[hashLabel] == "":
		changed := current.DeepCopy()
		changed.Revision = max(next, current.Revision)
		if changed.Labels == nil {
			changed.Labels = map[string]string{}
		}
		if changed.Labels[hashLabel] == "" {
			changed.Labels[hashLabel] = changed.Name
		}
		if current, err = api.Update(ctx, changed, metav1.UpdateOptions{}); err != nil {
			return "", nil, err
		}
		c.seenRevs.Wrote(key, current, c.now())
	}
	return current.Labels[hashLabel], old, nil
}

// snapshot makes a revision of the template. It returns nil if its name was taken, and another is next.
func (c *controller) snapshot(ctx context.Context, key loop.Key, ds *appsv1.DaemonSet, patch []byte, number int64) (*appsv1.ControllerRevision, error) {
	sum := hash.Of(&ds.Spec.Template, ds.Status.CollisionCount)
	labels := map[string]string{hashLabel: sum}
	for k, v := range ds.Spec.Template.Labels {
		labels[k] = v
	}
	r := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Name: ds.Name + "-" + sum, Namespace: ds.Namespace, Labels: labels, Annotations: ds.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(ds, kind)},
		},
		Data: runtime.RawExtension{Raw: patch}, Revision: number,
	}
	api := c.client.AppsV1().ControllerRevisions(ds.Namespace)
	made, err := api.Create(ctx, r, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		there, getErr := api.Get(ctx, r.Name, metav1.GetOptions{})
		if getErr != nil {
			return nil, getErr
		}
		if revision.Holds(there, patch) && metav1.IsControlledBy(there, ds) {
			return there, nil
		}
		return nil, c.collide(ctx, key, ds)
	}
	if err == nil {
		c.seenRevs.Wrote(key, made, c.now())
	}
	return made, err
}

// collide counts one more collision, which the next hash depends on.
func (c *controller) collide(ctx context.Context, key loop.Key, ds *appsv1.DaemonSet) error {
	next := ds.DeepCopy()
	n := int32(1)
	if ds.Status.CollisionCount != nil {
		n = *ds.Status.CollisionCount + 1
	}
	next.Status.CollisionCount = &n
	written, err := c.client.AppsV1().DaemonSets(ds.Namespace).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if err == nil {
		c.seenSets.Wrote(key, written, c.now())
	}
	return err
}

// cleanUp removes the oldest revisions beyond the limit; those that pods are of stay.
func (c *controller) cleanUp(ctx context.Context, ds *appsv1.DaemonSet, old []*appsv1.ControllerRevision, mine []*corev1.Pod) error {
	if ds.Spec.RevisionHistoryLimit == nil {
		return nil
	}
	live := map[string]bool{}
	for _, p := range mine {
		live[p.Labels[hashLabel]] = true
	}
	excess := len(old) - int(*ds.Spec.RevisionHistoryLimit)
	for _, r := range old {
		if excess <= 0 {
			return nil
		}
		if live[r.Labels[hashLabel]] {
			continue
		}
		if err := c.client.AppsV1().ControllerRevisions(ds.Namespace).Delete(ctx, r.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
		excess--
	}
	return nil
}
