package podspec

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/internalname"
)

func validateClaimSource(c *corev1.PodResourceClaim, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if c.ResourceClaimName != nil && c.ResourceClaimTemplateName != nil {
		errs = append(errs, field.Invalid(path, internalname.Value(c), "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified"))
	}
	if c.ResourceClaimName == nil && c.ResourceClaimTemplateName == nil {
		errs = append(errs, field.Invalid(path, internalname.Value(c), "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`"))
	}
	if c.ResourceClaimName != nil {
		errs = append(errs, validateSubdomain(*c.ResourceClaimName, path.Child("resourceClaimName"))...)
	}
	if c.ResourceClaimTemplateName != nil {
		errs = append(errs, validateSubdomain(*c.ResourceClaimTemplateName, path.Child("resourceClaimTemplateName"))...)
	}
	return errs
}
