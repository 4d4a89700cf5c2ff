package flowcontrol

import (
	"fmt"
	"slices"
	"strings"

	flowcontrolv1 "k8s.io/api/flowcontrol/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
)

// defaultPrecedence is given to a schema that names none, or zero.
const defaultPrecedence = 1000

func defaultFlowSchema(obj *flowcontrolv1.FlowSchema) {
	if obj.Spec.MatchingPrecedence == 0 {
		obj.Spec.MatchingPrecedence = defaultPrecedence
	}
}

func validateFlowSchema(_ kinds.Input, obj *flowcontrolv1.FlowSchema) field.ErrorList {
	path := field.NewPath("spec")
	errs := validateFlowSchemaSpec(obj.Name, &obj.Spec, path)
	if fixed := mandatorySchema(obj.Name); fixed != nil && !equality.Semantic.DeepEqual(obj.Spec, *fixed) {
		errs = append(errs, field.Invalid(path, internalname.Value(obj.Spec), fmt.Sprintf("spec of '%s' must equal the fixed value", obj.Name)))
	}
	return append(errs, validateFlowSchemaStatus(obj)...)
}

func validateFlowSchemaStatus(obj *flowcontrolv1.FlowSchema) field.ErrorList {
	types := make([]string, len(obj.Status.Conditions))
	for i, c := range obj.Status.Conditions {
		types[i] = string(c.Type)
	}
	return validateConditionTypes(types)
}

// validateConditionTypes wants each type there, and once.
func validateConditionTypes(types []string) field.ErrorList {
	var errs field.ErrorList
	for i, t := range types {
		path := field.NewPath("status", "conditions").Index(i).Child("type")
		if slices.Contains(types[:i], t) {
			errs = append(errs, field.Duplicate(path, t))
		}
		if t == "" {
			errs = append(errs, field.Required(path, ""))
		}
	}
	return errs
}

func validateFlowSchemaSpec(name string, spec *flowcontrolv1.FlowSchemaSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	precedence := func(msg string) {
		errs = append(errs, field.Invalid(path.Child("matchingPrecedence"), spec.MatchingPrecedence, msg))
	}
	switch p := spec.MatchingPrecedence; {
	case p <= 0:
		precedence("must be a positive value")
	case p > flowcontrolv1.FlowSchemaMaxMatchingPrecedence:
		precedence(fmt.Sprintf("must not be greater than %v", flowcontrolv1.FlowSchemaMaxMatchingPrecedence))
	case p == 1 && name != flowcontrolv1.FlowSchemaNameExempt:
		precedence("only the schema named 'exempt' may have matchingPrecedence 1")
	}
	if m := spec.DistinguisherMethod; m != nil && m.Type != flowcontrolv1.FlowDistinguisherMethodByNamespaceType && m.Type != flowcontrolv1.FlowDistinguisherMethodByUserType {
		errs = append(errs, field.NotSupported(path.Child("distinguisherMethod", "type"), internalname.Value(m), []flowcontrolv1.FlowDistinguisherMethodType{
			flowcontrolv1.FlowDistinguisherMethodByNamespaceType, flowcontrolv1.FlowDistinguisherMethodByUserType,
		}))
	}
	level := path.Child("priorityLevelConfiguration", "name")
	if n := spec.PriorityLevelConfiguration.Name; n == "" {
		errs = append(errs, field.Required(level, "must reference a priority level"))
	} else {
		errs = append(errs, invalid(level, n, "", validation.IsDNS1123Subdomain)...)
	}
	for i := range spec.Rules {
		errs = append(errs, validateRules(&spec.Rules[i], path.Child("rules").Index(i))...)
	}
	return errs
}

// invalid makes an error of every message that check has for value.
func invalid(path *field.Path, value, intro string, check func(string) []string) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range check(value) {
		errs = append(errs, field.Invalid(path, value, intro+msg))
	}
	return errs
}

func validateRules(rules *flowcontrolv1.PolicyRulesWithSubjects, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range rules.Subjects {
		errs = append(errs, validateSubject(&rules.Subjects[i], path.Child("subjects").Index(i))...)
	}
	if len(rules.Subjects) == 0 {
		errs = append(errs, field.Required(path.Child("subjects"), "subjects must contain at least one value"))
	}
	if len(rules.ResourceRules)+len(rules.NonResourceRules) == 0 {
		errs = append(errs, field.Required(path, "at least one of resourceRules and nonResourceRules has to be non-empty"))
	}
	for i := range rules.ResourceRules {
		errs = append(errs, validateResourceRule(&rules.ResourceRules[i], path.Child("resourceRules").Index(i))...)
	}
	for i := range rules.NonResourceRules {
		errs = append(errs, validateNonResourceRule(&rules.NonResourceRules[i], path.Child("nonResourceRules").Index(i))...)
	}
	return errs
}

