package resource

import (
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// deleteCollection is DELETE of a collection: it deletes what a list with the same parameters shows, and
// answers with that list.
func (e *Engine) deleteCollection(w http.ResponseWriter, r *request.Request, res *kinds.Resource) error {
	media, err := respond.Objects.Negotiate(r.HTTP.Header, e.pretty(r))
	if err != nil {
		return err
	}
	list, err := listOptions(r)
	if err != nil {
		return err
	}
	sel, err := newSelection(res, r.Namespace, list.LabelSelector, list.FieldSelector)
	if err != nil {
		return err
	}
	options, err := e.deleteOptions(r)
	if err != nil {
		return err
	}
	warnDelete(r, res, options)
	if ignore := options.IgnoreStoreReadErrorWithClusterBreakingPotential; ignore != nil {
		return invalidOptions("DeleteOptions", field.ErrorList{field.Invalid(field.NewPath("ignoreStoreReadErrorWithClusterBreakingPotential"),
			*ignore, "is not allowed with DELETECOLLECTION, try again after removing the option")})
	}
	ctx := r.HTTP.Context()
	page, err := e.page(ctx, res, &sel, list)
	if err != nil {
		return err
	}
	kept := page.Items[:0:0]
	for _, it := range page.Items {
		namespace, name := place(res.Root(), it.(item).entry.Key)
		o := options.DeepCopy()
		switch _, _, err := e.remove(ctx, r, res, namespace, name, o); {
		case apierrors.IsNotFound(err): // somebody else was faster
		case err != nil:
			return err
		default:
			kept = append(kept, it)
		}
	}
	page.Items = kept
	return respond.List(w, r, media, page)
}
