package resource

import (
	"fmt"
	"net/http"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/cells"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

var scaleKind = schema.GroupVersionKind{Group: "autoscaling", Version: "v1", Kind: "Scale"}

// scaleResource stands for Scale where a kind is asked for: decoding, columns, managed fields.
var scaleResource = &kinds.Resource{
	Group: scaleKind.Group, Version: scaleKind.Version, Kind: scaleKind.Kind, Plural: "scales",
	Table: kinds.Table{
		Columns: kinds.Columns(
			kinds.Column{Name: "Name", Type: "string", Description: metav1.ObjectMeta{}.SwaggerDoc()["name"]},
			kinds.Column{Name: "Desired", Type: "integer", Description: autoscalingv1.ScaleSpec{}.SwaggerDoc()["replicas"]},
			kinds.Column{Name: "Available", Type: "integer", Description: autoscalingv1.ScaleStatus{}.SwaggerDoc()["replicas"]},
			cells.AgeColumn,
		),
		Cells: func(obj kinds.Object, now time.Time) []any {
			s := obj.(*autoscalingv1.Scale)
			return []any{s.Name, int64(s.Spec.Replicas), int64(s.Status.Replicas), cells.Age(s.CreationTimestamp, now)}
		},
	},
}

func (e *Engine) getScale(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource) error {
	media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	entry, err := e.find(r, res)
	if err != nil {
		return err
	}
	obj, err := codec.Decode(res.Root(), entry.Value, entry.Revision)
	if err != nil {
		return err
	}
	return respond.Object(w, r, media, http.StatusOK, scaleResource, scaleKind, scaleOf(sub, obj))
}

func scaleOf(sub *kinds.Subresource, obj kinds.Object) *autoscalingv1.Scale {
	s := sub.Scale.Get(obj)
	s.GetObjectKind().SetGroupVersionKind(scaleKind)
	return s
}

func (e *Engine) updateScale(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource, media respond.Media, b body, o *metav1.UpdateOptions) error {
	b.want = scaleKind
	scale := &autoscalingv1.Scale{}
	if err := e.decodeBody(r, scaleResource, b, scale, o.FieldValidation); err != nil {
		return err
	}
	if err := fitNamespace(res, scale, r.Namespace); err != nil {
		return err
	}
	if err := fitName(scale, r); err != nil {
		return err
	}
	return e.changeScale(w, r, res, sub, media, o, scale.ResourceVersion != "" && scale.ResourceVersion != "0",
		func(live *autoscalingv1.Scale) (kinds.Object, error) {
			return e.ownScale(r, o.FieldManager, live, scale.DeepCopy())
		})
}

func (e *Engine) patchScale(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource, media respond.Media, p *patch) error {
	return e.changeScale(w, r, res, sub, media, updateOf(p.options), false,
		func(live *autoscalingv1.Scale) (kinds.Object, error) {
			if p.typ == types.ApplyYAMLPatchType {
				fields, err := e.scaleFields()
				if err != nil {
					return nil, err
				}
				return p.applyConfiguration(fields, live)
			}
			next := &autoscalingv1.Scale{}
			var err error
			if p.typ == types.StrategicMergePatchType {
				err = p.strategic(live, next)
			} else {
				err = p.document(scaleResource, live, next)
			}
			if err == nil {
				err = fitName(next, r)
			}
			if err != nil {
				return nil, err
			}
			return e.ownScale(r, p.options.FieldManager, live, next)
		})
}

// ownScale records who wrote what of a Scale.
func (e *Engine) ownScale(r *request.Request, name string, live, next *autoscalingv1.Scale) (kinds.Object, error) {
	fields, err := e.scaleFields()
	if err != nil {
		return nil, err
	}
	next.GetObjectKind().SetGroupVersionKind(scaleKind)
	return fields.UpdateNoErrors(live, next, manager(r, name)).(kinds.Object), nil
}

// changeScale writes replicas through the scale subresource.
func (e *Engine) changeScale(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource, media respond.Media, o *metav1.UpdateOptions, once bool, next func(live *autoscalingv1.Scale) (kinds.Object, error)) error {
	c := change{res: res, sub: sub, options: o, dryRun: len(o.DryRun) > 0, once: once,
		transform: func(live kinds.Object) (kinds.Object, error) {
			handler := e.scaleHandler(res, live)
			before := scaleOf(sub, live)
			var err error
			if before.ManagedFields, err = handler.ToSubresource(); err != nil {
				return nil, err
			}
			after, err := next(before)
			if err != nil {
				return nil, err
			}
			scale, ok := after.(*autoscalingv1.Scale)
			if !ok {
				return nil, apierrors.NewInternalError(fmt.Errorf("%T is not a Scale", after))
			}
			if errs := sub.Scale.Validate(scale); len(errs) > 0 {
				return nil, apierrors.NewInvalid(scaleKind.GroupKind(), live.GetName(), errs)
			}
			if scale.UID != "" && scale.UID != live.GetUID() {
				return nil, uidConflict(res, r, string(scale.UID), string(live.GetUID()))
			}
			obj := live.DeepCopyObject().(kinds.Object)
			sub.Scale.Set(obj, scale)
			obj.SetResourceVersion(scale.ResourceVersion)
			entries, err := handler.ToParent(scale.ManagedFields)
			if err != nil {
				return nil, err
			}
			obj.SetManagedFields(entries)
			return obj, nil
		},
	}
	stored, _, err := e.change(r.HTTP.Context(), r, c)
	if err != nil {
		return err
	}
	return respond.Object(w, r, media, http.StatusOK, scaleResource, scaleKind, scaleOf(sub, stored))
}
