package node

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/operation"
	"k8s.io/apimachinery/pkg/api/validate"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
	"github.com/nave-k8s/nave/kinds/nodelabels"
)

// validateRuntimeClass ends with the handler, whose rules upstream declares on the type.
func validateRuntimeClass(_ kinds.Input, obj *nodev1.RuntimeClass) field.ErrorList {
	return append(validateRuntimeFields(obj), validateHandler(obj.Handler)...)
}

func validateHandler(handler string) field.ErrorList {
	path := field.NewPath("handler")
	if handler == "" {
		return field.ErrorList{field.Required(path, "")}
	}
	return validate.ShortName(context.Background(), operation.Operation{}, path, &handler, nil)
}

func validateRuntimeClassUpdate(_ kinds.Input, obj, old *nodev1.RuntimeClass) field.ErrorList {
	errs := validateRuntimeFields(obj)
	if obj.Handler == old.Handler {
		return errs
	}
	path := field.NewPath("handler")
	immutable := field.Invalid(path, nil, "field is immutable")
	if obj.Handler == "" {
		return append(errs, field.Required(path, ""), immutable)
	}
	return append(errs, immutable)
}

func validateRuntimeFields(obj *nodev1.RuntimeClass) field.ErrorList {
	var errs field.ErrorList
	if obj.Overhead != nil {
		errs = append(errs, validateOverhead(obj.Overhead.PodFixed, field.NewPath("overhead", "limits"))...)
	}
	if s := obj.Scheduling; s != nil {
		path := field.NewPath("scheduling")
		errs = append(errs, metavalidation.ValidateLabels(s.NodeSelector, path.Child("nodeSelector"))...)
		errs = append(errs, validateTolerations(s.Tolerations, path.Child("tolerations"))...)
	}
	return errs
}

// validateOverhead checks the overhead as if it were the limits of a container, which the paths show.
func validateOverhead(list corev1.ResourceList, path *field.Path) field.ErrorList {
	names := make([]string, 0, len(list))
	for name := range list {
		names = append(names, string(name))
	}
	slices.Sort(names)
	var errs field.ErrorList
	for _, name := range names {
		p, quantity := path.Key(name), list[corev1.ResourceName(name)]
		errs = append(errs, validateResourceName(name, p)...)
		if quantity.Sign() < 0 {
			errs = append(errs, field.Invalid(p, quantity.String(), "must be greater than or equal to 0"))
		}
		if isExtended(name) && quantity.MilliValue()%1000 != 0 {
			errs = append(errs, field.Invalid(p, quantity.String(), "must be an integer"))
		}
	}
	return errs
}

func validateResourceName(name string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range validation.IsQualifiedName(name) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	if strings.Contains(name, "/") {
		if !strings.Contains(name, "kubernetes.io/") && !isExtended(name) {
			errs = append(errs, field.Invalid(path, name, "doesn't follow extended resource name standard"))
		}
		return errs
	}
	switch corev1.ResourceName(name) {
	case corev1.ResourceCPU, corev1.ResourceMemory, corev1.ResourceEphemeralStorage:
		return errs
	}
	if strings.HasPrefix(name, corev1.ResourceHugePagesPrefix) {
		return errs
	}
	if len(errs) == 0 && !isQuota(name) {
		errs = append(errs, field.Invalid(path, name, "must be a standard resource type or fully qualified"))
	}
	return append(errs, field.Invalid(path, name, "must be a standard resource for containers"))
}

// isQuota: names that only a ResourceQuota counts are standard, though no container has them.
func isQuota(name string) bool {
	switch corev1.ResourceName(name) {
	case corev1.ResourceRequestsCPU, corev1.ResourceRequestsMemory, corev1.ResourceRequestsEphemeralStorage, corev1.ResourceRequestsStorage,
		corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory, corev1.ResourceLimitsEphemeralStorage,
		corev1.ResourcePods, corev1.ResourceQuotas, corev1.ResourceServices, corev1.ResourceReplicationControllers,
		corev1.ResourceSecrets, corev1.ResourceConfigMaps, corev1.ResourcePersistentVolumeClaims, corev1.ResourceStorage,
		corev1.ResourceServicesNodePorts, corev1.ResourceServicesLoadBalancers:
		return true
	}
	return false
}

// isExtended: a resource that neither Kubernetes nor a quota defines; it comes in whole pieces.
func isExtended(name string) bool {
	return strings.Contains(name, "/") && !strings.Contains(name, "kubernetes.io/") &&
		!strings.HasPrefix(name, corev1.DefaultResourceRequestsPrefix) &&
		len(validation.IsQualifiedName(corev1.DefaultResourceRequestsPrefix+name)) == 0
}

func validateTolerations(tolerations []corev1.Toleration, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for i := range tolerations {
		errs = append(errs, validateToleration(&tolerations[i], path.Index(i))...)
	}
	for i := range tolerations {
		if slices.ContainsFunc(tolerations[:i], func(t corev1.Toleration) bool { return equality.Semantic.DeepEqual(t, tolerations[i]) }) {
			errs = append(errs, field.Duplicate(path.Index(i), internalname.Value(tolerations[i])))
		}
	}
	return errs
}

func validateToleration(t *corev1.Toleration, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if t.Key != "" {
		errs = append(errs, metavalidation.ValidateLabelName(t.Key, path.Child("key"))...)
	} else if t.Operator != corev1.TolerationOpExists {
		errs = append(errs, field.Invalid(path.Child("operator"), t.Operator, "operator must be Exists when `key` is empty, which means \"match all values and all keys\""))
	}
	if t.TolerationSeconds != nil && t.Effect != corev1.TaintEffectNoExecute {
		errs = append(errs, field.Invalid(path.Child("effect"), t.Effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"))
	}
	switch t.Operator {
	case corev1.TolerationOpEqual, "":
		if msgs := validation.IsValidLabelValue(t.Value); len(msgs) > 0 {
			errs = append(errs, field.Invalid(path.Child("operator"), t.Value, strings.Join(msgs, ";")))
		}
	case corev1.TolerationOpExists:
		if t.Value != "" {
			errs = append(errs, field.Invalid(path.Child("operator"), t.Value, "value must be empty when `operator` is 'Exists'"))
		}
	default:
		errs = append(errs, field.NotSupported(path.Child("operator"), t.Operator, []corev1.TolerationOperator{corev1.TolerationOpEqual, corev1.TolerationOpExists}))
	}
	switch t.Effect {
	case "", corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
	default:
		errs = append(errs, field.NotSupported(path.Child("effect"), t.Effect, []corev1.TaintEffect{
			corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute,
		}))
	}
	return errs
}

func warnRuntimeClass(obj, _ *nodev1.RuntimeClass) []string {
	if obj.Scheduling == nil {
		return nil
	}
	var out []string
	for label := range obj.Scheduling.NodeSelector {
		if text, ok := nodelabels.Deprecated(label); ok {
			out = append(out, fmt.Sprintf("scheduling.nodeSelector: %s", text))
		}
	}
	slices.Sort(out)
	return out
}
