package apiextensions

import (
	"net/url"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// validateDefinitionName checks that a definition is named after what it defines. That a name is a
// subdomain is checked for every kind.
func validateDefinitionName(obj *apiextensionsv1.CustomResourceDefinition) field.ErrorList {
	const must = `must be spec.names.plural+"."+spec.group`
	want := obj.Spec.Names.Plural + "." + obj.Spec.Group
	var errs field.ErrorList
	for _, f := range []struct{ name, value string }{{"generateName", obj.GenerateName}, {"name", obj.Name}} {
		if f.value != "" && f.value != want {
			errs = append(errs, field.Invalid(field.NewPath("metadata", f.name), f.value, must))
		}
	}
	return errs
}

func validateGroup(group string, path *field.Path) field.ErrorList {
	if group == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	if msgs := validation.IsDNS1123Subdomain(group); len(msgs) > 0 {
		return field.ErrorList{field.Invalid(path, group, strings.Join(msgs, ","))}
	}
	if !strings.Contains(group, ".") {
		return field.ErrorList{field.Invalid(path, group, "should be a domain with at least one dot")}
	}
	return nil
}

// requireNames refuses the names that a spec lacks; a status may lack them.
func requireNames(n *apiextensionsv1.CustomResourceDefinitionNames, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, f := range []struct{ name, value string }{{"plural", n.Plural}, {"singular", n.Singular}, {"kind", n.Kind}, {"listKind", n.ListKind}} {
		if f.value == "" {
			errs = append(errs, field.Required(path.Child(f.name), ""))
		}
	}
	return errs
}

func validateNames(n *apiextensionsv1.CustomResourceDefinitionNames, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	label := func(path *field.Path, value string) {
		if msgs := validation.IsDNS1035Label(value); len(msgs) > 0 {
			errs = append(errs, field.Invalid(path, value, strings.Join(msgs, ",")))
		}
	}
	kind := func(path *field.Path, value string) {
		if msgs := validation.IsDNS1035Label(strings.ToLower(value)); value != "" && len(msgs) > 0 {
			errs = append(errs, field.Invalid(path, value, "may have mixed case, but should otherwise match: "+strings.Join(msgs, ",")))
		}
	}
	if n.Plural != "" {
		label(path.Child("plural"), n.Plural)
	}
	if n.Singular != "" {
		label(path.Child("singular"), n.Singular)
	}
	kind(path.Child("kind"), n.Kind)
	kind(path.Child("listKind"), n.ListKind)
	for i, name := range n.ShortNames {
		label(path.Child("shortNames").Index(i), name)
	}
	if n.Kind != "" && n.Kind == n.ListKind {
		errs = append(errs, field.Invalid(path.Child("listKind"), n.ListKind, "kind and listKind may not be the same"))
	}
	for i, category := range n.Categories {
		label(path.Child("categories").Index(i), category)
	}
	return errs
}

// validateApproval checks that somebody may define resources in a group of Kubernetes' own. What was
// there before stays accepted.
func validateApproval(obj, old *apiextensionsv1.CustomResourceDefinition) field.ErrorList {
	group := obj.Spec.Group
	if group != "k8s.io" && group != "kubernetes.io" && !strings.HasSuffix(group, ".k8s.io") && !strings.HasSuffix(group, ".kubernetes.io") {
		return nil
	}
	const (
		key = apiextensionsv1.KubeAPIApprovedAnnotation
		ask = `protected groups must have approval annotation "` + key + `"`
		see = ", see https://github.com/kubernetes/enhancements/pull/1111"
	)
	state := approval(obj)
	if old != nil && approval(old) == state {
		return nil
	}
	path := field.NewPath("metadata", "annotations").Key(key)
	switch state {
	case missing:
		return field.ErrorList{field.Required(path, ask+see)}
	case invalid:
		return field.ErrorList{field.Invalid(path, obj.Annotations[key], ask+` with either a URL or a reason starting with "unapproved"`+see)}
	}
	return nil
}

type approvalState int

const (
	approved approvalState = iota
	bypassed
	missing
	invalid
)

func approval(obj *apiextensionsv1.CustomResourceDefinition) approvalState {
	text := obj.Annotations[apiextensionsv1.KubeAPIApprovedAnnotation]
	switch {
	case text == "":
		return missing
	case strings.HasPrefix(text, "unapproved"):
		return bypassed
	}
	if u, err := url.ParseRequestURI(text); err == nil && u.Scheme != "" && u.Host != "" {
		return approved
	}
	return invalid
}
