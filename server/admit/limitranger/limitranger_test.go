package limitranger

import (
	"context"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

// list reads "cpu=1 memory=2Gi".
func list(s string) corev1.ResourceList {
	var out corev1.ResourceList
	for _, part := range strings.Fields(s) {
		k, v, _ := strings.Cut(part, "=")
		if out == nil {
			out = corev1.ResourceList{}
		}
		out[corev1.ResourceName(k)] = resource.MustParse(v)
	}
	return out
}

func pod(requests, limits string) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "p"}}
	p.Spec.Containers = []corev1.Container{{Name: "c", Resources: corev1.ResourceRequirements{Requests: list(requests), Limits: list(limits)}}}
	return p
}

func limits(items ...corev1.LimitRangeItem) *admittest.World {
	return admittest.NewWorld(
		&corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "l"}, Spec: corev1.LimitRangeSpec{Limits: items}},
		&corev1.LimitRange{ObjectMeta: metav1.ObjectMeta{Namespace: "other", Name: "l"}, Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{Type: corev1.LimitTypePod, Max: list("cpu=0")}}}},
	)
}

func TestMutate(t *testing.T) {
	world := limits(corev1.LimitRangeItem{Type: corev1.LimitTypeContainer, Default: list("cpu=200m memory=128Mi"), DefaultRequest: list("cpu=100m")})
	for _, test := range []struct {
		name, requests, limits string
		want, note             string
	}{
		{"nothing", "", "", "requests cpu=100m limits cpu=200m memory=128Mi", "LimitRanger plugin set: cpu request for container c; cpu, memory limit for container c"},
		{"a part", "cpu=150m", "memory=1Gi", "requests cpu=150m limits cpu=200m memory=1Gi", "LimitRanger plugin set: cpu limit for container c"},
		{"all", "cpu=1", "cpu=1 memory=1", "requests cpu=1 limits cpu=1 memory=1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := pod(test.requests, test.limits)
			if err := New(world).Mutate(context.Background(), admittest.Write(admit.Create, p, nil)); err != nil {
				t.Fatal(err)
			}
			wantRequests, wantLimits, _ := strings.Cut(strings.TrimPrefix(test.want, "requests "), " limits ")
			r := p.Spec.Containers[0].Resources
			if !same(r.Requests, list(wantRequests)) || !same(r.Limits, list(wantLimits)) {
				t.Errorf("got %v, want %s", r, test.want)
			}
			if p.Annotations[annotation] != test.note {
				t.Errorf("annotation %q, want %q", p.Annotations[annotation], test.note)
			}
		})
	}
	old := pod("", "")
	changed := pod("", "")
	if err := New(world).Mutate(context.Background(), admittest.Write(admit.Update, changed, old)); err != nil || changed.Annotations != nil {
		t.Errorf("an update got defaults: %v, %v", changed, err)
	}
}

func same(a, b corev1.ResourceList) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v.Cmp(w) != 0 {
			return false
		}
	}
	return true
}

func TestReviewPod(t *testing.T) {
	item := func(kind corev1.LimitType, min, max, ratio string) corev1.LimitRangeItem {
		return corev1.LimitRangeItem{Type: kind, Min: list(min), Max: list(max), MaxLimitRequestRatio: list(ratio)}
	}
	for _, test := range []struct {
		item             corev1.LimitRangeItem
		requests, limits string
		want             string
	}{
		{item("Container", "cpu=100m", "", ""), "", "", "minimum cpu usage per Container is 100m.  No request is specified"},
		{item("Container", "cpu=100m", "", ""), "cpu=50m", "", "minimum cpu usage per Container is 100m, but request is 50m"},
		{item("Container", "cpu=100m", "", ""), "cpu=100m", "cpu=50m", "minimum cpu usage per Container is 100m, but limit is 50m"},
		{item("Container", "", "memory=1Gi", ""), "", "", "maximum memory usage per Container is 1Gi.  No limit is specified"},
		{item("Container", "", "memory=1Gi", ""), "", "memory=2Gi", "maximum memory usage per Container is 1Gi, but limit is 2Gi"},
		{item("Container", "", "memory=1Gi", ""), "memory=2Gi", "memory=1Gi", "maximum memory usage per Container is 1Gi, but request is 2Gi"},
		{item("Container", "", "", "cpu=4"), "cpu=100m", "cpu=500m", "cpu max limit to request ratio per Container is 4, but provided ratio is 5.000000"},
		{item("Container", "", "", "cpu=4"), "cpu=0", "cpu=500m", "cpu max limit to request ratio per Container is 4, but no request is specified or request is 0"},
		{item("Container", "", "", "cpu=4"), "cpu=1", "", "cpu max limit to request ratio per Container is 4, but no limit is specified or limit is 0"},
		{item("Container", "", "", "cpu=1500m"), "cpu=2", "cpu=3", ""},
		{item("Pod", "", "cpu=500m", ""), "", "cpu=600m", "maximum cpu usage per Pod is 500m, but limit is 600m"},
		{item("Pod", "cpu=1", "memory=1Gi", ""), "", "", "[minimum cpu usage per Pod is 1.  No request is specified, maximum memory usage per Pod is 1Gi.  No limit is specified]"},
		{item("PersistentVolumeClaim", "storage=1Gi", "", ""), "", "", ""},
		{item("Container", "cpu=1m", "cpu=9223372036854775807", ""), "cpu=9223372036854775", "cpu=9223372036854775", ""},
	} {
		err := New(limits(test.item)).Review(context.Background(), admittest.Write(admit.Create, pod(test.requests, test.limits), nil))
		want := test.want
		if want != "" {
			want = `pods "p" is forbidden: ` + want
		}
		if err != nil && err.Error() != want || err == nil && want != "" {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestReviewPodLevel(t *testing.T) {
	world := limits(corev1.LimitRangeItem{Type: corev1.LimitTypePod, Max: list("cpu=500m")})
	p := pod("", "cpu=100m")
	p.Spec.Resources = &corev1.ResourceRequirements{Limits: list("cpu=2")}
	err := New(world).Review(context.Background(), admittest.Write(admit.Create, p, nil))
	if want := `pods "p" is forbidden: maximum cpu usage per Pod is 500m, but limit is 2`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestReviewClaim(t *testing.T) {
	world := limits(corev1.LimitRangeItem{Type: corev1.LimitTypePersistentVolumeClaim, Min: list("storage=1Gi"), Max: list("storage=2Gi")})
	claim := func(size string) *corev1.PersistentVolumeClaim {
		c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "v"}}
		c.Spec.Resources.Requests = list("storage=" + size)
		return c
	}
	gone := claim("3Gi")
	gone.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	for _, test := range []struct {
		op       admit.Operation
		obj, old *corev1.PersistentVolumeClaim
		want     string
	}{
		{admit.Create, claim("2Gi"), nil, ""},
		{admit.Create, claim("512Mi"), nil, `persistentvolumeclaims "v" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi`},
		{admit.Update, claim("2147483649"), claim("1Gi"), `persistentvolumeclaims "v" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 2147483649`},
		{admit.Update, claim("3Gi"), gone, ""},
	} {
		a := admittest.Write(test.op, test.obj, nil)
		if test.old != nil {
			a.OldObject = test.old
		}
		err := New(world).Review(context.Background(), a)
		if err != nil && err.Error() != test.want || err == nil && test.want != "" {
			t.Errorf("got %v, want %q", err, test.want)
		}
	}
}
