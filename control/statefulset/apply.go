package statefulset

import (
	"context"
	"errors"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/control/loop"
	"github.com/nave-k8s/nave/control/pods"
)

// apply makes, mends and deletes pods and their claims.
func (c *controller) apply(ctx context.Context, key loop.Key, set *appsv1.StatefulSet, mine []*corev1.Pod, p *plan) error {
	if set.DeletionTimestamp == nil {
		for _, pod := range mine {
			if err := c.mend(ctx, key, set, pod); err != nil {
				return err
			}
		}
	}
	_, createErr := pods.SlowStart(len(p.create), func(i int) error {
		err := c.create(ctx, key, set, p.create[i])
		if err != nil {
			p.counted(p.create[i].Labels[appsv1.ControllerRevisionHashLabelKey], -1)
		}
		return err
	})
	if errors.Is(createErr, errClaimGoes) {
		createErr = nil // the claim's end is awaited
		p.after = settle * 10
	}
	var errs []error
	for _, pod := range p.ended {
		if pod.Status.Phase == corev1.PodFailed {
			c.events.Eventf(set, corev1.EventTypeWarning, "RecreatingFailedPod", "StatefulSet %s/%s is recreating failed Pod %s", set.Namespace, set.Name, pod.Name)
		} else {
			c.events.Eventf(set, corev1.EventTypeNormal, "RecreatingTerminatedPod", "StatefulSet %s/%s is recreating terminated Pod %s", set.Namespace, set.Name, pod.Name)
		}
		errs = append(errs, c.delete(ctx, key, set, pod))
	}
	for _, pod := range p.remove {
		err := c.delete(ctx, key, set, pod)
		if err == nil {
			p.counted(pod.Labels[appsv1.ControllerRevisionHashLabelKey], -1)
			p.status.Replicas++ // it is there until it has ended
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, createErr)...)
}

// mend gives a pod the labels and claims that are its own.
func (c *controller) mend(ctx context.Context, key loop.Key, set *appsv1.StatefulSet, pod *corev1.Pod) error {
	if err := c.ownClaims(ctx, set, pod); err != nil {
		return err
	}
	n, ok := ordinalOf(set, pod.Name)
	if !ok || !pods.Active(pod) || !inRange(set, n) {
		return nil
	}
	if pod.Status.Phase == corev1.PodPending {
		if err := c.makeClaims(ctx, set, n); err != nil && !errors.Is(err, errClaimGoes) {
			return err
		}
	}
	next := pod.DeepCopy()
	if !identify(set, next) {
		return nil
	}
	written, err := c.client.CoreV1().Pods(set.Namespace).Update(ctx, next, metav1.UpdateOptions{})
	if err == nil {
		c.seen.Wrote(key, written, c.now())
		c.events.Eventf(set, corev1.EventTypeNormal, "SuccessfulUpdate", "update Pod %s in StatefulSet %s successful", pod.Name, set.Name)
	}
	return err
}

func (c *controller) create(ctx context.Context, key loop.Key, set *appsv1.StatefulSet, pod *corev1.Pod) error {
	n, _ := ordinalOf(set, pod.Name)
	if err := c.makeClaims(ctx, set, n); err != nil {
		return err
	}
	made, err := c.client.CoreV1().Pods(set.Namespace).Create(ctx, pod, metav1.CreateOptions{})
	switch {
	case err == nil:
		c.seen.Wrote(key, made, c.now())
		c.events.Eventf(set, corev1.EventTypeNormal, "SuccessfulCreate", "create Pod %s in StatefulSet %s successful", pod.Name, set.Name)
	case apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
	default:
		c.events.Eventf(set, corev1.EventTypeWarning, "FailedCreate", "create Pod %s in StatefulSet %s failed error: %s", pod.Name, set.Name, err)
	}
	return err
}

func (c *controller) delete(ctx context.Context, key loop.Key, set *appsv1.StatefulSet, pod *corev1.Pod) error {
	err := c.client.CoreV1().Pods(set.Namespace).Delete(ctx, pod.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &pod.UID}})
	switch {
	case err == nil:
		c.seen.Deleted(key, pod, c.now())
		c.events.Eventf(set, corev1.EventTypeNormal, "SuccessfulDelete", "delete Pod %s in StatefulSet %s successful", pod.Name, set.Name)
	case apierrors.IsNotFound(err) || apierrors.IsConflict(err):
		return nil
	default:
		c.events.Eventf(set, corev1.EventTypeWarning, "FailedDelete", "delete Pod %s in StatefulSet %s failed error: %s", pod.Name, set.Name, err)
	}
	return err
}
