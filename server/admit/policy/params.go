package policy

import (
	"context"
	"errors"
	"fmt"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/admit/view"
)

// param is what the expressions of a policy see as params; without object it is null.
type param struct {
	id     string // namespace and name
	object runtime.Object
}

// paramKind is the resource of the params of a policy, nil if it has none.
func (c Config) paramKind(p *policy) (*kinds.Resource, error) {
	if p.paramKind == nil {
		return nil, nil
	}
	gv, err := schema.ParseGroupVersion(p.paramKind.APIVersion)
	if err != nil {
		return nil, fmt.Errorf("failed to parse paramKind APIVersion: %w", err)
	}
	gvk := gv.WithKind(p.paramKind.Kind)
	kind := c.ResourceOf(gvk)
	if kind == nil || kind.Storage.Key == "" {
		return nil, fmt.Errorf("failed to find resource referenced by paramKind: '%v'", gvk)
	}
	return kind, nil
}

// params returns those that the binding names. None is no error, but then the policy is not asked.
func (w *write) params(ctx context.Context, p *policy, b *binding, kind *kinds.Resource) ([]param, error) {
	r := b.paramRef
	if kind == nil || r == nil {
		return []param{{}}, nil
	}
	namespace := ""
	if kind.Namespaced {
		if namespace = r.Namespace; namespace == "" {
			namespace = w.a.Namespace
		}
		if namespace == "" {
			return nil, errors.New("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources")
		}
	} else if r.Namespace != "" {
		return nil, errors.New("paramRef.namespace must not be provided for a cluster-scoped `paramKind`")
	}
	found, err := w.findParams(ctx, kind, namespace, r)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 && r.ParameterNotFoundAction != nil && *r.ParameterNotFoundAction == admissionregistrationv1.DenyAction {
		// Another server may have made it.
		if err := w.Reader.Sync(ctx); err != nil {
			return nil, err
		}
		if found, err = w.findParams(ctx, kind, namespace, r); err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, errors.New("no params found for policy binding with `Deny` parameterNotFoundAction")
		}
	}
	out := make([]param, len(found))
	for i, obj := range found {
		out[i] = param{obj.GetNamespace() + "/" + obj.GetName(), shownParam(kind, obj)}
	}
	return out, nil
}

func (w *write) findParams(ctx context.Context, kind *kinds.Resource, namespace string, r *admissionregistrationv1.ParamRef) ([]kinds.Object, error) {
	switch {
	case r.Name != "" && r.Selector != nil:
		return nil, errors.New("paramRef.name and paramRef.selector are mutually exclusive")
	case r.Name != "":
		obj, err := w.Reader.Get(ctx, kind.Group, kind.Plural, namespace, r.Name)
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return []kinds.Object{obj}, nil
	case r.Selector != nil:
		selector, err := metav1.LabelSelectorAsSelector(r.Selector)
		if err != nil {
			return nil, err
		}
		all, err := w.Reader.List(ctx, kind.Group, kind.Plural, namespace)
		if err != nil {
			return nil, err
		}
		var out []kinds.Object
		for _, obj := range all {
			if selector.Matches(labels.Set(obj.GetLabels())) {
				out = append(out, obj)
			}
		}
		return out, nil
	}
	return nil, errors.New("one of name or selector must be provided")
}

// shownParam is the object in the version that the policy names.
func shownParam(kind *kinds.Resource, obj kinds.Object) runtime.Object {
	if kind.FromHub != nil {
		obj = kind.FromHub(obj)
	}
	return view.Named(obj, kind.GroupVersionKind())
}
