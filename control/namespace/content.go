package namespace

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var pods = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

// resource is a kind of objects that namespaces hold.
type resource struct {
	schema.GroupVersionResource
	collection bool // it has the verb deletecollection
}

// resources asks the server which kinds there are; it may know some and fail for others.
func (c *controller) resources() ([]resource, error) {
	lists, err := c.discovery.ServerPreferredNamespacedResources()
	var out []resource
	for _, list := range lists {
		gv, parseErr := schema.ParseGroupVersion(list.GroupVersion)
		if parseErr != nil {
			err = parseErr
			continue
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "delete") && slices.Contains(r.Verbs, "list") {
				out = append(out, resource{gv.WithResource(r.Name), slices.Contains(r.Verbs, "deletecollection")})
			}
		}
	}
	return out, err
}

// empty deletes what the namespace holds. after is how long what is left may take by itself.
func (c *controller) empty(ctx context.Context, ns *corev1.Namespace) (found *findings, after time.Duration) {
	found = &findings{remaining: map[string]int{}, finalizers: map[string]int{}}
	all, err := c.resources()
	found.discovery = err
	// Pods go first: what they use (policies, secrets, claims) outlives them.
	slices.SortStableFunc(all, func(a, b resource) int {
		switch {
		case a.GroupVersionResource == pods:
			return -1
		case b.GroupVersionResource == pods:
			return 1
		}
		return 0
	})
	for _, r := range all {
		after = max(after, c.emptyOf(ctx, ns.Name, r, found))
		if r.GroupVersionResource == pods && found.remaining[name(r)] > 0 {
			return found, after
		}
	}
	return found, after
}

func name(r resource) string { return r.GroupResource().String() }

// emptyOf deletes the objects of one kind and notes those that are left.
func (c *controller) emptyOf(ctx context.Context, namespace string, r resource, found *findings) (after time.Duration) {
	client := c.metadata.Resource(r.GroupVersionResource).Namespace(namespace)
	list, err := client.List(ctx, metav1.ListOptions{})
	switch {
	case apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err):
		return 0
	case err != nil:
		found.failed(name(r), err)
		return 0
	case len(list.Items) == 0:
		return 0
	}
	background := metav1.DeletePropagationBackground
	options := metav1.DeleteOptions{PropagationPolicy: &background}
	if r.collection {
		err = client.DeleteCollection(ctx, options, metav1.ListOptions{})
	} else {
		for _, item := range list.Items {
			if deleteErr := client.Delete(ctx, item.Name, options); deleteErr != nil && !apierrors.IsNotFound(deleteErr) {
				err = deleteErr
			}
		}
	}
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsMethodNotSupported(err) {
		found.failed(name(r), err)
		return 0
	}
	if list, err = client.List(ctx, metav1.ListOptions{}); err != nil {
		found.failed(name(r), err)
		return 0
	}
	for _, item := range list.Items {
		found.remaining[name(r)]++
		for _, f := range item.Finalizers {
			found.finalizers[f]++
		}
		if at := item.DeletionTimestamp; at != nil && item.DeletionGracePeriodSeconds != nil && *item.DeletionGracePeriodSeconds > 0 {
			after = max(after, min(at.Sub(c.now()), again*4))
		}
	}
	return after
}
