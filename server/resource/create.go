package resource

import (
	"context"
	"errors"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store"
)

// create is POST to a collection.
func (e *Engine) create(w http.ResponseWriter, r *request.Request, res *kinds.Resource) error {
	media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	leave := r.Timeline.Enter("decode")
	typ := bodyType(r)
	if typ == "" {
		return respond.UnsupportedMediaType()
	}
	data, err := e.readBody(r)
	if err != nil {
		return err
	}
	options, err := createOptions(r)
	if err != nil {
		return err
	}
	obj := res.New().(kinds.Object)
	b := body{data: data, typ: typ, want: res.GroupVersionKind(), strict: options.FieldValidation != metav1.FieldValidationIgnore}
	if err := e.decodeBody(r, res, b, obj, options.FieldValidation); err != nil {
		return err
	}
	leave("", "")
	if err := fitNamespace(res, obj, r.Namespace); err != nil {
		return err
	}
	stored, err := e.createObject(r.HTTP.Context(), r, res, obj, options, true)
	if err != nil {
		return err
	}
	return e.answer(w, r, media, http.StatusCreated, res, stored)
}

// decodeBody decodes into an object of the resource and fills in defaults.
func (e *Engine) decodeBody(r *request.Request, res *kinds.Resource, b body, obj kinds.Object, validation string) error {
	complaints, err := b.into(obj)
	var other *otherKind
	if errors.As(err, &other) {
		return e.refuseKind(res, b, other)
	}
	if err != nil {
		return err
	}
	if err := complain(r, validation, complaints); err != nil {
		return refuseStrict(res, err)
	}
	if b.typ == respond.Protobuf {
		if err := e.sound.Check(obj); err != nil {
			return b.cannot(b.want, err)
		}
	}
	if err := checkManagers(res, obj); err != nil {
		return err
	}
	obj.GetObjectKind().SetGroupVersionKind(res.GroupVersionKind())
	setDefaults(res, obj)
	return nil
}

// fitNamespace gives the object the namespace of the path, or refuses another one.
func fitNamespace(res *kinds.Resource, obj kinds.Object, namespace string) error {
	if !res.Namespaced {
		obj.SetNamespace("")
		return nil
	}
	switch obj.GetNamespace() {
	case namespace:
	case "":
		obj.SetNamespace(namespace)
	default:
		return apierrors.NewBadRequest("the namespace of the provided object does not match the namespace sent on the request")
	}
	return nil
}

// createObject takes a decoded object (in the served version) all the way into the store and returns what
// is stored. track: managedFields are still to be computed.
func (e *Engine) createObject(ctx context.Context, r *request.Request, res *kinds.Resource, obj kinds.Object, options *metav1.CreateOptions, track bool) (*written, error) {
	dryRun := len(options.DryRun) > 0
	if version := obj.GetResourceVersion(); version != "" && version != "0" && !dryRun {
		return nil, plainError("resourceVersion should not be set on objects to be created")
	}
	wipe(obj)
	if track {
		fields, err := e.fields(res, nil)
		if err != nil {
			return nil, err
		}
		leave := r.Timeline.Enter("fields")
		obj = fields.UpdateNoErrors(newObject(res), obj, manager(r, options.FieldManager)).(kinds.Object)
		leave("", "")
	}
	if res.Hub != nil {
		obj = res.ToHub(obj)
	}
	a := e.attributes(r, res, "", admit.Create, obj.GetName(), obj, nil, options, dryRun)
	if err := e.Admission.Mutate(ctx, a); err != nil {
		return nil, err
	}
	obj = a.Object.(kinds.Object)
	return e.insert(ctx, r, res, obj, a)
}

// wipe drops what the server alone sets.
func wipe(obj kinds.Object) {
	obj.SetCreationTimestamp(metav1.Time{})
	obj.SetUID("")
	obj.SetDeletionTimestamp(nil)
	obj.SetDeletionGracePeriodSeconds(nil)
	obj.SetSelfLink("")
}

// insert is the second half of a create: identity, effects, validation, review, store. A name made from
// generateName that is taken is made anew a few times.
func (e *Engine) insert(ctx context.Context, r *request.Request, res *kinds.Resource, obj kinds.Object, a *admit.Attributes) (*written, error) {
	root := res.Root()
	if err := e.guard(ctx, r, root, obj, nil); err != nil {
		return nil, err
	}
	generate := obj.GetName() == "" && obj.GetGenerateName() != ""
	const attempts = 8
	for attempt := 1; ; attempt++ {
		candidate := obj
		if generate && attempt < attempts {
			candidate = obj.DeepCopyObject().(kinds.Object)
		}
		stored, err := e.insertOnce(ctx, r, root, candidate, a, generate)
		var exists *store.ExistsError
		if errors.As(err, &exists) {
			if generate && attempt < attempts {
				continue
			}
			return nil, e.alreadyExists(ctx, res, candidate)
		}
		return stored, err
	}
}

