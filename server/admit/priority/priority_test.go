package priority

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func class(name string, value int32, policy corev1.PreemptionPolicy, isDefault bool) *schedulingv1.PriorityClass {
	return &schedulingv1.PriorityClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value, PreemptionPolicy: &policy, GlobalDefault: isDefault}
}

func TestMutateCreate(t *testing.T) {
	high := class("high", 1000, corev1.PreemptNever, false)
	for _, test := range []struct {
		name    string
		classes []*schedulingv1.PriorityClass
		spec    corev1.PodSpec
		want    corev1.PodSpec
		err     string
	}{
		{
			name: "no class, no default",
			want: corev1.PodSpec{Priority: ptr.To[int32](0), PreemptionPolicy: ptr.To(corev1.PreemptLowerPriority)},
		},
		{
			name: "class", spec: corev1.PodSpec{PriorityClassName: "high"},
			want: corev1.PodSpec{PriorityClassName: "high", Priority: ptr.To[int32](1000), PreemptionPolicy: ptr.To(corev1.PreemptNever)},
		},
		{
			name: "the lowest of two defaults", classes: []*schedulingv1.PriorityClass{class("a", 7, corev1.PreemptNever, true), class("b", 5, corev1.PreemptLowerPriority, true)},
			want: corev1.PodSpec{PriorityClassName: "b", Priority: ptr.To[int32](5), PreemptionPolicy: ptr.To(corev1.PreemptLowerPriority)},
		},
		{
			name: "missing class", spec: corev1.PodSpec{PriorityClassName: "none"},
			err: `pods "p" is forbidden: no PriorityClass with name none was found`,
		},
		{
			name: "another number", spec: corev1.PodSpec{PriorityClassName: "high", Priority: ptr.To[int32](5)},
			err: `pods "p" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 1000 from the given PriorityClass name`,
		},
		{
			name: "another policy", spec: corev1.PodSpec{PreemptionPolicy: ptr.To(corev1.PreemptNever)},
			err: `pods "p" is forbidden: the string value of PreemptionPolicy (Never) must not be provided in pod spec; priority admission controller computed PreemptLowerPriority from the given PriorityClass name`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			world := admittest.NewWorld(high)
			for _, c := range test.classes {
				world.Put(c)
			}
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p"}, Spec: test.spec}
			err := New(world).Mutate(context.Background(), admittest.Write(admit.Create, pod, nil))
			if err != nil || test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Fatalf("got %v, want %q", err, test.err)
				}
				return
			}
			got := pod.Spec
			if got.PriorityClassName != test.want.PriorityClassName || *got.Priority != *test.want.Priority || *got.PreemptionPolicy != *test.want.PreemptionPolicy {
				t.Errorf("got %q %d %s", got.PriorityClassName, *got.Priority, *got.PreemptionPolicy)
			}
		})
	}
}

func TestMutateUpdateKeeps(t *testing.T) {
	old := &corev1.Pod{Spec: corev1.PodSpec{Priority: ptr.To[int32](9), PreemptionPolicy: ptr.To(corev1.PreemptNever)}}
	pod := &corev1.Pod{}
	if err := New(admittest.NewWorld()).Mutate(context.Background(), admittest.Write(admit.Update, pod, old)); err != nil {
		t.Fatal(err)
	}
	if pod.Spec.Priority == nil || *pod.Spec.Priority != 9 || pod.Spec.PreemptionPolicy == nil || *pod.Spec.PreemptionPolicy != corev1.PreemptNever {
		t.Errorf("not kept: %v", pod.Spec)
	}
}

func TestReviewSecondDefault(t *testing.T) {
	world := admittest.NewWorld(class("a", 1, corev1.PreemptNever, true))
	refused := `priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist`
	for _, test := range []struct {
		name string
		op   admit.Operation
		obj  *schedulingv1.PriorityClass
		want string
	}{
		{"second", admit.Create, class("b", 2, corev1.PreemptNever, true), refused},
		{"second by update", admit.Update, class("b", 2, corev1.PreemptNever, true), refused},
		{"itself", admit.Update, class("a", 1, corev1.PreemptNever, true), ""},
		{"not default", admit.Create, class("b", 2, corev1.PreemptNever, false), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := New(world).Review(context.Background(), admittest.Write(test.op, test.obj, nil))
			if err != nil && err.Error() != test.want || err == nil && test.want != "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
