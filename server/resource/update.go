package resource

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store"
)

// update is PUT to an object, or to a part of it.
func (e *Engine) update(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource) error {
	media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	typ := bodyType(r)
	if typ == "" {
		return respond.UnsupportedMediaType()
	}
	data, err := e.readBody(r)
	if err != nil {
		return err
	}
	options, err := updateOptions(r)
	if err != nil {
		return err
	}
	b := body{data: data, typ: typ, strict: options.FieldValidation != metav1.FieldValidationIgnore}
	if sub != nil && sub.Scale != nil {
		return e.updateScale(w, r, res, sub, media, b, options)
	}
	b.want = res.GroupVersionKind()
	leave := r.Timeline.Enter("decode")
	obj := res.New().(kinds.Object)
	if err := e.decodeBody(r, res, b, obj, options.FieldValidation); err != nil {
		return err
	}
	leave("", "")
	if err := fitNamespace(res, obj, r.Namespace); err != nil {
		return err
	}
	if err := fitName(obj, r); err != nil {
		return err
	}
	version, uid := obj.GetResourceVersion(), obj.GetUID()
	c := change{
		res: res, sub: sub, options: options, dryRun: len(options.DryRun) > 0,
		transform: func(live kinds.Object) (kinds.Object, error) {
			if uid != "" && live.GetUID() != uid {
				return nil, uidConflict(res, r, string(uid), string(live.GetUID()))
			}
			fields, err := e.fields(res, sub)
			if err != nil {
				return nil, err
			}
			return track(fields, live, obj.DeepCopyObject().(kinds.Object), manager(r, options.FieldManager)), nil
		},
		once: version != "" && version != "0",
	}
	if sub == nil && res.Root().CreateOnUpdate {
		c.create = func(ctx context.Context) (*written, error) {
			if err := e.mayCreate(ctx, r); err != nil {
				return nil, err
			}
			obj.SetResourceVersion("") // of an object that is no more
			return e.createObject(ctx, r, res, obj, createOf(options), true)
		}
	}
	stored, created, err := e.change(r.HTTP.Context(), r, c)
	if err != nil {
		return err
	}
	code := http.StatusOK
	if created {
		code = http.StatusCreated
	}
	return e.answer(w, r, media, code, res, stored)
}

func (e *Engine) mayCreate(ctx context.Context, r *request.Request) error {
	if e.MayCreate == nil {
		return nil
	}
	return e.MayCreate(ctx, r)
}

func uidConflict(res *kinds.Resource, r *request.Request, want, have string) error {
	return conflict(res, r.Name, fmt.Sprintf("StorageError: invalid object, Code: 4, Key: %s, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: %s, UID in object meta: %s", key(res, r.Namespace, r.Name), want, have))
}

// fitName refuses a body that is about another object than the path.
func fitName(obj kinds.Object, r *request.Request) error {
	switch name := obj.GetName(); {
	case name == "":
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s based on URL) was undeterminable: name must be provided", r.Name))
	case name != r.Name:
		return apierrors.NewBadRequest(fmt.Sprintf("the name of the object (%s) does not match the name on the URL (%s)", name, r.Name))
	}
	return nil
}

// A change is an update of one object: by PUT, by patch or by the server itself.
type change struct {
	res     *kinds.Resource
	sub     *kinds.Subresource // nil for the object as a whole
	options *metav1.UpdateOptions
	dryRun  bool
	// transform makes the new object of the live one; both in the served version. It may change live,
	// and is called again when another writer was faster.
	transform func(live kinds.Object) (kinds.Object, error)
	// once: the client named a version; when it is not the stored one, that is the answer.
	once bool
	// create, when set, creates the object if there is none.
	create func(ctx context.Context) (*written, error)
}

// attemptsOfChange is how often a change is tried anew when other writers are faster.
const attemptsOfChange = 100

