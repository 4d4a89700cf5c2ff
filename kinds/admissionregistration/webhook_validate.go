package admissionregistration

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/webhook"
)

// webhookLeniency says what an update may keep because what is stored has it already.
type webhookLeniency struct {
	sideEffects, versions, names, labels bool
	expressions                          stored
}

// asMutating shows a validating webhook as a mutating one, which has one field more, so that both are
// checked by the same rules.
func asMutating(w *admissionv1.ValidatingWebhook) admissionv1.MutatingWebhook {
	return admissionv1.MutatingWebhook{
		Name: w.Name, ClientConfig: w.ClientConfig, Rules: w.Rules, FailurePolicy: w.FailurePolicy, MatchPolicy: w.MatchPolicy,
		NamespaceSelector: w.NamespaceSelector, ObjectSelector: w.ObjectSelector, SideEffects: w.SideEffects,
		TimeoutSeconds: w.TimeoutSeconds, AdmissionReviewVersions: w.AdmissionReviewVersions, MatchConditions: w.MatchConditions,
	}
}

func asMutatingAll(in []admissionv1.ValidatingWebhook) []admissionv1.MutatingWebhook {
	out := make([]admissionv1.MutatingWebhook, len(in))
	for i := range in {
		out[i] = asMutating(&in[i])
	}
	return out
}

func validateValidatingWebhooks(_ kinds.Input, obj *admissionv1.ValidatingWebhookConfiguration) field.ErrorList {
	return validateWebhooks(asMutatingAll(obj.Webhooks), webhookLeniency{})
}

func validateValidatingWebhooksUpdate(_ kinds.Input, obj, old *admissionv1.ValidatingWebhookConfiguration) field.ErrorList {
	return validateWebhooks(asMutatingAll(obj.Webhooks), lenientAfter(asMutatingAll(old.Webhooks)))
}

func validateMutatingWebhooks(_ kinds.Input, obj *admissionv1.MutatingWebhookConfiguration) field.ErrorList {
	return validateWebhooks(obj.Webhooks, webhookLeniency{})
}

func validateMutatingWebhooksUpdate(_ kinds.Input, obj, old *admissionv1.MutatingWebhookConfiguration) field.ErrorList {
	return validateWebhooks(obj.Webhooks, lenientAfter(old.Webhooks))
}

// reviewVersions are the versions of AdmissionReview that the server can send.
func reviewVersions() []string { return []string{"v1", "v1beta1"} }

func lenientAfter(old []admissionv1.MutatingWebhook) webhookLeniency {
	l := webhookLeniency{expressions: stored{}}
	for i := range old {
		w := &old[i]
		if w.SideEffects == nil || *w.SideEffects != admissionv1.SideEffectClassNone && *w.SideEffects != admissionv1.SideEffectClassNoneOnDryRun {
			l.sideEffects = true
		}
		if len(w.AdmissionReviewVersions) > 0 && !slices.ContainsFunc(w.AdmissionReviewVersions, func(v string) bool { return slices.Contains(reviewVersions(), v) }) {
			l.versions = true
		}
		if slices.ContainsFunc(old[:i], func(o admissionv1.MutatingWebhook) bool { return o.Name == w.Name }) {
			l.names = true
		}
		for _, s := range []*metav1.LabelSelector{w.NamespaceSelector, w.ObjectSelector} {
			l.labels = l.labels || s != nil && metavalidation.LabelSelectorHasInvalidLabelValue(s)
		}
		l.expressions.remember(w.MatchConditions)
	}
	return l
}

func validateWebhooks(webhooks []admissionv1.MutatingWebhook, l webhookLeniency) field.ErrorList {
	var errs field.ErrorList
	for i := range webhooks {
		w, path := &webhooks[i], field.NewPath("webhooks").Index(i)
		errs = append(errs, validateWebhook(w, l, path)...)
		errs = append(errs, validateReviewVersions(w.AdmissionReviewVersions, l, path.Child("admissionReviewVersions"))...)
		if !l.names && w.Name != "" && slices.ContainsFunc(webhooks[:i], func(o admissionv1.MutatingWebhook) bool { return o.Name == w.Name }) {
			errs = append(errs, field.Duplicate(path.Child("name"), w.Name))
		}
	}
	return errs
}

