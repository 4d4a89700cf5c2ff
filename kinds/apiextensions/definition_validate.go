package apiextensions

import (
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

func validateDefinition(_ kinds.Input, obj *apiextensionsv1.CustomResourceDefinition) field.ErrorList {
	errs := validateDefinitionName(obj)
	errs = append(errs, validateSpec(&obj.Spec, false, field.NewPath("spec"))...)
	errs = append(errs, validateStatus(obj)...)
	return append(errs, validateApproval(obj, nil)...)
}

func validateDefinitionUpdate(_ kinds.Input, obj, old *apiextensionsv1.CustomResourceDefinition) field.ErrorList {
	path := field.NewPath("spec")
	lenient := old.Spec.Conversion != nil && old.Spec.Conversion.Webhook != nil &&
		len(old.Spec.Conversion.Webhook.ConversionReviewVersions) > 0 && !anyReviewVersion(old.Spec.Conversion.Webhook.ConversionReviewVersions)
	errs := validateSpec(&obj.Spec, lenient, path)
	same := func(path *field.Path, value, before string) {
		if value != before {
			errs = append(errs, field.Invalid(path, value, "field is immutable"))
		}
	}
	names := path.Child("names")
	if established(old) { // objects may be stored by these
		same(path.Child("scope"), string(obj.Spec.Scope), string(old.Spec.Scope))
		same(names.Child("kind"), obj.Spec.Names.Kind, old.Spec.Names.Kind)
	}
	same(path.Child("group"), obj.Spec.Group, old.Spec.Group)
	same(names.Child("plural"), obj.Spec.Names.Plural, old.Spec.Names.Plural)
	errs = append(errs, validateStatus(obj)...)
	return append(errs, validateApproval(obj, old)...)
}

func established(obj *apiextensionsv1.CustomResourceDefinition) bool {
	return slices.ContainsFunc(obj.Status.Conditions, func(c apiextensionsv1.CustomResourceDefinitionCondition) bool {
		return c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue
	})
}

// validateStatus checks the names that were accepted and the versions in which objects are stored.
func validateStatus(obj *apiextensionsv1.CustomResourceDefinition) field.ErrorList {
	path := field.NewPath("status")
	errs := validateNames(&obj.Status.AcceptedNames, path.Child("acceptedNames"))
	return append(errs, validateStoredVersions(obj, path.Child("storedVersions"))...)
}

// validateSpec checks all of a definition but its schemas, of which it only wants that they are there.
func validateSpec(spec *apiextensionsv1.CustomResourceDefinitionSpec, lenient bool, path *field.Path) field.ErrorList {
	errs := validateGroup(spec.Group, path.Child("group"))
	errs = append(errs, validateScope(spec.Scope, path.Child("scope"))...)
	if spec.PreserveUnknownFields {
		errs = append(errs, field.Invalid(path.Child("preserveUnknownFields"), true, "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"))
	}
	s := sharedParts(spec.Versions)
	errs = append(errs, validateVersions(spec, s, path)...)
	names := path.Child("names")
	errs = append(errs, requireNames(&spec.Names, names)...)
	errs = append(errs, validateNames(&spec.Names, names)...)
	if len(spec.Versions) > 0 {
		errs = append(errs, validateParts(&spec.Versions[0], s, path)...)
	}
	return append(errs, validateConversion(spec.Conversion, lenient, path.Child("conversion"))...)
}

func validateScope(scope apiextensionsv1.ResourceScope, path *field.Path) field.ErrorList {
	switch scope {
	case "":
		return field.ErrorList{field.Required(path, "")}
	case apiextensionsv1.ClusterScoped, apiextensionsv1.NamespaceScoped:
		return nil
	}
	return field.ErrorList{field.NotSupported(path, scope, []apiextensionsv1.ResourceScope{apiextensionsv1.ClusterScoped, apiextensionsv1.NamespaceScoped})}
}
