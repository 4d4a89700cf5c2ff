package volume

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
)

func claimTable() kinds.Table {
	spec, status := corev1.PersistentVolumeClaimSpec{}.SwaggerDoc(), corev1.PersistentVolumeClaimStatus{}.SwaggerDoc()
	return kinds.Table{
		Columns: kinds.Columns(
			cells.NameColumn,
			kinds.Column{Name: "Status", Type: "string", Description: status["phase"]},
			kinds.Column{Name: "Volume", Type: "string", Description: spec["volumeName"]},
			kinds.Column{Name: "Capacity", Type: "string", Description: status["capacity"]},
			kinds.Column{Name: "Access Modes", Type: "string", Description: status["accessModes"]},
			kinds.Column{Name: "StorageClass", Type: "string", Description: "StorageClass of the pvc"},
			kinds.Column{Name: "VolumeAttributesClass", Type: "string", Description: "VolumeAttributesClass of the pvc"},
			cells.AgeColumn,
			kinds.Column{Name: "VolumeMode", Type: "string", Priority: 1, Description: spec["volumeMode"]},
		),
		Cells: func(obj kinds.Object, now time.Time) []any {
			c := obj.(*corev1.PersistentVolumeClaim)
			capacity, access := "", ""
			if c.Spec.VolumeName != "" {
				size := c.Status.Capacity[corev1.ResourceStorage]
				capacity, access = size.String(), modes(c.Status.AccessModes)
			}
			class := ""
			if c.Spec.StorageClassName != nil {
				class = *c.Spec.StorageClassName
			}
			if beta, ok := c.Annotations[corev1.BetaStorageClassAnnotation]; ok {
				class = beta
			}
			return []any{
				c.Name, phase(string(c.Status.Phase), c), c.Spec.VolumeName, capacity, access, class,
				orUnset(c.Spec.VolumeAttributesClassName), cells.Age(c.CreationTimestamp, now), orUnset(c.Spec.VolumeMode),
			}
		},
	}
}

func volumeTable() kinds.Table {
	spec, status := corev1.PersistentVolumeSpec{}.SwaggerDoc(), corev1.PersistentVolumeStatus{}.SwaggerDoc()
	return kinds.Table{
		Columns: kinds.Columns(
			cells.NameColumn,
			kinds.Column{Name: "Capacity", Type: "string", Description: spec["capacity"]},
			kinds.Column{Name: "Access Modes", Type: "string", Description: spec["accessModes"]},
			kinds.Column{Name: "Reclaim Policy", Type: "string", Description: spec["persistentVolumeReclaimPolicy"]},
			kinds.Column{Name: "Status", Type: "string", Description: status["phase"]},
			kinds.Column{Name: "Claim", Type: "string", Description: spec["claimRef"]},
			kinds.Column{Name: "StorageClass", Type: "string", Description: "StorageClass of the pv"},
			kinds.Column{Name: "VolumeAttributesClass", Type: "string", Description: "VolumeAttributesClass of the pv"},
			kinds.Column{Name: "Reason", Type: "string", Description: status["reason"]},
			cells.AgeColumn,
			kinds.Column{Name: "VolumeMode", Type: "string", Priority: 1, Description: spec["volumeMode"]},
		),
		Cells: func(obj kinds.Object, now time.Time) []any {
			v := obj.(*corev1.PersistentVolume)
			size := v.Spec.Capacity[corev1.ResourceStorage]
			claim := ""
			if ref := v.Spec.ClaimRef; ref != nil {
				claim = ref.Namespace + "/" + ref.Name
			}
			class := v.Spec.StorageClassName
			if beta, ok := v.Annotations[corev1.BetaStorageClassAnnotation]; ok {
				class = beta
			}
			return []any{
				v.Name, size.String(), modes(v.Spec.AccessModes), string(v.Spec.PersistentVolumeReclaimPolicy),
				phase(string(v.Status.Phase), v), claim, class, orUnset(v.Spec.VolumeAttributesClassName), v.Status.Reason,
				cells.Age(v.CreationTimestamp, now), orUnset(v.Spec.VolumeMode),
			}
		},
	}
}

func phase(phase string, obj kinds.Object) string {
	if obj.GetDeletionTimestamp() != nil {
		return "Terminating"
	}
	return phase
}

func orUnset[T ~string](v *T) string {
	if v == nil {
		return cells.Unset
	}
	return string(*v)
}

// modes shows access modes by their initials, each once, in a fixed order.
func modes(list []corev1.PersistentVolumeAccessMode) string {
	var out []string
	for _, m := range []struct {
		mode  corev1.PersistentVolumeAccessMode
		short string
	}{
		{corev1.ReadWriteOnce, "RWO"}, {corev1.ReadOnlyMany, "ROX"}, {corev1.ReadWriteMany, "RWX"}, {corev1.ReadWriteOncePod, "RWOP"},
	} {
		if slices.Contains(list, m.mode) {
			out = append(out, m.short)
		}
	}
	return strings.Join(out, ",")
}
