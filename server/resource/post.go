package resource

import (
	"context"
	"errors"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// A Posting is a POST whose object is not stored but acted on: a binding, an eviction, a review.
type Posting struct {
	// Kind is what the body is decoded as. Others are versions of it that a body may name instead.
	Kind   schema.GroupVersionKind
	Others []schema.GroupVersionKind
	New    func() runtime.Object
	// Default fills in what the client left out; nil if there is nothing.
	Default func(obj runtime.Object)
	// Act does what the object asks. review asks admission's reviewers about it.
	Act func(ctx context.Context, r *request.Request, obj runtime.Object, dryRun bool, review func(context.Context) error) (runtime.Object, error)
}

// Post serves a Posting.
func (e *Engine) Post(p Posting) Handler {
	return func(w http.ResponseWriter, r *request.Request) error {
		res := e.Kinds.Resource(schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Resource})
		offer := respond.Objects
		offer.Tables = res.Stored() // what is never stored has no columns
		media, err := offer.Negotiate(r.HTTP.Header, e.pretty(r))
		if err != nil {
			return err
		}
		obj, options, err := e.readPosting(r, res, p)
		if err != nil {
			return err
		}
		dryRun := len(options.DryRun) > 0
		a := e.attributes(r, res, r.Subresource, admit.Create, r.Name, nil, nil, options, dryRun)
		a.Object = obj
		if a.Name == "" {
			if o, ok := obj.(kinds.Object); ok {
				a.Name = o.GetName()
			}
		}
		ctx := r.HTTP.Context()
		if err := e.Admission.Mutate(ctx, a); err != nil {
			return err
		}
		out, err := p.Act(ctx, r, a.Object, dryRun, func(ctx context.Context) error { return e.Admission.Review(ctx, a) })
		if err != nil {
			return err
		}
		if status, ok := out.(*metav1.Status); ok {
			code := int(status.Code)
			if code == 0 {
				code = http.StatusCreated
			}
			respond.WriteStatus(w, r, media, code, status)
			return nil
		}
		return respond.Object(w, r, media, http.StatusCreated, res, p.Kind, out)
	}
}

// readPosting decodes and defaults the body.
func (e *Engine) readPosting(r *request.Request, res *kinds.Resource, p Posting) (runtime.Object, *metav1.CreateOptions, error) {
	typ := bodyType(r)
	if typ == "" {
		return nil, nil, respond.UnsupportedMediaType()
	}
	data, err := e.readBody(r)
	if err != nil {
		return nil, nil, err
	}
	options, err := createOptions(r)
	if err != nil {
		return nil, nil, err
	}
	obj := p.New()
	b := body{data: data, typ: typ, want: p.Kind, also: p.Others, strict: options.FieldValidation != metav1.FieldValidationIgnore}
	complaints, err := b.into(obj)
	var other *otherKind
	if errors.As(err, &other) {
		return nil, nil, e.refuseKind(&kinds.Resource{Group: p.Kind.Group, Version: p.Kind.Version, Kind: p.Kind.Kind}, b, other)
	}
	if err != nil {
		return nil, nil, err
	}
	if err := complain(r, options.FieldValidation, complaints); err != nil {
		return nil, nil, refuseStrict(res, err)
	}
	if p.Default != nil {
		p.Default(obj)
	}
	o, ok := obj.(kinds.Object)
	if !ok {
		return obj, options, nil
	}
	if err := fitNamespace(res, o, r.Namespace); err != nil {
		return nil, nil, err
	}
	o.GetObjectKind().SetGroupVersionKind(p.Kind)
	fields, err := e.postedFields(p.Kind, r.Subresource)
	if err != nil {
		return nil, nil, err
	}
	empty := p.New()
	empty.GetObjectKind().SetGroupVersionKind(p.Kind)
	return fields.UpdateNoErrors(empty, o, manager(r, options.FieldManager)), options, nil
}
