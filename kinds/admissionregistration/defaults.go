package admissionregistration

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func set[T any](p **T, value T) {
	if *p == nil {
		*p = &value
	}
}

// defaultWebhook fills in what the webhooks of both kinds have.
func defaultWebhook(failure **admissionv1.FailurePolicyType, match **admissionv1.MatchPolicyType, namespaces, objects **metav1.LabelSelector,
	timeout **int32, rules []admissionv1.RuleWithOperations, client *admissionv1.WebhookClientConfig) {
	set(failure, admissionv1.Fail)
	set(match, admissionv1.Equivalent)
	set(namespaces, metav1.LabelSelector{})
	set(objects, metav1.LabelSelector{})
	set(timeout, 10)
	for i := range rules {
		set(&rules[i].Scope, admissionv1.AllScopes)
	}
	if client.Service != nil {
		set(&client.Service.Port, 443)
	}
}

func defaultValidatingWebhooks(obj *admissionv1.ValidatingWebhookConfiguration) {
	for i := range obj.Webhooks {
		w := &obj.Webhooks[i]
		defaultWebhook(&w.FailurePolicy, &w.MatchPolicy, &w.NamespaceSelector, &w.ObjectSelector, &w.TimeoutSeconds, w.Rules, &w.ClientConfig)
	}
}

func defaultMutatingWebhooks(obj *admissionv1.MutatingWebhookConfiguration) {
	for i := range obj.Webhooks {
		w := &obj.Webhooks[i]
		defaultWebhook(&w.FailurePolicy, &w.MatchPolicy, &w.NamespaceSelector, &w.ObjectSelector, &w.TimeoutSeconds, w.Rules, &w.ClientConfig)
		set(&w.ReinvocationPolicy, admissionv1.NeverReinvocationPolicy)
	}
}

func defaultMatch(m *admissionv1.MatchResources) {
	if m == nil {
		return
	}
	set(&m.MatchPolicy, admissionv1.Equivalent)
	set(&m.NamespaceSelector, metav1.LabelSelector{})
	set(&m.ObjectSelector, metav1.LabelSelector{})
	for _, rules := range [][]admissionv1.NamedRuleWithOperations{m.ResourceRules, m.ExcludeResourceRules} {
		for i := range rules {
			set(&rules[i].Scope, admissionv1.AllScopes)
		}
	}
}

func defaultValidatingPolicy(obj *admissionv1.ValidatingAdmissionPolicy) {
	set(&obj.Spec.FailurePolicy, admissionv1.Fail)
	defaultMatch(obj.Spec.MatchConstraints)
}

func defaultMutatingPolicy(obj *admissionv1.MutatingAdmissionPolicy) {
	set(&obj.Spec.FailurePolicy, admissionv1.Fail)
	defaultMatch(obj.Spec.MatchConstraints)
}
