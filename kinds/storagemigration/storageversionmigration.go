package storagemigration

import (
	"time"

	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
)

func storageVersionMigration() *kinds.Resource {
	status := kinds.For[*storagemigrationv1.StorageVersionMigration]{
		PrepareUpdate: func(_ kinds.Input, obj, old *storagemigrationv1.StorageVersionMigration) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: validateMigrationStatus,
		ResetFields:    []string{"metadata", "spec"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "StorageVersionMigration",
		Plural: "storageversionmigrations", Singular: "storageversionmigration",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &storagemigrationv1.StorageVersionMigration{} },
		NewList: func() runtime.Object { return &storagemigrationv1.StorageVersionMigrationList{} },
		Storage: kinds.Storage{Key: "storageversionmigrations", APIVersion: "storagemigration.k8s.io/v1beta1"},
		Rules: kinds.For[*storagemigrationv1.StorageVersionMigration]{
			PrepareCreate: func(_ kinds.Input, obj *storagemigrationv1.StorageVersionMigration) {
				obj.Status = storagemigrationv1.StorageVersionMigrationStatus{}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *storagemigrationv1.StorageVersionMigration) {
				obj.Status = old.Status
			},
			Validate:       validateMigration,
			ValidateUpdate: validateMigrationUpdate,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				kinds.Column{Name: "Name", Type: "string", Description: metav1.ObjectMeta{}.SwaggerDoc()["name"]},
				kinds.Column{Name: "Resource", Type: "string", Description: "GroupResource to migrate"},
				kinds.Column{Name: "Status", Type: "string", Description: "Status of the migration"},
			),
			Cells: func(o kinds.Object, _ time.Time) []any {
				obj := o.(*storagemigrationv1.StorageVersionMigration)
				return []any{obj.Name, resourceCell(obj), statusCell(obj)}
			},
		},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
