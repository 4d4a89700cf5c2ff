package volume

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
)

// read makes a defaulted object of YAML.
func read[T kinds.Object](t *testing.T, r *kinds.Resource, text string) T {
	t.Helper()
	obj := r.New().(T)
	if err := yaml.UnmarshalStrict([]byte(text), obj); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	r.Rules.Default(obj)
	return obj
}

func texts(errs field.ErrorList) string {
	var out []string
	for _, e := range errs {
		out = append(out, e.Error())
	}
	return strings.Join(out, "\n")
}

func TestVolume(t *testing.T) {
	for _, test := range []struct{ about, spec, want string }{
		{"nothing", `{}`, "spec.accessModes: Required value\nspec.capacity: Required value\n" +
			"spec.capacity: Unsupported value: null: supported values: \"storage\"\nspec: Required value: must specify a volume type"},
		{"two sources", `{accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /a}, nfs: {server: "", path: x}}`,
			"spec.nfs: Forbidden: may not specify more than 1 volume type"},
		{"a pod's own volume", `{accessModes: [ReadWriteOncePod, ReadWriteOnce], capacity: {storage: -1Gi, cpu: "1"}, csi: {}}`,
			"spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes\n" +
				"spec.capacity: Unsupported value: {\"cpu\":\"1\",\"storage\":\"-1Gi\"}: supported values: \"storage\"\n" +
				"spec.capacity[storage]: Invalid value: -1073741824: must be a valid resource quantity\n" +
				"spec.capacity[storage]: Invalid value: \"-1Gi\": must be greater than zero\n" +
				"spec.csi.driver: Required value\nspec.csi.volumeHandle: Required value"},
		{"a disk of a node", `{accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, local: {path: a/../b}}`,
			"spec.local.path: Invalid value: \"a/../b\": must not contain '..'\nspec.nodeAffinity: Required value: Local volume requires node affinity"},
		{"the whole node is not recycled", `{accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}, hostPath: {path: /}, persistentVolumeReclaimPolicy: Recycle}`,
			"spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"},
	} {
		obj := read[*corev1.PersistentVolume](t, Volume(), "{metadata: {name: a}, spec: "+test.spec+"}")
		if got := texts(validateVolume(obj)); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestVolumeUpdate(t *testing.T) {
	const spec = `accessModes: [ReadWriteOnce], capacity: {storage: 1Gi}`
	old := read[*corev1.PersistentVolume](t, Volume(), `{spec: {`+spec+`, csi: {driver: d, volumeHandle: h}}}`)
	obj := read[*corev1.PersistentVolume](t, Volume(), `{spec: {`+spec+`, csi: {driver: d, volumeHandle: h, controllerExpandSecretRef: {name: a, namespace: b}}}}`)
	if got := texts(validateVolumeUpdate(obj, old)); got != "" {
		t.Errorf("a secret to expand with may come later: %s", got)
	}
	obj = read[*corev1.PersistentVolume](t, Volume(), `{spec: {`+spec+`, volumeMode: Block, csi: {driver: d, volumeHandle: i}}}`)
	got := texts(validateVolumeUpdate(obj, old))
	if !strings.HasPrefix(got, "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@") ||
		!strings.Contains(got, "-  \"VolumeHandle\": \"h\",\n+  \"VolumeHandle\": \"i\",\n") ||
		!strings.HasSuffix(got, "\nvolumeMode: Invalid value: \"Block\": field is immutable") {
		t.Error(got)
	}
}

func TestPhaseTime(t *testing.T) {
	part := Volume().Subresource("status").Part
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	old := read[*corev1.PersistentVolume](t, Volume(), `{status: {phase: Pending, lastPhaseTransitionTime: "2025-01-01T00:00:00Z"}}`)
	for status, want := range map[string]string{
		`{phase: Pending}`:   "2025",
		`{phase: Available}`: "2026",
		`{phase: Available, lastPhaseTransitionTime: "2025-01-01T00:00:00Z"}`: "2026",
		`{phase: Available, lastPhaseTransitionTime: "2024-01-01T00:00:00Z"}`: "2024",
	} {
		obj := read[*corev1.PersistentVolume](t, Volume(), "{status: "+status+"}")
		part.PrepareUpdate(kinds.Input{Now: now}, obj, old)
		if got := obj.Status.LastPhaseTransitionTime.UTC().Format("2006"); got != want {
			t.Errorf("%s: %s, want %s", status, got, want)
		}
	}
}

func TestClaimSources(t *testing.T) {
	for spec, want := range map[string]string{
		`{dataSource: {kind: PersistentVolumeClaim, name: s}}`:                                          "PersistentVolumeClaim PersistentVolumeClaim",
		`{dataSourceRef: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: s}}`:           "VolumeSnapshot VolumeSnapshot",
		`{dataSourceRef: {apiGroup: example.com, kind: Odd, name: s}}`:                                  "Odd Odd",
		`{dataSource: {apiGroup: example.com, kind: Odd, name: s}}`:                                     " ",
		`{dataSourceRef: {kind: PersistentVolumeClaim, name: s, namespace: other}}`:                     " ",
		`{dataSource: {kind: Odd, name: s}, dataSourceRef: {kind: PersistentVolumeClaim, name: other}}`: "PersistentVolumeClaim PersistentVolumeClaim",
	} {
		c := read[*corev1.PersistentVolumeClaim](t, Claim(), "{spec: "+spec+"}")
		Claim().Rules.PrepareCreate(kinds.Input{}, c)
		got := []string{"", ""}
		if s := c.Spec.DataSource; s != nil {
			got[0] = s.Kind
		}
		if s := c.Spec.DataSourceRef; s != nil {
			got[1] = s.Kind
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", spec, got, want)
		}
	}
}

func TestClaimUpdate(t *testing.T) {
	const free = `accessModes: [ReadWriteOnce], storageClassName: s`
	const immutable = "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n"
	for _, test := range []struct{ about, old, spec, want string }{
		{"a claim is bound once", `{spec: {` + free + `, resources: {requests: {storage: 1Gi}}}}`,
			`{` + free + `, volumeName: v, resources: {requests: {storage: 1Gi}}}`, ""},
		{"an unbound one does not grow", `{spec: {` + free + `, resources: {requests: {storage: 1Gi}}}}`,
			`{` + free + `, resources: {requests: {storage: 2Gi}}}`,
			immutable + "@@ -6,7 +6,7 @@\n  \"Resources\": {\n   \"Limits\": null,\n   \"Requests\": {\n-   \"storage\": \"1Gi\"\n+   \"storage\": \"2Gi\"\n   }\n  },\n  \"VolumeName\": \"\",\n"},
		{"a bound one may grow", `{spec: {` + free + `, resources: {requests: {storage: 1Gi}}}, status: {phase: Bound, capacity: {storage: 1Gi}}}`,
			`{` + free + `, volumeAttributesClassName: gold, resources: {requests: {storage: 2Gi}}}`, ""},
		{"and take growth back that failed", `{spec: {` + free + `, resources: {requests: {storage: 3Gi}}}, status: {phase: Bound, capacity: {storage: 1Gi}}}`,
			`{` + free + `, resources: {requests: {storage: 2Gi}}}`, ""},
		{"but not shrink", `{spec: {` + free + `, resources: {requests: {storage: 3Gi}}}, status: {phase: Bound, capacity: {storage: 1Gi}}}`,
			`{` + free + `, resources: {requests: {storage: 1Gi}}}`, "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"},
	} {
		old := read[*corev1.PersistentVolumeClaim](t, Claim(), test.old)
		obj := read[*corev1.PersistentVolumeClaim](t, Claim(), "{spec: "+test.spec+"}")
		obj.Status = old.Status
		if got := texts(validateClaimUpdate(obj, old)); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.about, got, test.want)
		}
	}
}

