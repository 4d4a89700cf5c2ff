// Package webhook asks another server what somebody may do (SubjectAccessReview), where its conditions say that
// it is to be asked at all, and remembers the answer for a while. Callers: authz/config and server, which put it
// into stage 3.
package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/webhook"
)

// Config is what a webhook is made of.
type Config struct {
	Kubeconfig string
	Version    string // of SubjectAccessReview: v1 or v1beta1
	Timeout    time.Duration
	// KeepAllowed and KeepRefused are how long answers are good; 0: they are not kept.
	KeepAllowed, KeepRefused time.Duration
	// DenyOnError: if the webhook cannot be asked, nobody else is.
	DenyOnError bool
	// Conditions are CEL expressions on the review's spec; all must hold for the webhook to be asked.
	Conditions []string
	Now        func() time.Time
}

// Webhook asks a server.
type Webhook struct {
	Config
	client     *webhook.Client
	apiVersion string
	conditions []condition
	known      *webhook.Cache[authorizationv1.SubjectAccessReviewStatus]
}

// New returns what asks the server.
func New(c Config) (*Webhook, error) {
	if c.Version != "v1" && c.Version != "v1beta1" {
		return nil, fmt.Errorf("SubjectAccessReview version %q is not supported; the versions are v1 and v1beta1", c.Version)
	}
	client, err := webhook.New(c.Kubeconfig, c.Timeout)
	if err != nil {
		return nil, err
	}
	conditions, err := compile(c.Conditions)
	if err != nil {
		return nil, err
	}
	return &Webhook{
		Config: c, client: client, apiVersion: authorizationv1.GroupName + "/" + c.Version, conditions: conditions,
		known: webhook.NewCache[authorizationv1.SubjectAccessReviewStatus](c.Now),
	}, nil
}

// mostKept is how long a question may be whose answer is kept.
const mostKept = 10_000

// Authorize asks.
func (w *Webhook) Authorize(ctx context.Context, a request.Attributes) (authz.Decision, string, error) {
	spec := specOf(&a)
	asked, err := applies(ctx, w.conditions, spec)
	if err != nil {
		return w.onError(), "", err
	}
	if !asked {
		return authz.NoOpinion, "", nil
	}
	question, err := json.Marshal(spec)
	if err != nil {
		return w.onError(), "", err
	}
	key := webhook.Key(question)
	status, ok := w.known.Get(key)
	if !ok {
		review := &authorizationv1.SubjectAccessReview{
			TypeMeta: metav1.TypeMeta{APIVersion: w.apiVersion, Kind: "SubjectAccessReview"}, Spec: *spec,
		}
		if err := w.post(ctx, review); err != nil {
			return w.onError(), "", fmt.Errorf("the authorization webhook could not be asked: %w", err)
		}
		status = review.Status
		if keep := w.keep(status.Allowed); len(question) < mostKept {
			w.known.Put(key, status, keep)
		}
	}
	switch {
	case status.Denied && status.Allowed:
		return authz.Deny, status.Reason, errors.New("webhook subject access review returned both allow and deny response")
	case status.Denied:
		return authz.Deny, status.Reason, nil
	case status.Allowed:
		return authz.Allow, status.Reason, nil
	}
	return authz.NoOpinion, status.Reason, nil
}

// RulesFor cannot list what the other server allows.
func (w *Webhook) RulesFor(authenticationv1.UserInfo, string) ([]rbacv1.PolicyRule, bool, []error) {
	return nil, true, []error{errors.New("webhook authorizer does not support user rule resolution")}
}

func (w *Webhook) keep(allowed bool) time.Duration {
	if allowed {
		return w.KeepAllowed
	}
	return w.KeepRefused
}

func (w *Webhook) onError() authz.Decision {
	if w.DenyOnError {
		return authz.Deny
	}
	return authz.NoOpinion
}

// post sends the review. v1beta1 calls the groups "group".
func (w *Webhook) post(ctx context.Context, review *authorizationv1.SubjectAccessReview) error {
	if w.Version == "v1" {
		return w.client.Post(ctx, review)
	}
	data, err := json.Marshal(review)
	if err != nil {
		return err
	}
	old := map[string]any{}
	if err := json.Unmarshal(data, &old); err != nil {
		return err
	}
	if spec, ok := old["spec"].(map[string]any); ok && spec["groups"] != nil {
		spec["group"] = spec["groups"]
		delete(spec, "groups")
	}
	if err := w.client.Post(ctx, &old); err != nil {
		return err
	}
	var answer struct {
		Status authorizationv1.SubjectAccessReviewStatus `json:"status"`
	}
	if data, err = json.Marshal(old); err == nil {
		err = json.Unmarshal(data, &answer)
	}
	review.Status = answer.Status
	return err
}

// specOf is the question as a review asks it.
func specOf(a *request.Attributes) *authorizationv1.SubjectAccessReviewSpec {
	s := &authorizationv1.SubjectAccessReviewSpec{User: a.User.Username, UID: a.User.UID, Groups: a.User.Groups}
	for k, v := range a.User.Extra {
		if s.Extra == nil {
			s.Extra = map[string]authorizationv1.ExtraValue{}
		}
		s.Extra[k] = authorizationv1.ExtraValue(v)
	}
	if !a.Resource {
		s.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: a.Path, Verb: a.Verb}
		return s
	}
	s.ResourceAttributes = &authorizationv1.ResourceAttributes{
		Namespace: a.Namespace, Verb: a.Verb, Group: a.Group, Version: a.Version, Resource: a.Plural,
		Subresource: a.Subresource, Name: a.Name,
	}
	// A selector that cannot be read is left out: the question is then about more than is asked for.
	if requirements, err := a.FieldRequirements(); err == nil && len(requirements) > 0 {
		s.ResourceAttributes.FieldSelector = &authorizationv1.FieldSelectorAttributes{Requirements: fieldTerms(requirements)}
	}
	if requirements, err := a.LabelRequirements(); err == nil && len(requirements) > 0 {
		if terms := labelTerms(requirements); len(terms) > 0 {
			s.ResourceAttributes.LabelSelector = &authorizationv1.LabelSelectorAttributes{Requirements: terms}
		}
	}
	return s
}

func fieldTerms(requirements fields.Requirements) (out []metav1.FieldSelectorRequirement) {
	for _, r := range requirements {
		op := metav1.FieldSelectorOpIn
		if r.Operator == selection.NotEquals {
			op = metav1.FieldSelectorOpNotIn
		}
		out = append(out, metav1.FieldSelectorRequirement{Key: r.Field, Operator: op, Values: []string{r.Value}})
	}
	return out
}

func labelTerms(requirements labels.Requirements) (out []metav1.LabelSelectorRequirement) {
	for _, r := range requirements {
		term := metav1.LabelSelectorRequirement{Key: r.Key(), Values: r.Values().List()}
		switch r.Operator() {
		case selection.Equals, selection.DoubleEquals, selection.In:
			term.Operator = metav1.LabelSelectorOpIn
		case selection.NotEquals, selection.NotIn:
			term.Operator = metav1.LabelSelectorOpNotIn
		case selection.Exists:
			term.Operator, term.Values = metav1.LabelSelectorOpExists, nil
		case selection.DoesNotExist:
			term.Operator, term.Values = metav1.LabelSelectorOpDoesNotExist, nil
		default: // greater and less cannot be said
			continue
		}
		out = append(out, term)
	}
	return out
}
