package service

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// What policies and distributions of traffic there are, as errors list them.
var (
	trafficPolicies = []string{string(corev1.ServiceInternalTrafficPolicyCluster), string(corev1.ServiceInternalTrafficPolicyLocal)}
	distributions   = []string{
		corev1.ServiceTrafficDistributionPreferClose, corev1.ServiceTrafficDistributionPreferSameZone, corev1.ServiceTrafficDistributionPreferSameNode,
	}
)

func validateTraffic(obj *corev1.Service, path *field.Path) field.ErrorList {
	spec := &obj.Spec
	var errs field.ErrorList
	external := path.Child("externalTrafficPolicy")
	switch accessible := ExternallyAccessible(obj); {
	case !accessible && spec.ExternalTrafficPolicy != "":
		errs = append(errs, field.Invalid(external, spec.ExternalTrafficPolicy, "may only be set for externally-accessible services"))
	case !accessible:
	case spec.ExternalTrafficPolicy == "":
		errs = append(errs, field.Required(external, ""))
	case !slices.Contains(trafficPolicies, string(spec.ExternalTrafficPolicy)):
		errs = append(errs, field.NotSupported(external, spec.ExternalTrafficPolicy, trafficPolicies))
	}

	health := path.Child("healthCheckNodePort")
	switch needed := NeedsHealthCheckPort(obj); {
	case !needed && spec.HealthCheckNodePort != 0:
		errs = append(errs, field.Invalid(health, spec.HealthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
	case !needed:
	case spec.HealthCheckNodePort == 0:
		errs = append(errs, field.Required(health, ""))
	default:
		for _, msg := range validation.IsValidPortNum(int(spec.HealthCheckNodePort)) {
			errs = append(errs, field.Invalid(health, spec.HealthCheckNodePort, msg))
		}
	}

	internal := path.Child("internalTrafficPolicy")
	switch p := spec.InternalTrafficPolicy; {
	case p == nil && hasInternalTraffic(spec.Type):
		errs = append(errs, field.Required(internal, ""))
	case p != nil && !slices.Contains(trafficPolicies, string(*p)):
		errs = append(errs, field.NotSupported(internal, *p, trafficPolicies))
	}

	if d := spec.TrafficDistribution; d != nil && !slices.Contains(distributions, *d) {
		errs = append(errs, field.NotSupported(path.Child("trafficDistribution"), *d, distributions))
	}
	return errs
}