func TestClaimStatus(t *testing.T) {
	c := read[*corev1.PersistentVolumeClaim](t, Claim(), `{spec: {accessModes: [ReadWriteOnce]}, status: {capacity: {storage: "-1"}, allocatedResources: {odd: "1"}, allocatedResourceStatuses: {storage: Odd}}}`)
	want := `status.capacity[storage]: Invalid value: -1: must be a valid resource quantity
status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"
status.allocatedResources: Unsupported value: "odd": supported values: "storage"`
	if got := texts(validateClaimStatus(c)); got != want {
		t.Error(got)
	}
}

func TestTables(t *testing.T) {
	now := time.Now()
	c := read[*corev1.PersistentVolumeClaim](t, Claim(), `{metadata: {name: a}, spec: {volumeName: v, storageClassName: s}, status: {phase: Bound, accessModes: [ReadWriteMany, ReadWriteOnce]}}`)
	if got := fmt.Sprint(Claim().Table.Cells(c, now)); got != "[a Bound v 0 RWO,RWX s <unset> <unknown> Filesystem]" {
		t.Error(got)
	}
	v := read[*corev1.PersistentVolume](t, Volume(), `{metadata: {name: a, deletionTimestamp: "2026-01-01T00:00:00Z"}, spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOncePod], claimRef: {namespace: n1, name: c}}}`)
	if got := fmt.Sprint(Volume().Table.Cells(v, now)); got != "[a 1Gi RWOP Retain Terminating n1/c  <unset>  <unknown> Filesystem]" {
		t.Error(got)
	}
}

func TestEverySourceIsShown(t *testing.T) {
	raw, ok := shownSource(corev1.PersistentVolumeSource{NFS: &corev1.NFSVolumeSource{Server: "s", Path: "/p"}}).(json.RawMessage)
	if !ok || !strings.Contains(string(raw), `"Glusterfs":null,"NFS":{"Server":"s","Path":"/p","ReadOnly":false},"RBD":null,"Quobyte":null,"ISCSI":null`) {
		t.Errorf("%s", raw)
	}
}
