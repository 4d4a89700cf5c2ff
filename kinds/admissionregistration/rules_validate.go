package admissionregistration

import (
	"fmt"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// all is what stands for everything in lists of operations, groups, versions and resources.
const all = "*"

// oneOf refuses a value that is not among those allowed, which are in the order to show them.
func oneOf[T ~string](value *T, path *field.Path, allowed ...T) field.ErrorList {
	if value == nil || slices.Contains(allowed, *value) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, *value, allowed)}
}

func validateOperations(r *admissionv1.RuleWithOperations, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	operations := path.Child("operations")
	if len(r.Operations) == 0 {
		errs = append(errs, field.Required(operations, ""))
	}
	if len(r.Operations) > 1 && slices.Contains(r.Operations, admissionv1.OperationAll) {
		errs = append(errs, field.Invalid(operations, r.Operations, "if '*' is present, must not specify other operations"))
	}
	for i := range r.Operations {
		errs = append(errs, oneOf(&r.Operations[i], operations.Index(i),
			admissionv1.OperationAll, admissionv1.Connect, admissionv1.Create, admissionv1.Delete, admissionv1.Update)...)
	}
	return append(errs, validateRule(&r.Rule, path)...)
}

func validateRule(r *admissionv1.Rule, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, list := range []struct {
		name, what string
		values     []string
	}{{"apiGroups", "API groups", r.APIGroups}, {"apiVersions", "API versions", r.APIVersions}} {
		p := path.Child(list.name)
		if len(list.values) == 0 {
			errs = append(errs, field.Required(p, ""))
		}
		if len(list.values) > 1 && slices.Contains(list.values, all) {
			errs = append(errs, field.Invalid(p, list.values, "if '*' is present, must not specify other "+list.what))
		}
	}
	for i, v := range r.APIVersions {
		if v == "" {
			errs = append(errs, field.Required(path.Child("apiVersions").Index(i), ""))
		}
	}
	errs = append(errs, validateResources(r.Resources, path.Child("resources"))...)
	return append(errs, oneOf(r.Scope, path.Child("scope"), admissionv1.AllScopes, admissionv1.ClusterScope, admissionv1.NamespacedScope)...)
}

// validateResources looks for resources that another one covers: "pods/*" covers "pods/status".
func validateResources(resources []string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(resources) == 0 {
		errs = append(errs, field.Required(path, ""))
	}
	wholeResource, wholeSubresource := sets.New[string](), sets.New[string]() // "x/*" and "*/x"
	everything, star, plain := false, false, false
	for i, r := range resources {
		if r == "" {
			errs = append(errs, field.Required(path.Index(i), ""))
			continue
		}
		everything = everything || r == "*/*"
		star = star || r == all
		resource, subresource, ok := strings.Cut(r, "/")
		if !ok {
			// As upstream: the last resource without a subresource decides.
			plain = r != all
			continue
		}
		if wholeResource.Has(resource) {
			errs = append(errs, field.Invalid(path.Index(i), r, fmt.Sprintf("if '%s/*' is present, must not specify %s", resource, r)))
		}
		if wholeSubresource.Has(subresource) {
			errs = append(errs, field.Invalid(path.Index(i), r, fmt.Sprintf("if '*/%s' is present, must not specify %s", subresource, r)))
		}
		if subresource == all {
			wholeResource.Insert(resource)
		}
		if resource == all {
			wholeSubresource.Insert(subresource)
		}
	}
	if len(resources) > 1 && everything {
		errs = append(errs, field.Invalid(path, resources, "if '*/*' is present, must not specify other resources"))
	}
	if star && plain {
		errs = append(errs, field.Invalid(path, resources, "if '*' is present, must not specify other resources without subresources"))
	}
	return errs
}

// validateMatch checks what a policy or binding matches; nil matches what the policy does.
func validateMatch(m *admissionv1.MatchResources, lenient bool, path *field.Path) field.ErrorList {
	if m == nil {
		return nil
	}
	var errs field.ErrorList
	if m.MatchPolicy == nil {
		errs = append(errs, field.Required(path.Child("matchPolicy"), ""))
	}
	errs = append(errs, oneOf(m.MatchPolicy, path.Child("matchPolicy"), admissionv1.Equivalent, admissionv1.Exact)...)
	errs = append(errs, validateSelector(m.NamespaceSelector, lenient, path.Child("namespaceSelector"))...)
	errs = append(errs, validateSelector(m.ObjectSelector, lenient, path.Child("objectSelector"))...)
	for i := range m.ResourceRules {
		errs = append(errs, validateNamedRule(&m.ResourceRules[i], path.Child("resourceRules").Index(i))...)
	}
	for i := range m.ExcludeResourceRules {
		errs = append(errs, validateNamedRule(&m.ExcludeResourceRules[i], path.Child("excludeResourceRules").Index(i))...)
	}
	return errs
}

func validateSelector(s *metav1.LabelSelector, lenient bool, path *field.Path) field.ErrorList {
	if s == nil {
		return field.ErrorList{field.Required(path, "")}
	}
	return metavalidation.ValidateLabelSelector(s, metavalidation.LabelSelectorValidationOptions{AllowInvalidLabelValueInSelector: lenient}, path)
}

func validateNamedRule(r *admissionv1.NamedRuleWithOperations, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i, name := range r.ResourceNames {
		p := path.Child("resourceNames").Index(i)
		for _, msg := range content.IsPathSegmentName(name) {
			errs = append(errs, field.Invalid(p, name, msg))
		}
		if slices.Contains(r.ResourceNames[:i], name) {
			errs = append(errs, field.Duplicate(p, name))
		}
	}
	return append(errs, validateOperations(&r.RuleWithOperations, path)...)
}
