package storage

import (
	"time"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func volumeAttachment() *kinds.Resource {
	status := kinds.For[*storagev1.VolumeAttachment]{
		PrepareUpdate: func(_ kinds.Input, obj, old *storagev1.VolumeAttachment) {
			obj.Spec = old.Spec
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: validateVolumeAttachmentUpdate,
		ResetFields:    []string{"spec", "metadata"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "VolumeAttachment",
		Plural: "volumeattachments", Singular: "volumeattachment",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &storagev1.VolumeAttachment{} },
		NewList: func() runtime.Object { return &storagev1.VolumeAttachmentList{} },
		Storage: kinds.Storage{Key: "volumeattachments", APIVersion: groupVersion},
		Rules: kinds.For[*storagev1.VolumeAttachment]{
			PrepareCreate: func(_ kinds.Input, obj *storagev1.VolumeAttachment) {
				obj.Status = storagev1.VolumeAttachmentStatus{}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *storagev1.VolumeAttachment) {
				obj.Status = old.Status
			},
			Validate:       validateVolumeAttachment,
			ValidateUpdate: validateVolumeAttachmentUpdate,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Attacher", Type: "string", Format: "name", Description: storagev1.VolumeAttachmentSpec{}.SwaggerDoc()["attacher"]},
				kinds.Column{Name: "PV", Type: "string", Description: storagev1.VolumeAttachmentSource{}.SwaggerDoc()["persistentVolumeName"]},
				kinds.Column{Name: "Node", Type: "string", Description: storagev1.VolumeAttachmentSpec{}.SwaggerDoc()["nodeName"]},
				kinds.Column{Name: "Attached", Type: "boolean", Description: storagev1.VolumeAttachmentStatus{}.SwaggerDoc()["attached"]},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*storagev1.VolumeAttachment)
				pv := ""
				if obj.Spec.Source.PersistentVolumeName != nil {
					pv = *obj.Spec.Source.PersistentVolumeName
				}
				return []any{obj.Name, obj.Spec.Attacher, pv, obj.Spec.NodeName, obj.Status.Attached, cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete:                 kinds.Deletion{ReturnsObject: true},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
