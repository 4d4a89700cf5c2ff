package resource

import (
	"strings"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

var metadata = field.NewPath("metadata")

// maxErrors is how many errors one answer tells of.
const maxErrors = 1000

// invalid is the answer to an object that is not valid.
func invalid(root *kinds.Resource, name string, errs field.ErrorList) error {
	return apierrors.NewInvalid(root.GroupVersionKind().GroupKind(), name, errs[:min(len(errs), maxErrors)])
}

// validateCreate is all that is wrong with a new object.
func validateCreate(in kinds.Input, root *kinds.Resource, name apivalidation.ValidateNameFunc, obj kinds.Object) field.ErrorList {
	errs := apivalidation.ValidateObjectMetaAccessor(obj, root.Namespaced, name, metadata)
	errs = append(errs, validateFinalizerNames(root, obj.GetFinalizers())...)
	if root.Rules.Validate != nil {
		errs = append(errs, root.Rules.Validate(in, obj)...)
	}
	if len(errs) > 0 {
		return errs
	}
	return apivalidation.ValidateObjectMetaAccessor(obj, root.Namespaced, path.ValidatePathSegmentName, metadata)
}

// validateUpdate is all that is wrong with a change.
func validateUpdate(in kinds.Input, root *kinds.Resource, rules *kinds.Rules, obj, old kinds.Object) field.ErrorList {
	errs := apivalidation.ValidateObjectMetaAccessorUpdate(obj, old, metadata)
	errs = append(errs, validateFinalizerNames(root, obj.GetFinalizers())...)
	if rules.ValidateUpdate != nil {
		errs = append(errs, rules.ValidateUpdate(in, obj, old)...)
	}
	return errs
}

// validateFinalizerNames wants a finalizer to be one of Kubernetes' own or to have a domain. The groups of
// the API extensions do not.
func validateFinalizerNames(root *kinds.Resource, names []string) field.ErrorList {
	if isUnstructured(root) || root.Group == "apiextensions.k8s.io" || root.Group == "apiregistration.k8s.io" {
		return nil
	}
	var errs field.ErrorList
	for i, name := range names {
		switch {
		case strings.Contains(name, "/"):
		case name == string(corev1.FinalizerKubernetes), name == metav1.FinalizerOrphanDependents, name == metav1.FinalizerDeleteDependents:
		default:
			errs = append(errs, field.Invalid(metadata.Child("finalizers").Index(i), name, "name is neither a standard finalizer name nor is it fully qualified"))
		}
	}
	return errs
}

// nameRule is how names are checked in the version of the request: its own rule, where it has one, before
// its hub's.
func nameRule(res *kinds.Resource) apivalidation.ValidateNameFunc {
	for _, rules := range []*kinds.Rules{&res.Rules, &res.Root().Rules} {
		if rules.ValidateName != nil {
			return rules.ValidateName
		}
	}
	return apivalidation.NameIsDNSSubdomain
}

func unprintable(c rune) bool { return !unicode.IsPrint(c) }

func join(msgs []string) string { return strings.Join(msgs, ", ") }
