package rbac

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/request"
)

// Escalation keeps people from giving rights that they do not hold themselves: through roles they write,
// unless they have the verb escalate on them, and through roles they bind, unless they have the verb bind.
type Escalation struct {
	Rules      *Authorizer
	Authorizer authz.Authorizer
}

// GuardRole decides on a write of a Role or ClusterRole; old is nil for one that is new.
func (e Escalation) GuardRole(ctx context.Context, r *request.Request, obj, old kinds.Object) error {
	if master(r) {
		return nil
	}
	if old != nil && (equality.Semantic.DeepEqual(rulesOf(obj), rulesOf(old)) && equality.Semantic.DeepEqual(aggregation(obj), aggregation(old))) {
		return nil
	}
	ask := request.Attributes{
		User: r.User, Verb: "escalate", Resource: true, Group: rbacv1.GroupName, Version: "*",
		Plural: r.Resource, Namespace: r.Namespace, Name: r.Name,
	}
	if decision, _, _ := e.Authorizer.Authorize(ctx, ask); decision == authz.Allow {
		return nil
	}
	forbidden := func(err error) error {
		return apierrors.NewForbidden(schema.GroupResource{Group: rbacv1.GroupName, Resource: r.Resource}, obj.GetName(), err)
	}
	if err := e.held(r, rulesOf(obj)); err != nil {
		return forbidden(err)
	}
	if aggregation(obj) != nil || old != nil && aggregation(old) != nil {
		all := []string{"*"}
		everything := []rbacv1.PolicyRule{{Verbs: all, APIGroups: all, Resources: all}, {Verbs: all, NonResourceURLs: all}}
		if e.held(r, everything) != nil {
			return forbidden(errors.New("must have cluster-admin privileges to use an aggregationRule"))
		}
	}
	return nil
}

// GuardBinding decides on a write of a RoleBinding or ClusterRoleBinding; old is nil for one that is new.
func (e Escalation) GuardBinding(ctx context.Context, r *request.Request, obj, old kinds.Object) error {
	if master(r) || old != nil && onlyCollected(obj, old) {
		return nil
	}
	role := roleRef(obj)
	ask := request.Attributes{
		User: r.User, Verb: "bind", Resource: true, Group: rbacv1.GroupName, Version: "*",
		Namespace: r.Namespace, Name: role.Name,
	}
	switch role.Kind {
	case "ClusterRole":
		ask.Plural = "clusterroles"
	case "Role":
		ask.Plural = "roles"
	default:
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusInternalServerError,
			Message: fmt.Sprintf("unsupported role reference kind: %q", role.Kind),
		}}
	}
	if decision, _, _ := e.Authorizer.Authorize(ctx, ask); decision == authz.Allow {
		return nil
	}
	resource := schema.GroupResource{Group: rbacv1.GroupName, Resource: r.Resource}
	wanted, ok := e.Rules.rulesOf(role, r.Namespace)
	if !ok {
		return apierrors.NewNotFound(resource, role.Name)
	}
	if err := e.held(r, wanted); err != nil {
		return apierrors.NewForbidden(resource, obj.GetName(), err)
	}
	return nil
}

// held refuses rules that the request's user does not hold in its namespace.
func (e Escalation) held(r *request.Request, wanted []rbacv1.PolicyRule) error {
	rules, problems := e.Rules.Rules(r.User, r.Namespace)
	lacking := missing(rules, wanted)
	if len(lacking) == 0 {
		return nil
	}
	text := fmt.Sprintf("user %q (groups=%q) is attempting to grant RBAC permissions not currently held:\n%s", r.User.Username, r.User.Groups, show(lacking))
	if len(problems) > 0 {
		text += fmt.Sprintf("; resolution errors: [%s]", joinProblems(problems))
	}
	return errors.New(text)
}

func master(r *request.Request) bool { return slices.Contains(r.User.Groups, "system:masters") }

// onlyCollected reports whether nothing changes but what garbage collection needs to delete an object.
func onlyCollected(obj, old kinds.Object) bool {
	same := obj.DeepCopyObject().(kinds.Object)
	same.SetOwnerReferences(old.GetOwnerReferences())
	same.SetFinalizers(old.GetFinalizers())
	same.SetManagedFields(old.GetManagedFields())
	same.GetObjectKind().SetGroupVersionKind(old.GetObjectKind().GroupVersionKind())
	return equality.Semantic.DeepEqual(same, old)
}

func rulesOf(obj kinds.Object) []rbacv1.PolicyRule {
	switch o := obj.(type) {
	case *rbacv1.Role:
		return o.Rules
	case *rbacv1.ClusterRole:
		return o.Rules
	}
	return nil
}

func aggregation(obj kinds.Object) *rbacv1.AggregationRule {
	if o, ok := obj.(*rbacv1.ClusterRole); ok {
		return o.AggregationRule
	}
	return nil
}

func roleRef(obj kinds.Object) rbacv1.RoleRef {
	switch o := obj.(type) {
	case *rbacv1.RoleBinding:
		return o.RoleRef
	case *rbacv1.ClusterRoleBinding:
		return o.RoleRef
	}
	return rbacv1.RoleRef{}
}
