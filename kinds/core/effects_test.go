package core

import (
	"fmt"
	"slices"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
)

func TestNamespaceLife(t *testing.T) {
	r := resourceNamed(t, "namespaces")
	ns := read(t, r, `{metadata: {name: a}, spec: {finalizers: [example.com/mine]}, status: {phase: Terminating}}`).(*corev1.Namespace)
	r.Rules.PrepareCreate(kinds.Input{}, ns)
	if ns.Status.Phase != corev1.NamespaceActive || !slices.Equal(ns.Spec.Finalizers, []corev1.FinalizerName{"example.com/mine", "kubernetes"}) {
		t.Errorf("created: %v %v", ns.Status.Phase, ns.Spec.Finalizers)
	}
	if ns.Labels[corev1.LabelMetadataName] != "a" {
		t.Errorf("labels %v", ns.Labels)
	}
	if !r.Delete.Held(ns) {
		t.Error("a namespace with finalizers in its spec is not held")
	}
	r.Delete.Mark(ns)
	if ns.Status.Phase != corev1.NamespaceTerminating {
		t.Errorf("marked: %v", ns.Status.Phase)
	}

	// Only /finalize changes the finalizers, and only /status the phase.
	update := read(t, r, `{metadata: {name: a}}`).(*corev1.Namespace)
	r.Rules.PrepareUpdate(kinds.Input{}, update, ns)
	if !r.Delete.Held(update) || update.Status.Phase != corev1.NamespaceTerminating {
		t.Errorf("update: %v %v", update.Spec.Finalizers, update.Status.Phase)
	}
	finalize := read(t, r, `{metadata: {name: a}}`).(*corev1.Namespace)
	r.Subresource("finalize").Part.PrepareUpdate(kinds.Input{}, finalize, ns)
	if r.Delete.Held(finalize) || finalize.Status.Phase != corev1.NamespaceTerminating {
		t.Errorf("finalize: %v %v", finalize.Spec.Finalizers, finalize.Status.Phase)
	}
	status := read(t, r, `{metadata: {name: a}}`).(*corev1.Namespace)
	part := r.Subresource("status").Part
	part.PrepareUpdate(kinds.Input{}, status, ns)
	now := metav1.Now()
	status.DeletionTimestamp = &now
	if got := texts(part.ValidateUpdate(kinds.Input{}, status, ns)); got != "status.Phase: Invalid value: \"Active\": may only be 'Terminating' if `deletionTimestamp` is not empty" {
		t.Errorf("status: %s", got)
	}
}

func TestSecretTextBecomesData(t *testing.T) {
	r := resourceNamed(t, "secrets")
	s := read(t, r, `{data: {k: dg==, other: eA==}, stringData: {k: w, new: z}}`).(*corev1.Secret)
	if got := fmt.Sprintf("%s %s %s %v %s", s.Data["k"], s.Data["new"], s.Data["other"], s.StringData, s.Type); got != "w z x map[] Opaque" {
		t.Error(got)
	}
}

func TestTables(t *testing.T) {
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct{ plural, object, want string }{
		{"nodes", `{metadata: {name: a, labels: {node-role.kubernetes.io/b: "", node-role.kubernetes.io/a: "", kubernetes.io/role: c}},
			spec: {unschedulable: true}, status: {conditions: [{type: Ready, status: Unknown}], nodeInfo: {kernelVersion: "6", architecture: arm64}}}`,
			"[a NotReady,SchedulingDisabled a,b,c <unknown>  <none> <none> <unknown> 6 (arm64) <unknown>]"},
		{"events", `{metadata: {name: a}, involvedObject: {kind: Pod, name: p}, lastTimestamp: "2026-01-01T00:00:00Z", firstTimestamp: "2025-12-31T00:00:00Z",
			message: " hi ", reportingComponent: kubelet, reportingInstance: n1}`,
			"[24h   pod/p  kubelet, n1 hi 2d 1 a]"},
		{"events", `{metadata: {name: a}, eventTime: "2026-01-01T23:00:00.000000Z", series: {count: 7, lastObservedTime: "2026-01-01T23:59:00.000000Z"}}`,
			"[60s       60m 7 a]"},
		{"endpoints", `{metadata: {name: a}, subsets: [{addresses: [{ip: 1.1.1.1}, {ip: "::1"}], ports: [{port: 1}, {port: 2}]}]}`,
			"[a 1.1.1.1:1,[::1]:1,1.1.1.1:2 + 1 more... <unknown>]"},
		{"resourcequotas", `{metadata: {name: a}, status: {hard: {pods: "2", limits.cpu: "4"}, used: {pods: "1"}}}`,
			"[a pods: 1/2 limits.cpu: 0/4 <unknown>]"},
		{"componentstatuses", `{metadata: {name: a}, conditions: [{type: Healthy, status: "False", message: m, error: e}]}`,
			"[a Unhealthy m e]"},
	} {
		r := resourceNamed(t, test.plural)
		got := r.Table.Cells(read(t, r, test.object), now)
		if fmt.Sprint(got) != test.want || len(got) != len(r.Table.Columns) {
			t.Errorf("%s: %v\nwant %v", test.plural, got, test.want)
		}
	}
}
