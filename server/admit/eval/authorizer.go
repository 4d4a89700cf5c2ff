package eval

import (
	"context"

	"github.com/google/cel-go/common/types/ref"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/cel/library"

	"github.com/nave-k8s/nave/server/admit"
)

// The CEL library asks in the terms of two packages of interfaces of k8s.io/apiserver; this file is the one place
// that names them, and translates.

// An Authorizer answers for resources and for paths.
type Authorizer interface {
	admit.Authorizer
	// AllowedPath reports whether the user may do this to a path that is no resource.
	AllowedPath(ctx context.Context, user authenticationv1.UserInfo, verb, path string) (allowed bool, reason string, err error)
}

// AddAuthorizer adds the names authorizer and authorizer.requestResource to those of a write.
func (n Names) AddAuthorizer(a Authorizer, w *admit.Attributes) {
	who := w.Request.User
	n["authorizer"] = library.NewAuthorizerVal(asUser(who), asked{a})
	n["authorizer.requestResource"] = requestResource(a, w)
}

func requestResource(a Authorizer, w *admit.Attributes) ref.Val {
	return library.NewResourceAuthorizerVal(asUser(w.Request.User), asked{a}, resource{w})
}

type resource struct{ w *admit.Attributes }

func (r resource) GetName() string        { return r.w.Name }
func (r resource) GetNamespace() string   { return r.w.Namespace }
func (r resource) GetSubresource() string { return r.w.Subresource }

func (r resource) GetResource() schema.GroupVersionResource {
	return r.w.Resource.GroupVersionResource()
}

func asUser(u authenticationv1.UserInfo) user.Info {
	extra := make(map[string][]string, len(u.Extra))
	for k, v := range u.Extra {
		extra[k] = v
	}
	return &user.DefaultInfo{Name: u.Username, UID: u.UID, Groups: u.Groups, Extra: extra}
}

func fromUser(u user.Info) authenticationv1.UserInfo {
	out := authenticationv1.UserInfo{Username: u.GetName(), UID: u.GetUID(), Groups: u.GetGroups()}
	for k, v := range u.GetExtra() {
		if out.Extra == nil {
			out.Extra = map[string]authenticationv1.ExtraValue{}
		}
		out.Extra[k] = v
	}
	return out
}

// asked answers the library.
type asked struct{ authorizer Authorizer }

func (a asked) Authorize(ctx context.Context, what authorizer.Attributes) (authorizer.Decision, string, error) {
	who := fromUser(what.GetUser())
	var (
		allowed bool
		reason  string
		err     error
	)
	if !what.IsResourceRequest() {
		allowed, reason, err = a.authorizer.AllowedPath(ctx, who, what.GetVerb(), what.GetPath())
	} else {
		allowed, reason, err = a.authorizer.Allowed(ctx, who, authorizationv1.ResourceAttributes{
			Namespace: what.GetNamespace(), Verb: what.GetVerb(), Group: what.GetAPIGroup(), Version: what.GetAPIVersion(),
			Resource: what.GetResource(), Subresource: what.GetSubresource(), Name: what.GetName(),
			FieldSelector: fieldSelector(what), LabelSelector: labelSelector(what),
		})
	}
	if allowed && err == nil {
		return authorizer.DecisionAllow, reason, nil
	}
	return authorizer.DecisionNoOpinion, reason, err
}

// fieldSelector is the selector that the check is limited to; one that cannot be read limits nothing, which
// asks for more.
func fieldSelector(what authorizer.Attributes) *authorizationv1.FieldSelectorAttributes {
	requirements, err := what.GetFieldSelector()
	if err != nil || len(requirements) == 0 {
		return nil
	}
	out := &authorizationv1.FieldSelectorAttributes{}
	for _, r := range requirements {
		op := metav1.FieldSelectorOpIn
		if r.Operator == selection.NotEquals {
			op = metav1.FieldSelectorOpNotIn
		}
		out.Requirements = append(out.Requirements, metav1.FieldSelectorRequirement{Key: r.Field, Operator: op, Values: []string{r.Value}})
	}
	return out
}

func labelSelector(what authorizer.Attributes) *authorizationv1.LabelSelectorAttributes {
	requirements, err := what.GetLabelSelector()
	if err != nil || len(requirements) == 0 {
		return nil
	}
	out := &authorizationv1.LabelSelectorAttributes{}
	for _, r := range requirements {
		op := metav1.LabelSelectorOperator("")
		switch r.Operator() {
		case selection.In, selection.Equals, selection.DoubleEquals:
			op = metav1.LabelSelectorOpIn
		case selection.NotIn, selection.NotEquals:
			op = metav1.LabelSelectorOpNotIn
		case selection.Exists:
			op = metav1.LabelSelectorOpExists
		case selection.DoesNotExist:
			op = metav1.LabelSelectorOpDoesNotExist
		default:
			continue // cannot be said in a review; asks for more
		}
		out.Requirements = append(out.Requirements, metav1.LabelSelectorRequirement{Key: r.Key(), Operator: op, Values: r.Values().List()})
	}
	return out
}
