package rbac

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

// validateName: the names of roles and bindings are free ("system:node"), so long as they stand in a URL.
func validateName(name string, _ bool) []string { return content.IsPathSegmentName(name) }

func validateRole(_ kinds.Input, obj *rbacv1.Role) field.ErrorList {
	return append(validateRules(obj.Rules, true), missingVerbs(obj.Rules)...)
}

func validateRoleUpdate(_ kinds.Input, obj, old *rbacv1.Role) field.ErrorList {
	errs := validateRules(obj.Rules, true)
	if !equality.Semantic.DeepEqual(obj.Rules, old.Rules) {
		errs = append(errs, missingVerbs(obj.Rules)...)
	}
	return errs
}

func validateClusterRole(_ kinds.Input, obj *rbacv1.ClusterRole) field.ErrorList {
	errs := append(validateRules(obj.Rules, false), validateAggregation(obj, false)...)
	return append(errs, missingVerbs(obj.Rules)...)
}

func validateClusterRoleUpdate(_ kinds.Input, obj, old *rbacv1.ClusterRole) field.ErrorList {
	lenient := false
	if old.AggregationRule != nil {
		for i := range old.AggregationRule.ClusterRoleSelectors {
			lenient = lenient || metavalidation.LabelSelectorHasInvalidLabelValue(&old.AggregationRule.ClusterRoleSelectors[i])
		}
	}
	errs := append(validateRules(obj.Rules, false), validateAggregation(obj, lenient)...)
	if !equality.Semantic.DeepEqual(obj.Rules, old.Rules) {
		errs = append(errs, missingVerbs(obj.Rules)...)
	}
	return errs
}

func validateRules(rules []rbacv1.PolicyRule, namespaced bool) field.ErrorList {
	var errs field.ErrorList
	for i := range rules {
		r, path := &rules[i], field.NewPath("rules").Index(i)
		if len(r.NonResourceURLs) > 0 {
			if namespaced {
				errs = append(errs, field.Invalid(path.Child("nonResourceURLs"), r.NonResourceURLs, "namespaced rules cannot apply to non-resource URLs"))
			}
			if len(r.APIGroups)+len(r.Resources)+len(r.ResourceNames) > 0 {
				errs = append(errs, field.Invalid(path.Child("nonResourceURLs"), r.NonResourceURLs, "rules cannot apply to both regular resources and non-resource URLs"))
			}
			continue
		}
		if len(r.APIGroups) == 0 {
			errs = append(errs, field.Required(path.Child("apiGroups"), "resource rules must supply at least one api group"))
		}
		if len(r.Resources) == 0 {
			errs = append(errs, field.Required(path.Child("resources"), "resource rules must supply at least one resource"))
		}
	}
	return errs
}

// missingVerbs is apart, as upstream declares it on the type: such rules speak after those written by hand.
func missingVerbs(rules []rbacv1.PolicyRule) field.ErrorList {
	var errs field.ErrorList
	for i := range rules {
		if len(rules[i].Verbs) == 0 {
			errs = append(errs, field.Required(field.NewPath("rules").Index(i).Child("verbs"), ""))
		}
	}
	return errs
}

func validateAggregation(obj *rbacv1.ClusterRole, lenient bool) field.ErrorList {
	if obj.AggregationRule == nil {
		return nil
	}
	path := field.NewPath("aggregationRule", "clusterRoleSelectors")
	if len(obj.AggregationRule.ClusterRoleSelectors) == 0 {
		return field.ErrorList{field.Required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil")}
	}
	var errs field.ErrorList
	options := metavalidation.LabelSelectorValidationOptions{AllowInvalidLabelValueInSelector: lenient}
	for i := range obj.AggregationRule.ClusterRoleSelectors {
		selector := &obj.AggregationRule.ClusterRoleSelectors[i]
		errs = append(errs, metavalidation.ValidateLabelSelector(selector, options, path.Index(i))...)
		if _, err := metav1.LabelSelectorAsSelector(selector); err != nil {
			errs = append(errs, field.Invalid(path.Index(i), nil, "invalid label selector."))
		}
	}
	return errs
}
