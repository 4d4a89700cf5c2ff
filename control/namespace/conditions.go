package namespace

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// report writes what was found into the namespace's conditions, as kubectl describe shows them.
func (c *controller) report(ctx context.Context, ns *corev1.Namespace, found *findings) error {
	next := ns.DeepCopy()
	changed := false
	for _, want := range found.conditions() {
		if setCondition(next, want, metav1.NewTime(c.now())) {
			changed = true
		}
	}
	if !changed {
		return nil
	}
	next.ResourceVersion = ""
	_, err := c.client.CoreV1().Namespaces().UpdateStatus(ctx, next, metav1.UpdateOptions{})
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil // it is gone, or is looked at again
	}
	return err
}

// setCondition reports whether it changed anything.
func setCondition(ns *corev1.Namespace, want corev1.NamespaceCondition, now metav1.Time) bool {
	for i := range ns.Status.Conditions {
		have := &ns.Status.Conditions[i]
		if have.Type != want.Type {
			continue
		}
		if have.Status == want.Status && have.Reason == want.Reason && have.Message == want.Message {
			return false
		}
		want.LastTransitionTime = have.LastTransitionTime
		if have.Status != want.Status {
			want.LastTransitionTime = now
		}
		*have = want
		return true
	}
	want.LastTransitionTime = now
	ns.Status.Conditions = append(ns.Status.Conditions, want)
	return true
}

func (f *findings) conditions() []corev1.NamespaceCondition {
	condition := func(kind corev1.NamespaceConditionType, bad bool, reason, message, good, fine string) corev1.NamespaceCondition {
		if bad {
			return corev1.NamespaceCondition{Type: kind, Status: corev1.ConditionTrue, Reason: reason, Message: message}
		}
		return corev1.NamespaceCondition{Type: kind, Status: corev1.ConditionFalse, Reason: good, Message: fine}
	}
	var discovery string
	if f.discovery != nil {
		discovery = "Discovery failed for some groups, 1 failing: " + f.discovery.Error()
	}
	var content []string
	for _, err := range f.content {
		content = append(content, err.Error())
	}
	return []corev1.NamespaceCondition{
		condition(corev1.NamespaceDeletionDiscoveryFailure, f.discovery != nil, "DiscoveryFailed", discovery,
			"ResourcesDiscovered", "All resources successfully discovered"),
		condition(corev1.NamespaceDeletionGVParsingFailure, false, "", "",
			"ParsedGroupVersions", "All legacy kube types successfully parsed"),
		condition(corev1.NamespaceDeletionContentFailure, len(content) > 0, "ContentDeletionFailed",
			fmt.Sprintf("Failed to delete all resource types, %d remaining: %s", len(content), strings.Join(content, ", ")),
			"ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
		condition(corev1.NamespaceContentRemaining, len(f.remaining) > 0, "SomeResourcesRemain",
			"Some resources are remaining: "+counts(f.remaining, "%s has %d resource instances"),
			"ContentRemoved", "All content successfully removed"),
		condition(corev1.NamespaceFinalizersRemaining, len(f.finalizers) > 0, "SomeFinalizersRemain",
			"Some content in the namespace has finalizers remaining: "+counts(f.finalizers, "%s in %d resource instances"),
			"ContentHasNoFinalizers", "All content-preserving finalizers finished"),
	}
}

func counts(of map[string]int, format string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(of)) {
		out = append(out, fmt.Sprintf(format, k, of[k]))
	}
	return strings.Join(out, ", ")
}
