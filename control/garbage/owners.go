package garbage

import (
	"context"
	"fmt"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/metadata"
)

// classes are an object's owners by what they mean for it.
type classes struct {
	solid    []metav1.OwnerReference // they are there: the object stays
	dangling []metav1.OwnerReference // they are gone
	waiting  []metav1.OwnerReference // they are being deleted, and wait for the object to go
}

// classify asks the server for each owner.
func (c *controller) classify(ctx context.Context, v view, refs []metav1.OwnerReference) (out classes, err error) {
	for _, ref := range refs {
		there, err := c.ask(ctx, v, ref)
		switch {
		case err != nil:
			return out, err
		case there == ownerAbsent:
			out.dangling = append(out.dangling, ref)
		case there == ownerWaits:
			out.waiting = append(out.waiting, ref)
		default:
			out.solid = append(out.solid, ref)
		}
	}
	return out, nil
}

type ownerState int

const (
	ownerThere ownerState = iota
	ownerAbsent
	ownerWaits
)

func (c *controller) ask(ctx context.Context, v view, ref metav1.OwnerReference) (ownerState, error) {
	if c.absent.has(v.namespace, ref) {
		return ownerAbsent, nil
	}
	r := c.resourceOf(kind{ref.APIVersion, ref.Kind})
	if r == nil {
		return 0, fmt.Errorf("owner %s/%s of %s %s: there is no such kind", ref.APIVersion, ref.Kind, v.resource.kind.name, v.name)
	}
	if r.namespaced && v.namespace == "" {
		// What has no namespace cannot be owned by what has one. That is told, and nothing is deleted.
		c.invalid(v, owner{&r.kind, ref.Name, ref.UID, false})
		return ownerThere, nil
	}
	live, err := c.client(r, v.namespace).Get(ctx, ref.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err) || err == nil && live.UID != ref.UID:
		c.absent.add(v.namespace, ref)
		return ownerAbsent, nil
	case err != nil:
		return 0, err
	case live.DeletionTimestamp != nil && slices.Contains(live.Finalizers, metav1.FinalizerDeleteDependents):
		return ownerWaits, nil
	}
	return ownerThere, nil
}

func (c *controller) client(r *resource, namespace string) metadata.ResourceInterface {
	if r.namespaced {
		return c.metadata.Resource(r.GroupVersionResource).Namespace(namespace)
	}
	return c.metadata.Resource(r.GroupVersionResource)
}

// invalid tells that a reference names an owner of another namespace.
func (c *controller) invalid(v view, o owner) {
	ref := &corev1.ObjectReference{APIVersion: v.resource.kind.apiVersion, Kind: v.resource.kind.name, Namespace: v.namespace, Name: v.name, UID: v.uid}
	c.events.Eventf(ref, corev1.EventTypeWarning, "OwnerRefInvalidNamespace", "ownerRef [%s/%s, namespace: %s, name: %s, uid: %s] does not exist in namespace %q",
		o.kind.apiVersion, o.kind.name, v.namespace, o.name, o.uid, v.namespace)
}

// absentOwners remembers owners that are gone: many objects may have had the same. A uid does not come back.
type absentOwners struct {
	mu  sync.Mutex
	set map[absentOwner]struct{}
}

type absentOwner struct {
	namespace, apiVersion, kind, name string
	uid                               types.UID
}

// absentKept is how many are remembered.
const absentKept = 500

func newAbsentOwners() *absentOwners { return &absentOwners{set: map[absentOwner]struct{}{}} }

func (a *absentOwners) key(namespace string, r metav1.OwnerReference) absentOwner {
	return absentOwner{namespace, r.APIVersion, r.Kind, r.Name, r.UID}
}

func (a *absentOwners) has(namespace string, r metav1.OwnerReference) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, ok := a.set[a.key(namespace, r)]
	return ok
}

func (a *absentOwners) add(namespace string, r metav1.OwnerReference) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.set) >= absentKept {
		clear(a.set)
	}
	a.set[a.key(namespace, r)] = struct{}{}
}
