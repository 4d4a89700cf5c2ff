package podspec

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/resourcename"
)

// scope is what the rules of a container need to know of the pod around it.
type scope struct {
	spec      *corev1.PodSpec
	volumes   map[string]*corev1.VolumeSource // the valid ones
	claims    map[string]bool                 // names of resource claims
	hostUsers bool
	opts      Options
}

// validateContainer checks what containers of every sort have in common.
func (s *scope) validateContainer(c *corev1.Container, path *field.Path) field.ErrorList {
	errs := s.validateIdentity(c, path)
	errs = append(errs, validatePorts(c.Ports, path.Child("ports"))...)
	errs = append(errs, validateEnv(c.Env, path.Child("env"))...)
	errs = append(errs, validateEnvFrom(c.EnvFrom, path.Child("envFrom"))...)
	errs = append(errs, s.validateMounts(c, path)...)
	errs = append(errs, s.validateDevices(c, path.Child("volumeDevices"))...)
	errs = append(errs, validatePullPolicy(c.ImagePullPolicy, path.Child("imagePullPolicy"))...)
	errs = append(errs, validateResources(&c.Resources, resourcename.ValidateForContainer, s.claims, s.opts, path.Child("resources"))...)
	errs = append(errs, validateResizePolicy(c.ResizePolicy, s.spec.RestartPolicy, path.Child("resizePolicy"))...)
	return append(errs, validateSecurityContext(c.SecurityContext, s.hostUsers, path.Child("securityContext"))...)
}

func (s *scope) validateIdentity(c *corev1.Container, path *field.Path) field.ErrorList {
	errs := require(c.Name, path.Child("name"))
	if c.Name != "" {
		errs = append(errs, validateDNSLabel(c.Name, path.Child("name"))...)
	}
	errs = append(errs, require(c.Image, path.Child("image"))...)
	switch c.TerminationMessagePolicy {
	case corev1.TerminationMessageReadFile, corev1.TerminationMessageFallbackToLogsOnError:
	case "":
		errs = append(errs, field.Required(path.Child("terminationMessagePolicy"), ""))
	default:
		errs = append(errs, field.NotSupported(path.Child("terminationMessagePolicy"), c.TerminationMessagePolicy,
			[]corev1.TerminationMessagePolicy{corev1.TerminationMessageReadFile, corev1.TerminationMessageFallbackToLogsOnError}))
	}
	return errs
}

func (s *scope) validateContainers(path *field.Path) field.ErrorList {
	if len(s.spec.Containers) == 0 {
		return field.ErrorList{field.Required(path, "")}
	}
	var errs field.ErrorList
	names := make(map[string]bool, len(s.spec.Containers))
	for i := range s.spec.Containers {
		c, at := &s.spec.Containers[i], path.Index(i)
		errs = append(errs, s.validateContainer(c, at)...)
		if names[c.Name] {
			errs = append(errs, field.Duplicate(at.Child("name"), c.Name))
		}
		names[c.Name] = true
		errs = append(errs, s.validateRunning(c, at)...)
		errs = append(errs, validateContainerRestart(c, at)...)
	}
	return append(errs, validateHostPorts(s.spec.Containers, path)...)
}

// validateRunning checks what containers have that run beside others: handlers and probes.
func (s *scope) validateRunning(c *corev1.Container, path *field.Path) field.ErrorList {
	errs := s.validateLifecycle(c.Lifecycle, path.Child("lifecycle"))
	errs = append(errs, validateLivenessProbe(c.LivenessProbe, path.Child("livenessProbe"))...)
	errs = append(errs, validateReadinessProbe(c.ReadinessProbe, path.Child("readinessProbe"))...)
	return append(errs, validateStartupProbe(c.StartupProbe, path.Child("startupProbe"))...)
}

func (s *scope) validateInitContainers(path *field.Path) field.ErrorList {
	if len(s.spec.InitContainers) == 0 {
		return nil
	}
	var errs field.ErrorList
	names := make(map[string]bool, len(s.spec.Containers)+len(s.spec.InitContainers))
	for i := range s.spec.Containers {
		names[s.spec.Containers[i].Name] = true
	}
	for i := range s.spec.InitContainers {
		c, at := &s.spec.InitContainers[i], path.Index(i)
		errs = append(errs, s.validateContainer(c, at)...)
		if names[c.Name] {
			errs = append(errs, field.Duplicate(at.Child("name"), c.Name))
		} else if c.Name != "" {
			names[c.Name] = true
		}
		errs = append(errs, validateHostPorts(s.spec.InitContainers[i:i+1], at)...)
		errs = append(errs, validateContainerRestart(c, at)...)
		if IsSidecar(c) {
			errs = append(errs, s.validateRunning(c, at)...)
			continue
		}
		errs = append(errs, forbidRunning(c, at)...)
	}
	return errs
}

