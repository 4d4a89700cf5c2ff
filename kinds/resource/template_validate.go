package resource

import (
	resourcev1 "k8s.io/api/resource/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/podspec"
)

// validateTemplateSpec checks the claim of a template and the metadata its claims get.
func validateTemplateSpec(spec *resourcev1.ResourceClaimTemplateSpec, path *field.Path) field.ErrorList {
	errs := podspec.ValidateClaimMeta(&spec.ObjectMeta, path.Child("metadata"))
	return append(errs, validateClaim(&spec.Spec.Devices, path.Child("spec", "devices"))...)
}
