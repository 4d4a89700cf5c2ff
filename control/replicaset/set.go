package replicaset

import (
	"context"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/cache"

	"github.com/nave-k8s/nave/control/loop"
)

// A set is a replica set, or a replication controller seen as one.
type set struct {
	*appsv1.ReplicaSet
	original          runtime.Object // what events are about
	countsTerminating bool
}

// sets is how the engine sees one of the two kinds.
type sets interface {
	kind() schema.GroupVersionKind
	resource() string
	component() string // of events
	informer() cache.SharedIndexInformer
	get(loop.Key) (*set, error)
	list(namespace string) []*set
	fresh(context.Context, *set) (metav1.Object, error)
	updateStatus(context.Context, *set, appsv1.ReplicaSetStatus) error
}

func (s *set) replicas() int {
	if s.Spec.Replicas == nil {
		return 1
	}
	return int(*s.Spec.Replicas)
}

func (s *set) selector() (labels.Selector, error) {
	return metav1.LabelSelectorAsSelector(s.Spec.Selector)
}

// templateSelector reports of pods whether they have all labels of the template.
func (s *set) templateSelector() func(*corev1.Pod) bool {
	want := s.Spec.Template.Labels
	return func(p *corev1.Pod) bool {
		for k, v := range want {
			if have, ok := p.Labels[k]; !ok || have != v {
				return false
			}
		}
		return true
	}
}
