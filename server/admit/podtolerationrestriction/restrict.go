// Package podtolerationrestriction is the plugin PodTolerationRestriction: pods get the default tolerations of
// their namespace, and have none but those it allows.
package podtolerationrestriction

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds/quota"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/namespacelifecycle"
	"github.com/nave-k8s/nave/server/admit/tolerations"
)

const (
	defaultsAnnotation = "scheduler.alpha.kubernetes.io/defaultTolerations"
	allowedAnnotation  = "scheduler.alpha.kubernetes.io/tolerationsWhitelist"
)

// settings is a Configuration of podtolerationrestriction.admission.k8s.io.
type settings struct {
	APIVersion string              `json:"apiVersion"`
	Kind       string              `json:"kind"`
	Default    []corev1.Toleration `json:"default"`
	Allowed    []corev1.Toleration `json:"whitelist"`
}

// Plugin is PodTolerationRestriction.
type Plugin struct {
	reader   admit.Reader
	settings settings
}

// New returns the plugin. The configuration is what counts for namespaces that say nothing themselves.
func New(reader admit.Reader, configuration []byte) (*Plugin, error) {
	p := &Plugin{reader: reader}
	if len(configuration) == 0 {
		return p, nil
	}
	if err := yaml.UnmarshalStrict(configuration, &p.settings); err != nil {
		return nil, err
	}
	if p.settings.Kind != "Configuration" || p.settings.APIVersion != "podtolerationrestriction.admission.k8s.io/v1alpha1" {
		return nil, fmt.Errorf("no kind %q is registered for version %q", p.settings.Kind, p.settings.APIVersion)
	}
	return p, nil
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "PodTolerationRestriction" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Mutate adds the defaults to a new pod.
func (p *Plugin) Mutate(ctx context.Context, a *admit.Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.Is("", "pods") {
		return nil
	}
	list := pod.Spec.Tolerations
	if a.Operation == admit.Create {
		defaults, said, err := p.ofNamespace(ctx, a.Namespace, defaultsAnnotation)
		if err != nil {
			return err
		}
		if !said {
			defaults = p.settings.Default
		}
		list = tolerations.Merge(defaults, list)
	}
	if !quota.BestEffort(pod) {
		list = tolerations.Merge(list, []corev1.Toleration{{Key: corev1.TaintNodeMemoryPressure, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoSchedule}})
	}
	if len(list) > 0 {
		pod.Spec.Tolerations = tolerations.Merge(list, nil)
	}
	return p.Review(ctx, a)
}

// Review refuses a toleration that is not allowed.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	pod, ok := a.Object.(*corev1.Pod)
	if !ok || !a.Is("", "pods") || len(pod.Spec.Tolerations) == 0 {
		return nil
	}
	allowed, said, err := p.ofNamespace(ctx, a.Namespace, allowedAnnotation)
	if err != nil {
		return err
	}
	scope := "namespace"
	if !said {
		allowed, scope = p.settings.Allowed, "cluster"
	}
	if !tolerations.AllIncluded(pod.Spec.Tolerations, allowed) {
		return fmt.Errorf("pod tolerations (possibly merged with namespace default tolerations) conflict with its %s whitelist", scope)
	}
	return nil
}

// ofNamespace reads a list from an annotation of the namespace, and says whether there is one.
func (p *Plugin) ofNamespace(ctx context.Context, namespace, annotation string) (list []corev1.Toleration, said bool, err error) {
	ns, err := namespacelifecycle.Find(ctx, p.reader, namespace)
	if err != nil {
		return nil, false, err
	}
	text, ok := ns.Annotations[annotation]
	if !ok {
		return nil, false, nil
	}
	if text == "" {
		return nil, true, nil
	}
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, false, err
	}
	return list, true, nil
}
