package rbac

import (
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	rbacv1beta1 "k8s.io/api/rbac/v1beta1" // whose texts kube-apiserver prints
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func roleBinding() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "RoleBinding",
		Plural: "rolebindings", Singular: "rolebinding",
		Namespaced: true, Verbs: kinds.AllVerbs,
		New:     func() runtime.Object { return &rbacv1.RoleBinding{} },
		NewList: func() runtime.Object { return &rbacv1.RoleBindingList{} },
		Storage: kinds.Storage{Key: "rolebindings", APIVersion: groupVersion},
		Rules: kinds.For[*rbacv1.RoleBinding]{
			Default:        func(obj *rbacv1.RoleBinding) { defaultBinding(&obj.RoleRef, obj.Subjects) },
			ValidateName:   validateName,
			Validate:       validateRoleBinding,
			ValidateUpdate: validateRoleBindingUpdate,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Role", Type: "string", Description: rbacv1beta1.RoleBinding{}.SwaggerDoc()["roleRef"]},
				cells.AgeColumn,
				kinds.Column{Name: "Users", Type: "string", Priority: 1, Description: "Users in the roleBinding"},
				kinds.Column{Name: "Groups", Type: "string", Priority: 1, Description: "Groups in the roleBinding"},
				kinds.Column{Name: "ServiceAccounts", Type: "string", Priority: 1, Description: "ServiceAccounts in the roleBinding"},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*rbacv1.RoleBinding)
				users, groups, accounts := subjectCells(obj.Subjects)
				return []any{obj.Name, obj.RoleRef.Kind + "/" + obj.RoleRef.Name, cells.Age(obj.CreationTimestamp, now), users, groups, accounts}
			},
		},
		CreateOnUpdate: true,
	}
}
