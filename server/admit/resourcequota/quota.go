// Package resourcequota is the plugin ResourceQuota: a write that would use more of its namespace than a
// ResourceQuota allows is refused, and what is allowed is charged to the quota before the write is stored. It is
// the last plugin, so that little is charged for writes that then fail; what is, the quota controller gives back
// when it counts anew.
package resourcequota

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/quota"
	"github.com/nave-k8s/nave/server/admit"
)

// Plugin is ResourceQuota.
type Plugin struct {
	reader  admit.Reader
	writer  admit.Writer
	limited []limited

	// turns make writers of one namespace wait for each other here, where it costs nothing, and not collide
	// in the store. Namespaces share them by hash. Writers of other servers are the store's to sort out.
	turns [64]sync.Mutex
}

// New returns the plugin. configuration is a ResourceQuotaConfiguration as YAML or JSON; empty limits nothing
// by default.
func New(reader admit.Reader, writer admit.Writer, configuration []byte) (*Plugin, error) {
	limited, err := parse(configuration)
	if err != nil {
		return nil, err
	}
	return &Plugin{reader: reader, writer: writer, limited: limited}, nil
}

// Name is the plugin's name.
func (*Plugin) Name() string { return "ResourceQuota" }

// Handles reports whether the plugin wants writes of this kind.
func (*Plugin) Handles(op admit.Operation) bool { return op == admit.Create || op == admit.Update }

// Review refuses what is over a quota, and charges what is not.
func (p *Plugin) Review(ctx context.Context, a *admit.Attributes) error {
	meter := meterOf(a)
	if meter == nil {
		return nil
	}
	objs, err := p.reader.List(ctx, "", "resourcequotas", a.Namespace)
	if err != nil {
		return err
	}
	if len(objs) == 0 && len(p.limited) == 0 {
		return nil
	}
	quotas := make([]*corev1.ResourceQuota, 0, len(objs))
	for _, obj := range objs {
		q, ok := obj.(*corev1.ResourceQuota)
		if !ok {
			return fmt.Errorf("resource quota is a %T", obj)
		}
		quotas = append(quotas, q)
	}
	obj, ok := a.Object.(kinds.Object)
	if !ok {
		return nil
	}
	pertinent, delta, err := p.check(a, meter, obj, quotas)
	if err != nil || len(pertinent) == 0 {
		return err
	}
	if a.DryRun {
		for _, q := range pertinent {
			if err := exceeded(a, q, delta); err != nil {
				return err
			}
		}
		return nil
	}
	turn := &p.turns[turnOf(a.Namespace)]
	turn.Lock()
	defer turn.Unlock()
	return p.charge(ctx, a, pertinent, delta)
}

// meterOf returns the meter if the write can change what the object uses, nil if not.
func meterOf(a *admit.Attributes) quota.Meter {
	if a.Namespace == "" || a.Resource.Group == "" && a.Resource.Plural == "namespaces" {
		return nil
	}
	pod := a.Resource.Group == "" && a.Resource.Plural == "pods"
	switch {
	case a.Operation == admit.Update && pod: // all else of a pod's resources is immutable
		if a.Subresource != "resize" {
			return nil
		}
	case a.Subresource != "":
		return nil
	}
	meter := quota.MeterOf(a.Resource.GroupResource())
	if meter == nil || a.Operation == admit.Update && !meter.ChangesWithUpdate() {
		return nil
	}
	return meter
}

func turnOf(namespace string) int {
	h := fnv.New32a()
	h.Write([]byte(namespace))
	return int(h.Sum32() % 64)
}
