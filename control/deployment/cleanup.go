package deployment

import (
	"slices"

	appsv1 "k8s.io/api/apps/v1"
)

// cleanUp removes the oldest versions beyond the revision history limit.
func (p *plan) cleanUp() {
	if p.d.Spec.RevisionHistoryLimit == nil {
		return
	}
	old := slices.DeleteFunc(slices.Clone(p.rss.old), func(rs *appsv1.ReplicaSet) bool { return rs.DeletionTimestamp != nil })
	slices.SortFunc(old, byRevision)
	for _, rs := range old[:max(0, len(old)-int(*p.d.Spec.RevisionHistoryLimit))] {
		if rs.Status.Replicas == 0 && replicas(rs) == 0 && rs.Generation <= rs.Status.ObservedGeneration {
			p.remove = append(p.remove, rs)
		}
	}
}