// forbidRunning refuses what only containers can have that do not end by themselves.
func forbidRunning(c *corev1.Container, path *field.Path) field.ErrorList {
	const msg = "may not be set for init containers without restartPolicy=Always"
	var errs field.ErrorList
	if c.Lifecycle != nil {
		errs = append(errs, field.Forbidden(path.Child("lifecycle"), msg))
	}
	if c.LivenessProbe != nil {
		errs = append(errs, field.Forbidden(path.Child("livenessProbe"), msg))
	}
	if c.ReadinessProbe != nil {
		errs = append(errs, field.Forbidden(path.Child("readinessProbe"), msg))
	}
	if c.StartupProbe != nil {
		errs = append(errs, field.Forbidden(path.Child("startupProbe"), msg))
	}
	for i := range c.ResizePolicy {
		if c.ResizePolicy[i].RestartPolicy != corev1.NotRequired {
			errs = append(errs, field.Invalid(path.Child("resizePolicy").Index(i).Child("restartPolicy"), c.ResizePolicy[i].RestartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers"))
		}
	}
	return errs
}

// validateContainerRestart checks a container's own restart policy and its rules for exits.
func validateContainerRestart(c *corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if c.RestartPolicy == nil {
		if len(c.RestartPolicyRules) > 0 {
			errs = append(errs, field.Required(path.Child("restartPolicy"), "must specify restartPolicy when restart rules are used"))
		}
	} else {
		switch *c.RestartPolicy {
		case corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyNever, corev1.ContainerRestartPolicyOnFailure:
		default:
			errs = append(errs, field.NotSupported(path.Child("restartPolicy"), *c.RestartPolicy, []corev1.ContainerRestartPolicy{
				corev1.ContainerRestartPolicyAlways, corev1.ContainerRestartPolicyNever, corev1.ContainerRestartPolicyOnFailure}))
		}
	}
	return append(errs, validateRestartRules(c.RestartPolicyRules, path.Child("restartPolicyRules"))...)
}

const (
	maxRestartRules = 20
	maxExitCodes    = 255
)

func validateRestartRules(rules []corev1.ContainerRestartRule, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if len(rules) > maxRestartRules {
		errs = append(errs, field.TooMany(path, len(rules), maxRestartRules))
	}
	for i := range rules {
		r, at := &rules[i], path.Index(i)
		switch r.Action {
		case corev1.ContainerRestartRuleActionRestart, corev1.ContainerRestartRuleActionRestartAllContainers:
		default:
			errs = append(errs, field.NotSupported(at.Child("action"), r.Action, []corev1.ContainerRestartRuleAction{
				corev1.ContainerRestartRuleActionRestart, corev1.ContainerRestartRuleActionRestartAllContainers}))
		}
		if r.ExitCodes == nil {
			errs = append(errs, field.Required(at.Child("exitCodes"), "must be specified"))
			continue
		}
		switch r.ExitCodes.Operator {
		case corev1.ContainerRestartRuleOnExitCodesOpIn, corev1.ContainerRestartRuleOnExitCodesOpNotIn:
		default:
			errs = append(errs, field.NotSupported(at.Child("exitCodes", "operator"), r.ExitCodes.Operator, []corev1.ContainerRestartRuleOnExitCodesOperator{
				corev1.ContainerRestartRuleOnExitCodesOpIn, corev1.ContainerRestartRuleOnExitCodesOpNotIn}))
		}
		if len(r.ExitCodes.Values) > maxExitCodes {
			errs = append(errs, field.TooMany(at.Child("exitCodes", "values"), len(r.ExitCodes.Values), maxExitCodes))
		}
	}
	return errs
}

func validateResizePolicy(policies []corev1.ContainerResizePolicy, pod corev1.RestartPolicy, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	seen := map[corev1.ResourceName]bool{}
	for i, p := range policies {
		if seen[p.ResourceName] {
			errs = append(errs, field.Duplicate(path.Index(i), p.ResourceName))
		}
		seen[p.ResourceName] = true
		if p.ResourceName == "" || p.RestartPolicy == "" {
			errs = append(errs, field.Required(path, ""))
		}
		switch p.ResourceName {
		case corev1.ResourceCPU, corev1.ResourceMemory, "":
		default:
			errs = append(errs, field.NotSupported(path, p.ResourceName, []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory}))
		}
		switch p.RestartPolicy {
		case corev1.NotRequired, corev1.RestartContainer, "":
		default:
			errs = append(errs, field.NotSupported(path, p.RestartPolicy, []corev1.ResourceResizeRestartPolicy{corev1.NotRequired, corev1.RestartContainer}))
		}
		if pod == corev1.RestartPolicyNever && p.RestartPolicy != corev1.NotRequired {
			errs = append(errs, field.Invalid(path, p.RestartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
		}
	}
	return errs
}

func validatePullPolicy(policy corev1.PullPolicy, path *field.Path) field.ErrorList {
	switch policy {
	case corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever:
		return nil
	case "":
		return field.ErrorList{field.Required(path, "")}
	}
	return field.ErrorList{field.NotSupported(path, policy, []corev1.PullPolicy{corev1.PullAlways, corev1.PullIfNotPresent, corev1.PullNever})}
}

// validateHostPorts refuses two containers that want the same port of the node.
func validateHostPorts(containers []corev1.Container, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	var taken map[string]bool
	for i := range containers {
		for j, p := range containers[i].Ports {
			if p.HostPort == 0 {
				continue
			}
			key := fmt.Sprintf("%s/%s/%d", p.Protocol, p.HostIP, p.HostPort)
			if taken[key] {
				errs = append(errs, field.Duplicate(path.Index(i).Child("ports").Index(j).Child("hostPort"), key))
				continue
			}
			if taken == nil {
				taken = map[string]bool{}
			}
			taken[key] = true
		}
	}
	return errs
}
