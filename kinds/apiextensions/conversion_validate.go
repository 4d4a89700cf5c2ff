package apiextensions

import (
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/webhook"
)

// validateConversion checks how objects are converted between versions. The paths are those of the older
// API, as kube-apiserver has them.
func validateConversion(c *apiextensionsv1.CustomResourceConversion, lenient bool, path *field.Path) field.ErrorList {
	if c == nil {
		return nil
	}
	errs := validateStrategy(c.Strategy, path.Child("strategy"))
	client, versions := path.Child("webhookClientConfig"), path.Child("conversionReviewVersions")
	var hook apiextensionsv1.WebhookConversion
	if c.Webhook != nil {
		hook = *c.Webhook
	}
	if c.Strategy == apiextensionsv1.WebhookConverter {
		errs = append(errs, validateClient(hook.ClientConfig, client)...)
		return append(errs, validateReviewVersions(hook.ConversionReviewVersions, lenient, versions)...)
	}
	const not = "should not be set when strategy is not set to Webhook"
	if hook.ClientConfig != nil {
		errs = append(errs, field.Forbidden(client, not))
	}
	if len(hook.ConversionReviewVersions) > 0 {
		errs = append(errs, field.Forbidden(versions, not))
	}
	return errs
}

func validateStrategy(s apiextensionsv1.ConversionStrategyType, path *field.Path) field.ErrorList {
	switch s {
	case "":
		return field.ErrorList{field.Required(path, "")}
	case apiextensionsv1.NoneConverter, apiextensionsv1.WebhookConverter:
		return nil
	}
	return field.ErrorList{field.NotSupported(path, s, []apiextensionsv1.ConversionStrategyType{apiextensionsv1.NoneConverter, apiextensionsv1.WebhookConverter})}
}

func validateClient(c *apiextensionsv1.WebhookClientConfig, path *field.Path) field.ErrorList {
	switch {
	case c == nil:
		return field.ErrorList{field.Required(path, "required when strategy is set to Webhook")}
	case (c.URL == nil) == (c.Service == nil):
		return field.ErrorList{field.Required(path, "exactly one of url or service is required")}
	case c.URL != nil:
		return webhook.URL(*c.URL, path.Child("url"))
	}
	service := admissionv1.ServiceReference(*c.Service)
	return webhook.Service(&service, path.Child("service"))
}

// reviewVersions are the versions of ConversionReview that the server can send.
func reviewVersions() []string { return []string{"v1", "v1beta1"} }

func anyReviewVersion(versions []string) bool {
	return slices.ContainsFunc(versions, func(v string) bool { return slices.Contains(reviewVersions(), v) })
}

func validateReviewVersions(versions []string, lenient bool, path *field.Path) field.ErrorList {
	if len(versions) == 0 {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	for i, v := range versions {
		if slices.Contains(versions[:i], v) {
			errs = append(errs, field.Invalid(path.Index(i), v, "duplicate version"))
			continue
		}
		if msgs := validation.IsDNS1035Label(v); len(msgs) > 0 {
			errs = append(errs, field.Invalid(path.Index(i), v, strings.Join(msgs, ",")))
		}
	}
	if !lenient && !anyReviewVersion(versions) {
		errs = append(errs, field.Invalid(path, versions, "must include at least one of "+strings.Join(reviewVersions(), ", ")))
	}
	return errs
}
