package podspec

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// handler is what probes and lifecycle hooks do: one of these.
type handler struct {
	exec    *corev1.ExecAction
	httpGet *corev1.HTTPGetAction
	tcp     *corev1.TCPSocketAction
	grpc    *corev1.GRPCAction
	sleep   *corev1.SleepAction
}

// validate checks a handler; grace is the pod's termination grace period, which a sleep may not exceed.
func (h *handler) validate(grace int64, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	seen := false
	first := func(there bool, name string) bool {
		if there && seen {
			errs = append(errs, field.Forbidden(path.Child(name), "may not specify more than 1 handler type"))
			return false
		}
		seen = seen || there
		return there
	}
	if first(h.exec != nil, "exec") && len(h.exec.Command) == 0 {
		errs = append(errs, field.Required(path.Child("exec", "command"), ""))
	}
	if first(h.httpGet != nil, "httpGet") {
		errs = append(errs, validateHTTPGet(h.httpGet, path.Child("httpGet"))...)
	}
	if first(h.tcp != nil, "tcpSocket") {
		errs = append(errs, validateTargetPort(h.tcp.Port, path.Child("tcpSocket", "port"))...)
	}
	if first(h.grpc != nil, "grpc") {
		errs = append(errs, validateTargetPort(intstr.FromInt32(h.grpc.Port), path.Child("grpc", "port"))...)
	}
	if first(h.sleep != nil, "sleep") && (h.sleep.Seconds < 0 || h.sleep.Seconds > grace) {
		errs = append(errs, field.Invalid(path.Child("sleep"), h.sleep.Seconds, fmt.Sprintf("must be non-negative and less than terminationGracePeriodSeconds (%d)", grace)))
	}
	if !seen {
		errs = append(errs, field.Required(path, "must specify a handler type"))
	}
	return errs
}

func validateHTTPGet(a *corev1.HTTPGetAction, path *field.Path) field.ErrorList {
	errs := require(a.Path, path.Child("path"))
	errs = append(errs, validateTargetPort(a.Port, path.Child("port"))...)
	if a.Scheme != corev1.URISchemeHTTP && a.Scheme != corev1.URISchemeHTTPS {
		errs = append(errs, field.NotSupported(path.Child("scheme"), a.Scheme, []corev1.URIScheme{corev1.URISchemeHTTP, corev1.URISchemeHTTPS}))
	}
	for _, h := range a.HTTPHeaders {
		errs = append(errs, invalidEach(path.Child("httpHeaders"), h.Name, validation.IsHTTPHeaderName(h.Name))...)
	}
	return errs
}

func (s *scope) validateLifecycle(l *corev1.Lifecycle, path *field.Path) field.ErrorList {
	if l == nil {
		return nil
	}
	grace := deref(s.spec.TerminationGracePeriodSeconds)
	var errs field.ErrorList
	if h := l.PostStart; h != nil {
		errs = append(errs, (&handler{exec: h.Exec, httpGet: h.HTTPGet, tcp: h.TCPSocket, sleep: h.Sleep}).validate(grace, path.Child("postStart"))...)
	}
	if h := l.PreStop; h != nil {
		errs = append(errs, (&handler{exec: h.Exec, httpGet: h.HTTPGet, tcp: h.TCPSocket, sleep: h.Sleep}).validate(grace, path.Child("preStop"))...)
	}
	return errs
}

func validateProbe(p *corev1.Probe, path *field.Path) field.ErrorList {
	errs := (&handler{exec: p.Exec, httpGet: p.HTTPGet, tcp: p.TCPSocket, grpc: p.GRPC}).validate(0, path)
	errs = append(errs, validateNotNegative(int64(p.InitialDelaySeconds), path.Child("initialDelaySeconds"))...)
	errs = append(errs, validateNotNegative(int64(p.TimeoutSeconds), path.Child("timeoutSeconds"))...)
	errs = append(errs, validateNotNegative(int64(p.PeriodSeconds), path.Child("periodSeconds"))...)
	errs = append(errs, validateNotNegative(int64(p.SuccessThreshold), path.Child("successThreshold"))...)
	errs = append(errs, validateNotNegative(int64(p.FailureThreshold), path.Child("failureThreshold"))...)
	if p.TerminationGracePeriodSeconds != nil && *p.TerminationGracePeriodSeconds <= 0 {
		errs = append(errs, field.Invalid(path.Child("terminationGracePeriodSeconds"), *p.TerminationGracePeriodSeconds, "must be greater than 0"))
	}
	return errs
}

func validateNotNegative(value int64, path *field.Path) field.ErrorList {
	if value < 0 {
		return field.ErrorList{field.Invalid(path, value, "must be greater than or equal to 0")}
	}
	return nil
}

func validateLivenessProbe(p *corev1.Probe, path *field.Path) field.ErrorList {
	if p == nil {
		return nil
	}
	errs := validateProbe(p, path)
	if p.SuccessThreshold != 1 { // one success must end the doubt
		errs = append(errs, field.Invalid(path.Child("successThreshold"), p.SuccessThreshold, "must be 1"))
	}
	return errs
}

func validateStartupProbe(p *corev1.Probe, path *field.Path) field.ErrorList {
	return validateLivenessProbe(p, path)
}

func validateReadinessProbe(p *corev1.Probe, path *field.Path) field.ErrorList {
	if p == nil {
		return nil
	}
	errs := validateProbe(p, path)
	if p.TerminationGracePeriodSeconds != nil { // it ends no container
		errs = append(errs, field.Invalid(path.Child("terminationGracePeriodSeconds"), *p.TerminationGracePeriodSeconds, "must not be set for readinessProbes"))
	}
	return errs
}
