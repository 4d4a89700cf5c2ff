package subresource

import (
	"fmt"
	"reflect"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// path and verb as kube-apiserver shows them in errors.
type shownPath struct{ Path, Verb string }

func showPath(n *authorizationv1.NonResourceAttributes) *shownPath {
	if n == nil {
		return nil
	}
	return &shownPath{Path: n.Path, Verb: n.Verb}
}

// refuse is the error of an invalid review; kube-apiserver's leaves out the kind.
func refuse(errs field.ErrorList) error {
	if len(errs) == 0 {
		return nil
	}
	return apierrors.NewInvalid(schema.GroupKind{Group: authorizationv1.GroupName}, "", errs)
}

func validateAccess(res *authorizationv1.ResourceAttributes, path *authorizationv1.NonResourceAttributes) field.ErrorList {
	if (res == nil) == (path == nil) {
		return field.ErrorList{field.Invalid(field.NewPath("spec"), showPath(path), "exactly one of nonResourceAttributes or resourceAttributes must be specified")}
	}
	return nil
}

func validateSubject(user string, groups []string) field.ErrorList {
	if user == "" && len(groups) == 0 {
		return field.ErrorList{field.Invalid(field.NewPath("spec", "user"), user, "at least one of user or group must be specified")}
	}
	return nil
}

func validateReviewMeta(m metav1.ObjectMeta, namespaced bool) field.ErrorList {
	rest, msg := m, "must be empty"
	rest.ManagedFields = nil
	if namespaced {
		rest.Namespace, msg = "", "must be empty except for namespace"
	}
	if reflect.DeepEqual(rest, metav1.ObjectMeta{}) {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("metadata"), m, msg)}
}

func validateLocal(r *authorizationv1.LocalSubjectAccessReview) field.ErrorList {
	res, path := r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes
	errs := validateAccess(res, path)
	errs = append(errs, validateSubject(r.Spec.User, r.Spec.Groups)...)
	errs = append(errs, validateSelectors(res)...)
	errs = append(errs, validateReviewMeta(r.ObjectMeta, true)...)
	spec := field.NewPath("spec")
	if res != nil && res.Namespace != r.Namespace {
		errs = append(errs, field.Invalid(spec.Child("resourceAttributes", "namespace"), res.Namespace, "must match metadata.namespace"))
	}
	if path != nil {
		errs = append(errs, field.Invalid(spec.Child("nonResourceAttributes"), showPath(path), "disallowed on this kind of request"))
	}
	return errs
}

func validateSelectors(res *authorizationv1.ResourceAttributes) field.ErrorList {
	if res == nil {
		return nil
	}
	var errs field.ErrorList
	at := field.NewPath("spec", "resourceAttributes")
	if s := res.FieldSelector; s != nil {
		at := at.Child("fieldSelector")
		errs = append(errs, validateSelectorForm(s.RawSelector, len(s.Requirements), at)...)
		for i, r := range s.Requirements {
			errs = append(errs, validation.ValidateFieldSelectorRequirement(r, validation.FieldSelectorValidationOptions{AllowUnknownOperatorInRequirement: true}, at.Child("requirements").Index(i))...)
		}
	}
	if s := res.LabelSelector; s != nil {
		at := at.Child("labelSelector")
		errs = append(errs, validateSelectorForm(s.RawSelector, len(s.Requirements), at)...)
		for i, r := range s.Requirements {
			// Unknown operators are for the authorizer: newer clients may know more of them.
			errs = append(errs, validation.ValidateLabelSelectorRequirement(r, validation.LabelSelectorValidationOptions{AllowUnknownOperatorInRequirement: true}, at.Child("requirements").Index(i))...)
		}
	}
	return errs
}

func validateSelectorForm(raw string, requirements int, at *field.Path) field.ErrorList {
	switch {
	case raw != "" && requirements > 0:
		return field.ErrorList{field.Invalid(at.Child("rawSelector"), raw, "may not specified at the same time as requirements")}
	case raw == "" && requirements == 0:
		return field.ErrorList{field.Required(at.Child("requirements"), fmt.Sprintf("when %s is specified, requirements or rawSelector is required", at))}
	}
	return nil
}
