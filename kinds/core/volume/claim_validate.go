package volume

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds/resourcename"
)

// validateModes checks access modes; a volume for one pod is for nothing else.
func validateModes(modes []corev1.PersistentVolumeAccessMode, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	known := []corev1.PersistentVolumeAccessMode{corev1.ReadOnlyMany, corev1.ReadWriteMany, corev1.ReadWriteOnce, corev1.ReadWriteOncePod}
	pod, other := false, false
	for _, m := range modes {
		switch {
		case m == corev1.ReadWriteOncePod:
			pod = true
		case slices.Contains(known, m):
			other = true
		default:
			errs = append(errs, field.NotSupported(path, m, known))
		}
	}
	if pod && other {
		errs = append(errs, field.Forbidden(path, "may not use ReadWriteOncePod with other access modes"))
	}
	return errs
}

func validateVolumeMode(mode *corev1.PersistentVolumeMode, path *field.Path) field.ErrorList {
	if mode == nil || *mode == corev1.PersistentVolumeBlock || *mode == corev1.PersistentVolumeFilesystem {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, *mode, []string{"Block", "Filesystem"})}
}

func validateClassName(name string, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range apivalidation.NameIsDNSSubdomain(name, false) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	return errs
}

func validatePositive(q resource.Quantity, path *field.Path) field.ErrorList {
	if q.Sign() > 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, q.String(), "must be greater than zero")}
}

// validateAmount checks an amount of bytes that may be none.
func validateAmount(q resource.Quantity, path *field.Path) field.ErrorList {
	if q.Sign() >= 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(path, q.Value(), "must be a valid resource quantity")}
}

func validateClaimStatus(obj *corev1.PersistentVolumeClaim) field.ErrorList {
	var errs field.ErrorList
	if len(obj.Spec.AccessModes) == 0 {
		errs = append(errs, field.Required(field.NewPath("Spec", "accessModes"), ""))
	}
	path := field.NewPath("status")
	for _, name := range resourcename.Sorted(obj.Status.Capacity) {
		errs = append(errs, validateAmount(obj.Status.Capacity[name], path.Child("capacity").Key(string(name)))...)
	}
	states := []corev1.ClaimResourceStatus{
		corev1.PersistentVolumeClaimControllerResizeInProgress, corev1.PersistentVolumeClaimControllerResizeInfeasible,
		corev1.PersistentVolumeClaimNodeResizeInProgress, corev1.PersistentVolumeClaimNodeResizeInfeasible,
		corev1.PersistentVolumeClaimNodeResizePending,
	}
	for name, state := range obj.Status.AllocatedResourceStatuses {
		at := path.Child("allocatedResourceStatuses")
		errs = append(errs, validateStatusResource(name, at)...)
		if !slices.Contains(states, state) {
			errs = append(errs, field.NotSupported(at, name, states))
		}
	}
	for _, name := range resourcename.Sorted(obj.Status.AllocatedResources) {
		at := path.Child("allocatedResources")
		if wrong := validateStatusResource(name, at); len(wrong) > 0 {
			errs = append(errs, wrong...)
			continue
		}
		errs = append(errs, validateAmount(obj.Status.AllocatedResources[name], at.Key(string(name)))...)
	}
	return errs
}

// validateStatusResource checks the name of a resource that a resize is about: storage, or one of a driver.
func validateStatusResource(name corev1.ResourceName, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, msg := range validation.IsQualifiedName(string(name)) {
		errs = append(errs, field.Invalid(path, name, msg))
	}
	if len(errs) > 0 {
		return errs
	}
	native := !strings.Contains(string(name), "/") || strings.HasPrefix(string(name), corev1.ResourceDefaultNamespacePrefix)
	if native && name != corev1.ResourceStorage {
		errs = append(errs, field.NotSupported(path, name, []corev1.ResourceName{corev1.ResourceStorage}))
	}
	return errs
}
