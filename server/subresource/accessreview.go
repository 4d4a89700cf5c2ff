package subresource

import (
	"context"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
)

// Access is one question to the authorizer.
type Access struct {
	User     authenticationv1.UserInfo
	Verb     string
	Resource *authorizationv1.ResourceAttributes // nil: the question is about Path
	Path     string
	// Fields and Labels are the selectors of Resource, parsed; what could not be is left out.
	Fields []fields.Requirement
	Labels []labels.Requirement
}

// Decision is an authorizer's answer.
type Decision int8

// The decisions. NoOpinion is a no, too, unless somebody else says yes.
const (
	NoOpinion Decision = iota
	Allow
	Deny
)

// An Authorizer decides who may do what. An error is a problem met on the way; the decision holds.
type Authorizer interface {
	Authorize(ctx context.Context, a Access) (Decision, string, error)
}

// accessReview serves the three kinds that ask whether somebody may do something.
type accessReview struct{ authorizer Authorizer }

func (a *accessReview) subject(ctx context.Context, c *Call) (runtime.Object, error) {
	r := c.Object.(*authorizationv1.SubjectAccessReview)
	errs := validateAccess(r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	errs = append(errs, validateSubject(r.Spec.User, r.Spec.Groups)...)
	errs = append(errs, validateSelectors(r.Spec.ResourceAttributes)...)
	errs = append(errs, validateReviewMeta(r.ObjectMeta, false)...)
	if err := refuse(errs); err != nil {
		return nil, err
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}
	r.Status = a.ask(ctx, subjectOf(r.Spec), r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	return r, nil
}

func (a *accessReview) local(ctx context.Context, c *Call) (runtime.Object, error) {
	r := c.Object.(*authorizationv1.LocalSubjectAccessReview)
	if err := refuse(validateLocal(r)); err != nil {
		return nil, err
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}
	r.Status = a.ask(ctx, subjectOf(r.Spec), r.Spec.ResourceAttributes, nil)
	return r, nil
}

func (a *accessReview) self(ctx context.Context, c *Call) (runtime.Object, error) {
	r := c.Object.(*authorizationv1.SelfSubjectAccessReview)
	errs := validateAccess(r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	errs = append(errs, validateSelectors(r.Spec.ResourceAttributes)...)
	errs = append(errs, validateReviewMeta(r.ObjectMeta, false)...)
	if err := refuse(errs); err != nil {
		return nil, err
	}
	if err := c.review(ctx); err != nil {
		return nil, err
	}
	r.Status = a.ask(ctx, c.Request.User, r.Spec.ResourceAttributes, r.Spec.NonResourceAttributes)
	return r, nil
}

func (a *accessReview) ask(ctx context.Context, user authenticationv1.UserInfo, res *authorizationv1.ResourceAttributes, path *authorizationv1.NonResourceAttributes) authorizationv1.SubjectAccessReviewStatus {
	access := Access{User: user, Resource: res}
	var problems []string
	if res != nil {
		access.Verb = res.Verb
		access.Fields, access.Labels, problems = parseSelectors(res)
	} else {
		access.Verb, access.Path = path.Verb, path.Path
	}
	decision, reason, err := a.authorizer.Authorize(ctx, access)
	return authorizationv1.SubjectAccessReviewStatus{
		Allowed:         decision == Allow,
		Denied:          decision == Deny,
		Reason:          reason,
		EvaluationError: evaluationError(err, problems),
	}
}

func subjectOf(s authorizationv1.SubjectAccessReviewSpec) authenticationv1.UserInfo {
	u := authenticationv1.UserInfo{Username: s.User, Groups: s.Groups, UID: s.UID}
	for k, v := range s.Extra {
		if u.Extra == nil {
			u.Extra = map[string]authenticationv1.ExtraValue{}
		}
		u.Extra[k] = authenticationv1.ExtraValue(v)
	}
	return u
}

// A RuleResolver lists what somebody may do in a namespace. An error is a problem met on the way; the
// rules that were found hold.
type RuleResolver interface {
	RulesFor(ctx context.Context, user authenticationv1.UserInfo, namespace string) (Rules, error)
}

// Rules is what somebody may do.
type Rules struct {
	Resource    []authorizationv1.ResourceRule
	NonResource []authorizationv1.NonResourceRule
	Incomplete  bool // there are authorizers that cannot list theirs
}
