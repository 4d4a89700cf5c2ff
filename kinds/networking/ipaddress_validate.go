package networking

import (
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// validateIPAddressName: the name of an IPAddress is the address, in its one canonical form.
func validateIPAddressName(name string, _ bool) []string {
	var out []string
	for _, err := range validation.IsValidIP(nil, name) {
		out = append(out, err.Detail)
	}
	return out
}

func validateIPAddress(_ kinds.Input, obj *networkingv1.IPAddress) field.ErrorList {
	path := field.NewPath("spec", "parentRef")
	ref := obj.Spec.ParentRef
	if ref == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs, declared field.ErrorList
	if ref.Group != "" {
		errs = append(errs, invalid(path.Child("group"), ref.Group, validation.IsDNS1123Subdomain)...)
	}
	for _, part := range []struct {
		name, value string
		required    bool
	}{{"resource", ref.Resource, true}, {"name", ref.Name, true}, {"namespace", ref.Namespace, false}} {
		switch {
		case part.value != "":
			errs = append(errs, invalid(path.Child(part.name), part.value, content.IsPathSegmentName)...)
		case part.required:
			declared = append(declared, field.Required(path.Child(part.name), ""))
		}
	}
	return append(errs, declared...)
}

// validateIPAddressUpdate lets nothing of the parent change. What is missing in the new one is said all the same.
func validateIPAddressUpdate(in kinds.Input, obj, old *networkingv1.IPAddress) field.ErrorList {
	if equality.Semantic.DeepEqual(obj.Spec.ParentRef, old.Spec.ParentRef) {
		return nil
	}
	path := field.NewPath("spec", "parentRef")
	immutable := field.Invalid(path, nil, "field is immutable")
	if obj.Spec.ParentRef == nil {
		return field.ErrorList{field.Required(path, ""), immutable}
	}
	return field.ErrorList{immutable}
}
