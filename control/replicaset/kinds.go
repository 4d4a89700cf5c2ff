package replicaset

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	appsinformers "k8s.io/client-go/informers/apps/v1"
	coreinformers "k8s.io/client-go/informers/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"github.com/nave-k8s/nave/control"
	"github.com/nave-k8s/nave/control/loop"
)

type replicaSets struct {
	client kubernetes.Interface
	from   appsinformers.ReplicaSetInformer
}

func newReplicaSets(env control.Env) sets {
	return replicaSets{env.Client, env.Informers.Apps().V1().ReplicaSets()}
}

func (replicaSets) kind() schema.GroupVersionKind {
	return appsv1.SchemeGroupVersion.WithKind("ReplicaSet")
}
func (replicaSets) resource() string                      { return "replicaset" }
func (replicaSets) component() string                     { return "replicaset-controller" }
func (k replicaSets) informer() cache.SharedIndexInformer { return k.from.Informer() }

func (k replicaSets) get(key loop.Key) (*set, error) {
	rs, err := k.from.Lister().ReplicaSets(key.Namespace).Get(key.Name)
	return &set{rs, rs, true}, err
}

func (k replicaSets) list(namespace string) []*set {
	all, err := k.from.Lister().ReplicaSets(namespace).List(labels.Everything())
	if err != nil {
		return nil // a lister of a cache does not fail
	}
	out := make([]*set, 0, len(all))
	for _, rs := range all {
		out = append(out, &set{rs, rs, true})
	}
	return out
}

func (k replicaSets) fresh(ctx context.Context, s *set) (metav1.Object, error) {
	return k.client.AppsV1().ReplicaSets(s.Namespace).Get(ctx, s.Name, metav1.GetOptions{})
}

func (k replicaSets) updateStatus(ctx context.Context, s *set, status appsv1.ReplicaSetStatus) error {
	next := *s.ReplicaSet // the cache's own parts are only read
	next.Status = status
	_, err := k.client.AppsV1().ReplicaSets(s.Namespace).UpdateStatus(ctx, &next, metav1.UpdateOptions{})
	return err
}

type replicationControllers struct {
	client kubernetes.Interface
	from   coreinformers.ReplicationControllerInformer
}

func newReplicationControllers(env control.Env) sets {
	return replicationControllers{env.Client, env.Informers.Core().V1().ReplicationControllers()}
}

func (replicationControllers) kind() schema.GroupVersionKind {
	return corev1.SchemeGroupVersion.WithKind("ReplicationController")
}
func (replicationControllers) resource() string                      { return "replicationcontroller" }
func (replicationControllers) component() string                     { return "replication-controller" }
func (k replicationControllers) informer() cache.SharedIndexInformer { return k.from.Informer() }

func (k replicationControllers) get(key loop.Key) (*set, error) {
	rc, err := k.from.Lister().ReplicationControllers(key.Namespace).Get(key.Name)
	if err != nil {
		return nil, err
	}
	return asSet(rc), nil
}

func (k replicationControllers) list(namespace string) []*set {
	all, err := k.from.Lister().ReplicationControllers(namespace).List(labels.Everything())
	if err != nil {
		return nil // a lister of a cache does not fail
	}
	out := make([]*set, 0, len(all))
	for _, rc := range all {
		out = append(out, asSet(rc))
	}
	return out
}

func (k replicationControllers) fresh(ctx context.Context, s *set) (metav1.Object, error) {
	return k.client.CoreV1().ReplicationControllers(s.Namespace).Get(ctx, s.Name, metav1.GetOptions{})
}

func (k replicationControllers) updateStatus(ctx context.Context, s *set, status appsv1.ReplicaSetStatus) error {
	next := *s.original.(*corev1.ReplicationController)
	next.Status = corev1.ReplicationControllerStatus{
		Replicas: status.Replicas, FullyLabeledReplicas: status.FullyLabeledReplicas,
		ReadyReplicas: status.ReadyReplicas, AvailableReplicas: status.AvailableReplicas,
		ObservedGeneration: status.ObservedGeneration,
	}
	for _, c := range status.Conditions {
		next.Status.Conditions = append(next.Status.Conditions, corev1.ReplicationControllerCondition{
			Type: corev1.ReplicationControllerConditionType(c.Type), Status: c.Status,
			LastTransitionTime: c.LastTransitionTime, Reason: c.Reason, Message: c.Message,
		})
	}
	_, err := k.client.CoreV1().ReplicationControllers(s.Namespace).UpdateStatus(ctx, &next, metav1.UpdateOptions{})
	return err
}

// asSet is the replication controller as a replica set: it selects by equality alone.
func asSet(rc *corev1.ReplicationController) *set {
	rs := &appsv1.ReplicaSet{
		ObjectMeta: rc.ObjectMeta,
		Spec: appsv1.ReplicaSetSpec{
			Replicas: rc.Spec.Replicas, MinReadySeconds: rc.Spec.MinReadySeconds,
			Selector: &metav1.LabelSelector{MatchLabels: rc.Spec.Selector},
		},
		Status: appsv1.ReplicaSetStatus{
			Replicas: rc.Status.Replicas, FullyLabeledReplicas: rc.Status.FullyLabeledReplicas,
			ReadyReplicas: rc.Status.ReadyReplicas, AvailableReplicas: rc.Status.AvailableReplicas,
			ObservedGeneration: rc.Status.ObservedGeneration,
		},
	}
	if rc.Spec.Template != nil {
		rs.Spec.Template = *rc.Spec.Template
	}
	for _, c := range rc.Status.Conditions {
		rs.Status.Conditions = append(rs.Status.Conditions, appsv1.ReplicaSetCondition{
			Type: appsv1.ReplicaSetConditionType(c.Type), Status: c.Status,
			LastTransitionTime: c.LastTransitionTime, Reason: c.Reason, Message: c.Message,
		})
	}
	return &set{rs, rc, false}
}
