package apiregistration

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"

	"github.com/nave-k8s/nave/kinds"
)

func defaultAPIService(obj *apiregistrationv1.APIService) {
	if s := obj.Spec.Service; s != nil && s.Port == nil {
		port := int32(443)
		s.Port = &port
	}
}

// prepareAPIService drops a status that came along. What this server serves itself is there at once.
func prepareAPIService(in kinds.Input, obj *apiregistrationv1.APIService) {
	obj.Status = apiregistrationv1.APIServiceStatus{}
	if obj.Spec.Service == nil {
		obj.Status.Conditions = []apiregistrationv1.APIServiceCondition{{
			Type:               apiregistrationv1.Available,
			Status:             apiregistrationv1.ConditionTrue,
			LastTransitionTime: metav1.NewTime(in.Now),
			Reason:             "Local",
			Message:            "Local APIServices are always available",
		}}
	}
}

func validateAPIService(_ kinds.Input, obj *apiregistrationv1.APIService) field.ErrorList {
	var errs field.ErrorList
	bad := func(path *field.Path, value any, msg string) { errs = append(errs, field.Invalid(path, value, msg)) }
	path, spec := field.NewPath("spec"), &obj.Spec
	if want := spec.Version + "." + spec.Group; obj.Name != want && len(content.IsPathSegmentName(obj.Name)) == 0 {
		bad(field.NewPath("metadata", "name"), obj.Name, fmt.Sprintf("must be `spec.version+\".\"+spec.group`: %q", want))
	}
	if spec.Group == "" {
		if spec.Version != "v1" {
			errs = append(errs, field.Required(path.Child("group"), "only v1 may have an empty group and it better be legacy kube"))
		}
	} else {
		for _, msg := range validation.IsDNS1123Subdomain(spec.Group) {
			bad(path.Child("group"), spec.Group, msg)
		}
	}
	for _, msg := range validation.IsDNS1035Label(spec.Version) {
		bad(path.Child("version"), spec.Version, msg)
	}
	if p := spec.GroupPriorityMinimum; p <= 0 || p > 20000 {
		bad(path.Child("groupPriorityMinimum"), p, "must be positive and less than 20000")
	}
	if p := spec.VersionPriority; p <= 0 || p > 1000 {
		bad(path.Child("versionPriority"), p, "must be positive and less than 1000")
	}
	if spec.Service == nil {
		if len(spec.CABundle) != 0 {
			bad(path.Child("caBundle"), fmt.Sprintf("%d bytes", len(spec.CABundle)), "local APIServices may not have a caBundle")
		}
		if spec.InsecureSkipTLSVerify {
			bad(path.Child("insecureSkipTLSVerify"), true, "local APIServices may not have insecureSkipTLSVerify")
		}
		return errs
	}
	service := path.Child("service")
	if spec.Service.Namespace == "" {
		errs = append(errs, field.Required(service.Child("namespace"), ""))
	}
	if spec.Service.Name == "" {
		errs = append(errs, field.Required(service.Child("name"), ""))
	}
	if port := spec.Service.Port; port != nil {
		if msgs := validation.IsValidPortNum(int(*port)); len(msgs) > 0 {
			bad(service.Child("port"), *port, "port is not valid: "+strings.Join(msgs, ","))
		}
	}
	if spec.InsecureSkipTLSVerify && len(spec.CABundle) > 0 {
		bad(path.Child("insecureSkipTLSVerify"), true, "may not be true if caBundle is present")
	}
	return errs
}

func validateAPIServiceStatus(_ kinds.Input, obj, _ *apiregistrationv1.APIService) field.ErrorList {
	var errs field.ErrorList
	for i, c := range obj.Status.Conditions {
		switch c.Status {
		case apiregistrationv1.ConditionTrue, apiregistrationv1.ConditionFalse, apiregistrationv1.ConditionUnknown:
		default:
			errs = append(errs, field.NotSupported(field.NewPath("status", "conditions").Index(i).Child("status"), c.Status, []apiregistrationv1.ConditionStatus{
				apiregistrationv1.ConditionTrue, apiregistrationv1.ConditionFalse, apiregistrationv1.ConditionUnknown,
			}))
		}
	}
	return errs
}
