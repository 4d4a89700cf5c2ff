package podspec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// TemplateWarnings returns texts about what is accepted in a pod template and yet probably not meant; path is
// that of the template.
func TemplateWarnings(path *field.Path, t *corev1.PodTemplateSpec) []string {
	w := warner{path: path, spec: &t.Spec, meta: &t.ObjectMeta, template: true}
	return w.all()
}

// Warnings is TemplateWarnings for a pod.
func Warnings(spec *corev1.PodSpec, meta *metav1.ObjectMeta) []string {
	w := warner{spec: spec, meta: meta}
	return w.all()
}

type warner struct {
	path     *field.Path // nil for a pod
	spec     *corev1.PodSpec
	meta     *metav1.ObjectMeta
	template bool
	texts    []string
}

func (w *warner) add(at *field.Path, format string, args ...any) {
	w.texts = append(w.texts, at.String()+": "+fmt.Sprintf(format, args...))
}

func (w *warner) at(names ...string) *field.Path { return w.path.Child("spec", names...) }

func (w *warner) annotation(key string) *field.Path {
	return w.path.Child("metadata", "annotations").Key(key)
}

func (w *warner) all() []string {
	w.nodeLabels()
	w.spread()
	w.annotations()
	w.volumes()
	w.lists()
	w.fraction(w.spec.Overhead, w.at("overhead"))
	w.seccompOfPod()
	for c, at := range EachContainer(w.spec, w.at()) {
		w.container(c, at)
	}
	w.ports()
	if grace := w.spec.TerminationGracePeriodSeconds; grace != nil && *grace < 0 {
		w.add(w.at("terminationGracePeriodSeconds"), "must be >= 0; negative values are invalid and will be treated as 1")
	}
	w.affinity()
	w.addresses()
	return w.texts
}

func (w *warner) annotations() {
	for _, old := range []struct{ key, text string }{
		{"scheduler.alpha.kubernetes.io/critical-pod", `non-functional in v1.16+; use the "priorityClassName" field instead`},
		{"security.alpha.kubernetes.io/sysctls", `non-functional in v1.11+; use the "sysctls" field instead`},
		{"security.alpha.kubernetes.io/unsafe-sysctls", `non-functional in v1.11+; use the "sysctls" field instead`},
	} {
		if _, there := w.meta.Annotations[old.key]; there {
			w.add(w.annotation(old.key), "%s", old.text)
		}
	}
}

func (w *warner) seccompOfPod() {
	if w.spec.SecurityContext != nil && w.spec.SecurityContext.SeccompProfile != nil {
		return
	}
	if _, there := w.meta.Annotations[seccompPodAnnotation]; there {
		w.add(w.annotation(seccompPodAnnotation), seccompWithoutEffect)
	}
}

const (
	seccompWithoutEffect = `non-functional in v1.27+; use the "seccompProfile" field instead`
	// AppArmorDeprecated is said of an annotation for AppArmor.
	AppArmorDeprecated = `deprecated since v1.30; use the "appArmorProfile" field instead`
)

func (w *warner) container(c *corev1.Container, at *field.Path) {
	if c.SecurityContext == nil || c.SecurityContext.SeccompProfile == nil {
		key := seccompContainerPrefix + c.Name
		if _, there := w.meta.Annotations[key]; there {
			w.add(w.annotation(key), seccompWithoutEffect)
		}
	}
	if key := appArmorContainerPrefix + c.Name; w.template && !w.hasAppArmor(c) {
		if _, there := w.meta.Annotations[key]; there {
			w.add(w.annotation(key), "%s", AppArmorDeprecated)
		}
	}
	w.fraction(c.Resources.Limits, at.Child("resources", "limits"))
	w.fraction(c.Resources.Requests, at.Child("resources", "requests"))
	w.hiddenVariables(c.Env, at.Child("env"))
}

func (w *warner) hasAppArmor(c *corev1.Container) bool {
	return c.SecurityContext != nil && c.SecurityContext.AppArmorProfile != nil ||
		w.spec.SecurityContext != nil && w.spec.SecurityContext.AppArmorProfile != nil
}

