package pod

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

var input = kinds.Input{Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}

// read reads a pod, with a name and a container if it has none, and defaults it.
func read(t *testing.T, text string) *corev1.Pod {
	t.Helper()
	p := &corev1.Pod{}
	if err := yaml.UnmarshalStrict([]byte(text), p); err != nil {
		t.Fatal(err)
	}
	if p.Name == "" {
		p.Name = "a"
	}
	if p.Spec.Containers == nil {
		p.Spec.Containers = []corev1.Container{{Name: "c", Image: "i:1"}}
	}
	Default(p)
	return p
}

// stored is a pod after its create.
func stored(t *testing.T, text string) *corev1.Pod {
	t.Helper()
	p := read(t, text)
	status := p.Status
	prepareCreate(input, p)
	if errs := validateCreate(input, p); len(errs) > 0 {
		t.Fatal(errs)
	}
	if status.Phase != "" {
		class := p.Status.QOSClass
		p.Status = status
		p.Status.QOSClass = class
	}
	return p
}

// check compares the beginnings of errors.
func check(t *testing.T, name string, errs field.ErrorList, want []string) {
	t.Helper()
	if len(errs) != len(want) {
		t.Errorf("%s: got %v", name, errs)
		return
	}
	for i := range errs {
		if got := errs[i].Error(); !strings.HasPrefix(got, want[i]) {
			t.Errorf("%s: got %s, want %s", name, got, want[i])
		}
	}
}

func TestDefaultsOfPods(t *testing.T) {
	p := read(t, `
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: -5
  containers: [{name: c, image: i, ports: [{containerPort: 80}], resources: {limits: {cpu: 1}}}]
status: {podIP: 1.2.3.4, podIPs: [{ip: 5.6.7.8}]}
`)
	c := p.Spec.Containers[0]
	if c.Ports[0].HostPort != 80 || c.Resources.Requests.Cpu().String() != "1" || *p.Spec.TerminationGracePeriodSeconds != 1 || !*p.Spec.EnableServiceLinks {
		t.Errorf("got %+v", p.Spec)
	}
	if len(p.Status.PodIPs) != 1 || p.Status.PodIPs[0].IP != "1.2.3.4" {
		t.Errorf("podIP did not win: %v", p.Status.PodIPs)
	}
}

func TestResourcesOfWholePods(t *testing.T) {
	for _, test := range []struct{ name, spec, limits, requests string }{
		{"limits alone", `{resources: {limits: {cpu: 1}}}`, "cpu=1", "cpu=1"},
		{"requests alone", `{resources: {requests: {cpu: 1}}}`, "", "cpu=1"},
		{"requests of containers", `{resources: {limits: {cpu: 2}}, containers: [{name: c, image: i, resources: {requests: {cpu: 1}}}]}`, "cpu=2", "cpu=1"},
		{"all containers have a limit", `{resources: {requests: {cpu: 1}}, containers: [{name: c, image: i, resources: {limits: {cpu: 200m}}}]}`, "cpu=1", "cpu=1"},
		{"one has none", `{resources: {requests: {cpu: 1}}, containers: [{name: c, image: i, resources: {limits: {cpu: 200m}}}, {name: d, image: i}]}`, "", "cpu=1"},
		{"huge pages", `{resources: {limits: {memory: 1Gi}}, containers: [{name: c, image: i, resources: {limits: {hugepages-2Mi: 4Mi, memory: 1Gi}}}]}`, "hugepages-2Mi=4Mi memory=1Gi", "hugepages-2Mi=4Mi memory=1Gi"},
	} {
		p := stored(t, "spec: "+test.spec)
		if limits, requests := list(p.Spec.Resources.Limits), list(p.Spec.Resources.Requests); limits != test.limits || requests != test.requests {
			t.Errorf("%s: limits %s, requests %s", test.name, limits, requests)
		}
	}
}

func list(l corev1.ResourceList) string {
	var out []string
	for _, name := range []corev1.ResourceName{"cpu", "hugepages-2Mi", "memory"} {
		if q, there := l[name]; there {
			out = append(out, string(name)+"="+q.String())
		}
	}
	return strings.Join(out, " ")
}

