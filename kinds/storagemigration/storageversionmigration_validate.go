package storagemigration

import (
	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metavalidation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/internalname"
)

func validateMigration(_ kinds.Input, obj *storagemigrationv1.StorageVersionMigration) field.ErrorList {
	path, r := field.NewPath("spec", "resource"), obj.Spec.Resource
	var errs field.ErrorList
	if r.Resource == "" {
		errs = append(errs, field.Required(path.Child("resource"), "resource is required to be set"))
	} else {
		for _, msg := range validation.IsDNS1035Label(r.Resource) {
			errs = append(errs, field.Invalid(path.Child("resource"), r.Resource, msg))
		}
	}
	if r.Group != "" {
		for _, msg := range validation.IsDNS1123Subdomain(r.Group) {
			errs = append(errs, field.Invalid(path.Child("group"), r.Group, msg))
		}
	}
	return errs
}

func validateMigrationUpdate(_ kinds.Input, obj, old *storagemigrationv1.StorageVersionMigration) field.ErrorList {
	if equality.Semantic.DeepEqual(obj.Spec, old.Spec) {
		return nil
	}
	return field.ErrorList{field.Invalid(field.NewPath("spec"), internalname.Value(obj.Spec), "field is immutable")}
}

// validateMigrationStatus lets a migration end once: what is true of its end stays so.
func validateMigrationStatus(_ kinds.Input, obj, old *storagemigrationv1.StorageVersionMigration) field.ErrorList {
	path, now := field.NewPath("status"), &obj.Status
	var errs field.ErrorList
	if now.ResourceVersion != "" {
		if _, err := resourceversion.CompareResourceVersion(now.ResourceVersion, now.ResourceVersion); err != nil {
			errs = append(errs, field.Invalid(path.Child("resourceVersion"), now.ResourceVersion, err.Error()))
		}
	}
	errs = append(errs, metavalidation.ValidateConditions(now.Conditions, path.Child("conditions"))...)
	if was := old.Status.ResourceVersion; was != "" && was != now.ResourceVersion {
		errs = append(errs, field.Invalid(path.Child("resourceVersion"), now.ResourceVersion, "field is immutable"))
	}
	is := func(o *storagemigrationv1.StorageVersionMigration, t storagemigrationv1.MigrationConditionType) bool {
		return meta.IsStatusConditionTrue(o.Status.Conditions, string(t))
	}
	succeeded, failed := is(obj, storagemigrationv1.MigrationSucceeded), is(obj, storagemigrationv1.MigrationFailed)
	running := is(obj, storagemigrationv1.MigrationRunning)
	for _, rule := range []struct {
		broken bool
		msg    string
	}{
		{succeeded && failed, "Both success and failed conditions cannot be true at the same time"},
		{succeeded && running, "Running condition cannot be true when success condition is true"},
		{failed && running, "Running condition cannot be true when failed condition is true"},
		{is(old, storagemigrationv1.MigrationSucceeded) && !succeeded, "Success condition cannot be set to false once it is true"},
		{is(old, storagemigrationv1.MigrationFailed) && !failed, "Failed condition cannot be set to false once it is true"},
	} {
		if rule.broken {
			errs = append(errs, field.Invalid(path.Child("conditions"), now.Conditions, rule.msg))
		}
	}
	return errs
}
