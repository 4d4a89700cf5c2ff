package bootstrap

import (
	"fmt"
	"maps"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

const rbacGroup = rbacv1.GroupName

// rbacRow is a role or a binding in the data.
type rbacRow struct {
	Name            string                  `json:"name"`
	Namespace       string                  `json:"namespace"`
	Labels          map[string]string       `json:"labels"`
	Rules           []rbacv1.PolicyRule     `json:"rules"`
	AggregationRule *rbacv1.AggregationRule `json:"aggregationRule"`
	RoleRef         rbacv1.RoleRef          `json:"roleRef"`
	Subjects        []rbacv1.Subject        `json:"subjects"`
}

func (r rbacRow) meta() metav1.ObjectMeta {
	labels := map[string]string{"kubernetes.io/bootstrapping": "rbac-defaults"}
	maps.Copy(labels, r.Labels)
	return metav1.ObjectMeta{
		Name: r.Name, Namespace: r.Namespace, Labels: labels,
		Annotations: map[string]string{rbacv1.AutoUpdateAnnotationKey: "true"},
	}
}

// rbac makes the roles and bindings, and adds what is missing to those that follow the server.
func rbac() (tasks []task, err error) {
	for _, f := range []struct {
		file, plural string
		object       func(r rbacRow) kinds.Object
	}{
		{"cluster-roles.yaml", "clusterroles", clusterRole},
		{"controller-roles.yaml", "clusterroles", clusterRole},
		{"namespace-roles.yaml", "roles", role},
		{"cluster-role-bindings.yaml", "clusterrolebindings", clusterRoleBinding},
		{"controller-role-bindings.yaml", "clusterrolebindings", clusterRoleBinding},
		{"namespace-role-bindings.yaml", "rolebindings", roleBinding},
	} {
		var rows []rbacRow
		if err := read(&rows, "rbac/"+f.file); err != nil {
			return nil, err
		}
		for _, row := range rows {
			want := f.object(row)
			tasks = append(tasks, ensure(rbacGroup, f.plural, want, func(have kinds.Object) bool { return complete(have, want) }))
		}
	}
	return tasks, nil
}

func clusterRole(r rbacRow) kinds.Object {
	return &rbacv1.ClusterRole{ObjectMeta: r.meta(), Rules: r.Rules, AggregationRule: r.AggregationRule}
}

func role(r rbacRow) kinds.Object { return &rbacv1.Role{ObjectMeta: r.meta(), Rules: r.Rules} }

func clusterRoleBinding(r rbacRow) kinds.Object {
	return &rbacv1.ClusterRoleBinding{ObjectMeta: r.meta(), RoleRef: r.RoleRef, Subjects: r.Subjects}
}

func roleBinding(r rbacRow) kinds.Object {
	return &rbacv1.RoleBinding{ObjectMeta: r.meta(), RoleRef: r.RoleRef, Subjects: r.Subjects}
}

// complete adds to an object what it lacks, unless its annotation says that it is an operator's now. Nothing is
// taken away. It tells whether something was lacking.
func complete(have, want kinds.Object) bool {
	if have.GetAnnotations()[rbacv1.AutoUpdateAnnotationKey] != "true" {
		return false
	}
	lacks := false
	switch have := have.(type) {
	case *rbacv1.ClusterRole:
		if have.AggregationRule == nil {
			have.Rules, lacks = addRules(have.Rules, want.(*rbacv1.ClusterRole).Rules)
		}
	case *rbacv1.Role:
		have.Rules, lacks = addRules(have.Rules, want.(*rbacv1.Role).Rules)
	case *rbacv1.ClusterRoleBinding:
		have.Subjects, lacks = addSubjects(have.Subjects, want.(*rbacv1.ClusterRoleBinding).Subjects)
	case *rbacv1.RoleBinding:
		have.Subjects, lacks = addSubjects(have.Subjects, want.(*rbacv1.RoleBinding).Subjects)
	}
	return lacks
}

// addRules adds the rules that are not there.
func addRules(have, want []rbacv1.PolicyRule) (rules []rbacv1.PolicyRule, added bool) {
next:
	for _, w := range want {
		for _, h := range have {
			if equality.Semantic.DeepEqual(h, w) {
				continue next
			}
		}
		have, added = append(have, w), true
	}
	return have, added
}

// addSubjects adds the subjects that are not there.
func addSubjects(have, want []rbacv1.Subject) (subjects []rbacv1.Subject, added bool) {
next:
	for _, w := range want {
		for _, h := range have {
			if h == w {
				continue next
			}
		}
		have, added = append(have, w), true
	}
	return have, added
}

// Rules are those of a cluster role as the server's release has it.
func Rules(clusterRole string) ([]rbacv1.PolicyRule, error) {
	var rows []rbacRow
	if err := read(&rows, "rbac/cluster-roles.yaml"); err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.Name == clusterRole {
			return row.Rules, nil
		}
	}
	return nil, fmt.Errorf("there is no bootstrap cluster role %q", clusterRole)
}