func validateSubject(s *flowcontrolv1.Subject, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	required := func(name, kind string) {
		errs = append(errs, field.Required(path.Child(name), fmt.Sprintf("%s is required when subject kind is '%s'", name, kind)))
	}
	switch s.Kind {
	case flowcontrolv1.SubjectKindServiceAccount:
		if s.ServiceAccount == nil {
			required("serviceAccount", "ServiceAccount")
		} else {
			errs = append(errs, validateAccount(s.ServiceAccount, path.Child("serviceAccount"))...)
		}
	case flowcontrolv1.SubjectKindUser:
		if s.User == nil {
			required("user", "User")
		} else if s.User.Name == "" {
			errs = append(errs, field.Required(path.Child("user", "name"), ""))
		}
	case flowcontrolv1.SubjectKindGroup:
		if s.Group == nil {
			required("group", "Group")
		} else if s.Group.Name == "" {
			errs = append(errs, field.Required(path.Child("group", "name"), ""))
		}
	default:
		return field.ErrorList{field.NotSupported(path.Child("kind"), s.Kind, []flowcontrolv1.SubjectKind{
			flowcontrolv1.SubjectKindGroup, flowcontrolv1.SubjectKindServiceAccount, flowcontrolv1.SubjectKindUser,
		})}
	}
	for _, other := range []struct {
		set  bool
		name string
		kind flowcontrolv1.SubjectKind
	}{
		{s.ServiceAccount != nil, "serviceAccount", flowcontrolv1.SubjectKindServiceAccount},
		{s.User != nil, "user", flowcontrolv1.SubjectKindUser},
		{s.Group != nil, "group", flowcontrolv1.SubjectKindGroup},
	} {
		if other.set && other.kind != s.Kind {
			errs = append(errs, field.Forbidden(path.Child(other.name), fmt.Sprintf("%s is forbidden when subject kind is not '%s'", other.name, other.kind)))
		}
	}
	return errs
}

func validateAccount(s *flowcontrolv1.ServiceAccountSubject, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s.Name == "" {
		errs = append(errs, field.Required(path.Child("name"), ""))
	} else if s.Name != flowcontrolv1.NameAll {
		errs = append(errs, invalid(path.Child("name"), s.Name, "", validation.IsDNS1123Subdomain)...)
	}
	if s.Namespace == "" {
		return append(errs, field.Required(path.Child("namespace"), "must specify namespace for service account"))
	}
	return append(errs, invalid(path.Child("namespace"), s.Namespace, "", validation.IsDNS1123Label)...)
}

// all is what stands for everything in lists of verbs, groups, resources, namespaces and URLs.
const all = "*"

func validateVerbs(verbs []string, path *field.Path) field.ErrorList {
	known := []string{"create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"}
	switch {
	case len(verbs) == 0:
		return field.ErrorList{field.Required(path, "verbs must contain at least one value")}
	case slices.Contains(verbs, all):
		return alone(verbs, path, "verbs")
	case slices.ContainsFunc(verbs, func(v string) bool { return !slices.Contains(known, v) }):
		return field.ErrorList{field.NotSupported(path, verbs, known)}
	}
	return nil
}

// alone refuses a list with "*" and something else.
func alone(list []string, path *field.Path, what string) field.ErrorList {
	if len(list) > 1 && slices.Contains(list, all) {
		return field.ErrorList{field.Invalid(path, list, "if '*' is present, must not specify other "+what)}
	}
	return nil
}

func validateResourceRule(r *flowcontrolv1.ResourcePolicyRule, path *field.Path) field.ErrorList {
	errs := validateVerbs(r.Verbs, path.Child("verbs"))
	if len(r.APIGroups) == 0 {
		errs = append(errs, field.Required(path.Child("apiGroups"), "resource rules must supply at least one api group"))
	}
	errs = append(errs, alone(r.APIGroups, path.Child("apiGroups"), "api groups")...)
	if len(r.Resources) == 0 {
		errs = append(errs, field.Required(path.Child("resources"), "resource rules must supply at least one resource"))
	}
	errs = append(errs, alone(r.Resources, path.Child("resources"), "resources")...)
	namespaces := path.Child("namespaces")
	switch {
	case len(r.Namespaces) == 0 && !r.ClusterScope:
		errs = append(errs, field.Required(namespaces, "resource rules that are not cluster scoped must supply at least one namespace"))
	case slices.Contains(r.Namespaces, all):
		errs = append(errs, alone(r.Namespaces, namespaces, "namespaces")...)
	default:
		for i, ns := range r.Namespaces {
			errs = append(errs, invalid(namespaces.Index(i), ns, "each member of this list must be '*' or a DNS-1123 label; ", validation.IsDNS1123Label)...)
		}
	}
	return errs
}

func validateNonResourceRule(r *flowcontrolv1.NonResourcePolicyRule, path *field.Path) field.ErrorList {
	errs := validateVerbs(r.Verbs, path.Child("verbs"))
	urls := path.Child("nonResourceURLs")
	switch {
	case len(r.NonResourceURLs) == 0:
		errs = append(errs, field.Required(urls, "nonResourceURLs must contain at least one value"))
	case slices.Contains(r.NonResourceURLs, all):
		errs = append(errs, alone(r.NonResourceURLs, urls, "non-resource URLs")...)
	default:
		for i, url := range r.NonResourceURLs {
			if msg := checkURL(url); msg != "" {
				errs = append(errs, field.Invalid(urls.Index(i), url, msg))
			}
		}
	}
	return errs
}

// checkURL says what is wrong with a path, "" for nothing.
func checkURL(url string) string {
	stars := strings.Count(url, all)
	switch {
	case url == "":
		return "must not be empty"
	case url == "/":
		return ""
	case !strings.HasPrefix(url, "/"):
		return "must start with slash"
	case strings.Contains(url, " "):
		return "must not contain white-space"
	case strings.Contains(url, "//"):
		return "must not contain double slash"
	case stars > 1 || stars == 1 && !strings.HasSuffix(url, "/*"):
		return "wildcard can only do suffix matching"
	}
	return ""
}
