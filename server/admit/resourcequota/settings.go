package resourcequota

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/quota"
	"github.com/nave-k8s/nave/server/admit"
)

// limited is a resource of which nothing may be used without a quota that covers it.
type limited struct {
	APIGroup      string                                     `json:"apiGroup"`
	Resource      string                                     `json:"resource"`
	MatchContains []string                                   `json:"matchContains"`
	MatchScopes   []corev1.ScopedResourceSelectorRequirement `json:"matchScopes"`
}

func parse(data []byte) ([]limited, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var c struct {
		APIVersion       string    `json:"apiVersion"`
		Kind             string    `json:"kind"`
		LimitedResources []limited `json:"limitedResources"`
	}
	if err := yaml.UnmarshalStrict(data, &c); err != nil {
		return nil, err
	}
	switch c.APIVersion + " " + c.Kind {
	case "apiserver.config.k8s.io/v1 ResourceQuotaConfiguration", "resourcequota.admission.k8s.io/v1 ResourceQuotaConfiguration",
		"resourcequota.admission.k8s.io/v1beta1 Configuration", "resourcequota.admission.k8s.io/v1alpha1 Configuration":
	default:
		return nil, fmt.Errorf("no kind %q is registered for version %q", c.Kind, c.APIVersion)
	}
	for i, l := range c.LimitedResources {
		if l.Resource == "" {
			return nil, fmt.Errorf("limitedResources[%d].resource: Required value", i)
		}
	}
	return c.LimitedResources, nil
}

// limits is what the configuration demands a quota for.
type limits struct {
	names  []corev1.ResourceName
	scopes []corev1.ScopedResourceSelectorRequirement
}

// limitsOf returns what of the object needs a quota that covers it.
func (p *Plugin) limitsOf(a *admit.Attributes, meter quota.Meter, obj kinds.Object) (limits, error) {
	var out limits
	gr := a.Resource.GroupResource()
	for _, l := range p.limited {
		if l.APIGroup != gr.Group || l.Resource != gr.Resource {
			continue
		}
		usage, err := meter.Usage(obj, a.Now.Time)
		if err != nil {
			return limits{}, err
		}
		for _, name := range quota.Names(usage) {
			if slices.ContainsFunc(l.MatchContains, func(part string) bool { return strings.Contains(string(name), part) }) {
				out.names = append(out.names, name)
			}
		}
		for _, scope := range l.MatchScopes {
			in, err := meter.InScope(scope, obj)
			if err != nil {
				return limits{}, err
			}
			if in {
				out.scopes = append(out.scopes, scope)
			}
		}
	}
	return out, nil
}
