package rbac

import (
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
)

func defaultBinding(ref *rbacv1.RoleRef, subjects []rbacv1.Subject) {
	if ref.APIGroup == "" {
		ref.APIGroup = rbacv1.GroupName
	}
	for i := range subjects {
		s := &subjects[i]
		if s.APIGroup == "" && (s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind) {
			s.APIGroup = rbacv1.GroupName
		}
	}
}

func validateRoleBinding(_ kinds.Input, obj *rbacv1.RoleBinding) field.ErrorList {
	return append(validateBinding(&obj.RoleRef, obj.Subjects, true), missingNames(&obj.RoleRef, obj.Subjects)...)
}

func validateRoleBindingUpdate(in kinds.Input, obj, old *rbacv1.RoleBinding) field.ErrorList {
	errs := validateBinding(&obj.RoleRef, obj.Subjects, true)
	errs = append(errs, immutableRef(obj.RoleRef, old.RoleRef)...)
	return append(errs, missingNames(&obj.RoleRef, obj.Subjects)...)
}

func validateClusterRoleBinding(_ kinds.Input, obj *rbacv1.ClusterRoleBinding) field.ErrorList {
	return append(validateBinding(&obj.RoleRef, obj.Subjects, false), missingNames(&obj.RoleRef, obj.Subjects)...)
}

func validateClusterRoleBindingUpdate(in kinds.Input, obj, old *rbacv1.ClusterRoleBinding) field.ErrorList {
	errs := validateBinding(&obj.RoleRef, obj.Subjects, false)
	errs = append(errs, immutableRef(obj.RoleRef, old.RoleRef)...)
	return append(errs, missingNames(&obj.RoleRef, obj.Subjects)...)
}

func immutableRef(now, was rbacv1.RoleRef) field.ErrorList {
	if equality.Semantic.DeepEqual(now, was) {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("roleRef"), internalname.Value(now), "field is immutable")}
}

func validateBinding(ref *rbacv1.RoleRef, subjects []rbacv1.Subject, namespaced bool) field.ErrorList {
	var errs field.ErrorList
	path := field.NewPath("roleRef")
	if ref.APIGroup != rbacv1.GroupName {
		errs = append(errs, field.NotSupported(path.Child("apiGroup"), ref.APIGroup, []string{rbacv1.GroupName}))
	}
	refKinds := []string{"ClusterRole"}
	if namespaced {
		refKinds = []string{"Role", "ClusterRole"}
	}
	if ref.Kind != "ClusterRole" && !(namespaced && ref.Kind == "Role") {
		errs = append(errs, field.NotSupported(path.Child("kind"), ref.Kind, refKinds))
	}
	for _, msg := range content.IsPathSegmentName(ref.Name) {
		errs = append(errs, field.Invalid(path.Child("name"), ref.Name, msg))
	}
	for i := range subjects {
		errs = append(errs, validateSubject(&subjects[i], namespaced, field.NewPath("subjects").Index(i))...)
	}
	return errs
}

func validateSubject(s *rbacv1.Subject, namespaced bool, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch s.Kind {
	case rbacv1.ServiceAccountKind:
		if s.Name != "" {
			for _, msg := range validation.IsDNS1123Subdomain(s.Name) {
				errs = append(errs, field.Invalid(path.Child("name"), s.Name, msg))
			}
		}
		if s.APIGroup != "" {
			errs = append(errs, field.NotSupported(path.Child("apiGroup"), s.APIGroup, []string{""}))
		}
		if !namespaced && s.Namespace == "" {
			errs = append(errs, field.Required(path.Child("namespace"), ""))
		}
	case rbacv1.UserKind, rbacv1.GroupKind:
		if s.APIGroup != rbacv1.GroupName {
			errs = append(errs, field.NotSupported(path.Child("apiGroup"), s.APIGroup, []string{rbacv1.GroupName}))
		}
	default:
		errs = append(errs, field.NotSupported(path.Child("kind"), s.Kind, []string{rbacv1.ServiceAccountKind, rbacv1.UserKind, rbacv1.GroupKind}))
	}
	return errs
}

// missingNames is apart, as upstream declares these rules on the types.
func missingNames(ref *rbacv1.RoleRef, subjects []rbacv1.Subject) field.ErrorList {
	var errs field.ErrorList
	for i := range subjects {
		if subjects[i].Name == "" {
			errs = append(errs, field.Required(field.NewPath("subjects").Index(i).Child("name"), ""))
		}
	}
	if ref.Name == "" {
		errs = append(errs, field.Required(field.NewPath("roleRef", "name"), ""))
	}
	return errs
}
