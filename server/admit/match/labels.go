package match

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/server/admit"
)

// Selectors are the label selectors of a webhook or a policy, parsed.
type Selectors struct{ Namespace, Object labels.Selector }

// ParseSelectors parses the two selectors; nil selects everything.
func ParseSelectors(namespace, object *metav1.LabelSelector) (s Selectors, err error) {
	if s.Namespace, err = parse(namespace); err == nil {
		s.Object, err = parse(object)
	}
	return s, err
}

func parse(s *metav1.LabelSelector) (labels.Selector, error) {
	if s == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(s)
}

// OfNamespace reports whether the namespace of the write is selected. What is in no namespace always is.
func (s Selectors) OfNamespace(ctx context.Context, reader admit.Reader, a *admit.Attributes) (bool, error) {
	if a.Namespace == "" && !isNamespace(a) || s.Namespace.Empty() {
		return true, nil
	}
	set, err := namespaceLabels(ctx, reader, a)
	if err != nil {
		return false, err
	}
	return s.Namespace.Matches(labels.Set(set)), nil
}

// namespaceLabels are those that the namespace will have.
func namespaceLabels(ctx context.Context, reader admit.Reader, a *admit.Attributes) (map[string]string, error) {
	if isNamespace(a) && a.Subresource == "" && (a.Operation == admit.Create || a.Operation == admit.Update) {
		if obj, ok := a.Object.(metav1.Object); ok {
			return obj.GetLabels(), nil
		}
	}
	name := a.Namespace
	if isNamespace(a) {
		name = a.Name
	}
	ns, err := reader.Get(ctx, "", "namespaces", "", name)
	if err != nil {
		return nil, err
	}
	return ns.GetLabels(), nil
}

// OfObject reports whether the object, as it is or as it was, is selected. What has no labels at all, such as the
// options of a stream, is selected only if everything is.
func (s Selectors) OfObject(a *admit.Attributes) bool {
	if s.Object.Empty() {
		return true
	}
	for _, candidate := range []any{a.Object, a.OldObject} {
		if obj, ok := candidate.(metav1.Object); ok && s.Object.Matches(labels.Set(obj.GetLabels())) {
			return true
		}
	}
	return false
}
