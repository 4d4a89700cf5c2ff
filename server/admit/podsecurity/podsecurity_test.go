package podsecurity

import (
	"context"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/admittest"
)

func namespace(name string, labels ...string) *corev1.Namespace {
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{}}}
	for _, l := range labels {
		k, v, _ := strings.Cut(l, "=")
		ns.Labels["pod-security.kubernetes.io/"+k] = v
	}
	return ns
}

func pod(ns string, change func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "p"}}
	p.Spec.Containers = []corev1.Container{{Name: "c", Image: "i"}}
	if change != nil {
		change(p)
	}
	return p
}

func hostPID(p *corev1.Pod) { p.Spec.HostPID = true }

const exemptions = `{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration,
 defaults: {audit: baseline},
 exemptions: {usernames: [system:trusted], namespaces: [free], runtimeClasses: [vm]}}`

func TestReviewPod(t *testing.T) {
	world := admittest.NewWorld(namespace("open"), namespace("free", "enforce=restricted"),
		namespace("base", "enforce=baseline"), namespace("strict", "enforce=restricted", "enforce-version=v1.24"),
		namespace("soft", "warn=baseline", "audit=baseline"), namespace("odd", "enforce=nonsense"))
	const violates = `pods "p" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostPID=true)`
	for _, test := range []struct {
		name, config string
		write        *admit.Attributes
		err, warning string
		audit        string
	}{
		{name: "open", write: admittest.Write(admit.Create, pod("open", hostPID), nil), audit: "enforce-policy=privileged:latest"},
		{name: "refused", write: admittest.Write(admit.Create, pod("base", hostPID), nil), err: violates, audit: "enforce-policy=baseline:latest"},
		{name: "allowed", write: admittest.Write(admit.Create, pod("base", nil), nil)},
		{name: "an old version", write: admittest.Write(admit.Create, pod("strict", nil), nil), err: `pods "p" is forbidden: violates PodSecurity "restricted:v1.24": allowPrivilegeEscalation`},
		{name: "warned", write: admittest.Write(admit.Create, pod("soft", hostPID), nil), warning: `would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)`, audit: `audit-violations=would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)`},
		{name: "labels that mean nothing enforce restricted", write: admittest.Write(admit.Create, pod("odd", nil), nil), err: `pods "p" is forbidden: violates PodSecurity "restricted:latest"`},
		{name: "no namespace", write: admittest.Write(admit.Create, pod("none", nil), nil), err: `Internal error occurred: failed to lookup namespace "none"`},
		{name: "an update of labels", write: admittest.Write(admit.Update, pod("base", hostPID), pod("base", hostPID))},
		{name: "an update of the image", write: admittest.Write(admit.Update, pod("base", func(p *corev1.Pod) { hostPID(p); p.Spec.Containers[0].Image = "j" }), pod("base", hostPID)), err: violates},
		{name: "status", write: sub(admittest.Write(admit.Update, pod("base", hostPID), pod("base", nil)), "status")},
		{name: "exempt namespace", config: exemptions, write: admittest.Write(admit.Create, pod("free", hostPID), nil), audit: "exempt=namespace"},
		{name: "exempt user", config: exemptions, write: admittest.By(admittest.Write(admit.Create, pod("base", hostPID), nil), "system:trusted"), audit: "exempt=user"},
		{name: "exempt runtime class", config: exemptions, write: admittest.Write(admit.Create, pod("base", func(p *corev1.Pod) { hostPID(p); p.Spec.RuntimeClassName = ptr.To("vm") }), nil), audit: "exempt=runtimeClass"},
		{name: "default audit", config: exemptions, write: admittest.Write(admit.Create, pod("open", hostPID), nil), audit: `audit-violations=would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)`},
		{name: "deployment", write: admittest.Write(admit.Create, deployment("base", hostPID), nil), warning: `would violate PodSecurity "baseline:latest": host namespaces (hostPID=true)`},
		{name: "deployment that is fine", write: admittest.Write(admit.Create, deployment("base", nil), nil)},
	} {
		t.Run(test.name, func(t *testing.T) {
			plugin, err := New(world, []byte(test.config))
			if err != nil {
				t.Fatal(err)
			}
			err = plugin.Review(context.Background(), test.write)
			if err != nil && (test.err == "" || !strings.HasPrefix(err.Error(), test.err)) || err == nil && test.err != "" {
				t.Errorf("got %v, want %q", err, test.err)
			}
			if got := strings.Join(test.write.Request.Warnings(), "\n"); got != test.warning {
				t.Errorf("warned %q, want %q", got, test.warning)
			}
			if key, value, _ := strings.Cut(test.audit, "="); key != "" && test.write.Request.Annotations["pod-security.kubernetes.io/"+key] != value {
				t.Errorf("audit annotations %v, want %s", test.write.Request.Annotations, test.audit)
			}
		})
	}
}

