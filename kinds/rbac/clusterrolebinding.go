package rbac

import (
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	rbacv1beta1 "k8s.io/api/rbac/v1beta1" // whose texts kube-apiserver prints
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func clusterRoleBinding() *kinds.Resource {
	return &kinds.Resource{
		Group: group, Version: version, Kind: "ClusterRoleBinding",
		Plural: "clusterrolebindings", Singular: "clusterrolebinding",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &rbacv1.ClusterRoleBinding{} },
		NewList: func() runtime.Object { return &rbacv1.ClusterRoleBindingList{} },
		Storage: kinds.Storage{Key: "clusterrolebindings", APIVersion: groupVersion},
		Rules: kinds.For[*rbacv1.ClusterRoleBinding]{
			Default:        func(obj *rbacv1.ClusterRoleBinding) { defaultBinding(&obj.RoleRef, obj.Subjects) },
			ValidateName:   validateName,
			Validate:       validateClusterRoleBinding,
			ValidateUpdate: validateClusterRoleBindingUpdate,
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Role", Type: "string", Description: rbacv1beta1.ClusterRoleBinding{}.SwaggerDoc()["roleRef"]},
				cells.AgeColumn,
				kinds.Column{Name: "Users", Type: "string", Priority: 1, Description: "Users in the clusterRoleBinding"},
				kinds.Column{Name: "Groups", Type: "string", Priority: 1, Description: "Groups in the clusterRoleBinding"},
				kinds.Column{Name: "ServiceAccounts", Type: "string", Priority: 1, Description: "ServiceAccounts in the clusterRoleBinding"},
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*rbacv1.ClusterRoleBinding)
				users, groups, accounts := subjectCells(obj.Subjects)
				return []any{obj.Name, obj.RoleRef.Kind + "/" + obj.RoleRef.Name, cells.Age(obj.CreationTimestamp, now), users, groups, accounts}
			},
		},
		CreateOnUpdate: true,
	}
}
