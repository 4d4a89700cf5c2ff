package noderestriction

import (
	"context"
	"maps"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
)

// pod: a node makes mirror pods of its own and deletes pods bound to it.
func (p *Plugin) pod(ctx context.Context, a *admit.Attributes, node string) error {
	switch a.Operation {
	case admit.Create:
		pod, ok := a.Object.(*corev1.Pod)
		if !ok {
			return unexpected(a, a.Object)
		}
		return p.mirrorPod(ctx, a, pod, node)
	case admit.Delete:
		pod, err := p.getPod(ctx, a.Namespace, a.Name)
		if apierrors.IsNotFound(err) {
			return err
		}
		if err != nil {
			return admit.Forbidden(a, "%w", err)
		}
		if pod.Spec.NodeName != node {
			return admit.Forbidden(a, "node %q can only delete pods with spec.nodeName set to itself", node)
		}
		return nil
	}
	return admit.Forbidden(a, "unexpected operation %q, node %q can only create and delete mirror pods", a.Operation, node)
}

func (p *Plugin) mirrorPod(ctx context.Context, a *admit.Attributes, pod *corev1.Pod, node string) error {
	if _, mirror := pod.Annotations[corev1.MirrorPodAnnotationKey]; !mirror {
		return admit.Forbidden(a, "pod does not have %q annotation, node %q can only create mirror pods", corev1.MirrorPodAnnotationKey, node)
	}
	if pod.Spec.NodeName != node {
		return admit.Forbidden(a, "node %q can only create pods with spec.nodeName set to itself", node)
	}
	if len(pod.OwnerReferences) > 1 {
		return admit.Forbidden(a, "node %q can only create pods with a single owner reference set to itself", node)
	}
	if len(pod.OwnerReferences) == 0 {
		return admit.Forbidden(a, "node %q can only create pods with an owner reference set to itself", node)
	}
	owner := pod.OwnerReferences[0]
	switch {
	case owner.APIVersion != "v1" || owner.Kind != "Node" || owner.Name != node:
		return admit.Forbidden(a, "node %q can only create pods with an owner reference set to itself", node)
	case owner.Controller == nil || !*owner.Controller:
		return admit.Forbidden(a, "node %q can only create pods with a controller owner reference set to itself", node)
	case owner.BlockOwnerDeletion != nil && *owner.BlockOwnerDeletion:
		return admit.Forbidden(a, "node %q must not set blockOwnerDeletion on an owner reference", node)
	}
	obj, err := p.reader.Get(ctx, "", "nodes", "", node)
	if apierrors.IsNotFound(err) {
		return inSingular(err, "node", node)
	}
	if err != nil {
		return admit.Forbidden(a, "error looking up node %s to verify uid: %v", node, err)
	}
	if owner.UID != obj.GetUID() {
		return admit.Forbidden(a, "node %s UID mismatch: expected %s got %s", node, owner.UID, obj.GetUID())
	}
	if what := reference(pod); what != "" {
		return admit.Forbidden(a, "node %q can not create pods that reference %q", node, what)
	}
	return nil
}

// podStatus: a node says how its pods are, and nothing else about them.
func podStatus(a *admit.Attributes, node string) error {
	if a.Operation != admit.Update {
		return admit.Forbidden(a, "unexpected operation %q", a.Operation)
	}
	old, ok := a.OldObject.(*corev1.Pod)
	if !ok {
		return unexpected(a, a.OldObject)
	}
	if old.Spec.NodeName != node {
		return admit.Forbidden(a, "node %q can only update pod status for pods with spec.nodeName set to itself", node)
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return unexpected(a, a.Object)
	}
	if !maps.Equal(old.Labels, pod.Labels) {
		return admit.Forbidden(a, "node %q cannot update labels through pod status", node)
	}
	if !apiequality.Semantic.DeepEqual(old.Status.ResourceClaimStatuses, pod.Status.ResourceClaimStatuses) {
		return admit.Forbidden(a, "node %q cannot update resource claim statues", node)
	}
	if !apiequality.Semantic.DeepEqual(old.Status.ExtendedResourceClaimStatus, pod.Status.ExtendedResourceClaimStatus) {
		return admit.Forbidden(a, "node %q cannot update extended resource claim status", node)
	}
	return nil
}

// eviction: a node evicts its own pods.
func (p *Plugin) eviction(ctx context.Context, a *admit.Attributes, node string) error {
	if a.Operation != admit.Create {
		return admit.Forbidden(a, "unexpected operation %s", a.Operation)
	}
	name := a.Name
	if name == "" {
		eviction, ok := a.Object.(*policyv1.Eviction)
		if !ok {
			return unexpected(a, a.Object)
		}
		if name = eviction.Name; name == "" {
			return admit.Forbidden(a, "could not determine pod from request data")
		}
	}
	pod, err := p.getPod(ctx, a.Namespace, name)
	if apierrors.IsNotFound(err) {
		return err
	}
	if err != nil {
		return admit.Forbidden(a, "%w", err)
	}
	if pod.Spec.NodeName != node {
		return admit.Forbidden(a, "node %s can only evict pods with spec.nodeName set to itself", node)
	}
	return nil
}
