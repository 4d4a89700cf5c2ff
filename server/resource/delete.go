package resource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store"
)

// delete is DELETE of one object.
func (e *Engine) delete(w http.ResponseWriter, r *request.Request, res *kinds.Resource) error {
	media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	options, err := e.deleteOptions(r)
	if err != nil {
		return err
	}
	warnDelete(r, res, options)
	obj, gone, err := e.remove(r.HTTP.Context(), r, res, r.Namespace, r.Name, options)
	if err != nil {
		return err
	}
	code := http.StatusOK
	if !gone && options.OrphanDependents != nil && !*options.OrphanDependents {
		code = http.StatusAccepted
	}
	if gone && !res.Root().Delete.ReturnsObject {
		if media.As.Kind != "" {
			media.As = schema.GroupVersionKind{}
		}
		respond.WriteStatus(w, r, media, code, &metav1.Status{
			Status:  metav1.StatusSuccess,
			Details: &metav1.StatusDetails{Name: obj.GetName(), Group: res.Group, Kind: res.Plural, UID: obj.GetUID()},
		})
		return nil
	}
	return respond.Object(w, r, media, code, res, res.GroupVersionKind(), served(res, obj))
}

// warnDelete adds what the kind says to these options.
func warnDelete(r *request.Request, res *kinds.Resource, options *metav1.DeleteOptions) {
	if warn := res.Root().Delete.Warn; warn != nil {
		for _, text := range warn(options) {
			r.Warn(text)
		}
	}
}

// deleteOptions reads the options of a deletion: those of the body, or, if it has none, those of the URL.
func (e *Engine) deleteOptions(r *request.Request) (*metav1.DeleteOptions, error) {
	o := &metav1.DeleteOptions{}
	data, err := e.readBody(r)
	if err != nil {
		return nil, err
	}
	if len(data) > 0 {
		typ := bodyType(r)
		if typ == "" {
			return nil, respond.UnsupportedMediaType()
		}
		if err := decodeDeleteOptions(data, typ, o); err != nil {
			return nil, err
		}
	} else {
		values := url.Values(r.Query)
		if err := metav1.Convert_url_Values_To_v1_DeleteOptions(&values, o, nil); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		if v, ok := r.Query["resourceVersion"]; ok && len(v) > 0 {
			if o.Preconditions == nil {
				o.Preconditions = &metav1.Preconditions{}
			}
			o.Preconditions.ResourceVersion = &v[0]
		}
	}
	if err := invalidOptions("DeleteOptions", validation.ValidateDeleteOptions(o)); err != nil {
		return nil, err
	}
	o.Kind, o.APIVersion = "DeleteOptions", "meta.k8s.io/v1"
	return o, nil
}

// decodeDeleteOptions reads options of any API version: the type is registered in all of them.
func decodeDeleteOptions(data []byte, typ string, o *metav1.DeleteOptions) error {
	if typ == respond.Protobuf {
		_, raw, err := codec.SplitBody(data)
		if err != nil {
			return apierrors.NewBadRequest(err.Error())
		}
		return badRequest(o.Unmarshal(raw))
	}
	gvk, err := kindIn(data, typ)
	if err != nil {
		return apierrors.NewBadRequest(err.Error())
	}
	if gvk.Kind != "" && gvk.Kind != "DeleteOptions" {
		return apierrors.NewBadRequest(fmt.Sprintf("no kind %q is registered for version %q in scheme \"pkg/runtime/scheme.go:111\"", gvk.Kind, gvk.GroupVersion()))
	}
	b := body{data: data, typ: typ, want: gvk, bare: true}
	_, err = b.into(o)
	return err
}

func badRequest(err error) error {
	if err == nil {
		return nil
	}
	return apierrors.NewBadRequest(err.Error())
}

// remove deletes an object, or marks it as being deleted where something holds it (finalizers, a grace
// period). gone reports that it is removed; obj is what it was, or what it is now.
func (e *Engine) remove(ctx context.Context, r *request.Request, res *kinds.Resource, namespace, name string, o *metav1.DeleteOptions) (obj kinds.Object, gone bool, err error) {
	if err := checkName(name); err != nil {
		return nil, false, err
	}
	if err := checkNamespace(res, namespace); err != nil {
		return nil, false, err
	}
	k := key(res, namespace, name)
	kv, _, err := e.Store.Get(ctx, k)
	if err != nil {
		return nil, false, storeError(err)
	}
	for attempt := 0; ; attempt++ {
		if kv == nil {
			return nil, false, notFound(res, name)
		}
		if o.IgnoreStoreReadErrorWithClusterBreakingPotential != nil && *o.IgnoreStoreReadErrorWithClusterBreakingPotential {
			return nil, false, conflict(res, name, fmt.Sprintf("StorageError: invalid object, Code: 4, Key: %s, ResourceVersion: 0, AdditionalErrorMsg: unsafe deletion is not allowed because the object is decodable from storage", k))
		}
		obj, gone, err = e.removeOnce(ctx, r, res, name, k, kv, o)
		var lost *store.ConflictError
		if !errors.As(err, &lost) {
			return obj, gone, err
		}
		if attempt >= attemptsOfChange {
			return nil, false, conflict(res, name, optimisticLock)
		}
		kv = lost.Current
	}
}

