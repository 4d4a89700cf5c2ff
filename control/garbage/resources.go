package garbage

import (
	"context"
	"errors"
	"slices"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
)

// kind is how owner references name a kind.
type kind struct{ apiVersion, name string }

// resource is a kind as it is reached.
type resource struct {
	kind kind
	schema.GroupVersionResource
	namespaced bool
	watched    bool // it can be listed, watched and deleted
}

// ignored are kinds whose objects own nothing, are owned by nothing and are many.
func ignored(gr schema.GroupResource) bool {
	return gr.Resource == "events" && (gr.Group == "" || gr.Group == "events.k8s.io")
}

// discover learns what kinds there are and watches those that are new.
func (c *controller) discover(ctx context.Context, wait *sync.WaitGroup) {
	groups, lists, err := c.discovery.ServerGroupsAndResources()
	var failed *discovery.ErrGroupDiscoveryFailed
	if err != nil && !errors.As(err, &failed) {
		c.log.Warn("kinds are not known", "err", err)
		return
	}
	unknown := map[string]bool{}
	if failed != nil {
		for gv := range failed.Groups {
			unknown[gv.Group] = true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	kinds := map[kind]*resource{}
	for k, r := range c.kinds {
		if unknown[r.Group] {
			kinds[k] = r // it may come back: what is known of it stays
		}
	}
	byGroup := map[schema.GroupResource][]*resource{}
	for _, list := range lists {
		for _, r := range resourcesOf(list) {
			if have := c.kinds[r.kind]; have != nil && have.GroupVersionResource == r.GroupVersionResource && have.namespaced == r.namespaced {
				r = have
			}
			kinds[r.kind] = r
			if r.watched {
				byGroup[r.GroupResource()] = append(byGroup[r.GroupResource()], r)
			}
		}
	}
	c.kinds = kinds
	preferred := map[string]string{}
	for _, g := range groups {
		preferred[g.Name] = g.PreferredVersion.Version
	}
	wanted := map[*resource]bool{}
	for gr, versions := range byGroup {
		if ignored(gr) {
			continue
		}
		at := max(0, slices.IndexFunc(versions, func(r *resource) bool { return r.Version == preferred[gr.Group] }))
		wanted[versions[at]] = true
	}
	for r, m := range c.monitors {
		if !wanted[r] && !unknown[r.Group] {
			m.stop()
			delete(c.monitors, r)
			c.graph.keep(r, nil)
		}
	}
	for r := range wanted {
		if c.monitors[r] == nil {
			c.monitors[r] = c.watch(ctx, r, wait)
		}
	}
}

// resourcesOf are the kinds of a version, without subresources.
func resourcesOf(list *metav1.APIResourceList) []*resource {
	gv, err := schema.ParseGroupVersion(list.GroupVersion)
	if err != nil {
		return nil // no server says such a thing
	}
	var out []*resource
	for _, r := range list.APIResources {
		if slices.Contains([]byte(r.Name), '/') {
			continue
		}
		out = append(out, &resource{
			kind: kind{list.GroupVersion, r.Kind}, GroupVersionResource: gv.WithResource(r.Name), namespaced: r.Namespaced,
			watched: slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "watch") && slices.Contains(r.Verbs, "delete"),
		})
	}
	return out
}

// resourceOf is the kind that an owner reference names, or nil.
func (c *controller) resourceOf(k kind) *resource {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.kinds[k]
}