func TestCreate(t *testing.T) {
	p := stored(t, `
metadata: {labels: {rev: "7"}, annotations: {container.apparmor.security.beta.kubernetes.io/c: localhost/p}}
spec:
  schedulingGates: [{name: g}]
  topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule, matchLabelKeys: [rev, none], labelSelector: {}}]
`)
	if p.Status.Phase != corev1.PodPending || p.Status.QOSClass != corev1.PodQOSBestEffort || p.Status.Conditions[0].Reason != "SchedulingGated" {
		t.Errorf("status %+v", p.Status)
	}
	if got := p.Spec.TopologySpreadConstraints[0].LabelSelector.MatchExpressions; len(got) != 1 || got[0].Key != "rev" || got[0].Values[0] != "7" {
		t.Errorf("selector %v", got)
	}
	if got := p.Spec.Containers[0].SecurityContext; got == nil || *got.AppArmorProfile.LocalhostProfile != "p" {
		t.Errorf("the AppArmor annotation did not fill the field: %v", got)
	}
	for _, test := range []struct {
		name, pod string
		want      []string
	}{
		{"a gate keeps from nodes", `{spec: {nodeName: n1, schedulingGates: [{name: g}]}}`, []string{"spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared"}},
		{"no debugging yet", `{spec: {ephemeralContainers: [{name: e, image: i}]}}`, []string{"spec.ephemeralContainers: Forbidden: cannot be set on create"}},
		{"space around an image", `{spec: {containers: [{name: c, image: " i"}]}}`, []string{`spec.containers[0].image: Invalid value: " i": must not have leading or trailing whitespace`}},
		{"a mirror without a node", `{metadata: {annotations: {kubernetes.io/config.mirror: x}}}`, []string{`metadata.annotations[kubernetes.io/config.mirror]: Invalid value: "x": must set spec.nodeName`}},
		{"a key that the selector has too", `{metadata: {labels: {a: b}}, spec: {affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, matchLabelKeys: [a], labelSelector: {matchLabels: {a: b}}}]}}}}`, []string{
			`spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0][0]: Invalid value: "a": exists in both matchLabelKeys and labelSelector`}},
	} {
		p := read(t, test.pod)
		prepareCreate(input, p)
		check(t, test.name, validateCreate(input, p), test.want)
	}
}

const forbidden = "spec: Forbidden: pod updates may not change fields other than "

func TestUpdate(t *testing.T) {
	for _, test := range []struct {
		name, old, pod string
		generation     int64
		want           []string
	}{
		{"an image", `{}`, `{spec: {containers: [{name: c, image: "i:2"}]}}`, 2, nil},
		{"a label", `{}`, `{metadata: {labels: {a: b}}}`, 1, nil},
		{"a deadline comes closer", `{spec: {activeDeadlineSeconds: 5}}`, `{spec: {activeDeadlineSeconds: 4}}`, 2, nil},
		{"a deadline moves away", `{spec: {activeDeadlineSeconds: 5}}`, `{spec: {activeDeadlineSeconds: 6}}`, 2, []string{"spec.activeDeadlineSeconds: Invalid value: 6: must be less than or equal to previous value"}},
		{"no image is said once", `{}`, `{spec: {containers: [{name: c}]}}`, 2, []string{"spec.containers[0].image: Required value"}},
		{"one container more", `{}`, `{spec: {containers: [{name: c, image: "i:1"}, {name: d, image: i}]}}`, 2, []string{"spec.containers: Forbidden: pod updates may not add or remove containers"}},
		{"a toleration changes its seconds", `{spec: {tolerations: [{key: k, operator: Exists, effect: NoExecute}]}}`, `{spec: {tolerations: [{key: k, operator: Exists, effect: NoExecute, tolerationSeconds: 5}]}}`, 2, nil},
		{"a toleration goes", `{spec: {tolerations: [{key: k, operator: Exists}]}}`, `{}`, 2, []string{"spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"}},
		{"a gate opens", `{spec: {schedulingGates: [{name: g}, {name: h}]}}`, `{spec: {schedulingGates: [{name: h}]}}`, 2, nil},
		{"a gate closes", `{}`, `{spec: {schedulingGates: [{name: g}]}}`, 2, []string{"spec.schedulingGates[0].name: Forbidden: only deletion is allowed, but found new scheduling gate 'g'"}},
		{"a gated pod is narrowed", `{spec: {schedulingGates: [{name: g}]}}`, `{spec: {schedulingGates: [{name: g}], nodeSelector: {a: b}}}`, 2, nil},
		{"a gated pod is widened", `{spec: {schedulingGates: [{name: g}], nodeSelector: {a: b}}}`, `{spec: {schedulingGates: [{name: g}]}}`, 2, []string{"spec.nodeSelector: Invalid value: null: only additions to spec.nodeSelector are allowed"}},
		{"anything else", `{}`, `{spec: {nodeName: n1}}`, 2, []string{forbidden}},
	} {
		old := stored(t, test.old)
		p := read(t, test.pod)
		prepareUpdate(input, p, old)
		if p.Generation != test.generation {
			t.Errorf("%s: generation %d", test.name, p.Generation)
		}
		check(t, test.name, validateUpdate(input, p, old), test.want)
	}
}