func (e *Engine) removeOnce(ctx context.Context, r *request.Request, res *kinds.Resource, name, k string, kv *store.KeyValue, o *metav1.DeleteOptions) (_ kinds.Object, gone bool, err error) {
	root := res.Root()
	old, err := decodeEntry(root, kv)
	if err != nil {
		return nil, false, err
	}
	if err := checkPreconditions(root, old, o.Preconditions); err != nil {
		return nil, false, err
	}
	a := e.attributes(r, res, "", admit.Delete, name, nil, old, o, len(o.DryRun) > 0)
	a.Namespace = old.GetNamespace()
	if root.Plural == "namespaces" && root.Group == "" {
		a.Namespace = name
	}
	if err := e.Admission.Mutate(ctx, a); err != nil {
		return nil, false, err
	}
	if err := e.Admission.Review(ctx, a); err != nil {
		return nil, false, err
	}
	if root.Delete.ValidateDelete != nil {
		if err := root.Delete.ValidateDelete(old); err != nil {
			return nil, false, err
		}
	}
	obj := old.DeepCopyObject().(kinds.Object)
	marked := mark(root, obj, o, e.Now())
	switch {
	case marked.pending: // being deleted already, with no shorter grace period
		return old, false, nil
	case marked.held:
		stored, err := e.replaceMarked(ctx, root, k, kv, obj, a.DryRun)
		return stored, false, err
	case marked.update: // the grace period of an object that is being deleted shrinks to nothing
		stored, err := e.replaceMarked(ctx, root, k, kv, obj, a.DryRun)
		if err != nil || a.DryRun {
			return stored, true, err
		}
		revision, _ := strconv.ParseInt(stored.GetResourceVersion(), 10, 64)
		kv = &store.KeyValue{Key: k, Revision: revision}
		obj = stored
	}
	if a.DryRun {
		return obj, true, nil
	}
	leave := r.Timeline.Enter("store")
	revision, err := e.Store.Delete(ctx, k, kv.Revision)
	leave("", "")
	if err != nil {
		return nil, false, writeError(err)
	}
	e.acknowledge(revision)
	obj.SetResourceVersion(strconv.FormatInt(revision, 10))
	e.deleted(ctx, root, obj)
	return obj, true, nil
}

func (e *Engine) replaceMarked(ctx context.Context, root *kinds.Resource, k string, kv *store.KeyValue, obj kinds.Object, dryRun bool) (kinds.Object, error) {
	value, err := codec.Encode(root, obj)
	if err != nil || dryRun {
		return obj, err
	}
	if bytes.Equal(value, kv.Value) { // it was marked before
		return obj, nil
	}
	revision, err := e.Store.Update(ctx, k, value, kv.Revision, ttl(root, obj))
	if err != nil {
		return nil, writeError(err)
	}
	e.acknowledge(revision)
	obj.SetResourceVersion(strconv.FormatInt(revision, 10))
	return obj, nil
}

// deleted lets effects follow a removal.
func (e *Engine) deleted(ctx context.Context, root *kinds.Resource, obj kinds.Object) {
	if effects := e.Effects[root.Group+"/"+root.Plural]; effects != nil {
		effects.Deleted(ctx, obj)
	}
}

func checkPreconditions(root *kinds.Resource, obj kinds.Object, p *metav1.Preconditions) error {
	if p == nil {
		return nil
	}
	what := schema.GroupResource{Group: root.Group, Resource: root.Kind}
	if p.UID != nil && *p.UID != obj.GetUID() {
		return apierrors.NewConflict(what, obj.GetName(), fmt.Errorf("the UID in the precondition (%s) does not match the UID in record (%s). The object might have been deleted and then recreated", *p.UID, obj.GetUID()))
	}
	if p.ResourceVersion != nil && *p.ResourceVersion != obj.GetResourceVersion() {
		return apierrors.NewConflict(what, obj.GetName(), fmt.Errorf("the ResourceVersion in the precondition (%s) does not match the ResourceVersion in record (%s). The object might have been modified", *p.ResourceVersion, obj.GetResourceVersion()))
	}
	return nil
}

// A marking is what a deletion makes of an object.
type marking struct {
	pending bool // nothing changes: the object is being deleted already
	held    bool // the object stays, marked
	update  bool // the mark is to be written before the object is removed
}

