package deployment

import (
	"context"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// rollbackTarget is the revision that the annotation left by extensions/v1beta1 clients asks for; 0 is the
// last one before the current. (kubectl rollout undo changes the template itself.)
func rollbackTarget(d *appsv1.Deployment) (int64, bool) {
	n, err := strconv.ParseInt(d.Annotations[appsv1.DeprecatedRollbackTo], 10, 64)
	return n, err == nil
}

// rollback makes the template of an older revision the deployment's, and takes the request back.
func (c *controller) rollback(ctx context.Context, d *appsv1.Deployment, selector labels.Selector, target int64) error {
	mine, err := c.claim(ctx, d, selector)
	if err != nil {
		return err
	}
	if target == 0 {
		target = lastRevision(mine)
	}
	next := d.DeepCopy()
	delete(next.Annotations, appsv1.DeprecatedRollbackTo)
	reason, kind, message := "DeploymentRollbackRevisionNotFound", corev1.EventTypeWarning, "Unable to find the revision to rollback to."
	if target == 0 {
		message = "Unable to find last revision."
	}
	for _, rs := range mine {
		if target == 0 || revisionOf(rs) != target {
			continue
		}
		if sameTemplate(&rs.Spec.Template, &d.Spec.Template) {
			reason, message = "DeploymentRollbackTemplateUnchanged", "The rollback revision contains the same template as current deployment \""+d.Name+"\""
			break
		}
		next.Spec.Template = *rs.Spec.Template.DeepCopy()
		next.Spec.Template.Labels = withoutHash(next.Spec.Template.Labels)
		for k, v := range rs.Annotations {
			if !ownAnnotation(k) {
				next.Annotations[k] = v
			}
		}
		reason, kind, message = "DeploymentRollback", corev1.EventTypeNormal, "Rolled back deployment \""+d.Name+"\" to revision "+strconv.FormatInt(target, 10)
	}
	c.events.Event(d, kind, reason, message)
	_, err = c.client.AppsV1().Deployments(d.Namespace).Update(ctx, next, metav1.UpdateOptions{})
	return err
}

// lastRevision is the second highest.
func lastRevision(mine []*appsv1.ReplicaSet) int64 {
	var all []int64
	for _, rs := range mine {
		all = append(all, revisionOf(rs))
	}
	slices.Sort(all)
	if len(all) < 2 {
		return 0
	}
	return all[len(all)-2]
}
