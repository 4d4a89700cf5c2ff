package storage

import (
	"time"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func csiNode() *kinds.Resource {
	status := kinds.For[*storagev1.CSINode]{
		PrepareUpdate: func(_ kinds.Input, obj, old *storagev1.CSINode) {
			// What the status holds belongs to a feature that is off (CSIVolumeHealth), so it is dropped.
			obj.Spec, obj.Status = old.Spec, old.Status
			metav1.ResetObjectMetaForStatus(obj, old)
		},
		ValidateUpdate: validateCSINodeUpdate,
		ResetFields:    []string{"spec", "metadata"},
	}.Rules()
	return &kinds.Resource{
		Group: group, Version: version, Kind: "CSINode",
		Plural: "csinodes", Singular: "csinode",
		Verbs:   kinds.AllVerbs,
		New:     func() runtime.Object { return &storagev1.CSINode{} },
		NewList: func() runtime.Object { return &storagev1.CSINodeList{} },
		Storage: kinds.Storage{Key: "csinodes", APIVersion: groupVersion},
		Rules: kinds.For[*storagev1.CSINode]{
			PrepareCreate: func(_ kinds.Input, obj *storagev1.CSINode) {
				obj.Status = storagev1.CSINodeStatus{}
			},
			PrepareUpdate: func(_ kinds.Input, obj, old *storagev1.CSINode) {
				obj.Status = old.Status
			},
			Validate:       validateCSINode,
			ValidateUpdate: validateCSINodeUpdate,
			ResetFields:    []string{"status"},
		}.Rules(),
		Table: kinds.Table{
			Columns: kinds.Columns(
				cells.NameColumn,
				kinds.Column{Name: "Drivers", Type: "integer", Description: "Drivers indicates the number of CSI drivers registered on the node"},
				cells.AgeColumn,
			),
			Cells: func(o kinds.Object, now time.Time) []any {
				obj := o.(*storagev1.CSINode)
				return []any{obj.Name, int64(len(obj.Spec.Drivers)), cells.Age(obj.CreationTimestamp, now)}
			},
		},
		Delete:                 kinds.Deletion{ReturnsObject: true},
		RequireVersionOnUpdate: true,
		Subresources:           []*kinds.Subresource{{Name: "status", Verbs: []string{"get", "patch", "update"}, Part: &status}},
	}
}