// mark sets on obj what a deletion sets and says what follows.
func mark(root *kinds.Resource, obj kinds.Object, o *metav1.DeleteOptions, now time.Time) marking {
	if root.Delete.Mark != nil {
		return markPhased(root, obj, o, now)
	}
	graceful, pending := markGrace(root, obj, o, now)
	finalizers, changed := gcFinalizers(root, obj, o)
	if pending { // its finalizers stay as they are, too
		return marking{pending: true}
	}
	if changed {
		obj.SetFinalizers(finalizers)
	}
	if !graceful && !pending {
		if len(finalizers) == 0 {
			return marking{}
		}
		if obj.GetDeletionTimestamp() == nil {
			bumpGeneration(obj)
			obj.SetDeletionTimestamp(&metav1.Time{Time: now.UTC().Truncate(time.Second)})
		}
		var none int64
		obj.SetDeletionGracePeriodSeconds(&none)
		return marking{held: true}
	}
	if grace := obj.GetDeletionGracePeriodSeconds(); len(finalizers) == 0 && grace != nil && *grace == 0 {
		return marking{update: true}
	}
	return marking{held: true}
}

// markPhased is the deletion of a kind that takes two requests (Namespace).
func markPhased(root *kinds.Resource, obj kinds.Object, o *metav1.DeleteOptions, now time.Time) marking {
	if obj.GetDeletionTimestamp() != nil {
		if len(obj.GetFinalizers()) > 0 || root.Delete.Held(obj) {
			return marking{pending: true}
		}
		return marking{}
	}
	if finalizers, changed := gcFinalizers(root, obj, o); changed {
		obj.SetFinalizers(finalizers)
	}
	obj.SetDeletionTimestamp(&metav1.Time{Time: now.UTC().Truncate(time.Second)})
	root.Delete.Mark(obj)
	return marking{held: true}
}

// markGrace applies the grace period of kinds that have one.
func markGrace(root *kinds.Resource, obj kinds.Object, o *metav1.DeleteOptions, now time.Time) (graceful, pending bool) {
	if root.Delete.Grace == nil {
		return false, false
	}
	if o.GracePeriodSeconds != nil && *o.GracePeriodSeconds < 0 {
		one := int64(1)
		o.GracePeriodSeconds = &one
	}
	if at := obj.GetDeletionTimestamp(); at != nil {
		before := obj.GetDeletionGracePeriodSeconds()
		if before == nil || o.GracePeriodSeconds == nil || *o.GracePeriodSeconds >= *before {
			return false, before != nil && !(*before == 0)
		}
		start := at.Add(-time.Duration(*before) * time.Second)
		period := *o.GracePeriodSeconds
		obj.SetDeletionTimestamp(&metav1.Time{Time: start.Add(time.Duration(period) * time.Second)})
		obj.SetDeletionGracePeriodSeconds(&period)
		return true, false
	}
	period, graceful := root.Delete.Grace(obj, o)
	if !graceful {
		return false, false
	}
	obj.SetDeletionTimestamp(&metav1.Time{Time: now.UTC().Truncate(time.Second).Add(time.Duration(period) * time.Second)})
	obj.SetDeletionGracePeriodSeconds(&period)
	bumpGeneration(obj)
	return true, false
}

func bumpGeneration(obj kinds.Object) {
	if g := obj.GetGeneration(); g > 0 {
		obj.SetGeneration(g + 1)
	}
}

// gcFinalizers are the finalizers an object has after a deletion with the options: those of the garbage
// collector follow the propagation policy.
func gcFinalizers(root *kinds.Resource, obj kinds.Object, o *metav1.DeleteOptions) (finalizers []string, changed bool) {
	had := obj.GetFinalizers()
	orphan, foreground := propagation(root, had, o)
	for _, f := range had {
		if f != metav1.FinalizerOrphanDependents && f != metav1.FinalizerDeleteDependents {
			finalizers = append(finalizers, f)
		}
	}
	if orphan {
		finalizers = append(finalizers, metav1.FinalizerOrphanDependents)
	}
	if foreground {
		finalizers = append(finalizers, metav1.FinalizerDeleteDependents)
	}
	if len(finalizers) != len(had) {
		return finalizers, true
	}
	for _, f := range finalizers {
		if !slices.Contains(had, f) {
			return finalizers, true
		}
	}
	return had, false
}

// propagation decides which finalizer of the garbage collector a deletion sets.
func propagation(root *kinds.Resource, had []string, o *metav1.DeleteOptions) (orphan, foreground bool) {
	switch {
	case root.Delete.NoGC:
		return false, false
	case o.OrphanDependents != nil:
		return *o.OrphanDependents, false
	case o.PropagationPolicy != nil:
		return *o.PropagationPolicy == metav1.DeletePropagationOrphan, *o.PropagationPolicy == metav1.DeletePropagationForeground
	case slices.Contains(had, metav1.FinalizerOrphanDependents):
		return true, false
	case slices.Contains(had, metav1.FinalizerDeleteDependents):
		return false, true
	}
	return root.Delete.DefaultPropagation == metav1.DeletePropagationOrphan, root.Delete.DefaultPropagation == metav1.DeletePropagationForeground
}
