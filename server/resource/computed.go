package resource

import (
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// Computed serves a kind whose objects are found out when somebody asks (ComponentStatus): get and list.
// singular is the name that a refusal has.
func (e *Engine) Computed(singular string, objects func(r *request.Request) []kinds.Object) Handler {
	return func(w http.ResponseWriter, r *request.Request) error {
		res := e.Kinds.Resource(schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Resource})
		if r.Name != "" {
			media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
			if err != nil {
				return err
			}
			for _, obj := range objects(r) {
				if obj.GetName() == r.Name {
					return respond.Object(w, r, media, http.StatusOK, res, res.GroupVersionKind(), obj)
				}
			}
			return apierrors.NewNotFound(schema.GroupResource{Group: res.Group, Resource: singular}, r.Name)
		}
		media, err := respond.Lists.Negotiate(r.HTTP.Header, e.pretty(r))
		if err != nil {
			return err
		}
		options, err := listOptions(r)
		if err != nil {
			return err
		}
		sel, err := newSelection(res, "", options.LabelSelector, options.FieldSelector)
		if err != nil {
			return err
		}
		list := respond.Collection{Resource: res}
		for _, obj := range objects(r) {
			if sel.name == "" || sel.name == obj.GetName() {
				list.Items = append(list.Items, computed{obj})
			}
		}
		return respond.List(w, r, media, list)
	}
}

// computed is an object at hand as respond wants it.
type computed struct{ obj kinds.Object }

func (c computed) JSON() ([]byte, error) { return codec.ItemJSON(c.obj) }

func (c computed) Message() (codec.Cut, error) { return codec.CutObject(c.obj) }

func (c computed) AppendMetadata(out []byte) ([]byte, bool) { return out, false }

func (c computed) Object() (kinds.Object, error) { return c.obj, nil }

func (c computed) Row() (kinds.Object, error) { return c.obj, nil }

func (c computed) Root() (kinds.Object, error) { return c.obj, nil }
