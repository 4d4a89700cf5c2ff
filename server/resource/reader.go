package resource

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/store"
	"github.com/nave-k8s/nave/store/cache"
)

// The methods of this file are how other stages read and write objects: without a request of their own,
// from the cache and through the same change as a client's. They are admit.Reader and admit.Writer.

// stored finds a kind that is stored, in whatever version.
func (e *Engine) stored(group, plural string) (*kinds.Resource, error) {
	if r := e.roots[schema.GroupResource{Group: group, Resource: plural}]; r != nil {
		return r, nil
	}
	return nil, apierrors.NewInternalError(fmt.Errorf("no resource %s is stored", schema.GroupResource{Group: group, Resource: plural}))
}

// seen returns the resource with every write that this server has acknowledged.
func (e *Engine) seen(ctx context.Context, group, plural string) (*kinds.Resource, cache.Snapshot, error) {
	res, err := e.stored(group, plural)
	if err != nil {
		return nil, cache.Snapshot{}, err
	}
	snapshot, err := e.index(res).Latest(ctx, e.acknowledged.Load())
	if err != nil {
		err = storeError(err)
	}
	return res, snapshot, err
}

// acknowledge notes the revision of a write that is about to be answered.
func (e *Engine) acknowledge(revision int64) {
	for {
		before := e.acknowledged.Load()
		if revision <= before || e.acknowledged.CompareAndSwap(before, revision) {
			return
		}
	}
}

// Sync waits until what any server had acknowledged before the call is seen.
func (e *Engine) Sync(ctx context.Context) error {
	revision, err := e.Store.Revision(ctx)
	if err != nil {
		return storeError(err)
	}
	e.acknowledge(revision)
	return nil
}

// Get returns an object, or NotFound.
func (e *Engine) Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error) {
	res, snapshot, err := e.seen(ctx, group, plural)
	if err != nil {
		return nil, err
	}
	entry := snapshot.Get(key(res, namespace, name))
	if entry == nil {
		return nil, notFound(res, name)
	}
	return codec.Decode(res, entry.Value, entry.Revision)
}

// List returns the objects of a namespace, "" for all, sorted by namespace and name.
func (e *Engine) List(ctx context.Context, group, plural, namespace string) ([]kinds.Object, error) {
	res, snapshot, err := e.seen(ctx, group, plural)
	if err != nil {
		return nil, err
	}
	var out []kinds.Object
	snapshot.Ascend(prefix(res, namespace), "", func(entry *cache.Entry) bool {
		var obj kinds.Object
		if obj, err = codec.Decode(res, entry.Value, entry.Revision); err != nil {
			return false
		}
		out = append(out, obj)
		return true
	})
	return out, err
}

// Revision is that of the object, 0 if there is none; or, without a name, that of the latest change to the
// kind.
func (e *Engine) Revision(ctx context.Context, group, plural, namespace, name string) (int64, error) {
	res, snapshot, err := e.seen(ctx, group, plural)
	if err != nil {
		return 0, err
	}
	if name == "" {
		return snapshot.Changed(), nil
	}
	if entry := snapshot.Get(key(res, namespace, name)); entry != nil {
		return entry.Revision, nil
	}
	return 0, nil
}

// Count is how many objects of a kind there are, as far as that is known without reading them.
func (e *Engine) Count(group, plural string) int {
	if r := e.roots[schema.GroupResource{Group: group, Resource: plural}]; r != nil {
		return e.index(r).Len()
	}
	return 0
}

// internalRequest is the record of a write of the server's own.
func (e *Engine) internalRequest(ctx context.Context, res *kinds.Resource, verb, sub, namespace, name string) *request.Request {
	r := request.Internal(ctx, e.Now())
	r.IsResource, r.Verb, r.Group, r.Version, r.Resource, r.Subresource = true, verb, res.Group, res.Version, res.Plural, sub
	r.Namespace, r.Name = namespace, name
	return r
}

// Create creates an object in the server's own name, with the same defaults and rules as a client's.
func (e *Engine) Create(ctx context.Context, group, plural string, obj kinds.Object) error {
	res, err := e.stored(group, plural)
	if err != nil {
		return err
	}
	r := e.internalRequest(ctx, res, "create", "", obj.GetNamespace(), "")
	obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
	setDefaults(res, obj)
	_, err = e.createObject(ctx, r, res, obj, &metav1.CreateOptions{}, true)
	return err
}

// Update changes an object; change gets its own copy, and is called again when another writer was faster.
func (e *Engine) Update(ctx context.Context, group, plural, subresource, namespace, name string, changeObject func(kinds.Object) error) error {
	res, err := e.stored(group, plural)
	if err != nil {
		return err
	}
	var sub *kinds.Subresource
	if subresource != "" {
		if sub = res.Subresource(subresource); sub == nil || sub.Part == nil {
			return apierrors.NewInternalError(fmt.Errorf("%s has no part %q", plural, subresource))
		}
	}
	r := e.internalRequest(ctx, res, "update", subresource, namespace, name)
	_, _, err = e.change(ctx, r, change{res: res, sub: sub, options: &metav1.UpdateOptions{},
		transform: func(live kinds.Object) (kinds.Object, error) {
			obj := live.DeepCopyObject().(kinds.Object)
			if err := changeObject(obj); err != nil {
				return nil, err
			}
			fields, err := e.fields(res, sub)
			if err != nil {
				return nil, err
			}
			return track(fields, live, obj, manager(r, "")), nil
		},
	})
	return err
}

// Delete deletes an object in the server's own name.
func (e *Engine) Delete(ctx context.Context, group, plural, namespace, name string, o *metav1.DeleteOptions) error {
	res, err := e.stored(group, plural)
	if err != nil {
		return err
	}
	_, _, err = e.remove(ctx, e.internalRequest(ctx, res, "delete", "", namespace, name), res, namespace, name, o)
	return err
}

// Set writes what set made of an object: no rule, admission or managed field has a say.
func (e *Engine) Set(ctx context.Context, group, plural, namespace, name string, set func(kinds.Object) error) (kinds.Object, error) {
	res, err := e.stored(group, plural)
	if err != nil {
		return nil, err
	}
	k := key(res, namespace, name)
	kv, _, err := e.Store.Get(ctx, k)
	for attempt := 0; ; attempt++ {
		if err != nil {
			return nil, storeError(err)
		}
		if kv == nil {
			return nil, notFound(res, name)
		}
		obj, setErr := e.setOnce(ctx, res, k, kv, set)
		var lost *store.ConflictError
		if !errors.As(setErr, &lost) {
			return obj, setErr
		}
		if attempt >= attemptsOfChange {
			return nil, conflict(res, name, optimisticLock)
		}
		kv = lost.Current
	}
}

func (e *Engine) setOnce(ctx context.Context, res *kinds.Resource, k string, kv *store.KeyValue, set func(kinds.Object) error) (kinds.Object, error) {
	obj, err := decodeEntry(res, kv)
	if err != nil {
		return nil, err
	}
	if err := set(obj); err != nil {
		return nil, err
	}
	value, err := codec.Encode(res, obj)
	if err != nil {
		return nil, err
	}
	revision, err := e.Store.Update(ctx, k, value, kv.Revision, ttl(res, obj))
	if err != nil {
		return nil, writeError(err)
	}
	e.acknowledge(revision)
	obj.SetResourceVersion(strconv.FormatInt(revision, 10))
	return obj, nil
}
