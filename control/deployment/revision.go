package deployment

import (
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/nave-k8s/nave/control/hash"
)

// Annotations of deployments and their replica sets. kubectl rollout reads them.
const (
	revision        = "deployment.kubernetes.io/revision"
	revisionHistory = "deployment.kubernetes.io/revision-history"
	desiredReplicas = "deployment.kubernetes.io/desired-replicas"
	maxReplicas     = "deployment.kubernetes.io/max-replicas"
	historyLength   = 2000 // characters of revision-history
)

// ownAnnotations are not copied from a deployment to its replica sets.
func ownAnnotation(key string) bool {
	switch key {
	case corev1.LastAppliedConfigAnnotation, revision, revisionHistory, desiredReplicas, maxReplicas, appsv1.DeprecatedRollbackTo:
		return true
	}
	return false
}

func revisionOf(rs *appsv1.ReplicaSet) int64 {
	n, _ := strconv.ParseInt(rs.Annotations[revision], 10, 64)
	return n
}

// syncRevision gives the new version's replica set its revision and annotations, and the deployment the
// same revision. It makes the set if there is none and create is true.
func (p *plan) syncRevision(create bool) {
	var newest int64
	for _, rs := range p.rss.old {
		newest = max(newest, revisionOf(rs))
	}
	newest++
	switch {
	case p.rss.new != nil:
		rs := p.rss.new
		p.annotate(rs, newest, true)
		rs.Spec.MinReadySeconds = p.d.Spec.MinReadySeconds
		if hasDeadline(p.d) && condition(&p.d.Status, appsv1.DeploymentProgressing) == nil {
			p.progressing(corev1.ConditionTrue, "FoundNewReplicaSet", "Found new replica set %q", rs.Name)
		}
	case create:
		p.rss.new = p.newSet()
		p.create = p.rss.new
		*p.rss.new.Spec.Replicas = p.growTo()
		p.annotate(p.rss.new, newest, false)
		if hasDeadline(p.d) {
			p.progressing(corev1.ConditionTrue, "NewReplicaSetCreated", "Created new replica set %q", p.rss.new.Name)
		}
	default:
		return
	}
	if p.d.Annotations == nil {
		p.d.Annotations = map[string]string{}
	}
	p.d.Annotations[revision] = p.rss.new.Annotations[revision]
}

// annotate copies the deployment's annotations to its new replica set and sets its revision. A set that
// becomes the newest again remembers the revisions it was before.
func (p *plan) annotate(rs *appsv1.ReplicaSet, newest int64, exists bool) {
	if rs.Annotations == nil {
		rs.Annotations = map[string]string{}
	}
	for k, v := range p.d.Annotations {
		if !ownAnnotation(k) {
			rs.Annotations[k] = v
		}
	}
	old, had := rs.Annotations[revision]
	if revisionOf(rs) < newest {
		if had && old != "" {
			rs.Annotations[revisionHistory] = appendHistory(rs.Annotations[revisionHistory], old)
		}
		rs.Annotations[revision] = strconv.FormatInt(newest, 10)
	}
	if !exists {
		p.annotateSize(rs)
	}
}

func appendHistory(history, old string) string {
	if history == "" {
		return old
	}
	entries := append(strings.Split(history, ","), old)
	for len(entries) > 1 && len(strings.Join(entries, ",")) > historyLength {
		entries = entries[1:]
	}
	return strings.Join(entries, ",")
}

// annotateSize notes the size of the whole beside the set's part of it: scaling goes by their ratio.
func (p *plan) annotateSize(rs *appsv1.ReplicaSet) {
	surge, _ := bounds(p.d)
	if rs.Annotations == nil {
		rs.Annotations = map[string]string{}
	}
	rs.Annotations[desiredReplicas] = strconv.Itoa(int(*p.d.Spec.Replicas))
	rs.Annotations[maxReplicas] = strconv.Itoa(int(*p.d.Spec.Replicas + surge))
}

// newSet is a replica set of the deployment's template, with no replicas yet.
func (p *plan) newSet() *appsv1.ReplicaSet {
	template := p.d.Spec.Template.DeepCopy()
	sum := hash.Of(template, p.d.Status.CollisionCount)
	if template.Labels == nil {
		template.Labels = map[string]string{}
	}
	template.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = sum
	selector := p.d.Spec.Selector.DeepCopy()
	if selector.MatchLabels == nil {
		selector.MatchLabels = map[string]string{}
	}
	selector.MatchLabels[appsv1.DefaultDeploymentUniqueLabelKey] = sum
	labels := map[string]string{}
	for k, v := range template.Labels {
		labels[k] = v
	}
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name: nameOf(p.d.Name, sum), Namespace: p.d.Namespace, Labels: labels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(p.d, kind)},
		},
		Spec: appsv1.ReplicaSetSpec{Replicas: new(int32), MinReadySeconds: p.d.Spec.MinReadySeconds, Selector: selector, Template: *template},
	}
}

func nameOf(deployment, sum string) string {
	if room := validation.DNS1123SubdomainMaxLength - len(sum) - 1; len(deployment) > room {
		deployment = deployment[:room]
	}
	return deployment + "-" + sum
}
