package statefulset

import (
	"fmt"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ptr[T any](v T) *T { return &v }

// podsOf reads "db-0:old", "db-1:new:unready", "db-2:old:del", "db-3:new:failed".
func podsOf(specs ...string) (out []*corev1.Pod) {
	for _, spec := range specs {
		parts := strings.Split(spec, ":")
		p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: parts[0], Labels: map[string]string{appsv1.ControllerRevisionHashLabelKey: parts[1]}}}
		p.Status.Phase = corev1.PodRunning
		ready := corev1.ConditionTrue
		for _, o := range parts[2:] {
			switch o {
			case "unready":
				ready = corev1.ConditionFalse
			case "del":
				p.DeletionTimestamp = &metav1.Time{Time: now}
			case "failed":
				p.Status.Phase, ready = corev1.PodFailed, corev1.ConditionFalse
			}
		}
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: ready, LastTransitionTime: metav1.NewTime(now.Add(-time.Minute))}}
		out = append(out, p)
	}
	return out
}

func TestPlan(t *testing.T) {
	parallel := func(s *appsv1.StatefulSet) { s.Spec.PodManagementPolicy = appsv1.ParallelPodManagement }
	rolling := func(partition int32, unavailable int32) func(*appsv1.StatefulSet) {
		return func(s *appsv1.StatefulSet) {
			s.Spec.UpdateStrategy.RollingUpdate = &appsv1.RollingUpdateStatefulSetStrategy{Partition: &partition, MaxUnavailable: ptr(intstr.FromInt32(unavailable))}
		}
	}
	for _, c := range []struct {
		name   string
		change []func(*appsv1.StatefulSet)
		pods   []string
		create string
		remove string
		ended  string
		status string // replicas, ready, current, updated
	}{
		{name: "the first alone", create: "db-0:new", status: "1 0 0 1"},
		{name: "the next once it works", pods: []string{"db-0:new"}, create: "db-1:new", status: "2 1 0 2"},
		{name: "not before", pods: []string{"db-0:new:unready"}, status: "1 0 0 1"},
		{name: "all at once", change: []func(*appsv1.StatefulSet){parallel}, create: "db-0:new db-1:new db-2:new", status: "3 0 0 3"},
		{name: "from another number on", change: []func(*appsv1.StatefulSet){parallel, func(s *appsv1.StatefulSet) { s.Spec.Ordinals = &appsv1.StatefulSetOrdinals{Start: 5} }}, create: "db-5:new db-6:new db-7:new", status: "3 0 0 3"},
		{name: "too many: the highest first", pods: []string{"db-0:new", "db-1:new", "db-2:new", "db-3:new", "db-4:new"}, remove: "db-4", status: "5 5 0 5"},
		{name: "one after the other", pods: []string{"db-0:new", "db-1:new", "db-2:new", "db-3:new", "db-4:new:del"}, status: "5 5 0 4"},
		{name: "one that failed is made anew", pods: []string{"db-0:new", "db-1:new:failed", "db-2:new"}, ended: "db-1", status: "3 2 0 3"},
		{name: "an update: the highest first", pods: []string{"db-0:old", "db-1:old", "db-2:old"}, remove: "db-2", status: "3 3 3 0"},
		{name: "the next once it works again", pods: []string{"db-0:old", "db-1:old", "db-2:new"}, remove: "db-1", status: "3 3 2 1"},
		{name: "a partition", change: []func(*appsv1.StatefulSet){rolling(2, 1)}, pods: []string{"db-0:old", "db-1:old", "db-2:new"}, status: "3 3 2 1"},
		{name: "lost below the partition, it stays old", change: []func(*appsv1.StatefulSet){rolling(2, 1)}, pods: []string{"db-1:old", "db-2:new"}, create: "db-0:old", status: "3 2 2 1"},
		{name: "two may be unavailable", change: []func(*appsv1.StatefulSet){rolling(0, 2)}, pods: []string{"db-0:old", "db-1:old", "db-2:old"}, remove: "db-2 db-1", status: "3 3 3 0"},
		{name: "and one is", change: []func(*appsv1.StatefulSet){rolling(0, 2), parallel}, pods: []string{"db-0:old", "db-1:old", "db-2:new:unready"}, remove: "db-1", status: "3 2 2 1"},
		{name: "by hand", change: []func(*appsv1.StatefulSet){func(s *appsv1.StatefulSet) { s.Spec.UpdateStrategy.Type = appsv1.OnDeleteStatefulSetStrategyType }}, pods: []string{"db-0:old", "db-1:old", "db-2:old"}, status: "3 3 3 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "db"}}
			set.Spec = appsv1.StatefulSetSpec{Replicas: ptr(int32(3)), UpdateStrategy: appsv1.StatefulSetUpdateStrategy{Type: appsv1.RollingUpdateStatefulSetStrategyType}}
			rolling(0, 1)(set)
			for _, change := range c.change {
				change(set)
			}
			p := makePlan(set, version{"old", &corev1.PodTemplateSpec{}}, version{"new", &corev1.PodTemplateSpec{}}, podsOf(c.pods...), now)
			var create []string
			for _, pod := range p.create {
				create = append(create, pod.Name+":"+pod.Labels[appsv1.ControllerRevisionHashLabelKey])
			}
			names := func(pods []*corev1.Pod) string {
				var out []string
				for _, pod := range pods {
					out = append(out, pod.Name)
				}
				return strings.Join(out, " ")
			}
			s := p.status
			got := fmt.Sprintf("create %s remove %s ended %s status %d %d %d %d", strings.Join(create, " "), names(p.remove), names(p.ended), s.Replicas, s.ReadyReplicas, s.CurrentReplicas, s.UpdatedReplicas)
			want := fmt.Sprintf("create %s remove %s ended %s status %s", c.create, c.remove, c.ended, c.status)
			if got != want {
				t.Errorf("\ngot  %s\nwant %s", got, want)
			}
		})
	}
}

func TestClaimOwners(t *testing.T) {
	const keep, drop = appsv1.RetainPersistentVolumeClaimRetentionPolicyType, appsv1.DeletePersistentVolumeClaimRetentionPolicyType
	for _, c := range []struct {
		deleted, scaled appsv1.PersistentVolumeClaimRetentionPolicyType
		ordinal         int
		want            string
	}{
		{keep, keep, 0, ""}, {keep, keep, 7, ""},
		{drop, keep, 0, "StatefulSet"}, {drop, keep, 7, "StatefulSet"},
		{keep, drop, 0, ""}, {keep, drop, 7, "Pod"},
		{drop, drop, 0, "StatefulSet"}, {drop, drop, 7, "Pod"},
	} {
		set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "db", UID: "set"}, Spec: appsv1.StatefulSetSpec{Replicas: ptr(int32(3)),
			PersistentVolumeClaimRetentionPolicy: &appsv1.StatefulSetPersistentVolumeClaimRetentionPolicy{WhenDeleted: c.deleted, WhenScaled: c.scaled}}}
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: nameOf(set, c.ordinal), UID: "pod"}}
		for _, had := range [][]metav1.OwnerReference{nil, {{Kind: "StatefulSet", Name: "db", UID: "set"}}, {{Kind: "StatefulSet", Name: "db", UID: "an older one"}}} {
			got := ""
			for _, r := range wantedOwners(set, pod, c.ordinal, had) {
				got += r.Kind
			}
			if got != c.want {
				t.Errorf("%s when deleted, %s when scaled, pod %d, had %v: %q, want %q", c.deleted, c.scaled, c.ordinal, had, got, c.want)
			}
		}
	}
}
