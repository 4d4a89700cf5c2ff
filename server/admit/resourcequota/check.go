package resourcequota

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/quota"
	"github.com/nave-k8s/nave/server/admit"
)

// check returns the quotas that the write concerns, and what it adds to what is used. It refuses what no quota
// could be charged for.
func (p *Plugin) check(a *admit.Attributes, meter quota.Meter, obj kinds.Object, quotas []*corev1.ResourceQuota) (pertinent []*corev1.ResourceQuota, delta corev1.ResourceList, err error) {
	limits, err := p.limitsOf(a, meter, obj)
	if err != nil {
		return nil, nil, err
	}
	var covered []corev1.ResourceName
	var scopes []corev1.ScopedResourceSelectorRequirement
	for _, q := range quotas {
		for _, scope := range quota.Scopes(q) {
			in, err := meter.InScope(scope, obj)
			if err != nil {
				return nil, nil, fmt.Errorf("error matching scopes of quota %s, err: %w", q.Name, err)
			}
			if in {
				scopes = append(scopes, scope)
			}
		}
		matches, err := quota.Matches(meter, q, obj)
		if err != nil {
			return nil, nil, err
		}
		if !matches {
			continue
		}
		names := meter.Matching(quota.Names(q.Status.Hard))
		if err := meter.Constraints(names, obj); err != nil {
			return nil, nil, admit.Forbidden(a, "failed quota: %s: %w", q.Name, err)
		}
		if !counted(q, names) {
			return nil, nil, admit.Forbidden(a, "status unknown for quota: %s, resources: %s", q.Name, quota.NamesText(names))
		}
		pertinent, covered = append(pertinent, q), append(covered, names...)
	}
	if len(pertinent) == 0 && len(limits.names) == 0 && len(limits.scopes) == 0 {
		return nil, nil, nil
	}
	delta, err = deltaOf(a, meter, obj)
	if err != nil || len(delta) == 0 {
		return nil, nil, err
	}
	if missing := without(limits.names, covered); len(missing) > 0 {
		return nil, nil, admit.Forbidden(a, "insufficient quota to consume: %v", quota.NamesText(missing))
	}
	if missing := uncovered(limits.scopes, scopes); len(missing) > 0 {
		return nil, nil, fmt.Errorf("insufficient quota to match these scopes: %v", missing)
	}
	return pertinent, delta, nil
}

// deltaOf is what the write adds to the usage: for an update, what is new. What an update gives back is for the
// controller to count, so that nothing is given back for an update that then fails.
func deltaOf(a *admit.Attributes, meter quota.Meter, obj kinds.Object) (corev1.ResourceList, error) {
	delta, err := meter.Usage(obj, a.Now.Time)
	if err != nil {
		return nil, err
	}
	if negative := quota.Negative(delta); len(negative) > 0 {
		return nil, admit.Forbidden(a, "quota usage is negative for resource(s): %s", quota.NamesText(negative))
	}
	if old, ok := a.OldObject.(kinds.Object); ok && a.Operation == admit.Update {
		before, err := meter.Usage(old, a.Now.Time)
		if err != nil {
			return nil, err
		}
		delta = quota.Subtract(delta, before)
	}
	return quota.Positive(delta), nil
}

// exceeded returns an error if the quota does not have room for what the write adds.
func exceeded(a *admit.Attributes, q *corev1.ResourceQuota, delta corev1.ResourceList) error {
	wanted := quota.Mask(delta, quota.Names(q.Status.Hard))
	used := quota.Mask(quota.Add(q.Status.Used, wanted), quota.Names(wanted))
	names := quota.Exceeded(used, q.Status.Hard)
	if len(names) == 0 {
		return nil
	}
	return admit.Forbidden(a, "exceeded quota: %s, requested: %s, used: %s, limited: %s", q.Name,
		quota.Text(quota.Mask(wanted, names)), quota.Text(quota.Mask(q.Status.Used, names)), quota.Text(quota.Mask(q.Status.Hard, names)))
}

// counted reports whether the quota's status says how much is used of each of the names it limits.
func counted(q *corev1.ResourceQuota, names []corev1.ResourceName) bool {
	for name := range q.Status.Hard {
		if _, ok := q.Status.Used[name]; !ok && slices.Contains(names, name) {
			return false
		}
	}
	return true
}

func without(names, remove []corev1.ResourceName) []corev1.ResourceName {
	var out []corev1.ResourceName
	for _, name := range names {
		if !slices.Contains(remove, name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func uncovered(limited, scopes []corev1.ScopedResourceSelectorRequirement) []corev1.ScopedResourceSelectorRequirement {
	var out []corev1.ScopedResourceSelectorRequirement
	for _, l := range limited {
		if !slices.ContainsFunc(scopes, func(s corev1.ScopedResourceSelectorRequirement) bool { return s.ScopeName == l.ScopeName }) {
			out = append(out, l)
		}
	}
	return out
}
