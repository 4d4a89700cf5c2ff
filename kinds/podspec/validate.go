package podspec

import (
	"fmt"
	"math"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/resourcename"
)

// ValidateSpec returns what is wrong with a defaulted pod spec at path. meta is the pod's metadata, from
// which names of claims are made; nil for a template. The order is the API's: what a pod consists of
// first, then its own fields.
func ValidateSpec(spec *corev1.PodSpec, meta *metav1.ObjectMeta, opts Options, path *field.Path) field.ErrorList {
	volumes, errs := validateVolumes(spec.Volumes, meta, opts, path.Child("volumes"))
	s := &scope{
		spec:      spec,
		volumes:   volumes,
		claims:    claimNames(spec.ResourceClaims),
		hostUsers: spec.HostUsers == nil || *spec.HostUsers,
		opts:      opts,
	}
	errs = append(errs, validatePodClaims(spec.ResourceClaims, meta, path.Child("resourceClaims"))...)
	errs = append(errs, s.validateContainers(path.Child("containers"))...)
	errs = append(errs, s.validateInitContainers(path.Child("initContainers"))...)
	errs = append(errs, s.validateEphemeralContainers(path.Child("ephemeralContainers"))...)
	errs = append(errs, s.validatePodResources(path.Child("resources"))...)
	errs = append(errs, validatePolicies(spec, path)...)
	errs = append(errs, metav1validation.ValidateLabels(spec.NodeSelector, path.Child("nodeSelector"))...)
	errs = append(errs, validateHostNetworkPorts(spec, opts, path)...)
	errs = append(errs, s.validatePodSecurity(path)...)
	errs = append(errs, s.validateAffinity(path.Child("affinity"))...)
	errs = append(errs, s.validateDNS(path.Child("dnsConfig"))...)
	for i, gate := range spec.ReadinessGates {
		errs = append(errs, validateQualifiedName(string(gate.ConditionType), path.Child("readinessGates").Index(i).Child("conditionType"))...)
	}
	errs = append(errs, validateSchedulingGates(spec.SchedulingGates, path.Child("schedulingGates"))...)
	errs = append(errs, s.validateSpread(path.Child("topologySpreadConstraints"))...)
	errs = append(errs, validateHostProcess(spec, path)...)
	errs = append(errs, validateHostUsers(spec, path)...)
	errs = append(errs, s.validateFileVolumes(path)...)
	errs = append(errs, validateNames(spec, path)...)
	errs = append(errs, validateHostnames(spec, path)...)
	errs = append(errs, validateTolerations(spec.Tolerations, path.Child("tolerations"))...)
	errs = append(errs, s.validateHostAliases(path.Child("hostAliases"))...)
	errs = append(errs, s.validateClasses(path)...)
	return append(errs, validateOS(spec, path)...)
}

func validatePolicies(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	switch spec.RestartPolicy {
	case corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever:
	case "":
		errs = append(errs, field.Required(path.Child("restartPolicy"), ""))
	default:
		errs = append(errs, field.NotSupported(path.Child("restartPolicy"), spec.RestartPolicy, []corev1.RestartPolicy{
			corev1.RestartPolicyAlways, corev1.RestartPolicyOnFailure, corev1.RestartPolicyNever}))
	}
	switch spec.DNSPolicy {
	case corev1.DNSClusterFirstWithHostNet, corev1.DNSClusterFirst, corev1.DNSDefault, corev1.DNSNone:
	case "":
		errs = append(errs, field.Required(path.Child("dnsPolicy"), ""))
	default:
		errs = append(errs, field.NotSupported(path.Child("dnsPolicy"), spec.DNSPolicy, []corev1.DNSPolicy{
			corev1.DNSClusterFirstWithHostNet, corev1.DNSClusterFirst, corev1.DNSDefault, corev1.DNSNone}))
	}
	return errs
}

func validateSchedulingGates(gates []corev1.PodSchedulingGate, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	seen := map[string]bool{}
	for i, gate := range gates {
		errs = append(errs, validateQualifiedName(gate.Name, path.Index(i))...)
		if seen[gate.Name] {
			errs = append(errs, field.Duplicate(path.Index(i), gate.Name))
		}
		seen[gate.Name] = true
	}
	return errs
}

// validateNames checks what refers to other objects by name, and the deadline that stands among them.
func validateNames(spec *corev1.PodSpec, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if spec.ServiceAccountName != "" {
		errs = append(errs, validateSubdomain(spec.ServiceAccountName, path.Child("serviceAccountName"))...)
	}
	if spec.NodeName != "" {
		errs = append(errs, validateSubdomain(spec.NodeName, path.Child("nodeName"))...)
	}
	if d := spec.ActiveDeadlineSeconds; d != nil && (*d < 1 || *d > math.MaxInt32) {
		errs = append(errs, field.Invalid(path.Child("activeDeadlineSeconds"), *d, validation.InclusiveRangeError(1, math.MaxInt32)))
	}
	return errs
}

func (s *scope) validateClasses(path *field.Path) field.ErrorList {
	var errs field.ErrorList
	spec := s.spec
	if spec.PriorityClassName != "" {
		errs = append(errs, validateSubdomain(spec.PriorityClassName, path.Child("priorityClassName"))...)
	}
	if spec.RuntimeClassName != nil {
		errs = append(errs, validateSubdomain(*spec.RuntimeClassName, path.Child("runtimeClassName"))...)
	}
	if p := spec.PreemptionPolicy; p != nil {
		switch *p {
		case corev1.PreemptLowerPriority, corev1.PreemptNever:
		case "":
			errs = append(errs, field.Required(path.Child("preemptionPolicy"), ""))
		default:
			errs = append(errs, field.NotSupported(path.Child("preemptionPolicy"), *p, []corev1.PreemptionPolicy{corev1.PreemptLowerPriority, corev1.PreemptNever}))
		}
	}
	if spec.Overhead != nil {
		overhead := &corev1.ResourceRequirements{Limits: spec.Overhead}
		errs = append(errs, validateResources(overhead, resourcename.ValidateForContainer, nil, s.opts, path.Child("overhead"))...)
	}
	return errs
}

// validatePodClaims checks the claims of devices that containers refer to by name.
func validatePodClaims(claims []corev1.PodResourceClaim, meta *metav1.ObjectMeta, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	names := map[string]bool{}
	for i := range claims {
		c, at := &claims[i], path.Index(i)
		switch {
		case c.Name == "":
			errs = append(errs, field.Required(at.Child("name"), ""))
		case names[c.Name]:
			errs = append(errs, field.Duplicate(at.Child("name"), c.Name))
		default:
			wrong := validateDNSLabel(c.Name, at.Child("name"))
			if len(wrong) == 0 && meta != nil && c.ResourceClaimTemplateName != nil {
				made := meta.Name + "-" + c.Name
				for _, msg := range validation.IsDNS1123Subdomain(made) {
					wrong = append(wrong, field.Invalid(at.Child("name"), made, fmt.Sprintf("final ResourceClaim name: %s", msg)))
				}
			}
			errs = append(errs, wrong...)
			names[c.Name] = true
		}
		errs = append(errs, validateClaimSource(c, at)...)
	}
	return errs
}