// alreadyExists tells, too, if what is there is about to go.
func (e *Engine) alreadyExists(ctx context.Context, res *kinds.Resource, obj kinds.Object) error {
	err := apierrors.NewAlreadyExists(res.GroupResource(), obj.GetName())
	if obj.GetGenerateName() != "" {
		err = apierrors.NewGenerateNameConflict(res.GroupResource(), obj.GetName(), 1)
	}
	kv, _, getErr := e.Store.Get(ctx, key(res, obj.GetNamespace(), obj.GetName()))
	if getErr != nil || kv == nil {
		return err
	}
	if there, decodeErr := decodeEntry(res, kv); decodeErr == nil && there.GetDeletionTimestamp() != nil {
		err.ErrStatus.Message = "object is being deleted: " + err.ErrStatus.Message
	}
	return err
}

func (e *Engine) insertOnce(ctx context.Context, r *request.Request, root *kinds.Resource, obj kinds.Object, a *admit.Attributes, generate bool) (_ *written, err error) {
	now := metav1.NewTime(e.Now().UTC().Truncate(1e9))
	obj.SetCreationTimestamp(now)
	obj.SetUID(uuid.NewUUID())
	if generate {
		name := generatedName
		if root.GenerateName != nil {
			name = root.GenerateName
		}
		obj.SetName(name(obj.GetGenerateName()))
	}
	if effects := e.Effects[root.Group+"/"+root.Plural]; effects != nil {
		var done func(ok bool)
		if done, err = effects.Create(ctx, obj, a.DryRun); err != nil {
			return nil, err
		}
		defer func() { done(err == nil && !a.DryRun) }()
	}
	in := e.input(r)
	if root.Rules.PrepareCreate != nil {
		root.Rules.PrepareCreate(in, obj)
	}
	leave := r.Timeline.Enter("validate")
	var errs field.ErrorList
	if check := e.Checks[root.Group+"/"+root.Plural]; check != nil {
		errs = check(ctx, obj)
	}
	errs = append(errs, validateCreate(in, root, nameRule(a.Resource), obj)...)
	if len(errs) > 0 {
		leave("deny", errs[0].Error())
		return nil, invalid(root, obj.GetName(), errs)
	}
	leave("allow", "")
	if root.Rules.Warn != nil {
		for _, text := range root.Rules.Warn(obj, nil) {
			r.Warn(text)
		}
	}
	a.Object, a.Name = obj, obj.GetName()
	if err := e.Admission.Review(ctx, a); err != nil {
		return nil, err
	}
	leave = r.Timeline.Enter("store")
	defer func() { leave("", "") }()
	k := key(root, obj.GetNamespace(), obj.GetName())
	value, err := codec.Encode(root, obj)
	if err != nil {
		return nil, err
	}
	if a.DryRun {
		if kv, _, err := e.Store.Get(ctx, k); err != nil || kv != nil {
			if kv != nil {
				err = &store.ExistsError{Key: k}
			}
			return nil, err
		}
		version := obj.GetResourceVersion()
		if obj, err = codec.Decode(root, value, 0); err == nil {
			obj.SetResourceVersion(version)
		}
		return &written{obj: obj}, err
	}
	revision, err := e.Store.Create(ctx, k, value, ttl(root, obj))
	if err != nil {
		var exists *store.ExistsError
		if errors.As(err, &exists) {
			return nil, err
		}
		return nil, storeError(err)
	}
	e.acknowledge(revision)
	return &written{value: value, revision: revision}, nil
}

func ttl(root *kinds.Resource, obj kinds.Object) int64 {
	if root.Storage.TTL == nil {
		return 0
	}
	return root.Storage.TTL(obj)
}

// generatedName makes a name of a prefix as kube-apiserver does: cut so that five random characters fit
// into a DNS label.
func generatedName(prefix string) string {
	const most = 63 - 5
	if len(prefix) > most {
		prefix = prefix[:most]
	}
	return prefix + rand.String(5)
}

// served returns an object of the root in the version of res.
func served(res *kinds.Resource, obj kinds.Object) kinds.Object {
	if res.Hub != nil {
		return res.FromHub(obj)
	}
	return obj
}
