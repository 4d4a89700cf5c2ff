package podspec

import (
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"
)

// template reads a template, with one good container if it names none, and defaults it.
func template(t *testing.T, text string) *corev1.PodTemplateSpec {
	t.Helper()
	out := &corev1.PodTemplateSpec{}
	if err := yaml.UnmarshalStrict([]byte(text), out); err != nil {
		t.Fatal(err)
	}
	if out.Spec.Containers == nil {
		out.Spec.Containers = []corev1.Container{{Name: "c", Image: "i:1"}}
	}
	DefaultTemplate(out)
	return out
}

func texts(errs field.ErrorList) []string {
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

func TestDefaults(t *testing.T) {
	got := template(t, `
spec:
  serviceAccount: old
  volumes: [{name: e}, {name: s, secret: {secretName: x}}, {name: p, projected: {sources: [{serviceAccountToken: {path: t}}]}}]
  initContainers: [{name: i, image: "reg.example.com:5000/x"}]
  containers:
  - name: c
    image: "i@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    ports: [{containerPort: 80}]
    env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
    resources: {limits: {cpu: 100u}}
    livenessProbe: {httpGet: {port: 80}}
`)
	spec, c := &got.Spec, &got.Spec.Containers[0]
	for _, check := range []struct {
		what      string
		got, want any
	}{
		{"serviceAccountName", spec.ServiceAccountName, "old"},
		{"dnsPolicy", spec.DNSPolicy, corev1.DNSClusterFirst},
		{"terminationGracePeriodSeconds", *spec.TerminationGracePeriodSeconds, int64(30)},
		{"a volume without a source", spec.Volumes[0].EmptyDir != nil, true},
		{"mode of a secret's files", *spec.Volumes[1].Secret.DefaultMode, int32(0644)},
		{"life of a token", *spec.Volumes[2].Projected.Sources[0].ServiceAccountToken.ExpirationSeconds, int64(3600)},
		{"pull policy without a tag", spec.InitContainers[0].ImagePullPolicy, corev1.PullAlways},
		{"pull policy of a digest", c.ImagePullPolicy, corev1.PullIfNotPresent},
		{"protocol", c.Ports[0].Protocol, corev1.ProtocolTCP},
		{"version of a field", c.Env[0].ValueFrom.FieldRef.APIVersion, "v1"},
		{"a fraction of a milli is rounded up", c.Resources.Limits.Cpu().String(), "1m"},
		{"requests stay open in a template", len(c.Resources.Requests), 0},
		{"probe path", c.LivenessProbe.HTTPGet.Path, "/"},
		{"probe period", c.LivenessProbe.PeriodSeconds, int32(10)},
	} {
		if !reflect.DeepEqual(check.got, check.want) {
			t.Errorf("%s: got %v, want %v", check.what, check.got, check.want)
		}
	}
}

func TestPullPolicies(t *testing.T) {
	for image, want := range map[string]corev1.PullPolicy{
		"i":                corev1.PullAlways,
		"i:latest":         corev1.PullAlways,
		"i:1":              corev1.PullIfNotPresent,
		"h:5000/a/b":       corev1.PullAlways,
		"h:5000/a/b:1":     corev1.PullIfNotPresent,
		"not a reference ": corev1.PullIfNotPresent,
	} {
		if got := pullPolicyFor(image); got != want {
			t.Errorf("%s: got %s, want %s", image, got, want)
		}
	}
}

// TestValidate has a row for each rule that surprises: its path, its text or its order.
func TestValidate(t *testing.T) {
	const noDots = "must not contain dots"
	for _, test := range []struct {
		name, template string
		want           []string
	}{
		{"nothing wrong", `{}`, nil},
		{"no containers", `{spec: {containers: []}}`, []string{`t.spec.containers: Required value`}},
		{"labels stand beside metadata", `{metadata: {annotations: {"-": x}}}`, []string{"t.annotations: Invalid value: \"-\": name part"}},
		{"names of containers and volumes", `{spec: {volumes: [{name: a.b}], containers: [{name: a.b, image: i}]}}`, []string{
			`t.spec.volumes[0].name: Invalid value: "a.b": ` + noDots, `t.spec.containers[0].name: Invalid value: "a.b": ` + noDots}},
		{"only valid volumes can be mounted", `{spec: {volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}], containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}}`, []string{
			"t.spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type",
			`t.spec.containers[0].volumeMounts[0].name: Not found: "v"`}},
		{"a second fault is said once", `{spec: {containers: [{name: c, image: i, resizePolicy: [{}]}]}}`, []string{"t.spec.containers[0].resizePolicy: Required value"}},
		{"a template keeps what is said of labels", `{spec: {affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: z, matchLabelKeys: [a], labelSelector: {matchLabels: {a: b}}}]}}}}`, nil},
		{"host network", `{spec: {hostNetwork: true, containers: [{name: c, image: i, ports: [{containerPort: 80}, {containerPort: 81, hostPort: 82}]}]}}`, []string{
			"t.spec.containers[0].ports[1].hostPort: Invalid value: 82: must match `containerPort` when `hostNetwork` is true"}},
		{"values show Go names", `{spec: {containers: [{name: c, image: i, securityContext: {privileged: true, allowPrivilegeEscalation: false}}]}}`, []string{
			`t.spec.containers[0].securityContext: Invalid value: {"Capabilities":null,"Privileged":true,"SELinuxOptions":null,"WindowsOptions":null,"RunAsUser":null,"RunAsGroup":null,"RunAsNonRoot":null,"ReadOnlyRootFilesystem":null,"AllowPrivilegeEscalation":false,"ProcMount":null,"SeccompProfile":null,"AppArmorProfile":null}: cannot set`}},
		{"a claim twice, as a whole and in part", `{spec: {resourceClaims: [{name: r, resourceClaimName: x}], containers: [{name: c, image: i, resources: {claims: [{name: r, request: a}, {name: r, request: b}, {name: r}]}}]}}`, []string{
			`t.spec.containers[0].resources.claims[2]: Duplicate value: "r"`}},
		{"windows", `{spec: {os: {name: windows}, hostPID: true, securityContext: {runAsUser: 1}}}`, []string{
			"t.spec.hostPID: Forbidden: cannot be set for a windows pod", "t.spec.securityContext.runAsUser: Forbidden: cannot be set for a windows pod"}},
		{"ephemeral containers are for pods", `{spec: {ephemeralContainers: [{name: e, image: i}]}}`, []string{"t.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"}},
		{"huge pages come whole", `{spec: {containers: [{name: c, image: i, resources: {requests: {cpu: 1, hugepages-2Mi: 3Mi}, limits: {hugepages-2Mi: 3Mi}}}]}}`, []string{
			`t.spec.containers[0].resources.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
			`t.spec.containers[0].resources.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`}},
	} {
		got := texts(ValidateTemplate(template(t, test.template), Options{}, field.NewPath("t")))
		if len(got) != len(test.want) {
			t.Errorf("%s: got %q", test.name, got)
			continue
		}
		for i := range got {
			if !strings.HasPrefix(got[i], test.want[i]) {
				t.Errorf("%s: got %s, want %s", test.name, got[i], test.want[i])
			}
		}
	}
}

// TestStoredStaysWritable: what an older server accepted may be written again.
func TestStoredStaysWritable(t *testing.T) {
	for _, text := range []string{
		`{spec: {hostNetwork: true, securityContext: {sysctls: [{name: net.core.somaxconn, value: "1"}]}}}`,
		`{spec: {topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: "b c"}}}]}}`,
		`{spec: {volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: ../t}}]}}]}}`,
		`{spec: {hostAliases: [{ip: 1.2.3.04}]}}`,
	} {
		old := template(t, text)
		if len(ValidateTemplate(old, OptionsFor(nil), field.NewPath("t"))) == 0 {
			t.Errorf("%s: accepted on create", text)
		}
		if errs := ValidateTemplate(old, OptionsFor(old), field.NewPath("t")); len(errs) > 0 {
			t.Errorf("%s: %v", text, errs)
		}
	}
}

func TestDropDisabled(t *testing.T) {
	const text = `
