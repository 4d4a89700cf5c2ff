package subresource

import (
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	policyv1beta1 "k8s.io/api/policy/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Config is what the handlers work with. All fields are needed.
type Config struct {
	Reader  Reader
	Writer  Writer
	Deleter Deleter
	Now     Clock

	Tokens        TokenConfig
	Authenticator Authenticator
	Authorizer    Authorizer
	Rules         RuleResolver
}

// Handlers returns all handlers: subresources under RESOURCE/NAME ("pods/binding"), resources under their
// group resource ("bindings", "tokenreviews.authentication.k8s.io").
func Handlers(c Config) map[string]*Handler {
	binds := &binding{reader: c.Reader, writer: c.Writer, now: c.Now}
	bindsAny := &binding{reader: c.Reader, writer: c.Writer, now: c.Now, anyName: true}
	evicts := &eviction{reader: c.Reader, writer: c.Writer, deleter: c.Deleter, now: c.Now}
	tokens := &tokenRequest{reader: c.Reader, now: c.Now, config: c.Tokens}
	access := &accessReview{authorizer: c.Authorizer}
	newBinding := func() runtime.Object { return &corev1.Binding{} }

	authn, authz := authenticationv1.SchemeGroupVersion, authorizationv1.SchemeGroupVersion
	return map[string]*Handler{
		"pods/binding": {Kind: corev1.SchemeGroupVersion.WithKind("Binding"), New: newBinding, Create: binds.create},
		"bindings":     {Kind: corev1.SchemeGroupVersion.WithKind("Binding"), New: newBinding, Create: bindsAny.create},
		"pods/eviction": {
			Kind:   policyv1.SchemeGroupVersion.WithKind("Eviction"),
			Others: []schema.GroupVersionKind{policyv1beta1.SchemeGroupVersion.WithKind("Eviction")},
			New:    func() runtime.Object { return &policyv1.Eviction{} },
			Create: evicts.create,
		},
		"serviceaccounts/token": {
			Kind:    authn.WithKind("TokenRequest"),
			New:     func() runtime.Object { return &authenticationv1.TokenRequest{} },
			Default: defaultTokenRequest,
			Create:  tokens.create,
		},
		"tokenreviews.authentication.k8s.io": {
			Kind:   authn.WithKind("TokenReview"),
			New:    func() runtime.Object { return &authenticationv1.TokenReview{} },
			Create: (&tokenReview{authenticator: c.Authenticator, audiences: c.Tokens.Audiences}).create,
		},
		"selfsubjectreviews.authentication.k8s.io": {
			Kind:   authn.WithKind("SelfSubjectReview"),
			New:    func() runtime.Object { return &authenticationv1.SelfSubjectReview{} },
			Create: (&selfReview{now: c.Now}).create,
		},
		"subjectaccessreviews.authorization.k8s.io": {
			Kind:   authz.WithKind("SubjectAccessReview"),
			New:    func() runtime.Object { return &authorizationv1.SubjectAccessReview{} },
			Create: access.subject,
		},
		"localsubjectaccessreviews.authorization.k8s.io": {
			Kind:   authz.WithKind("LocalSubjectAccessReview"),
			New:    func() runtime.Object { return &authorizationv1.LocalSubjectAccessReview{} },
			Create: access.local,
		},
		"selfsubjectaccessreviews.authorization.k8s.io": {
			Kind:   authz.WithKind("SelfSubjectAccessReview"),
			New:    func() runtime.Object { return &authorizationv1.SelfSubjectAccessReview{} },
			Create: access.self,
		},
		"selfsubjectrulesreviews.authorization.k8s.io": {
			Kind:   authz.WithKind("SelfSubjectRulesReview"),
			New:    func() runtime.Object { return &authorizationv1.SelfSubjectRulesReview{} },
			Create: (&rulesReview{rules: c.Rules}).create,
		},
	}
}
