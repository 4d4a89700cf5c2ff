package storage

import (
	storagev1 "k8s.io/api/storage/v1"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
)

func defaultCSIDriver(obj *storagev1.CSIDriver) {
	unset := func(p **bool, value bool) {
		if *p == nil {
			*p = &value
		}
	}
	s := &obj.Spec
	unset(&s.AttachRequired, true)
	unset(&s.PodInfoOnMount, false)
	unset(&s.StorageCapacity, false)
	unset(&s.RequiresRepublish, false)
	unset(&s.SELinuxMount, false)
	unset(&s.PreventPodSchedulingIfMissing, false)
	if s.FSGroupPolicy == nil {
		policy := storagev1.ReadWriteOnceWithFSTypeFSGroupPolicy
		s.FSGroupPolicy = &policy
	}
	if len(s.VolumeLifecycleModes) == 0 {
		s.VolumeLifecycleModes = []storagev1.VolumeLifecycleMode{storagev1.VolumeLifecyclePersistent}
	}
}

func validateCSIDriver(_ kinds.Input, obj *storagev1.CSIDriver) field.ErrorList {
	path, s := field.NewPath("spec"), &obj.Spec
	var errs field.ErrorList
	if p := s.FSGroupPolicy; p != nil {
		switch *p {
		case storagev1.ReadWriteOnceWithFSTypeFSGroupPolicy, storagev1.FileFSGroupPolicy, storagev1.NoneFSGroupPolicy:
		default:
			errs = append(errs, field.NotSupported(path.Child("fsGroupPolicy"), *p, []storagev1.FSGroupPolicy{
				storagev1.FileFSGroupPolicy, storagev1.NoneFSGroupPolicy, storagev1.ReadWriteOnceWithFSTypeFSGroupPolicy,
			}))
		}
	}
	errs = append(errs, validateTokenRequests(s.TokenRequests, path.Child("tokenRequests"))...)
	for _, mode := range s.VolumeLifecycleModes {
		if mode != storagev1.VolumeLifecyclePersistent && mode != storagev1.VolumeLifecycleEphemeral {
			errs = append(errs, field.NotSupported(path.Child("volumeLifecycleModes"), mode, []storagev1.VolumeLifecycleMode{storagev1.VolumeLifecyclePersistent, storagev1.VolumeLifecycleEphemeral}))
		}
	}
	if p := s.NodeAllocatableUpdatePeriodSeconds; p != nil && *p < 10 {
		errs = append(errs, field.Invalid(path.Child("nodeAllocatableUpdatePeriodSeconds"), *p, "must be greater than or equal to 10 seconds"))
	}
	if p := s.ServiceAccountTokenInSecrets; p != nil && len(s.TokenRequests) == 0 {
		errs = append(errs, field.Invalid(path.Child("serviceAccountTokenInSecrets"), *p, "serviceAccountTokenInSecrets is set but no tokenRequests are specified"))
	}
	return errs
}

// validateTokenRequests wants each audience once; of a second one nothing more is said.
func validateTokenRequests(requests []storagev1.TokenRequest, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	seen := map[string]bool{}
	for i, r := range requests {
		if seen[r.Audience] {
			errs = append(errs, field.Duplicate(path.Index(i).Child("audience"), r.Audience))
			continue
		}
		seen[r.Audience] = true
		if r.ExpirationSeconds == nil {
			continue
		}
		p := path.Index(i).Child("expirationSeconds")
		if *r.ExpirationSeconds < 600 {
			errs = append(errs, field.Invalid(p, *r.ExpirationSeconds, "may not specify a duration less than 10 minutes"))
		}
		if *r.ExpirationSeconds > 1<<32 {
			errs = append(errs, field.Invalid(p, *r.ExpirationSeconds, "may not specify a duration larger than 2^32 seconds"))
		}
	}
	return errs
}

func validateCSIDriverUpdate(in kinds.Input, obj, old *storagev1.CSIDriver) field.ErrorList {
	errs := validateCSIDriver(in, obj)
	path := field.NewPath("spec")
	// The first path is misspelt upstream, and clients know it so.
	errs = append(errs, apivalidation.ValidateImmutableField(obj.Spec.AttachRequired, old.Spec.AttachRequired, path.Child("attachedRequired"))...)
	return append(errs, apivalidation.ValidateImmutableField(obj.Spec.VolumeLifecycleModes, old.Spec.VolumeLifecycleModes, path.Child("volumeLifecycleModes"))...)
}

func warnCSIDriver(obj, old *storagev1.CSIDriver) []string {
	exposed := func(d *storagev1.CSIDriver) bool {
		return len(d.Spec.TokenRequests) > 0 && d.Spec.ServiceAccountTokenInSecrets == nil
	}
	if !exposed(obj) || old != nil && exposed(old) { // said before
		return nil
	}
	return []string{"spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes"}
}
