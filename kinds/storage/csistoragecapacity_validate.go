package storage

import (
	"fmt"
	"slices"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/nodelabels"
)

func validateCSIStorageCapacity(_ kinds.Input, obj *storagev1.CSIStorageCapacity) field.ErrorList {
	errs := metavalidation.ValidateLabelSelector(obj.NodeTopology, metavalidation.LabelSelectorValidationOptions{}, field.NewPath("nodeTopology"))
	for _, msg := range validation.IsDNS1123Subdomain(obj.StorageClassName) {
		errs = append(errs, field.Invalid(field.NewPath("storageClassName"), obj.StorageClassName, msg))
	}
	if obj.Capacity != nil && obj.Capacity.Sign() < 0 {
		errs = append(errs, field.Invalid(field.NewPath("capacity"), obj.Capacity.String(), "must be greater than or equal to 0"))
	}
	return errs
}

func validateCSIStorageCapacityUpdate(_ kinds.Input, obj, old *storagev1.CSIStorageCapacity) field.ErrorList {
	var errs field.ErrorList
	if !equality.Semantic.DeepEqual(obj.NodeTopology, old.NodeTopology) {
		errs = append(errs, field.Invalid(field.NewPath("nodeTopology"), obj.NodeTopology, "field is immutable"))
	}
	if obj.StorageClassName != old.StorageClassName {
		errs = append(errs, field.Invalid(field.NewPath("storageClassName"), obj.StorageClassName, "field is immutable"))
	}
	return errs
}

func warnCSIStorageCapacity(obj, _ *storagev1.CSIStorageCapacity) []string {
	if obj.NodeTopology == nil {
		return nil
	}
	var out []string
	path := field.NewPath("nodeTopology")
	for i, expr := range obj.NodeTopology.MatchExpressions {
		if text, ok := nodelabels.Deprecated(expr.Key); ok {
			out = append(out, fmt.Sprintf("%s: %s", path.Child("matchExpressions").Index(i).Child("key"), text))
		}
	}
	expressions := len(out)
	for label := range obj.NodeTopology.MatchLabels {
		if text, ok := nodelabels.Deprecated(label); ok {
			out = append(out, fmt.Sprintf("%s: %s", path.Child("matchLabels").Child(label), text))
		}
	}
	slices.Sort(out[expressions:])
	return out
}
