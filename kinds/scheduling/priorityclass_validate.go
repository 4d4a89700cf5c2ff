package scheduling

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// Names that begin so, and values above the highest a user may take, are the system's.
const (
	systemPrefix   = "system-"
	highestForUser = 1000000000
)

// systemClass returns one of the classes that every cluster has, nil for any other name.
func systemClass(name string) *schedulingv1.PriorityClass {
	switch name {
	case "system-cluster-critical":
		return &schedulingv1.PriorityClass{Value: 2 * highestForUser}
	case "system-node-critical":
		return &schedulingv1.PriorityClass{Value: 2*highestForUser + 1000}
	}
	return nil
}

func defaultPriorityClass(obj *schedulingv1.PriorityClass) {
	if obj.PreemptionPolicy == nil {
		policy := corev1.PreemptLowerPriority
		obj.PreemptionPolicy = &policy
	}
}

func validatePriorityClass(_ kinds.Input, obj *schedulingv1.PriorityClass) field.ErrorList {
	var errs field.ErrorList
	if strings.HasPrefix(obj.Name, systemPrefix) {
		if problem := whyNotSystem(obj); problem != "" {
			errs = append(errs, field.Forbidden(field.NewPath("metadata", "name"), "priority class names with '"+systemPrefix+"' prefix are reserved for system use only. error: "+problem))
		}
	} else if obj.Value > highestForUser {
		errs = append(errs, field.Forbidden(field.NewPath("value"), fmt.Sprintf("maximum allowed value of a user defined priority is %v", highestForUser)))
	}
	path := field.NewPath("preemptionPolicy")
	switch p := obj.PreemptionPolicy; {
	case p == nil:
	case *p == "":
		errs = append(errs, field.Required(path, ""))
	case *p != corev1.PreemptLowerPriority && *p != corev1.PreemptNever:
		errs = append(errs, field.NotSupported(path, *p, []corev1.PreemptionPolicy{corev1.PreemptLowerPriority, corev1.PreemptNever}))
	}
	return errs
}

// whyNotSystem says in what a class differs from the system's own of that name.
func whyNotSystem(obj *schedulingv1.PriorityClass) string {
	known := systemClass(obj.Name)
	switch {
	case known == nil:
		return obj.Name + " is not a known system priority class"
	case obj.Value != known.Value:
		return fmt.Sprintf("value of %v PriorityClass must be %v", obj.Name, known.Value)
	case obj.GlobalDefault:
		return fmt.Sprintf("globalDefault of %v PriorityClass must be %v", obj.Name, false)
	}
	return ""
}

func validatePriorityClassUpdate(_ kinds.Input, obj, old *schedulingv1.PriorityClass) field.ErrorList {
	var errs field.ErrorList
	if obj.Value != old.Value {
		errs = append(errs, field.Forbidden(field.NewPath("value"), "may not be changed in an update."))
	}
	return append(errs, apivalidation.ValidateImmutableField(obj.PreemptionPolicy, old.PreemptionPolicy, field.NewPath("preemptionPolicy"))...)
}

// keepSystemClasses refuses to delete the classes that the cluster's own pods use.
func keepSystemClasses(o kinds.Object) error {
	if systemClass(o.GetName()) == nil {
		return nil
	}
	return apierrors.NewForbidden(schema.GroupResource{Group: group, Resource: "priorityclasses"}, o.GetName(), fmt.Errorf("this is a system priority class and cannot be deleted"))
}