// change applies a change and returns what it left.
func (e *Engine) change(ctx context.Context, r *request.Request, c change) (left *written, created bool, err error) {
	if err := checkName(r.Name); err != nil {
		return nil, false, err
	}
	if err := checkNamespace(c.res, r.Namespace); err != nil {
		return nil, false, err
	}
	k := key(c.res, r.Namespace, r.Name)
	kv, _, err := e.Store.Get(ctx, k)
	if err != nil {
		return nil, false, storeError(err)
	}
	for attempt := 0; ; attempt++ {
		if kv == nil {
			if c.create == nil {
				return nil, false, notFound(c.res, r.Name)
			}
			obj, err := c.create(ctx)
			if !apierrors.IsAlreadyExists(err) || attempt >= attemptsOfChange { // somebody else was faster
				return obj, true, err
			}
			if kv, _, err = e.Store.Get(ctx, k); err != nil {
				return nil, false, storeError(err)
			}
			continue
		}
		obj, err := e.changeOnce(ctx, r, &c, k, kv)
		var lost *store.ConflictError
		if !errors.As(err, &lost) {
			return obj, false, err
		}
		if c.once || attempt >= attemptsOfChange {
			if lost.Current == nil {
				return nil, false, notFound(c.res, r.Name)
			}
			return nil, false, conflict(c.res, r.Name, optimisticLock)
		}
		kv = lost.Current
	}
}

func (e *Engine) changeOnce(ctx context.Context, r *request.Request, c *change, k string, kv *store.KeyValue) (_ *written, err error) {
	root := c.res.Root()
	old, err := decodeEntry(root, kv)
	if err != nil {
		return nil, err
	}
	live := served(c.res, old.DeepCopyObject().(kinds.Object))
	live.GetObjectKind().SetGroupVersionKind(c.res.GroupVersionKind())
	leave := r.Timeline.Enter("fields")
	obj, err := c.transform(live)
	leave("", "")
	if err != nil {
		return nil, err
	}
	if c.res.Hub != nil {
		obj = c.res.ToHub(obj)
	}
	var subresource string
	rules := &root.Rules
	if c.sub != nil {
		subresource = c.sub.Name
		if c.sub.Part != nil {
			rules = c.sub.Part
		}
	}
	if err := fitNamespace(root, obj, r.Namespace); err != nil {
		return nil, err
	}
	a := e.attributes(r, c.res, subresource, admit.Update, r.Name, obj, old, c.options, c.dryRun)
	if err := e.Admission.Mutate(ctx, a); err != nil {
		return nil, err
	}
	obj = a.Object.(kinds.Object)
	if err := e.guard(ctx, r, root, obj, old); err != nil {
		return nil, err
	}
	if err := checkVersion(c.res, r, obj, kv.Revision); err != nil {
		return nil, err
	}
	if effects := e.Effects[root.Group+"/"+root.Plural]; effects != nil && c.sub == nil {
		var done func(ok bool)
		if done, err = effects.Update(ctx, obj, old, c.dryRun); err != nil {
			return nil, err
		}
		defer func() { done(err == nil && !c.dryRun) }()
	}
	if err := e.check(r, c, root, rules, obj, old); err != nil {
		return nil, err
	}
	if err := e.Admission.Review(ctx, a); err != nil {
		return nil, err
	}
	return e.replace(ctx, r, root, k, kv, obj, old, c.dryRun)
}

// check prepares and validates a change.
func (e *Engine) check(r *request.Request, c *change, root *kinds.Resource, rules *kinds.Rules, obj, old kinds.Object) error {
	leave := r.Timeline.Enter("validate")
	obj.SetGeneration(old.GetGeneration())
	obj.SetCreationTimestamp(old.GetCreationTimestamp())
	obj.SetSelfLink("")
	if obj.GetDeletionTimestamp() == nil { // a client may leave out what it cannot change
		obj.SetDeletionTimestamp(old.GetDeletionTimestamp())
	}
	if obj.GetDeletionGracePeriodSeconds() == nil {
		obj.SetDeletionGracePeriodSeconds(old.GetDeletionGracePeriodSeconds())
	}
	in := e.input(r)
	if rules.PrepareUpdate != nil {
		rules.PrepareUpdate(in, obj, old)
	}
	if obj.GetUID() == "" {
		obj.SetUID(old.GetUID())
	}
	if errs := validateUpdate(in, root, rules, obj, old); len(errs) > 0 {
		leave("deny", errs[0].Error())
		return invalid(root, obj.GetName(), errs)
	}
	leave("allow", "")
	if rules.Warn != nil {
		for _, text := range rules.Warn(obj, old) {
			r.Warn(text)
		}
	}
	return nil
}

