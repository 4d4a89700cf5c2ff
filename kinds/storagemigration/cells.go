package storagemigration

import (
	corev1 "k8s.io/api/core/v1"
	storagemigrationv1 "k8s.io/api/storagemigration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func resourceCell(obj *storagemigrationv1.StorageVersionMigration) string {
	if obj.Spec.Resource.Group == "" {
		return obj.Spec.Resource.Resource
	}
	return obj.Spec.Resource.Resource + "." + obj.Spec.Resource.Group
}

func statusCell(obj *storagemigrationv1.StorageVersionMigration) string {
	for _, c := range obj.Status.Conditions {
		switch storagemigrationv1.MigrationConditionType(c.Type) {
		case storagemigrationv1.MigrationRunning, storagemigrationv1.MigrationFailed, storagemigrationv1.MigrationSucceeded:
			if c.Status == metav1.ConditionTrue {
				return c.Type
			}
		}
	}
	return string(corev1.ConditionUnknown)
}
