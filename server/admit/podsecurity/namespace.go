package podsecurity

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"github.com/nave-k8s/nave/server/admit"
)

// What a new level is checked against at most: this many pods, for this long.
const (
	maxPods = 3000
	maxTime = time.Second
)

// reviewNamespace refuses labels that mean nothing, and warns of pods that a stricter level would not have
// let in.
func (p *Plugin) reviewNamespace(ctx context.Context, a *admit.Attributes) error {
	ns, ok := a.Object.(*corev1.Namespace)
	if !ok || a.Subresource != "" {
		return nil
	}
	chosen, faults := api.PolicyToEvaluate(ns.Labels, p.settings.policy)
	if a.Operation == admit.Create {
		if len(faults) > 0 {
			return apierrors.NewInvalid(a.Resource.GroupVersionKind().GroupKind(), a.Name, faults)
		}
		p.warnExempt(a, ns, chosen)
		return nil
	}
	old, ok := a.OldObject.(*corev1.Namespace)
	if !ok {
		return nil
	}
	before, oldFaults := api.PolicyToEvaluate(old.Labels, p.settings.policy)
	if len(faults) > 0 && (len(oldFaults) == 0 || !reflect.DeepEqual(faults, oldFaults)) {
		return apierrors.NewInvalid(a.Resource.GroupVersionKind().GroupKind(), a.Name, faults)
	}
	switch {
	case chosen.Enforce == before.Enforce, chosen.Enforce.Level == api.LevelPrivileged:
		return nil
	case chosen.Enforce.Version == before.Enforce.Version && api.CompareLevels(chosen.Enforce.Level, before.Enforce.Level) < 1:
		return nil
	case p.warnExempt(a, ns, chosen):
		return nil
	}
	for _, text := range p.checkPods(ctx, ns.Name, chosen.Enforce) {
		a.Request.Warn(text)
	}
	return nil
}

// warnExempt tells that the labels of an exempt namespace do nothing, and reports whether it is exempt.
func (p *Plugin) warnExempt(a *admit.Attributes, ns *corev1.Namespace, chosen api.Policy) bool {
	if !slices.Contains(p.settings.Exemptions.Namespaces, ns.Name) {
		return false
	}
	if chosen.FullyPrivileged() || chosen.Equivalent(&p.settings.policy) {
		return true
	}
	var set []string
	for _, mode := range []struct {
		name, level, version string
		chosen               api.LevelVersion
	}{
		{"enforce", api.EnforceLevelLabel, api.EnforceVersionLabel, chosen.Enforce},
		{"audit", api.AuditLevelLabel, api.AuditVersionLabel, chosen.Audit},
		{"warn", api.WarnLevelLabel, api.WarnVersionLabel, chosen.Warn},
	} {
		_, hasLevel := ns.Labels[mode.level]
		_, hasVersion := ns.Labels[mode.version]
		if mode.chosen.Level != api.LevelPrivileged && (hasLevel || hasVersion) {
			set = append(set, mode.name+"="+mode.chosen.String())
		}
	}
	if len(set) > 0 {
		a.Request.Warn(fmt.Sprintf("namespace %q is exempt from Pod Security, and the policy (%s) will be ignored", ns.Name, strings.Join(set, ", ")))
	}
	return true
}

// checkPods returns what to warn of: pods with equal faults share a line that begins with the first of them.
func (p *Plugin) checkPods(ctx context.Context, namespace string, enforce api.LevelVersion) []string {
	objs, err := p.reader.List(ctx, "", "pods", namespace)
	if err != nil {
		return []string{"failed to list pods while checking new PodSecurity enforce level"}
	}
	pods := make([]*corev1.Pod, 0, len(objs))
	for _, obj := range objs {
		if pod, ok := obj.(*corev1.Pod); ok && !p.exemptRuntimeClass(pod.Spec.RuntimeClassName) {
			pods = append(pods, pod)
		}
	}
	pods = varied(pods)
	type shared struct {
		first string
		count int
	}
	checked, faults := min(len(pods), maxPods), map[string]shared{}
	timeout := maxTime
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)/2)
	}
	end := time.Now().Add(timeout)
	for i, pod := range pods[:checked] {
		if result := policy.AggregateCheckResults(p.evaluator.EvaluatePod(enforce, &pod.ObjectMeta, &pod.Spec)); !result.Allowed {
			s := faults[result.ForbiddenReason()]
			if s.count == 0 || pod.Name < s.first {
				s.first = pod.Name
			}
			s.count++
			faults[result.ForbiddenReason()] = s
		}
		if ctx.Err() != nil || time.Now().After(end) {
			checked = i + 1
			break
		}
	}
	var out, lines []string
	if checked < len(pods) {
		out = append(out, fmt.Sprintf("new PodSecurity enforce level only checked against the first %d of %d existing pods", checked, len(pods)))
	}
	if len(faults) > 0 {
		out = append(out, fmt.Sprintf("existing pods in namespace %q violate the new PodSecurity enforce level %q", namespace, enforce.String()))
	}
	for fault, s := range faults {
		others := ""
		switch {
		case s.count == 2:
			others = " (and 1 other pod)"
		case s.count > 2:
			others = fmt.Sprintf(" (and %d other pods)", s.count-1)
		}
		lines = append(lines, s.first+others+": "+fault)
	}
	sort.Strings(lines)
	return append(out, lines...)
}

// varied puts one pod of each controller before all its others, so that a limit on the number of pods still
// sees every kind.
func varied(pods []*corev1.Pod) []*corev1.Pod {
	seen := map[types.UID]bool{}
	var first, rest []*corev1.Pod
	for _, pod := range pods {
		owner := metav1.GetControllerOfNoCopy(pod)
		switch {
		case owner != nil && seen[owner.UID]:
			rest = append(rest, pod)
			continue
		case owner != nil:
			seen[owner.UID] = true
		}
		first = append(first, pod)
	}
	return append(first, rest...)
}