// checkVersion holds the version that a client named against the stored one.
func checkVersion(res *kinds.Resource, r *request.Request, obj kinds.Object, revision int64) error {
	switch version := obj.GetResourceVersion(); version {
	case "", "0":
		if res.Root().RequireVersionOnUpdate {
			return apierrors.NewInvalid(schema.GroupKind{Group: res.Group, Kind: res.Plural}, r.Name, field.ErrorList{
				field.Invalid(field.NewPath("metadata", "resourceVersion"), 0, "must be specified for an update"),
			})
		}
		obj.SetResourceVersion(strconv.FormatInt(revision, 10))
	default:
		named, err := strconv.ParseUint(version, 10, 64)
		if err != nil {
			return plainError(err.Error())
		}
		if int64(named) != revision {
			return conflict(res, r.Name, optimisticLock)
		}
	}
	return nil
}

// replace writes the object, removes it if it was only waiting for its last finalizer, or does nothing if
// nothing has changed.
func (e *Engine) replace(ctx context.Context, r *request.Request, root *kinds.Resource, k string, kv *store.KeyValue, obj, old kinds.Object, dryRun bool) (*written, error) {
	leave := r.Timeline.Enter("store")
	defer func() { leave("", "") }()
	value, same, err := encodeChange(root, kv, obj, old)
	if err != nil {
		return nil, err
	}
	if same {
		return &written{value: kv.Value, revision: kv.Revision}, nil
	}
	if finished(root, obj, old) {
		if dryRun {
			return &written{obj: obj}, nil
		}
		revision, err := e.Store.Delete(ctx, k, kv.Revision)
		if err != nil {
			return nil, writeError(err)
		}
		e.acknowledge(revision)
		obj.SetResourceVersion(strconv.FormatInt(revision, 10))
		e.deleted(ctx, root, obj)
		return &written{obj: obj}, nil
	}
	if dryRun { // answers with what would have been read back
		return &written{value: value, revision: kv.Revision}, nil
	}
	revision, err := e.Store.Update(ctx, k, value, kv.Revision, ttl(root, obj))
	if err != nil {
		return nil, writeError(err)
	}
	e.acknowledge(revision)
	return &written{value: value, revision: revision}, nil
}

// writeError lets a lost race through to those who try again.
func writeError(err error) error {
	var lost *store.ConflictError
	if errors.As(err, &lost) {
		return err
	}
	return storeError(err)
}

// encodeChange encodes obj; same reports that nothing but the times of managedFields has changed.
func encodeChange(root *kinds.Resource, kv *store.KeyValue, obj, old kinds.Object) (value []byte, same bool, err error) {
	fresh := obj.GetManagedFields()
	if timesOnly(fresh, old.GetManagedFields()) {
		obj.SetManagedFields(old.GetManagedFields())
		if value, err = codec.Encode(root, obj); err != nil || bytes.Equal(value, kv.Value) {
			return value, err == nil, err
		}
		obj.SetManagedFields(fresh)
	}
	value, err = codec.Encode(root, obj)
	return value, err == nil && bytes.Equal(value, kv.Value), err
}

// timesOnly reports whether two lists of managed fields differ in nothing but time.
func timesOnly(a, b []metav1.ManagedFieldsEntry) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i], b[i]
		if x.Manager != y.Manager || x.Operation != y.Operation || x.APIVersion != y.APIVersion || x.Subresource != y.Subresource {
			return false
		}
		if (x.FieldsV1 == nil) != (y.FieldsV1 == nil) || x.FieldsV1 != nil && !x.FieldsV1.Equal(*y.FieldsV1) {
			return false
		}
	}
	return true
}

// finished reports whether an update took away the last thing that held an object that is being deleted.
func finished(root *kinds.Resource, obj, old kinds.Object) bool {
	if len(obj.GetFinalizers()) > 0 || old.GetDeletionTimestamp() == nil {
		return false
	}
	if root.Delete.Held != nil {
		return !root.Delete.Held(obj)
	}
	grace := old.GetDeletionGracePeriodSeconds()
	return grace == nil || *grace == 0
}