// TestDifference: the refusal shows what changed in the spec, with Go names, around the change.
func TestDifference(t *testing.T) {
	old := stored(t, `{}`)
	p := read(t, `{spec: {nodeName: n1}}`)
	prepareUpdate(input, p, old)
	const want = "\n@@ -43,7 +43,7 @@\n  \"ServiceAccountName\": \"\",\n  \"DeprecatedServiceAccount\": \"\",\n  \"AutomountServiceAccountToken\": null,\n- \"NodeName\": \"\",\n+ \"NodeName\": \"n1\",\n  \"HostNetwork\": false,\n"
	if got := validateUpdate(input, p, old)[0].Detail; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}

func TestEphemeralContainers(t *testing.T) {
	old := stored(t, `{}`)
	p := read(t, `{metadata: {labels: {dropped: x}}, spec: {containers: [{name: c, image: dropped}], ephemeralContainers: [{name: e, image: i}]}}`)
	prepareEphemeralContainers(input, p, old)
	check(t, "added", validateEphemeralContainers(input, p, old), nil)
	if p.Generation != 2 || p.Labels != nil || p.Spec.Containers[0].Image != "i:1" {
		t.Errorf("got %+v", p)
	}
	gone := read(t, `{}`)
	prepareEphemeralContainers(input, gone, p)
	check(t, "removed", validateEphemeralContainers(input, gone, p), []string{`spec.ephemeralContainers: Forbidden: existing ephemeral containers "e" may not be removed`})
}

func TestResize(t *testing.T) {
	const old = `{spec: {containers: [{name: c, image: "i:1", resources: {requests: {cpu: 100m}, limits: {cpu: 200m}}}]}}`
	for _, test := range []struct {
		name, old, pod string
		want           []string
	}{
		{"more", old, `{spec: {containers: [{name: c, image: dropped, resources: {requests: {cpu: 150m}, limits: {cpu: 200m}}}]}}`, nil},
		{"more than the limit", old, `{spec: {containers: [{name: c, resources: {requests: {cpu: 1}, limits: {cpu: 200m}}}]}}`, []string{`spec.containers[0].resources.requests: Invalid value: "1": must be less than or equal to cpu limit of 200m`}},
		{"no limit any more", old, `{spec: {containers: [{name: c, resources: {requests: {cpu: 100m}}}]}}`, []string{"spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed"}},
		{"another resource", old, `{spec: {containers: [{name: c, resources: {requests: {cpu: 100m, ephemeral-storage: 1}, limits: {cpu: 200m}}}]}}`, []string{"spec: Forbidden: only cpu and memory resources are mutable"}},
		{"another class", `{}`, `{spec: {containers: [{name: c, resources: {requests: {cpu: 1}}}]}}`, []string{`spec: Invalid value: "BestEffort": Pod QOS Class may not change as a result of resizing`}},
		{"another container", old, `{spec: {containers: [{name: d, image: i}]}}`, []string{`spec: Invalid value: "Burstable": Pod QOS Class`, "spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize"}},
		{"on windows", `{spec: {os: {name: windows}}}`, `{}`, []string{"[]: Forbidden: windows pods cannot be resized"}},
	} {
		before := stored(t, test.old)
		p := read(t, test.pod)
		prepareResize(input, p, before)
		check(t, test.name, validateResize(input, p, before), test.want)
	}
}

func TestStatus(t *testing.T) {
	const old = `{spec: {nodeName: n1, restartPolicy: Never}, status: {phase: Running, observedGeneration: 3, containerStatuses: [{name: c, state: {terminated: {exitCode: 0}}}]}}`
	for _, test := range []struct {
		name, status string
		want         []string
	}{
		{"nothing", `{}`, nil},
		{"runs again", `{containerStatuses: [{name: c, state: {running: {}}}]}`, []string{"status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state"}},
		{"two addresses of a family", `{podIPs: [{ip: 10.9.0.1}, {ip: 10.9.0.2}]}`, []string{`status.podIPs: Invalid value: [{"IP":"10.9.0.1"},{"IP":"10.9.0.2"}]: may specify no more than one IP for each IP family`}},
		{"another class", `{qosClass: Guaranteed}`, []string{`status.qosClass: Invalid value: "Guaranteed": field is immutable`}},
		{"a node nominated too late", `{nominatedNodeName: m}`, []string{"status.nominatedNodeName: Forbidden: may not be set on pods that are already bound to a node"}},
	} {
		before := stored(t, old)
		p := read(t, "{spec: {nodeName: dropped}, status: "+test.status+"}")
		prepareStatus(input, p, before)
		check(t, test.name, validateStatus(input, p, before), test.want)
		if p.Spec.NodeName != "n1" || p.Status.ObservedGeneration != 3 {
			t.Errorf("%s: node %s, observed %d", test.name, p.Spec.NodeName, p.Status.ObservedGeneration)
		}
	}
}

