package resource

import (
	"fmt"
	"net/http"
	"time"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

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
	New: func() runtime.Object { return &autoscalingv1.Scale{} },
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
		func(fields *managedfields.FieldManager, live *autoscalingv1.Scale) (runtime.Object, error) {
			return fields.UpdateNoErrors(live, scale.DeepCopy(), manager(r, o.FieldManager)), nil
		})
}

func (e *Engine) patchScale(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource, media respond.Media, p *patch) error {
	return e.changeScale(w, r, res, sub, media, updateOf(p.options), false,
		func(fields *managedfields.FieldManager, live *autoscalingv1.Scale) (runtime.Object, error) {
			if p.typ == types.ApplyYAMLPatchType {
				return p.applyScale(fields, live)
			}
			next := &autoscalingv1.Scale{}
			err := p.document(scaleResource, live, next)
			if p.typ == types.StrategicMergePatchType {
				*next = autoscalingv1.Scale{}
				err = p.strategic(live, next)
			}
			if err != nil {
				return nil, err
			}
			if err := fitName(next, r); err != nil {
				return nil, err
			}
			next.GetObjectKind().SetGroupVersionKind(scaleKind)
			return fields.UpdateNoErrors(live, next, manager(r, p.options.FieldManager)), nil
		})
}

// applyScale applies a Scale to the one that the object has.
func (p *patch) applyScale(fields *managedfields.FieldManager, live *autoscalingv1.Scale) (runtime.Object, error) {
	gvk, err := kindIn(p.data, respond.YAML)
	if err != nil {
		return nil, apierrors.NewBadRequest(err.Error())
	}
	if gvk != scaleKind {
		return nil, apierrors.NewBadRequest(fmt.Sprintf("invalid object type: %v", gvk))
	}
	return p.applyConfiguration(fields, live)
}

// changeScale writes replicas through the scale subresource. Its managers own spec.replicas of the Scale,
// which the object's managedFields record as the object's own field (KEP-2155).
func (e *Engine) changeScale(w http.ResponseWriter, r *request.Request, res *kinds.Resource, sub *kinds.Subresource, media respond.Media, o *metav1.UpdateOptions, once bool, next func(*managedfields.FieldManager, *autoscalingv1.Scale) (runtime.Object, error)) error {
	fields, err := e.postedFields(scaleKind, "scale")
	if err != nil {
		return err
	}
	replicas := managedfields.ResourcePathMappings{res.GroupVersion().String(): fieldpath.MakePathOrDie(pathParts(sub.Scale.ReplicasPath)...)}
	c := change{res: res, sub: sub, options: o, dryRun: len(o.DryRun) > 0, once: once,
		transform: func(live kinds.Object) (kinds.Object, error) {
			handler := managedfields.NewScaleHandler(live.GetManagedFields(), res.GroupVersion(), replicas)
			before := scaleOf(sub, live)
			if before.ManagedFields, err = handler.ToSubresource(); err != nil {
				return nil, err
			}
			out, err := next(fields, before)
			if err != nil {
				return nil, err
			}
			scale, ok := out.(*autoscalingv1.Scale)
			if !ok {
				return nil, fmt.Errorf("%T is not a Scale", out)
			}
			if errs := sub.Scale.Validate(scale); len(errs) > 0 {
				return nil, apierrors.NewInvalid(scaleKind.GroupKind(), scale.Name, errs)
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
	left, _, err := e.change(r.HTTP.Context(), r, c)
	if err != nil {
		return err
	}
	stored, err := left.object(res.Root())
	if err != nil {
		return err
	}
	return respond.Object(w, r, media, http.StatusOK, scaleResource, scaleKind, scaleOf(sub, stored))
}

func pathParts(names []string) []any {
	parts := make([]any, len(names))
	for i, n := range names {
		parts[i] = n
	}
	return parts
}
