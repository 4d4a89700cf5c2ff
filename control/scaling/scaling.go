// Package scaling reads and writes the scale subresource of objects of any kind. Callers: the disruption
// controller and the autoscaler.
package scaling

import (
	"context"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
)

// A Scaler works with a client's rights.
type Scaler struct {
	client scale.ScalesGetter
	mapper meta.ResettableRESTMapper
}

// New returns a scaler. It asks the server for its kinds when it first needs them, and again for a kind it
// does not know.
func New(config *rest.Config) (*Scaler, error) {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, err
	}
	cached := memory.NewMemCacheClient(client)
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(cached)
	scales, err := scale.NewForConfig(config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(client))
	return &Scaler{scales, mapper}, err
}

// Get reads the scale of an object, in any version of its kind that is served. The resource is what Update
// takes.
func (s *Scaler) Get(ctx context.Context, namespace string, gvk schema.GroupVersionKind, name string) (*autoscalingv1.Scale, schema.GroupResource, error) {
	mappings, err := s.mapper.RESTMappings(gvk.GroupKind())
	if err != nil {
		return nil, schema.GroupResource{}, err
	}
	var first error
	for _, m := range mappings {
		gr := m.Resource.GroupResource()
		sc, err := s.client.Scales(namespace).Get(ctx, gr, name, metav1.GetOptions{})
		if err == nil {
			return sc, gr, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, schema.GroupResource{}, first
}

// Update writes the scale.
func (s *Scaler) Update(ctx context.Context, gr schema.GroupResource, sc *autoscalingv1.Scale) error {
	_, err := s.client.Scales(sc.Namespace).Update(ctx, gr, sc, metav1.UpdateOptions{})
	return err
}

// Mapper tells kinds and resources of the server apart.
func (s *Scaler) Mapper() meta.RESTMapper { return s.mapper }
