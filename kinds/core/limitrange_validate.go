package core

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/resourcename"
)

func validateLimitRange(obj *corev1.LimitRange) field.ErrorList {
	var errs field.ErrorList
	types := map[corev1.LimitType]bool{}
	for i := range obj.Spec.Limits {
		item, path := &obj.Spec.Limits[i], field.NewPath("spec", "limits").Index(i)
		errs = append(errs, validateLimitType(item.Type, path.Child("type"))...)
		if types[item.Type] {
			errs = append(errs, field.Duplicate(path.Child("type"), item.Type))
		}
		types[item.Type] = true
		errs = append(errs, validateLimitItem(item, path)...)
	}
	return errs
}

func validateLimitType(t corev1.LimitType, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range validation.IsQualifiedName(string(t)) {
		errs = append(errs, field.Invalid(path, t, msg))
	}
	if len(errs) > 0 || strings.Contains(string(t), "/") {
		return errs
	}
	switch t {
	case corev1.LimitTypePod, corev1.LimitTypeContainer, corev1.LimitTypePersistentVolumeClaim:
		return nil
	}
	return field.ErrorList{field.Invalid(path, t, "must be a standard limit type or fully qualified")}
}

func validateLimitItem(item *corev1.LimitRangeItem, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	keys := map[corev1.ResourceName]bool{}
	names := func(field string, list corev1.ResourceList) {
		for _, name := range resourcename.Sorted(list) {
			at := path.Child(field).Key(string(name))
			switch item.Type {
			case corev1.LimitTypePod, corev1.LimitTypeContainer:
				errs = append(errs, resourcename.ValidateForContainer(name, at)...)
			default:
				errs = append(errs, resourcename.Validate(name, at)...)
			}
			keys[name] = true
		}
	}
	names("max", item.Max)
	names("min", item.Min)
	defaults, requests := item.Default, item.DefaultRequest
	if item.Type == corev1.LimitTypePod {
		const msg = "may not be specified when `type` is 'Pod'"
		if len(defaults) > 0 {
			errs = append(errs, field.Forbidden(path.Child("default"), msg))
		}
		if len(requests) > 0 {
			errs = append(errs, field.Forbidden(path.Child("defaultRequest"), msg))
		}
		defaults, requests = nil, nil
	} else {
		names("default", defaults)
		names("defaultRequest", requests)
	}
	if item.Type == corev1.LimitTypePersistentVolumeClaim {
		_, min := item.Min[corev1.ResourceStorage]
		_, max := item.Max[corev1.ResourceStorage]
		if !min && !max {
			errs = append(errs, field.Required(path.Child("limits"), "either minimum or maximum storage value is required, but neither was provided"))
		}
	}
	names("maxLimitRequestRatio", item.MaxLimitRequestRatio)
	for _, name := range slices.Sorted(maps.Keys(keys)) {
		errs = append(errs, validateLimitAmounts(name, item, defaults, requests, path)...)
	}
	return errs
}

// validateLimitAmounts checks what one resource is limited to: minimum, default request, default and maximum
// must rise.
func validateLimitAmounts(name corev1.ResourceName, item *corev1.LimitRangeItem, defaults, requests corev1.ResourceList, path *field.Path) field.ErrorList {
	min, hasMin := item.Min[name]
	max, hasMax := item.Max[name]
	def, hasDef := defaults[name]
	req, hasReq := requests[name]
	ratio, hasRatio := item.MaxLimitRequestRatio[name]

	var errs field.ErrorList
	// less refuses a pair of amounts that does not rise; shown is the one that the error prints.
	less := func(both bool, low resource.Quantity, lowName string, high resource.Quantity, highName, at string, shown resource.Quantity) {
		if both && low.Cmp(high) > 0 {
			errs = append(errs, field.Invalid(path.Child(at).Key(string(name)), shown,
				fmt.Sprintf("%s value %s is greater than %s value %s", lowName, low.String(), highName, high.String())))
		}
	}
	less(hasMin && hasMax, min, "min", max, "max", "min", min)
	less(hasReq && hasMin, min, "min", req, "default request", "defaultRequest", req)
	less(hasReq && hasMax, req, "default request", max, "max", "defaultRequest", req)
	less(hasReq && hasDef, req, "default request", def, "default limit", "defaultRequest", req)
	less(hasDef && hasMin, min, "min", def, "default", "default", min)
	less(hasDef && hasMax, def, "default", max, "max", "default", max)

	at := path.Child("maxLimitRequestRatio").Key(string(name))
	if hasRatio && ratio.Cmp(*resource.NewQuantity(1, resource.DecimalSI)) < 0 {
		errs = append(errs, field.Invalid(at, ratio, fmt.Sprintf("ratio %s is less than 1", ratio.String())))
	}
	if hasRatio && hasMin && hasMax {
		if got, most := ratios(ratio, min, max); got > most {
			errs = append(errs, field.Invalid(at, ratio, fmt.Sprintf("ratio %s is greater than max/min = %f", ratio.String(), most)))
		}
	}
	if !resourcename.Overcommit(name) && hasDef && hasReq && def.Cmp(req) != 0 {
		errs = append(errs, field.Invalid(path.Child("defaultRequest").Key(string(name)), req,
			fmt.Sprintf("default value %s must equal to defaultRequest value %s in %s", def.String(), req.String(), name)))
	}
	return errs
}

// ratios returns a ratio and the greatest that min and max leave room for; in thousandths where they fit.
func ratios(ratio, min, max resource.Quantity) (got, most float64) {
	if ratio.Value() < resource.MaxMilliValue && min.Value() < resource.MaxMilliValue && max.Value() < resource.MaxMilliValue {
		return float64(ratio.MilliValue()) / 1000, float64(max.MilliValue()) / float64(min.MilliValue())
	}
	return float64(ratio.Value()), float64(max.Value()) / float64(min.Value())
}
