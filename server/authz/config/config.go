// Package config reads an AuthorizationConfiguration (apiserver.config.k8s.io, KEP-3221): authorizers in order. The
// file may change while the server runs; one that is wrong leaves what was there. Callers: cmd/nave reads,
// server gives it the authorizers that it has itself.
package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/authz"
	"github.com/nave-k8s/nave/server/authz/webhook"
	"github.com/nave-k8s/nave/server/reload"
)

// Document is what such a file holds.
type Document struct {
	APIVersion  string       `json:"apiVersion"`
	Kind        string       `json:"kind"`
	Authorizers []Authorizer `json:"authorizers"`
}

// Authorizer is one of them.
type Authorizer struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Webhook *Webhook `json:"webhook"`
}

// Webhook says how a webhook is asked.
type Webhook struct {
	AuthorizedTTL                            metav1.Duration `json:"authorizedTTL"`
	CacheAuthorizedRequests                  *bool           `json:"cacheAuthorizedRequests"`
	UnauthorizedTTL                          metav1.Duration `json:"unauthorizedTTL"`
	CacheUnauthorizedRequests                *bool           `json:"cacheUnauthorizedRequests"`
	Timeout                                  metav1.Duration `json:"timeout"`
	SubjectAccessReviewVersion               string          `json:"subjectAccessReviewVersion"`
	MatchConditionSubjectAccessReviewVersion string          `json:"matchConditionSubjectAccessReviewVersion"`
	FailurePolicy                            string          `json:"failurePolicy"`
	ConnectionInfo                           struct {
		Type           string  `json:"type"`
		KubeConfigFile *string `json:"kubeConfigFile"`
	} `json:"connectionInfo"`
	MatchConditions []struct {
		Expression string `json:"expression"`
	} `json:"matchConditions"`
}

// Maker makes the authorizers that the server has itself, by type; it says so if there is none of a type.
type Maker func(typ string) (authz.Authorizer, error)

// Authorizers are those of a file as it is now. They are an authz.Authorizer and an authz.Ruler.
type Authorizers struct{ file *reload.File[authz.Union] }

// Follow reads a file. failed hears when a later version of it is wrong. first is asked before those of the file.
func Follow(name string, first authz.Union, maker Maker, now func() time.Time, failed func(error)) (*Authorizers, error) {
	f, err := reload.Follow(func() (*authz.Union, error) {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		u, err := parse(data, maker, now)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		u = append(slices.Clone(first), u...)
		return &u, nil
	}, failed, name)
	if err != nil {
		return nil, err
	}
	return &Authorizers{f}, nil
}

// Authorize asks those of the file.
func (a *Authorizers) Authorize(ctx context.Context, what authz.Attributes) (authz.Decision, string, error) {
	return a.file.Get().Authorize(ctx, what)
}

// RulesFor lists what those of the file allow.
func (a *Authorizers) RulesFor(user authenticationv1.UserInfo, namespace string) ([]rbacv1.PolicyRule, bool, []error) {
	return a.file.Get().RulesFor(user, namespace)
}

// Again lets the next question look at the file at once.
func (a *Authorizers) Again() { a.file.Again() }

func parse(data []byte, maker Maker, now func() time.Time) (authz.Union, error) {
	var d Document
	if err := yaml.UnmarshalStrict(data, &d); err != nil {
		return nil, err
	}
	version, ok := strings.CutPrefix(d.APIVersion, "apiserver.config.k8s.io/")
	if !ok || version != "v1" && version != "v1beta1" && version != "v1alpha1" || d.Kind != "AuthorizationConfiguration" {
		return nil, fmt.Errorf("it is a %s of %s, not an AuthorizationConfiguration of apiserver.config.k8s.io/v1", d.Kind, d.APIVersion)
	}
	if len(d.Authorizers) == 0 {
		return nil, errors.New("authorizers: at least one authorization mode must be defined")
	}
	var union authz.Union
	var errs []error
	types, names := map[string]bool{}, map[string]bool{}
	for i, a := range d.Authorizers {
		at := fmt.Sprintf("authorizers[%d]", i)
		if a.Name == "" || names[a.Name] {
			errs = append(errs, fmt.Errorf("%s.name: a name is required, and may be there only once", at))
		}
		names[a.Name] = true
		if types[a.Type] && a.Type != "Webhook" {
			errs = append(errs, fmt.Errorf("%s.type: %q may be there only once", at, a.Type))
		}
		types[a.Type] = true
		made, err := make1(a, maker, now)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", at, err))
			continue
		}
		union = append(union, authz.Named{Name: a.Name, Authorizer: made})
	}
	return union, errors.Join(errs...)
}

func make1(a Authorizer, maker Maker, now func() time.Time) (authz.Authorizer, error) {
	if a.Type != "Webhook" {
		if a.Webhook != nil {
			return nil, fmt.Errorf("webhook: may only be specified when type=Webhook")
		}
		return maker(a.Type)
	}
	w := a.Webhook
	if w == nil {
		return nil, errors.New("webhook: required when type=Webhook")
	}
	c := webhook.Config{
		Version: w.SubjectAccessReviewVersion, Timeout: w.Timeout.Duration, Now: now,
		KeepAllowed: orDefault(w.AuthorizedTTL, 5*time.Minute), KeepRefused: orDefault(w.UnauthorizedTTL, 30*time.Second),
		DenyOnError: w.FailurePolicy == "Deny",
	}
	var errs []error
	if w.FailurePolicy != "Deny" && w.FailurePolicy != "NoOpinion" {
		errs = append(errs, fmt.Errorf("webhook.failurePolicy: %q is not supported; the policies are NoOpinion and Deny", w.FailurePolicy))
	}
	if c.Timeout <= 0 || c.Timeout > 30*time.Second {
		errs = append(errs, errors.New("webhook.timeout: it is required, and may be 30s at most"))
	}
	if w.ConnectionInfo.Type != "KubeConfigFile" || w.ConnectionInfo.KubeConfigFile == nil || *w.ConnectionInfo.KubeConfigFile == "" {
		errs = append(errs, fmt.Errorf("webhook.connectionInfo: type %q is not supported; give type KubeConfigFile and kubeConfigFile", w.ConnectionInfo.Type))
	}
	if len(w.MatchConditions) > 0 && w.MatchConditionSubjectAccessReviewVersion != "v1" {
		errs = append(errs, errors.New("webhook.matchConditionSubjectAccessReviewVersion: it must be v1 where there are matchConditions"))
	}
	if len(w.MatchConditions) > 64 {
		errs = append(errs, errors.New("webhook.matchConditions: there may be 64 at most"))
	}
	if off := w.CacheAuthorizedRequests; off != nil && !*off {
		c.KeepAllowed = 0
	}
	if off := w.CacheUnauthorizedRequests; off != nil && !*off {
		c.KeepRefused = 0
	}
	for _, m := range w.MatchConditions {
		c.Conditions = append(c.Conditions, m.Expression)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.Kubeconfig = *w.ConnectionInfo.KubeConfigFile
	return webhook.New(c)
}

func orDefault(d metav1.Duration, otherwise time.Duration) time.Duration {
	if d.Duration == 0 {
		return otherwise
	}
	return d.Duration
}
