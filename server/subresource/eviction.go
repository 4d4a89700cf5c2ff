package subresource

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
)

// eviction serves pods/eviction: a deletion that disruption budgets may refuse.
type eviction struct {
	reader  Reader
	writer  Writer
	deleter Deleter
	now     Clock
}

// conflictTries bounds how often an eviction starts again because somebody changed the pod meanwhile.
const conflictTries = 20

func (e eviction) create(ctx context.Context, c *Call) (runtime.Object, error) {
	obj := c.Object.(*policyv1.Eviction)
	if obj.Name != c.Name {
		return nil, apierrors.NewBadRequest("name in URL does not match name in Eviction object")
	}
	options, err := evictionOptions(obj, c.DryRun)
	if err != nil {
		return nil, err
	}
	pod, err := e.pod(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}

	// A pod that runs nothing disrupts nobody: no budget is asked. The pod is deleted only as it was
	// seen, lest it has become ready meanwhile.
	pinned := options.Preconditions != nil && options.Preconditions.ResourceVersion != nil
	for tries := 0; free(pod); tries++ {
		use := options
		if !pinned && pod.Status.Phase == corev1.PodPending && pod.DeletionTimestamp == nil {
			use = pin(options, pod.ResourceVersion)
		}
		err := e.delete(ctx, c, use)
		if err == nil {
			return success(), nil
		}
		if pinned || !apierrors.IsConflict(err) || tries == conflictTries {
			return nil, err
		}
		if pod, err = e.pod(ctx, c); err != nil {
			return nil, err
		}
	}

	budget, spent, err := e.askBudget(ctx, pod, dryRun(options))
	if err != nil {
		return nil, err
	}
	unhealthy := budget != "" && !spent
	use := options
	if unhealthy { // allowed because it is not ready: it must still be so
		use = pin(options, pod.ResourceVersion)
	}
	if err := e.delete(ctx, c, use); err != nil {
		if apierrors.IsConflict(err) && unhealthy && !pinned {
			return nil, budgetBusy(budget)
		}
		return nil, err
	}
	return success(), nil
}

func (e eviction) pod(ctx context.Context, c *Call) (*corev1.Pod, error) {
	obj, err := e.reader.Get(ctx, "", "pods", c.Namespace, c.Name)
	if err != nil {
		return nil, err
	}
	return obj.(*corev1.Pod), nil
}

// evictionOptions are the options of the deletion: those of the body, with the request's dry run.
func evictionOptions(e *policyv1.Eviction, dry bool) (*metav1.DeleteOptions, error) {
	options := e.DeleteOptions
	if options == nil {
		options = &metav1.DeleteOptions{}
	}
	asked := []string(nil)
	if dry {
		asked = []string{metav1.DryRunAll}
	}
	switch {
	case len(options.DryRun) == 0:
		options.DryRun = asked
	case dry && !slices.Equal(asked, options.DryRun):
		return nil, fmt.Errorf("Non-matching dry-run options in request and content: %v and %v", asked, options.DryRun)
	}
	if errs := validation.ValidateDeleteOptions(options); len(errs) > 0 {
		return nil, apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "DeleteOptions"}, "", errs)
	}
	return options, nil
}

func dryRun(options *metav1.DeleteOptions) bool { return len(options.DryRun) > 0 }

// pin returns the options with the precondition that the pod is at the version.
func pin(options *metav1.DeleteOptions, version string) *metav1.DeleteOptions {
	options = options.DeepCopy()
	if options.Preconditions == nil {
		options.Preconditions = &metav1.Preconditions{}
	}
	options.Preconditions.ResourceVersion = &version
	return options
}

// free reports whether a pod can be evicted without asking a budget.
func free(pod *corev1.Pod) bool {
	switch pod.Status.Phase {
	case corev1.PodSucceeded, corev1.PodFailed, corev1.PodPending:
		return true
	}
	return pod.DeletionTimestamp != nil
}

// delete marks the pod as a target of disruption (KEP-3329) and deletes it.
func (e eviction) delete(ctx context.Context, c *Call, options *metav1.DeleteOptions) error {
	if errs := validation.ValidateDeleteOptions(options); len(errs) > 0 {
		return apierrors.NewInvalid(schema.GroupKind{Group: metav1.GroupName, Kind: "DeleteOptions"}, "", errs)
	}
	if dryRun(options) {
		return e.deleter.Delete(ctx, "", "pods", c.Namespace, c.Name, options)
	}
	marked, err := e.writer.Set(ctx, "", "pods", c.Namespace, c.Name, func(obj kinds.Object) error {
		pod := obj.(*corev1.Pod)
		if err := evictionPreconditions(pod, options.Preconditions); err != nil {
			return err
		}
		setPodCondition(pod, corev1.PodCondition{
			Type: corev1.DisruptionTarget, Status: corev1.ConditionTrue,
			Reason: "EvictionByEvictionAPI", Message: "Eviction API: evicting",
		}, metav1.NewTime(e.now()))
		return nil
	})
	if err != nil {
		return err
	}
	if options.Preconditions != nil && options.Preconditions.ResourceVersion != nil {
		options = pin(options, marked.GetResourceVersion()) // the mark was a change of our own
	}
	return e.deleter.Delete(ctx, "", "pods", c.Namespace, c.Name, options)
}

func evictionPreconditions(pod *corev1.Pod, p *metav1.Preconditions) error {
	if p == nil {
		return nil
	}
	kind := schema.GroupResource{Resource: "Pod"}
	if p.UID != nil && *p.UID != "" && *p.UID != pod.UID {
		return apierrors.NewConflict(kind, pod.Name, fmt.Errorf("the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated", *p.UID, pod.UID))
	}
	if v := p.ResourceVersion; v != nil && *v != "" && *v != pod.ResourceVersion {
		return apierrors.NewConflict(kind, pod.Name, fmt.Errorf("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified", *v, pod.ResourceVersion))
	}
	return nil
}
