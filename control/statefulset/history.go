package statefulset

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

// hashLabel is on revisions; pods have the revision's whole name.
const hashLabel = "controller.kubernetes.io/hash"

// versions sees to it that the template has a revision, the newest, and returns the version that is current
// and the one to update to. ok is false if it is to be looked at again.
func (c *controller) versions(ctx context.Context, key loop.Key, set *appsv1.StatefulSet, owner claim.Owner) (current, update version, all []*appsv1.ControllerRevision, ok bool, err error) {
	all, err = revision.Claim(ctx, c.client, c.revisions, owner)
	if err != nil {
		return current, update, nil, false, err
	}
	patch, err := revision.Patch(&set.Spec.Template)
	if err != nil {
		return current, update, nil, false, err
	}
	newest, err := c.newest(ctx, key, set, all, patch)
	if newest == nil || err != nil {
		return current, update, nil, false, err
	}
	update = version{newest.Name, &set.Spec.Template}
	current = update
	for _, r := range all {
		if r.Name == set.Status.CurrentRevision && r.Name != newest.Name {
			template, err := revision.Template(r)
			if err != nil {
				return current, update, nil, false, err
			}
			current = version{r.Name, template}
		}
	}
	return current, update, all, true, nil
}

// newest is the revision of the template: one that is there, and made the newest again if it is not, or a
// new one. It is nil if the name was taken.
func (c *controller) newest(ctx context.Context, key loop.Key, set *appsv1.StatefulSet, all []*appsv1.ControllerRevision, patch []byte) (*appsv1.ControllerRevision, error) {
	api := c.client.AppsV1().ControllerRevisions(set.Namespace)
	for i := len(all) - 1; i >= 0; i-- {
		if !revision.Holds(all[i], patch) {
			continue
		}
		if i == len(all)-1 {
			return all[i], nil
		}
		again := all[i].DeepCopy()
		again.Revision = revision.Next(all)
		written, err := api.Update(ctx, again, metav1.UpdateOptions{})
		if err == nil {
			c.seenRevs.Wrote(key, written, c.now())
		}
		return written, err
	}
	collisions := set.Status.CollisionCount
	if collisions == nil {
		collisions = new(int32)
	}
	sum := hash.OfBytes(patch, collisions)
	labels := map[string]string{hashLabel: sum}
	for k, v := range set.Spec.Template.Labels {
		labels[k] = v
	}
	r := &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Name: set.Name[:min(len(set.Name), 223)] + "-" + sum, Namespace: set.Namespace, Labels: labels, Annotations: set.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(set, kind)},
		},
		Data: runtime.RawExtension{Raw: patch}, Revision: revision.Next(all),
	}
	made, err := api.Create(ctx, r, metav1.CreateOptions{})
	if !apierrors.IsAlreadyExists(err) {
		if err == nil {
			c.seenRevs.Wrote(key, made, c.now())
		}
		return made, err
	}
	there, err := api.Get(ctx, r.Name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	if revision.Holds(there, patch) && metav1.IsControlledBy(there, set) {
		return there, nil
	}
	next := set.DeepCopy()
	n := *collisions + 1
	next.Status.CollisionCount = &n
	written, err := c.client.AppsV1().StatefulSets(set.Namespace).UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if err == nil {
		c.seenSets.Wrote(key, written, c.now())
	}
	return nil, err
}

// cleanUp removes the oldest revisions beyond the limit that nothing is of.
func (c *controller) cleanUp(ctx context.Context, set *appsv1.StatefulSet, all []*appsv1.ControllerRevision, p *plan, mine []*corev1.Pod) error {
	if set.Spec.RevisionHistoryLimit == nil {
		return nil
	}
	live := map[string]bool{p.current.name: true, p.update.name: true, p.status.CurrentRevision: true}
	for _, pod := range mine {
		live[pod.Labels[appsv1.ControllerRevisionHashLabelKey]] = true
	}
	var old []*appsv1.ControllerRevision
	for _, r := range all {
		if !live[r.Name] {
			old = append(old, r)
		}
	}
	for _, r := range old[:max(0, len(old)-int(*set.Spec.RevisionHistoryLimit))] {
		if err := c.client.AppsV1().ControllerRevisions(set.Namespace).Delete(ctx, r.Name, metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}
