package subresource

import (
	"context"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
)

// rulesReview serves SelfSubjectRulesReview: what may I do. The answer has no spec, as kube-apiserver's.
type rulesReview struct{ rules RuleResolver }

func (r *rulesReview) create(ctx context.Context, c *Call) (runtime.Object, error) {
	namespace := c.Object.(*authorizationv1.SelfSubjectRulesReview).Spec.Namespace
	if namespace == "" {
		return nil, apierrors.NewBadRequest("no namespace on request")
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}
	rules, err := r.rules.RulesFor(ctx, c.Request.User, namespace)
	out := &authorizationv1.SelfSubjectRulesReview{Status: authorizationv1.SubjectRulesReviewStatus{
		ResourceRules:    rules.Resource,
		NonResourceRules: rules.NonResource,
		Incomplete:       rules.Incomplete,
	}}
	if out.Status.ResourceRules == nil {
		out.Status.ResourceRules = []authorizationv1.ResourceRule{}
	}
	if out.Status.NonResourceRules == nil {
		out.Status.NonResourceRules = []authorizationv1.NonResourceRule{}
	}
	if err != nil {
		out.Status.EvaluationError = err.Error()
	}
	return out, nil
}