// fraction warns of amounts of bytes that are not whole.
func (w *warner) fraction(list corev1.ResourceList, at *field.Path) {
	for _, name := range []corev1.ResourceName{corev1.ResourceMemory, corev1.ResourceEphemeralStorage} {
		if q, there := list[name]; there && q.MilliValue()%1000 != 0 {
			w.add(at.Key(string(name)), "fractional byte value %q is invalid, must be an integer", q.String())
		}
	}
}

// hiddenVariables warns of a second variable of one name, unless it builds on the first.
func (w *warner) hiddenVariables(vars []corev1.EnvVar, at *field.Path) {
	if len(vars) < 2 {
		return
	}
	seen := make(map[string]bool, len(vars))
	for i := range vars {
		v := &vars[i]
		ref := "$(" + v.Name + ")"
		if seen[v.Name] && (v.ValueFrom != nil || v.Value == ref || !strings.Contains(v.Value, ref)) {
			w.add(at.Index(i), "hides previous definition of %q, which may be dropped when using apply", v.Name)
		}
		seen[v.Name] = true
	}
}

// lists warns of entries that are twice in a list or empty.
func (w *warner) lists() {
	seen := map[string]bool{}
	for i, alias := range w.spec.HostAliases {
		if seen[alias.IP] {
			w.add(w.at("hostAliases").Index(i).Child("ip"), "duplicate ip %q", alias.IP)
		}
		seen[alias.IP] = true
	}
	clear(seen)
	for i, secret := range w.spec.ImagePullSecrets {
		if seen[secret.Name] {
			w.add(w.at("imagePullSecrets").Index(i).Child("name"), "duplicate name %q", secret.Name)
		}
		seen[secret.Name] = true
	}
	for i, secret := range w.spec.ImagePullSecrets {
		if secret.Name == "" {
			w.add(w.at("imagePullSecrets").Index(i).Child("name"), "invalid empty name %q", secret.Name)
		}
	}
}

// placedPort is a port of some container and where it is.
type placedPort struct {
	port corev1.ContainerPort
	at   *field.Path
}

// ports warns of ports that several containers have, or one twice.
func (w *warner) ports() {
	var all map[string][]placedPort
	for c, at := range EachContainer(w.spec, w.at()) {
		for i, port := range c.Ports {
			here := at.Child("ports").Index(i)
			if port.HostIP != "" && port.HostPort == 0 {
				w.add(here, "hostIP set without hostPort: %+v", port)
			}
			if all == nil {
				all = map[string][]placedPort{}
			}
			key := fmt.Sprintf("%d/%s", port.ContainerPort, port.Protocol)
			for _, other := range all[key] {
				w.clash(port, here, other)
			}
			all[key] = append(all[key], placedPort{port, here})
		}
	}
}

func (w *warner) clash(port corev1.ContainerPort, at *field.Path, other placedPort) {
	switch {
	case port.HostIP == other.port.HostIP && port.HostPort == other.port.HostPort:
		w.add(at, "duplicate port definition with %s", other.at)
	case port.HostPort == 0 || other.port.HostPort == 0:
		w.add(at, "overlapping port definition with %s", other.at)
	case port.HostPort == other.port.HostPort && (port.HostIP == "") != (other.port.HostIP == ""):
		w.add(at, "dangerously ambiguous port definition with %s", other.at)
	}
}

// addresses warns of IP addresses in forms that programs read differently.
func (w *warner) addresses() {
	if w.spec.DNSConfig != nil {
		for i, ip := range w.spec.DNSConfig.Nameservers {
			w.texts = append(w.texts, validation.GetWarningsForIP(w.at("dnsConfig", "nameservers").Index(i), ip)...)
		}
	}
	for i, alias := range w.spec.HostAliases {
		w.texts = append(w.texts, validation.GetWarningsForIP(w.at("hostAliases").Index(i).Child("ip"), alias.IP)...)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
