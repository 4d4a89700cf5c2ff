// Package webhook checks where objects say that webhooks are, for admission or conversion. Callers:
// validation in kinds/admissionregistration and kinds/apiextensions.
package webhook

import (
	"fmt"
	"net/url"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// URL checks the address of a webhook.
func URL(text string, path *field.Path) field.ErrorList {
	const form = "; desired format: https://host[/path]"
	u, err := url.Parse(text)
	if err != nil {
		return field.ErrorList{field.Required(path, "url must be a valid URL: "+err.Error()+form)}
	}
	var errs field.ErrorList
	bad := func(value, msg string) { errs = append(errs, field.Invalid(path, value, msg)) }
	if u.Scheme != "https" {
		bad(u.Scheme, "'https' is the only allowed URL scheme"+form)
	}
	if u.Host == "" {
		bad(u.Host, "host must be specified"+form)
	}
	if u.User != nil {
		bad(u.User.String(), "user information is not permitted in the URL")
	}
	if u.Fragment != "" {
		bad(u.Fragment, "fragments are not permitted in the URL")
	}
	if u.RawQuery != "" {
		bad(u.RawQuery, "query parameters are not permitted in the URL")
	}
	return errs
}

// Service checks the service that a webhook is behind.
func Service(s *admissionv1.ServiceReference, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s.Name == "" {
		errs = append(errs, field.Required(path.Child("name"), ""))
	}
	if s.Namespace == "" {
		errs = append(errs, field.Required(path.Child("namespace"), ""))
	}
	if s.Port != nil {
		if msgs := validation.IsValidPortNum(int(*s.Port)); len(msgs) > 0 {
			errs = append(errs, field.Invalid(path.Child("port"), *s.Port, "port is not valid: "+strings.Join(msgs, ",")))
		}
	}
	if s.Path == nil || *s.Path == "" || *s.Path == "/" {
		return errs
	}
	bad := func(msg string) { errs = append(errs, field.Invalid(path.Child("path"), *s.Path, msg)) }
	if *s.Path == "//" {
		bad("segment[0] may not be empty")
		return errs
	}
	if !strings.HasPrefix(*s.Path, "/") {
		bad("must start with a '/'")
	}
	for i, segment := range strings.Split(strings.TrimSuffix((*s.Path)[1:], "/"), "/") {
		if segment == "" {
			bad(fmt.Sprintf("segment[%d] may not be empty", i))
			continue
		}
		for _, msg := range validation.IsDNS1123Subdomain(segment) {
			bad(fmt.Sprintf("segment[%d]: %v", i, msg))
		}
	}
	return errs
}