func deployment(ns string, change func(*corev1.Pod)) kinds.Object {
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "d"}}
	d.Spec.Template.Spec = pod(ns, change).Spec
	return d
}

func sub(a *admit.Attributes, name string) *admit.Attributes {
	a.Subresource = name
	return a
}

func TestReviewNamespace(t *testing.T) {
	named := func(name string, change func(*corev1.Pod)) *corev1.Pod {
		p := pod("ns", change)
		p.Name = name
		return p
	}
	world := admittest.NewWorld(named("b", hostPID), named("a", hostPID), named("ok", nil),
		named("net", func(p *corev1.Pod) { p.Spec.HostNetwork = true }))
	invalid := `Namespace "ns" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: "wrong": must be one of privileged, baseline, restricted`
	for _, test := range []struct {
		name     string
		write    *admit.Attributes
		err      string
		warnings []string
	}{
		{"create", admittest.Write(admit.Create, namespace("ns", "enforce=baseline"), nil), "", nil},
		{"create with a wrong level", admittest.Write(admit.Create, namespace("ns", "enforce=wrong"), nil), invalid, nil},
		{"a wrong level", admittest.Write(admit.Update, namespace("ns", "enforce=wrong"), namespace("ns")), invalid, nil},
		{"the same wrong level", admittest.Write(admit.Update, namespace("ns", "enforce=wrong"), namespace("ns", "enforce=wrong")), "", nil},
		{"stricter", admittest.Write(admit.Update, namespace("ns", "enforce=baseline"), namespace("ns")), "", []string{
			`existing pods in namespace "ns" violate the new PodSecurity enforce level "baseline:latest"`,
			`a (and 2 other pods): host namespaces`, // host network and PID are one reason
		}},
		{"looser", admittest.Write(admit.Update, namespace("ns", "enforce=baseline"), namespace("ns", "enforce=restricted")), "", nil},
		{"another mode", admittest.Write(admit.Update, namespace("ns", "warn=restricted"), namespace("ns")), "", nil},
		{"exempt", admittest.Write(admit.Update, namespace("free", "enforce=baseline"), namespace("free")), "",
			[]string{`namespace "free" is exempt from Pod Security, and the policy (enforce=baseline:latest) will be ignored`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			plugin, err := New(world, []byte(exemptions))
			if err != nil {
				t.Fatal(err)
			}
			err = plugin.Review(context.Background(), test.write)
			if err != nil && err.Error() != test.err || err == nil && test.err != "" {
				t.Errorf("got %v, want %q", err, test.err)
			}
			if got := test.write.Request.Warnings(); !slices.Equal(got, test.warnings) {
				t.Errorf("warned %q, want %q", got, test.warnings)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for config, want := range map[string]string{
		"{kind: Other}": `no kind "Other"`,
		"{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, defaults: {enforce: x, warn-version: y}}":           "defaults.enforce",
		"{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, exemptions: {namespaces: [A, b, b]}}":               "exemptions.namespaces[0]",
		"{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, exemption: {}}":                                     "unknown field",
		"{apiVersion: pod-security.admission.config.k8s.io/v1, kind: PodSecurityConfiguration, exemptions: {usernames: [''], runtimeClasses: []}}": "username must not be empty",
	} {
		if _, err := New(nil, []byte(config)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", config, err, want)
		}
	}
}
