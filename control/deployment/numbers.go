package deployment

import (
	"cmp"
	"maps"
	"math"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func replicas(rs *appsv1.ReplicaSet) int32 {
	if rs.Spec.Replicas == nil {
		return 1
	}
	return *rs.Spec.Replicas
}

// sum adds a number up over replica sets.
func sum(rss []*appsv1.ReplicaSet, of func(*appsv1.ReplicaSet) int32) (n int32) {
	for _, rs := range rss {
		n += of(rs)
	}
	return n
}

func available(rs *appsv1.ReplicaSet) int32 { return rs.Status.AvailableReplicas }

// sure is how many will stay available: the set may not have deleted yet what it shall delete.
func sure(rs *appsv1.ReplicaSet) int32 { return min(rs.Status.AvailableReplicas, replicas(rs)) }

func actual(rs *appsv1.ReplicaSet) int32 { return rs.Status.Replicas }

// active are those that shall have pods.
func active(rss []*appsv1.ReplicaSet) []*appsv1.ReplicaSet {
	var out []*appsv1.ReplicaSet
	for _, rs := range rss {
		if replicas(rs) > 0 {
			out = append(out, rs)
		}
	}
	return out
}

func byCreation(a, b *appsv1.ReplicaSet) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
}

func byRevision(a, b *appsv1.ReplicaSet) int {
	return cmp.Or(cmp.Compare(revisionOf(a), revisionOf(b)), byCreation(a, b))
}

// bounds are how many pods may be too many, and how many may be missing, while a version is rolled out. Both
// are 0 for deployments that recreate.
func bounds(d *appsv1.Deployment) (surge, unavailable int32) {
	r := d.Spec.Strategy.RollingUpdate
	if d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType || r == nil {
		return 0, 0
	}
	n := int(*d.Spec.Replicas)
	surge, unavailable = scaledValue(r.MaxSurge, n, true), scaledValue(r.MaxUnavailable, n, false)
	if surge == 0 && unavailable == 0 {
		unavailable = 1 // of percents that come out as nothing; a rollout must be able to go on
	}
	return surge, min(unavailable, *d.Spec.Replicas)
}

func scaledValue(v *intstr.IntOrString, total int, up bool) int32 {
	n, err := intstr.GetScaledValueFromIntOrPercent(intstr.ValueOrDefault(v, intstr.FromInt32(0)), total, up)
	if err != nil {
		return 0 // validation lets no such value in
	}
	return int32(n)
}

func hasDeadline(d *appsv1.Deployment) bool {
	return d.Spec.ProgressDeadlineSeconds != nil && *d.Spec.ProgressDeadlineSeconds != math.MaxInt32
}

// sameTemplate compares templates without the label that tells versions apart.
func sameTemplate(a, b *corev1.PodTemplateSpec) bool {
	x, y := *a, *b
	x.Labels, y.Labels = withoutHash(a.Labels), withoutHash(b.Labels)
	return equality.Semantic.DeepEqual(x, y)
}

func withoutHash(labels map[string]string) map[string]string {
	if _, ok := labels[appsv1.DefaultDeploymentUniqueLabelKey]; !ok {
		return labels
	}
	labels = maps.Clone(labels)
	delete(labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return labels
}

func sameSet(a, b *appsv1.ReplicaSet) bool {
	return replicas(a) == replicas(b) && a.Spec.MinReadySeconds == b.Spec.MinReadySeconds && maps.Equal(a.Annotations, b.Annotations)
}

func sameDeployment(a, b *appsv1.Deployment) bool {
	return a.Annotations[revision] == b.Annotations[revision] && equality.Semantic.DeepEqual(a.Status, b.Status)
}

// number reads a number from an annotation.
func number(rs *appsv1.ReplicaSet, annotation string) (int32, bool) {
	n, err := strconv.ParseInt(rs.Annotations[annotation], 10, 32)
	return int32(n), err == nil
}
