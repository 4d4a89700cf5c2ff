package podsecurity

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/namespacelifecycle"
)

// policyOf returns what the namespace's labels choose, and what is wrong with the labels: what cannot be read
// is restricted if it enforces, privileged otherwise.
func (p *Plugin) policyOf(ctx context.Context, namespace string) (api.Policy, field.ErrorList, error) {
	ns, err := namespacelifecycle.Find(ctx, p.reader, namespace)
	if err != nil {
		return api.Policy{}, nil, err
	}
	chosen, faults := api.PolicyToEvaluate(ns.Labels, p.settings.policy)
	return chosen, faults, nil
}

// evaluate holds the pod, or what will be a pod, against the policy: enforce refuses, audit annotates, warn
// warns. Each level and version is evaluated once.
func (p *Plugin) evaluate(a *admit.Attributes, chosen api.Policy, fault error, meta *metav1.ObjectMeta, spec *corev1.PodSpec, enforce bool) error {
	if p.exemptRuntimeClass(spec.RuntimeClassName) {
		annotate(a, api.ExemptionReasonAnnotationKey, "runtimeClass")
		return nil
	}
	if fault != nil {
		annotate(a, "error", fmt.Sprintf("Failed to parse policy: %v", fault))
	}
	done := map[api.LevelVersion]policy.AggregateCheckResult{}
	check := func(lv api.LevelVersion) policy.AggregateCheckResult {
		result, ok := done[lv]
		if !ok {
			result = policy.AggregateCheckResults(p.evaluator.EvaluatePod(lv, meta, spec))
			done[lv] = result
		}
		return result
	}
	var refusal error
	if enforce {
		annotate(a, api.EnforcedPolicyAnnotationKey, chosen.Enforce.String())
		if result := check(chosen.Enforce); !result.Allowed {
			refusal = apierrors.NewForbidden(a.Resource.GroupResource(), a.Name,
				fmt.Errorf("violates PodSecurity %q: %s", chosen.Enforce.String(), result.ForbiddenDetail()))
		}
	}
	if result := check(chosen.Audit); !result.Allowed {
		annotate(a, api.AuditViolationsAnnotationKey, fmt.Sprintf("would violate PodSecurity %q: %s", chosen.Audit.String(), result.ForbiddenDetail()))
	}
	if refusal != nil {
		return refusal
	}
	if result := check(chosen.Warn); !result.Allowed {
		a.Request.Warn(fmt.Sprintf("would violate PodSecurity %q: %s", chosen.Warn.String(), result.ForbiddenDetail()))
	}
	return nil
}

// significant reports whether an update changes anything that checks look at. Of what can change in a pod
// these are the images, which old annotations are about, and ephemeral containers.
func significant(pod, old *corev1.Pod) bool {
	if len(pod.Spec.Containers) != len(old.Spec.Containers) || len(pod.Spec.InitContainers) != len(old.Spec.InitContainers) {
		return true
	}
	for i := range pod.Spec.Containers {
		if pod.Spec.Containers[i].Image != old.Spec.Containers[i].Image {
			return true
		}
	}
	for i := range pod.Spec.InitContainers {
		if pod.Spec.InitContainers[i].Image != old.Spec.InitContainers[i].Image {
			return true
		}
	}
	images := map[string]string{}
	for _, c := range old.Spec.EphemeralContainers {
		images[c.Name] = c.Image
	}
	for _, c := range pod.Spec.EphemeralContainers {
		if image, ok := images[c.Name]; !ok || image != c.Image {
			return true
		}
	}
	return false
}
