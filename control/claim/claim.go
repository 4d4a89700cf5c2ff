// Package claim decides which objects belong to a controller's object: those it controls and selects, and
// those nobody controls that it selects, which it adopts. What it controls and no longer selects it lets go.
// Callers: the workload controllers.
package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// An Owner claims objects.
type Owner struct {
	Object   metav1.Object
	Kind     schema.GroupVersionKind
	Selector labels.Selector
	// Match says of an object that the selector selects whether it is the owner's to adopt, beyond the
	// selector; nil for always. What is not matched is let go as well.
	Match func(metav1.Object) bool
	// Fresh reads the owner from the server, past the cache: an owner that was deleted, or deleted and made
	// again, adopts nothing.
	Fresh func(ctx context.Context) (metav1.Object, error)
	// Patch writes the owner references of an object by a strategic merge patch.
	Patch func(ctx context.Context, name string, patch []byte) error
	// Finalizers are put on what is adopted, and taken off what is let go.
	Finalizers []string
}

// Claim returns those of the candidates that are the owner's, after adoption and release. Candidates are of
// the owner's namespace. Errors of single objects do not stop the others.
func Claim[T metav1.Object](ctx context.Context, o Owner, candidates []T) ([]T, error) {
	var out []T
	var errs []error
	may := o.mayAdopt(ctx)
	for _, obj := range candidates {
		ours, err := o.claim(ctx, obj, may)
		if err != nil {
			errs = append(errs, err)
		}
		if ours {
			out = append(out, obj)
		}
	}
	return out, errors.Join(errs...)
}

func (o Owner) claim(ctx context.Context, obj metav1.Object, may func() error) (bool, error) {
	selected := o.Selector.Matches(labels.Set(obj.GetLabels())) && (o.Match == nil || o.Match(obj))
	if c := metav1.GetControllerOfNoCopy(obj); c != nil {
		switch {
		case c.UID != o.Object.GetUID():
			return false, nil // somebody else's
		case selected:
			return true, nil
		case o.Object.GetDeletionTimestamp() != nil:
			return false, nil
		}
		return false, o.release(ctx, obj)
	}
	if o.Object.GetDeletionTimestamp() != nil || !selected || obj.GetDeletionTimestamp() != nil {
		return false, nil
	}
	if err := may(); err != nil {
		return false, err
	}
	err := o.adopt(ctx, obj)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// mayAdopt returns a check that asks the server at most once.
func (o Owner) mayAdopt(ctx context.Context) func() error {
	var asked bool
	var err error
	return func() error {
		if asked {
			return err
		}
		asked = true
		fresh, getErr := o.Fresh(ctx)
		switch {
		case getErr != nil:
			err = getErr
		case fresh.GetUID() != o.Object.GetUID():
			err = fmt.Errorf("original %s %s/%s is gone: got uid %v, wanted %v", o.Kind.Kind, o.Object.GetNamespace(), o.Object.GetName(), fresh.GetUID(), o.Object.GetUID())
		case fresh.GetDeletionTimestamp() != nil:
			err = fmt.Errorf("%s/%s has just been deleted at %v", o.Object.GetNamespace(), o.Object.GetName(), fresh.GetDeletionTimestamp())
		}
		if err != nil {
			err = fmt.Errorf("can't adopt: %w", err)
		}
		return err
	}
}

type patch struct {
	Metadata patchMeta `json:"metadata"`
}

type patchMeta struct {
	UID             types.UID `json:"uid"` // the server refuses the patch for another object of the name
	OwnerReferences []any     `json:"ownerReferences"`
	Finalizers      []string  `json:"finalizers,omitempty"`
	Drop            []string  `json:"$deleteFromPrimitiveList/finalizers,omitempty"`
}

func (o Owner) adopt(ctx context.Context, obj metav1.Object) error {
	ref := metav1.NewControllerRef(o.Object, o.Kind)
	return o.patch(ctx, obj, patchMeta{UID: obj.GetUID(), OwnerReferences: []any{ref}, Finalizers: o.Finalizers})
}

func (o Owner) release(ctx context.Context, obj metav1.Object) error {
	drop := map[string]any{"$patch": "delete", "uid": o.Object.GetUID()}
	err := o.patch(ctx, obj, patchMeta{UID: obj.GetUID(), OwnerReferences: []any{drop}, Drop: o.Finalizers})
	if apierrors.IsNotFound(err) || apierrors.IsInvalid(err) {
		return nil // it is gone, or another has its name, or it has no owners any more
	}
	return err
}

func (o Owner) patch(ctx context.Context, obj metav1.Object, m patchMeta) error {
	body, err := json.Marshal(patch{m})
	if err != nil {
		return err
	}
	return o.Patch(ctx, obj.GetName(), body)
}
