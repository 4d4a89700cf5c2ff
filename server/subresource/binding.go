package subresource

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// binding serves pods/binding and the older bindings: a scheduler says on which node a pod runs.
type binding struct {
	reader Reader
	writer Writer
	now    Clock
	// anyName: the URL names no pod, the object alone does.
	anyName bool
}

var podResource = schema.GroupResource{Resource: "pods"}

func (b binding) create(ctx context.Context, c *Call) (runtime.Object, error) {
	obj := c.Object.(*corev1.Binding)
	if !b.anyName && obj.Name != c.Name {
		return nil, apierrors.NewBadRequest("name in URL does not match name in Binding object")
	}
	// These reach the client as a bare 500, as clients of kube-apiserver know it.
	if errs := validateBinding(obj); len(errs) > 0 {
		return nil, errs.ToAggregate()
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}
	if err := pathName(obj.Name); err != nil {
		return nil, err
	}
	assign := func(pod kinds.Object) error { return b.assign(pod.(*corev1.Pod), obj, c.Namespace) }
	if c.DryRun {
		pod, err := b.reader.Get(ctx, "", "pods", c.Namespace, obj.Name)
		if err != nil {
			return nil, err
		}
		if err := assign(pod); err != nil {
			return nil, err
		}
		return success(), nil
	}
	if _, err := b.writer.Set(ctx, "", "pods", c.Namespace, obj.Name, assign); err != nil {
		return nil, err
	}
	return success(), nil
}

func validateBinding(b *corev1.Binding) field.ErrorList {
	var errs field.ErrorList
	target := field.NewPath("target")
	if b.Target.Kind != "" && b.Target.Kind != "Node" {
		errs = append(errs, field.NotSupported(target.Child("kind"), b.Target.Kind, []string{"Node", "<empty>"}))
	}
	if b.Target.Name == "" {
		errs = append(errs, field.Required(target.Child("name"), ""))
	} else {
		for _, msg := range validation.NameIsDNSSubdomain(b.Target.Name, false) {
			errs = append(errs, field.Invalid(target.Child("name"), b.Target.Name, msg))
		}
	}
	return errs
}

// assign puts the pod on the node. Of the binding's metadata, annotations replace the pod's, labels only
// add to them (KEP-4742: what a user wrote on a pod stays).
func (b binding) assign(pod *corev1.Pod, from *corev1.Binding, namespace string) error {
	if err := bindingPreconditions(pod, from, namespace); err != nil {
		return err
	}
	var refusal error
	switch {
	case pod.DeletionTimestamp != nil:
		refusal = fmt.Errorf("pod %s is being deleted, cannot be assigned to a host", pod.Name)
	case pod.Spec.NodeName != "":
		refusal = fmt.Errorf("pod %v is already assigned to node %q", pod.Name, pod.Spec.NodeName)
	case len(pod.Spec.SchedulingGates) > 0:
		refusal = fmt.Errorf("pod %v has non-empty .spec.schedulingGates", pod.Name)
	}
	if refusal != nil {
		return apierrors.NewConflict(schema.GroupResource{Resource: "pods/binding"}, pod.Name, refusal)
	}
	pod.Spec.NodeName = from.Target.Name
	pod.Status.NominatedNodeName = ""
	for k, v := range from.Annotations {
		if pod.Annotations == nil {
			pod.Annotations = map[string]string{}
		}
		pod.Annotations[k] = v
	}
	for k, v := range from.Labels {
		if pod.Labels == nil {
			pod.Labels = map[string]string{}
		}
		if _, has := pod.Labels[k]; !has {
			pod.Labels[k] = v
		}
	}
	setPodCondition(pod, corev1.PodCondition{Type: corev1.PodScheduled, Status: corev1.ConditionTrue}, metav1.NewTime(b.now()))
	return nil
}

// bindingPreconditions holds the pod against the uid and resourceVersion of the binding's metadata. The
// text is what kube-apiserver's storage says.
func bindingPreconditions(pod *corev1.Pod, from *corev1.Binding, namespace string) error {
	var msg string
	switch {
	case from.UID != "" && from.UID != pod.UID:
		msg = fmt.Sprintf("Precondition failed: UID in precondition: %v, UID in object meta: %v", from.UID, pod.UID)
	case from.ResourceVersion != "" && from.ResourceVersion != pod.ResourceVersion:
		msg = fmt.Sprintf("Precondition failed: ResourceVersion in precondition: %v, ResourceVersion in object meta: %v", from.ResourceVersion, pod.ResourceVersion)
	default:
		return nil
	}
	return apierrors.NewConflict(podResource, pod.Name, fmt.Errorf(
		"StorageError: invalid object, Code: 4, Key: /registry/pods/%s/%s, ResourceVersion: 0, AdditionalErrorMsg: %s", namespace, pod.Name, msg))
}

// setPodCondition sets a condition; its transition time moves only when the status does.
func setPodCondition(pod *corev1.Pod, c corev1.PodCondition, now metav1.Time) {
	for i := range pod.Status.Conditions {
		old := &pod.Status.Conditions[i]
		if old.Type != c.Type {
			continue
		}
		c.LastTransitionTime = now
		if old.Status == c.Status {
			c.LastTransitionTime = old.LastTransitionTime
		}
		*old = c
		return
	}
	c.LastTransitionTime = now
	pod.Status.Conditions = append(pod.Status.Conditions, c)
}

// pathName refuses names that can be no part of a storage key.
func pathName(name string) error {
	if name == "" {
		return apierrors.NewBadRequest("Name parameter required.")
	}
	if msgs := path.IsValidPathSegmentName(name); len(msgs) > 0 {
		return apierrors.NewBadRequest(fmt.Sprintf("Name parameter invalid: %q: %s", name, strings.Join(msgs, ";")))
	}
	return nil
}
