package statefulset

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// errClaimGoes says that a claim of the pod is being deleted: the pod waits until it is gone.
var errClaimGoes = errors.New("a claim is being deleted")

// makeClaims makes the claims of a pod that are missing.
func (c *controller) makeClaims(ctx context.Context, set *appsv1.StatefulSet, ordinal int) error {
	for i := range set.Spec.VolumeClaimTemplates {
		t := &set.Spec.VolumeClaimTemplates[i]
		name := claimName(set, t.Name, ordinal)
		have, err := c.claims.PersistentVolumeClaims(set.Namespace).Get(name)
		switch {
		case err == nil && have.DeletionTimestamp != nil:
			return errClaimGoes
		case err == nil:
			continue
		case !apierrors.IsNotFound(err):
			return err
		}
		claim := t.DeepCopy()
		claim.Name, claim.Namespace = name, set.Namespace
		if claim.Labels == nil {
			claim.Labels = map[string]string{}
		}
		if set.Spec.Selector != nil {
			maps.Copy(claim.Labels, set.Spec.Selector.MatchLabels)
		}
		claim.OwnerReferences = wantedOwners(set, nil, ordinal, claim.OwnerReferences)
		_, err = c.client.CoreV1().PersistentVolumeClaims(set.Namespace).Create(ctx, claim, metav1.CreateOptions{})
		pod := nameOf(set, ordinal)
		switch {
		case err == nil:
			c.events.Eventf(set, corev1.EventTypeNormal, "SuccessfulCreate", "create Claim %s Pod %s in StatefulSet %s success", name, pod, set.Name)
		case apierrors.IsAlreadyExists(err): // the cache lags
		default:
			c.events.Eventf(set, corev1.EventTypeWarning, "FailedCreate", "create Claim %s for Pod %s in StatefulSet %s failed error: %s", name, pod, set.Name, err)
			return fmt.Errorf("claim %s: %w", name, err)
		}
	}
	return nil
}

// ownClaims makes set or pod the owner of the pod's claims, as the retention policy says, so that the garbage
// collector deletes them with it (KEP-1847).
func (c *controller) ownClaims(ctx context.Context, set *appsv1.StatefulSet, pod *corev1.Pod) error {
	ordinal, ok := ordinalOf(set, pod.Name)
	if !ok {
		return nil
	}
	for _, t := range set.Spec.VolumeClaimTemplates {
		have, err := c.claims.PersistentVolumeClaims(set.Namespace).Get(claimName(set, t.Name, ordinal))
		if apierrors.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		want := wantedOwners(set, pod, ordinal, have.OwnerReferences)
		if equality.Semantic.DeepEqual(want, have.OwnerReferences) {
			continue
		}
		next := have.DeepCopy()
		next.OwnerReferences = want
		if _, err := c.client.CoreV1().PersistentVolumeClaims(set.Namespace).Update(ctx, next, metav1.UpdateOptions{}); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
	}
	return nil
}

// wantedOwners are the owners a claim shall have: those of other kinds it has, and set or pod.
func wantedOwners(set *appsv1.StatefulSet, pod *corev1.Pod, ordinal int, have []metav1.OwnerReference) []metav1.OwnerReference {
	var deleted, scaled appsv1.PersistentVolumeClaimRetentionPolicyType
	if r := set.Spec.PersistentVolumeClaimRetentionPolicy; r != nil {
		deleted, scaled = r.WhenDeleted, r.WhenScaled
	}
	byPod := scaled == appsv1.DeletePersistentVolumeClaimRetentionPolicyType && !inRange(set, ordinal)
	bySet := deleted == appsv1.DeletePersistentVolumeClaimRetentionPolicyType && !byPod
	out := slices.DeleteFunc(slices.Clone(have), func(r metav1.OwnerReference) bool {
		isSet := r.Kind == kind.Kind && r.Name == set.Name
		isPod := r.Kind == "Pod" && r.APIVersion == "v1" && r.Name == nameOf(set, ordinal)
		keep := isSet && bySet && r.UID == set.UID || isPod && byPod && pod != nil && r.UID == pod.UID
		return (isSet || isPod) && !keep
	})
	owned := len(slices.DeleteFunc(slices.Clone(out), func(r metav1.OwnerReference) bool {
		return r.UID != set.UID && (pod == nil || r.UID != pod.UID)
	})) > 0
	switch {
	case owned:
	case byPod && pod != nil:
		out = append(out, *metav1.NewControllerRef(pod, corev1.SchemeGroupVersion.WithKind("Pod")))
	case bySet:
		out = append(out, *metav1.NewControllerRef(set, kind))
	}
	return out
}
