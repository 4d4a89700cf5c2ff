package networking

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// maxControllerLength is the most bytes of an IngressClass's spec.controller.
const maxControllerLength = 250

func validateIngressClass(_ kinds.Input, obj *networkingv1.IngressClass) field.ErrorList {
	path := field.NewPath("spec")
	var errs field.ErrorList
	if len(obj.Spec.Controller) > maxControllerLength {
		errs = append(errs, field.TooLong(path.Child("controller"), "", maxControllerLength))
	}
	errs = append(errs, validation.IsDomainPrefixedPath(path.Child("controller"), obj.Spec.Controller)...)
	return append(errs, validateClassParameters(obj.Spec.Parameters, path.Child("parameters"))...)
}

func validateIngressClassUpdate(in kinds.Input, obj, old *networkingv1.IngressClass) field.ErrorList {
	errs := apivalidation.ValidateImmutableField(obj.Spec.Controller, old.Spec.Controller, field.NewPath("spec", "controller"))
	return append(errs, validateIngressClass(in, obj)...)
}

func validateClassParameters(p *networkingv1.IngressClassParametersReference, path *field.Path) field.ErrorList {
	if p == nil {
		return nil
	}
	// Of these, what only asks for a value comes last: it is declared on the type upstream, and such rules
	// speak after those written by hand.
	var errs, declared field.ErrorList
	if p.APIGroup != nil {
		errs = append(errs, invalid(path.Child("apiGroup"), *p.APIGroup, validation.IsDNS1123Subdomain)...)
	}
	for _, part := range []struct{ name, value string }{{"kind", p.Kind}, {"name", p.Name}} {
		if part.value == "" {
			declared = append(declared, field.Required(path.Child(part.name), ""))
			continue
		}
		errs = append(errs, invalid(path.Child(part.name), part.value, content.IsPathSegmentName)...)
	}
	switch {
	case p.Scope == nil:
		errs = append(errs, field.Required(path.Child("scope"), ""))
	case *p.Scope == networkingv1.IngressClassParametersReferenceScopeNamespace:
		if p.Namespace == nil {
			errs = append(errs, field.Required(path.Child("namespace"), "`parameters.scope` is set to 'Namespace'"))
		} else {
			errs = append(errs, invalid(path.Child("namespace"), *p.Namespace, validation.IsDNS1123Label)...)
		}
	case *p.Scope == networkingv1.IngressClassParametersReferenceScopeCluster:
		if p.Namespace != nil {
			errs = append(errs, field.Forbidden(path.Child("namespace"), "`parameters.scope` is set to 'Cluster'"))
		}
	default:
		errs = append(errs, field.NotSupported(path.Child("scope"), *p.Scope, []string{
			networkingv1.IngressClassParametersReferenceScopeCluster, networkingv1.IngressClassParametersReferenceScopeNamespace,
		}))
	}
	return append(errs, declared...)
}
