package daemonset

import (
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"github.com/nave-k8s/nave/control/pods"
)

// generationLabel is an older way to tell versions apart.
const generationLabel = appsv1.DeprecatedTemplateGeneration

// podFor makes the daemon's pod for a node. The scheduler binds it, to that node alone.
func podFor(ds *appsv1.DaemonSet, hash, node string) *corev1.Pod {
	p := pods.FromTemplate(&ds.Spec.Template, ds.Namespace, *metav1.NewControllerRef(ds, kind))
	if p.Labels == nil {
		p.Labels = map[string]string{}
	}
	if g, ok := generation(ds); ok {
		p.Labels["pod-template-generation"] = g
	}
	if hash != "" {
		p.Labels[hashLabel] = hash
	}
	p.Spec.Tolerations = tolerations(&p.Spec)
	if p.Spec.Affinity == nil {
		p.Spec.Affinity = &corev1.Affinity{}
	}
	if p.Spec.Affinity.NodeAffinity == nil {
		p.Spec.Affinity.NodeAffinity = &corev1.NodeAffinity{}
	}
	p.Spec.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution = &corev1.NodeSelector{NodeSelectorTerms: []corev1.NodeSelectorTerm{{
		MatchFields: []corev1.NodeSelectorRequirement{{Key: metav1.ObjectNameField, Operator: corev1.NodeSelectorOpIn, Values: []string{node}}},
	}}}
	return p
}

func generation(ds *appsv1.DaemonSet) (string, bool) {
	g, ok := ds.Annotations[generationLabel]
	_, err := strconv.ParseInt(g, 10, 64)
	return g, ok && err == nil
}

// tolerations are those of the template and those of daemons: they stay where others go.
func tolerations(spec *corev1.PodSpec) []corev1.Toleration {
	out := append([]corev1.Toleration(nil), spec.Tolerations...)
	add := func(key string, effect corev1.TaintEffect) {
		t := corev1.Toleration{Key: key, Operator: corev1.TolerationOpExists, Effect: effect}
		for i := range out {
			if out[i].MatchToleration(&t) {
				out[i] = t
				return
			}
		}
		out = append(out, t)
	}
	add(corev1.TaintNodeNotReady, corev1.TaintEffectNoExecute)
	add(corev1.TaintNodeUnreachable, corev1.TaintEffectNoExecute)
	add(corev1.TaintNodeDiskPressure, corev1.TaintEffectNoSchedule)
	add(corev1.TaintNodeMemoryPressure, corev1.TaintEffectNoSchedule)
	add(corev1.TaintNodePIDPressure, corev1.TaintEffectNoSchedule)
	add(corev1.TaintNodeUnschedulable, corev1.TaintEffectNoSchedule)
	if spec.HostNetwork {
		add(corev1.TaintNodeNetworkUnavailable, corev1.TaintEffectNoSchedule)
	}
	return out
}

// fits reports whether the node shall get the daemon, and whether a daemon that is there may stay.
func fits(ds *appsv1.DaemonSet, node *corev1.Node, tolerated []corev1.Toleration) (run, stay bool) {
	spec := &ds.Spec.Template.Spec
	if spec.NodeName != "" && spec.NodeName != node.Name {
		return false, false
	}
	if ok, err := nodeaffinity.GetRequiredNodeAffinity(&corev1.Pod{Spec: *spec}).Match(node); !ok || err != nil {
		return false, false
	}
	run, stay = true, true
	for _, taint := range node.Spec.Taints {
		if taint.Effect == corev1.TaintEffectPreferNoSchedule || tolerates(tolerated, &taint) {
			continue
		}
		run = false
		if taint.Effect == corev1.TaintEffectNoExecute {
			stay = false
		}
	}
	return run, stay
}

func tolerates(all []corev1.Toleration, taint *corev1.Taint) bool {
	for _, t := range all {
		if t.Effect != "" && t.Effect != taint.Effect || t.Key != "" && t.Key != taint.Key {
			continue
		}
		switch t.Operator {
		case "", corev1.TolerationOpEqual:
			if t.Value == taint.Value {
				return true
			}
		case corev1.TolerationOpExists:
			return true
		case corev1.TolerationOpLt, corev1.TolerationOpGt:
			have, err := strconv.ParseInt(taint.Value, 10, 64)
			than, err2 := strconv.ParseInt(t.Value, 10, 64)
			if err == nil && err2 == nil && (t.Operator == corev1.TolerationOpLt && have < than || t.Operator == corev1.TolerationOpGt && have > than) {
				return true
			}
		}
	}
	return false
}

// nodeOf is where the pod is, or shall be.
func nodeOf(p *corev1.Pod) string {
	if p.Spec.NodeName != "" {
		return p.Spec.NodeName
	}
	a := p.Spec.Affinity
	if a == nil || a.NodeAffinity == nil || a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution == nil {
		return ""
	}
	for _, term := range a.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms {
		for _, f := range term.MatchFields {
			if f.Key == metav1.ObjectNameField && f.Operator == corev1.NodeSelectorOpIn && len(f.Values) == 1 {
				return f.Values[0]
			}
		}
	}
	return ""
}

// updated reports whether the pod is of the set's template.
func updated(ds *appsv1.DaemonSet, hash string, p *corev1.Pod) bool {
	if hash != "" && p.Labels[hashLabel] == hash {
		return true
	}
	g, ok := generation(ds)
	return ok && p.Labels["pod-template-generation"] == g
}