func validateWebhook(w *admissionv1.MutatingWebhook, l webhookLeniency, path *field.Path) field.ErrorList {
	errs := validation.IsFullyQualifiedName(path.Child("name"), w.Name)
	for i := range w.Rules {
		errs = append(errs, validateOperations(&w.Rules[i], path.Child("rules").Index(i))...)
	}
	errs = append(errs, oneOf(w.FailurePolicy, path.Child("failurePolicy"), admissionv1.Fail, admissionv1.Ignore)...)
	errs = append(errs, oneOf(w.MatchPolicy, path.Child("matchPolicy"), admissionv1.Equivalent, admissionv1.Exact)...)
	errs = append(errs, validateSideEffects(w.SideEffects, l, path.Child("sideEffects"))...)
	if t := w.TimeoutSeconds; t != nil && (*t < 1 || *t > 30) {
		errs = append(errs, field.Invalid(path.Child("timeoutSeconds"), *t, "the timeout value must be between 1 and 30 seconds"))
	}
	options := metavalidation.LabelSelectorValidationOptions{AllowInvalidLabelValueInSelector: l.labels}
	errs = append(errs, metavalidation.ValidateLabelSelector(w.NamespaceSelector, options, path.Child("namespaceSelector"))...)
	errs = append(errs, metavalidation.ValidateLabelSelector(w.ObjectSelector, options, path.Child("objectSelector"))...)
	errs = append(errs, oneOf(w.ReinvocationPolicy, path.Child("reinvocationPolicy"), admissionv1.IfNeededReinvocationPolicy, admissionv1.NeverReinvocationPolicy)...)
	errs = append(errs, validateClient(&w.ClientConfig, path.Child("clientConfig"))...)
	return append(errs, validateConditions(w.MatchConditions, false, l.expressions, path.Child("matchConditions"))...)
}

func validateSideEffects(s *admissionv1.SideEffectClass, l webhookLeniency, path *field.Path) field.ErrorList {
	allowed := []admissionv1.SideEffectClass{admissionv1.SideEffectClassNone, admissionv1.SideEffectClassNoneOnDryRun}
	if l.sideEffects {
		allowed = append(allowed, admissionv1.SideEffectClassSome, admissionv1.SideEffectClassUnknown)
	}
	if s == nil {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		return field.ErrorList{field.Required(path, "must specify one of "+strings.Join(names, ", "))}
	}
	return oneOf(s, path, allowed...)
}

func validateReviewVersions(versions []string, l webhookLeniency, path *field.Path) field.ErrorList {
	known := strings.Join(reviewVersions(), ", ")
	if len(versions) == 0 {
		return field.ErrorList{field.Required(path, "must specify one of "+known)}
	}
	var errs field.ErrorList
	accepted := false
	for i, v := range versions {
		if slices.Contains(versions[:i], v) {
			errs = append(errs, field.Invalid(path.Index(i), v, "duplicate version"))
			continue
		}
		for _, msg := range validation.IsDNS1035Label(v) {
			errs = append(errs, field.Invalid(path.Index(i), v, msg))
		}
		accepted = accepted || slices.Contains(reviewVersions(), v)
	}
	if !accepted && !l.versions {
		errs = append(errs, field.Invalid(path, versions, "must include at least one of "+known))
	}
	return errs
}

func validateClient(c *admissionv1.WebhookClientConfig, path *field.Path) field.ErrorList {
	switch {
	case (c.URL == nil) == (c.Service == nil):
		return field.ErrorList{field.Required(path, "exactly one of url or service is required")}
	case c.URL != nil:
		return webhook.URL(*c.URL, path.Child("url"))
	}
	return webhook.Service(c.Service, path.Child("service"))
}
