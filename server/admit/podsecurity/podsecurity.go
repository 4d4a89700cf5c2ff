// Package podsecurity is the plugin PodSecurity: the Pod Security Standards (privileged, baseline, restricted),
// chosen by labels of the namespace, enforced on pods, and told as warnings and audit annotations for whatever
// makes pods. The checks themselves are those of k8s.io/pod-security-admission/policy.
package podsecurity

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is PodSecurity.
type Plugin struct {
	reader    admit.Reader
	settings  *settings
	evaluator policy.Evaluator
}

// New returns the plugin. configuration is a PodSecurityConfiguration as YAML or JSON; empty is the default:
// privileged, nothing exempt.
func New(reader admit.Reader, configuration []byte) (*Plugin, error) {
	settings, err := parse(configuration)
	if err != nil {
		return nil, err
	}
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return nil, err
	}
	return &Plugin{reader, settings, evaluator}, nil
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "PodSecurity" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Review refuses a pod that its namespace does not allow.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	switch {
	case a.Resource.Group == "" && a.Resource.Plural == "namespaces":
		return p.reviewNamespace(ctx, a)
	case a.Resource.Group == "" && a.Resource.Plural == "pods":
		return p.reviewPod(ctx, a)
	case a.Subresource == "" && hasTemplate(a.Resource.Group, a.Resource.Plural):
		p.reviewTemplate(ctx, a)
	}
	return nil
}

// ignored subresources are not the pod's spec. Any other is, so that one that is not known today is checked.
var ignored = []string{"exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"}

func (p *Plugin) reviewPod(ctx context.Context, a *admit.Attributes) error {
	if a.Subresource != "" && slices.Contains(ignored, a.Subresource) || p.exempt(a) {
		return nil
	}
	chosen, faults, err := p.policyOf(ctx, a.Namespace)
	if err != nil {
		annotate(a, "error", fmt.Sprintf("failed to lookup namespace %q: %v", a.Namespace, err))
		return apierrors.NewInternalError(fmt.Errorf("failed to lookup namespace %q", a.Namespace))
	}
	if len(faults) == 0 && chosen.FullyPrivileged() {
		annotate(a, api.EnforcedPolicyAnnotationKey, chosen.Enforce.String())
		return nil
	}
	pod, ok := a.Object.(*corev1.Pod)
	if !ok {
		return apierrors.NewBadRequest("failed to decode pod")
	}
	if a.Operation == admit.Update {
		old, ok := a.OldObject.(*corev1.Pod)
		if !ok {
			return apierrors.NewBadRequest("failed to decode old pod")
		}
		if !significant(pod, old) {
			return nil
		}
	}
	return p.evaluate(a, chosen, faults.ToAggregate(), &pod.ObjectMeta, &pod.Spec, true)
}

// exempt reports whether namespace or user are out of the plugin's reach.
func (p *Plugin) exempt(a *admit.Attributes) bool {
	reason := ""
	switch {
	case a.Namespace != "" && slices.Contains(p.settings.Exemptions.Namespaces, a.Namespace):
		reason = "namespace"
	case a.Request.User.Username != "" && slices.Contains(p.settings.Exemptions.Usernames, a.Request.User.Username):
		reason = "user"
	default:
		return false
	}
	annotate(a, api.ExemptionReasonAnnotationKey, reason)
	return true
}

func (p *Plugin) exemptRuntimeClass(name *string) bool {
	return name != nil && *name != "" && slices.Contains(p.settings.Exemptions.RuntimeClasses, *name)
}

func annotate(a *admit.Attributes, key, value string) {
	a.Request.Annotate(api.AuditAnnotationPrefix+key, value)
}