func TestGrace(t *testing.T) {
	five, negative := int64(5), int64(-1)
	for _, test := range []struct {
		name, pod string
		given     *int64
		want      int64
	}{
		{"the pod's", `{spec: {nodeName: n1, terminationGracePeriodSeconds: 7}}`, nil, 7},
		{"the client's", `{spec: {nodeName: n1}}`, &five, 5},
		{"a negative one", `{spec: {nodeName: n1}}`, &negative, 1},
		{"no node", `{}`, &five, 0},
		{"over", `{spec: {nodeName: n1}, status: {phase: Succeeded}}`, &five, 0},
	} {
		if got, graceful := grace(read(t, test.pod), &metav1.DeleteOptions{GracePeriodSeconds: test.given}); got != test.want || !graceful {
			t.Errorf("%s: got %d", test.name, got)
		}
	}
}

func TestRows(t *testing.T) {
	for _, test := range []struct{ name, pod, want string }{
		{"new", `{status: {phase: Pending}}`, "0/1 Pending 0"},
		{"gated", `{status: {phase: Pending, conditions: [{type: PodScheduled, status: "False", reason: SchedulingGated}]}}`, "0/1 SchedulingGated 0"},
		{"init runs", `{spec: {initContainers: [{name: i}, {name: j}]}, status: {phase: Pending, initContainerStatuses: [{name: i, state: {terminated: {exitCode: 0}}}, {name: j, restartCount: 2, state: {running: {}}}]}}`, "0/1 Init:1/2 2"},
		{"a sidecar counts", `{spec: {initContainers: [{name: s, restartPolicy: Always}]}, status: {phase: Running, initContainerStatuses: [{name: s, started: true, ready: true, restartCount: 3, state: {running: {}}}], containerStatuses: [{name: c, ready: true, restartCount: 1, state: {running: {}}}]}}`, "2/2 Running 4"},
		{"crashes", `{status: {phase: Running, containerStatuses: [{name: c, restartCount: 1, state: {waiting: {reason: CrashLoopBackOff}}, lastState: {terminated: {exitCode: 1, finishedAt: "2025-12-31T23:59:00Z"}}}]}}`, "0/1 CrashLoopBackOff 1 (60s ago)"},
		{"one is done, one runs", `{spec: {containers: [{name: c}, {name: d}]}, status: {phase: Running, containerStatuses: [{name: c, state: {terminated: {exitCode: 0, reason: Completed}}}, {name: d, ready: true, state: {running: {}}}]}}`, "1/2 NotReady 0"},
		{"killed", `{status: {phase: Failed, containerStatuses: [{name: c, state: {terminated: {exitCode: 137, signal: 9}}}]}}`, "0/1 Signal:9 0"},
		{"going", `{metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}, status: {phase: Running}}`, "0/1 Terminating 0"},
		{"going, and done", `{metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}, status: {phase: Failed, reason: Evicted}}`, "0/1 Evicted 0"},
		{"its node is lost", `{metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}, status: {phase: Running, reason: NodeLost}}`, "0/1 Unknown 0"},
	} {
		cells := row(read(t, test.pod), input.Now)
		if got := cells[1].(string) + " " + cells[2].(string) + " " + cells[3].(string); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}

func TestQOSClass(t *testing.T) {
	for _, test := range []struct {
		spec string
		want corev1.PodQOSClass
	}{
		{`{}`, corev1.PodQOSBestEffort},
		{`{containers: [{name: c, resources: {requests: {example.com/x: 1}}}]}`, corev1.PodQOSBestEffort},
		{`{containers: [{name: c, resources: {limits: {cpu: 1, memory: 1}}}]}`, corev1.PodQOSGuaranteed},
		{`{containers: [{name: c, resources: {limits: {cpu: 1, memory: 1}}}], ephemeralContainers: [{name: e}]}`, corev1.PodQOSGuaranteed},
		{`{containers: [{name: c, resources: {limits: {cpu: 1, memory: 1}}}, {name: d}]}`, corev1.PodQOSBurstable},
		{`{resources: {limits: {cpu: 1, memory: 1}, requests: {cpu: 1, memory: 1}}}`, corev1.PodQOSGuaranteed},
		{`{resources: {requests: {cpu: 1}}}`, corev1.PodQOSBurstable},
	} {
		p := read(t, "spec: "+test.spec)
		if got := QOSClass(&p.Spec); got != test.want {
			t.Errorf("%s: got %s", test.spec, got)
		}
	}
}
