package storage

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/nodelabels"
)

func defaultStorageClass(obj *storagev1.StorageClass) {
	if obj.ReclaimPolicy == nil {
		policy := corev1.PersistentVolumeReclaimDelete
		obj.ReclaimPolicy = &policy
	}
	if obj.VolumeBindingMode == nil {
		mode := storagev1.VolumeBindingImmediate
		obj.VolumeBindingMode = &mode
	}
}

// validateStorageClass ends with what upstream declares on the type.
func validateStorageClass(_ kinds.Input, obj *storagev1.StorageClass) field.ErrorList {
	errs := validateStorageClassFields(obj)
	if obj.Provisioner == "" {
		errs = append(errs, field.Required(field.NewPath("provisioner"), ""))
	}
	return errs
}

func validateStorageClassFields(obj *storagev1.StorageClass) field.ErrorList {
	var errs field.ErrorList
	if obj.Provisioner != "" {
		errs = append(errs, validateQualified(obj.Provisioner, field.NewPath("provisioner"))...)
	}
	errs = append(errs, validateParameters(obj.Parameters, field.NewPath("parameters"))...)
	if p := obj.ReclaimPolicy; p != nil && *p != "" && *p != corev1.PersistentVolumeReclaimDelete && *p != corev1.PersistentVolumeReclaimRetain {
		errs = append(errs, field.NotSupported(field.NewPath("reclaimPolicy"), *p, []corev1.PersistentVolumeReclaimPolicy{corev1.PersistentVolumeReclaimDelete, corev1.PersistentVolumeReclaimRetain}))
	}
	mode := field.NewPath("volumeBindingMode")
	if m := obj.VolumeBindingMode; m == nil {
		errs = append(errs, field.Required(mode, ""))
	} else if *m != storagev1.VolumeBindingImmediate && *m != storagev1.VolumeBindingWaitForFirstConsumer {
		errs = append(errs, field.NotSupported(mode, *m, []storagev1.VolumeBindingMode{storagev1.VolumeBindingImmediate, storagev1.VolumeBindingWaitForFirstConsumer}))
	}
	return append(errs, validateTopologies(obj.AllowedTopologies, field.NewPath("allowedTopologies"))...)
}

func validateStorageClassUpdate(_ kinds.Input, obj, old *storagev1.StorageClass) field.ErrorList {
	errs := validateStorageClassFields(obj)
	for _, f := range []struct {
		name          string
		changed, none bool
	}{
		{"provisioner", obj.Provisioner != old.Provisioner, obj.Provisioner == ""},
		{"parameters", !equality.Semantic.DeepEqual(obj.Parameters, old.Parameters), false},
		{"reclaimPolicy", !equality.Semantic.DeepEqual(obj.ReclaimPolicy, old.ReclaimPolicy), false},
		{"volumeBindingMode", !equality.Semantic.DeepEqual(obj.VolumeBindingMode, old.VolumeBindingMode), false},
	} {
		if !f.changed {
			continue
		}
		if f.none {
			errs = append(errs, field.Required(field.NewPath(f.name), ""))
		}
		errs = append(errs, field.Invalid(field.NewPath(f.name), nil, "field is immutable"))
	}
	return errs
}

// validateTopologies checks terms, each once. A term that says nothing counts as said before.
func validateTopologies(terms []corev1.TopologySelectorTerm, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	seen := []map[string]sets.Set[string]{{}}
	for i, term := range terms {
		p := path.Index(i).Child("matchLabelExpressions")
		asked := map[string]sets.Set[string]{}
		for j, expr := range term.MatchLabelExpressions {
			values := sets.New[string]()
			if len(expr.Values) == 0 {
				errs = append(errs, field.Required(p.Index(j).Child("values"), ""))
			}
			for k, value := range expr.Values {
				if values.Has(value) {
					errs = append(errs, field.Duplicate(p.Index(j).Child("values").Index(k), value))
				}
				values.Insert(value)
			}
			errs = append(errs, metavalidation.ValidateLabelName(expr.Key, p.Index(j).Child("key"))...)
			if _, twice := asked[expr.Key]; twice {
				errs = append(errs, field.Duplicate(p.Index(j).Child("key"), expr.Key))
			}
			asked[expr.Key] = values
		}
		for _, other := range seen {
			if equality.Semantic.DeepEqual(asked, other) {
				errs = append(errs, field.Duplicate(p, ""))
				break
			}
		}
		seen = append(seen, asked)
	}
	return errs
}

func warnStorageClass(obj, _ *storagev1.StorageClass) []string {
	var out []string
	for i, term := range obj.AllowedTopologies {
		for j, expr := range term.MatchLabelExpressions {
			if text, ok := nodelabels.Deprecated(expr.Key); ok {
				path := field.NewPath("allowedTopologies").Index(i).Child("matchLabelExpressions").Index(j).Child("key")
				out = append(out, fmt.Sprintf("%s: %s", path, text))
			}
		}
	}
	return out
}