spec:
  schedulingGroup: {podGroupName: g}
  volumes: [{name: v, emptyDir: {mode: 511}}, {name: s, secret: {secretName: x, items: [{key: k, path: p, user: 5}]}}]
  containers: [{name: c, image: i, lifecycle: {stopSignal: SIGTERM}, readinessProbe: {httpGet: {port: 80, protocol: H2C}}}]
`
	got := template(t, text)
	DropDisabledTemplate(got, nil)
	c := got.Spec.Containers[0]
	if got.Spec.SchedulingGroup != nil || got.Spec.Volumes[0].EmptyDir.Mode != nil || got.Spec.Volumes[1].Secret.Items[0].User != nil || c.ReadinessProbe.HTTPGet.Protocol != nil {
		t.Errorf("not dropped: %+v", got.Spec)
	}
	if c.Lifecycle != nil {
		t.Error("a lifecycle that said nothing else stayed")
	}
	kept := template(t, text)
	DropDisabledTemplate(kept, template(t, text))
	if !reflect.DeepEqual(kept, template(t, text)) {
		t.Error("dropped what the stored template has")
	}
}

func TestWarnings(t *testing.T) {
	got := TemplateWarnings(field.NewPath("t"), template(t, `
metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/c: unconfined}}
spec:
  nodeSelector: {beta.kubernetes.io/os: linux}
  imagePullSecrets: [{name: a}, {name: a}, {}]
  volumes: [{name: p, projected: {sources: [{serviceAccountToken: {path: t}}, {secret: {name: s, items: [{key: k, path: t/x}]}}]}}]
  terminationGracePeriodSeconds: -1
  containers:
  - {name: c, image: i, env: [{name: A}, {name: A, value: "$(A)x"}, {name: A, value: y}], ports: [{containerPort: 80}, {containerPort: 80, hostPort: 8}]}
`))
	want := []string{
		`t.spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead`,
		`volume "p" (Projected): overlapping paths: "t/x" (Secret "s") with "t" (ServiceAccountToken)`,
		`t.spec.imagePullSecrets[1].name: duplicate name "a"`,
		`t.spec.imagePullSecrets[2].name: invalid empty name ""`,
		`t.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the "appArmorProfile" field instead`,
		`t.spec.containers[0].env[2]: hides previous definition of "A", which may be dropped when using apply`,
		`t.spec.containers[0].ports[1]: overlapping port definition with t.spec.containers[0].ports[0]`,
		`t.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", strings.Join(got, "\n    "))
	}
}
