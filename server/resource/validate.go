package resource

import (
	"strings"
	"unicode"

	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

var metadata = field.NewPath("metadata")

// validateCreate is all that is wrong with a new object.
func validateCreate(in kinds.Input, root *kinds.Resource, obj kinds.Object) field.ErrorList {
	errs := apivalidation.ValidateObjectMetaAccessor(obj, root.Namespaced, nameRule(root), metadata)
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
	errs := apivalidation.ValidateObjectMetaAccessor(obj, root.Namespaced, path.ValidatePathSegmentName, metadata)
	errs = append(errs, apivalidation.ValidateObjectMetaAccessorUpdate(obj, old, metadata)...)
	if rules.ValidateUpdate != nil {
		errs = append(errs, rules.ValidateUpdate(in, obj, old)...)
	}
	return errs
}

func nameRule(root *kinds.Resource) apivalidation.ValidateNameFunc {
	if root.Rules.ValidateName != nil {
		return root.Rules.ValidateName
	}
	return apivalidation.NameIsDNSSubdomain
}

func unprintable(c rune) bool { return !unicode.IsPrint(c) }

func join(msgs []string) string { return strings.Join(msgs, ", ") }
