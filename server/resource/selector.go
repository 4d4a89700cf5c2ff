package resource

import (
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/store/cache"
)

// A selection is what a list or watch asks for.
type selection struct {
	root      *kinds.Resource
	namespace string
	name      string // of a metadata.name=x that stands in the field selector; "" for none
	labels    labels.Selector
	fields    fields.Selector // without metadata.name and metadata.namespace where those are =
	all       bool            // nothing to check but the place
}

// newSelection reads the selectors of a request.
func newSelection(res *kinds.Resource, namespace, labelSelector, fieldSelector string) (selection, error) {
	s := selection{root: res.Root(), namespace: namespace}
	var err error
	if s.labels, err = labels.Parse(labelSelector); err != nil {
		return s, apierrors.NewBadRequest(err.Error())
	}
	if s.fields, err = fields.ParseSelector(fieldSelector); err != nil {
		return s, apierrors.NewBadRequest(err.Error())
	}
	s.fields, err = s.fields.Transform(func(label, value string) (string, string, error) {
		label, err := acceptField(res, label)
		return label, value, err
	})
	if err != nil {
		return s, apierrors.NewBadRequest(err.Error())
	}
	if name, ok := s.fields.RequiresExactMatch("metadata.name"); ok {
		s.name = name
	}
	s.all = s.labels.Empty() && s.fields.Empty()
	return s, nil
}

// acceptField returns the label under which a field is known, or an error if it is not.
func acceptField(res *kinds.Resource, label string) (string, error) {
	f := res.Fields
	if to, ok := f.Rename[label]; ok {
		return to, nil
	}
	if label == "metadata.name" || label == "metadata.namespace" && !f.NoNamespace {
		return label, nil
	}
	for _, n := range f.Names {
		if n == label {
			return label, nil
		}
	}
	if f.Refuse != nil {
		return "", fmt.Errorf("%s", f.Refuse(label))
	}
	return "", fmt.Errorf("%q is not a known field selector: only %q, %q", label, "metadata.name", "metadata.namespace")
}

// matches decides on an entry whose key is within the selection's namespace.
func (s *selection) matches(e *cache.Entry) bool {
	if s.all {
		return true
	}
	if !s.fields.Empty() {
		namespace, name := place(s.root, e.Key)
		if s.name != "" && s.name != name {
			return false
		}
		if !s.fields.Matches(entryFields{e, namespace, name}) {
			return false
		}
	}
	return s.labels.Empty() || s.labels.Matches(e.Labels())
}

// entryFields are an entry's fields for a selector; only those of the kind cost a decode.
type entryFields struct {
	entry           *cache.Entry
	namespace, name string
}

func (f entryFields) Has(label string) bool { return f.Get(label) != "" }

func (f entryFields) Get(label string) string {
	switch label {
	case "metadata.name":
		return f.name
	case "metadata.namespace":
		return f.namespace
	}
	return f.entry.Fields()[label]
}

// prefix is where the selected keys are.
func (s *selection) prefix() string {
	if s.name != "" && s.narrow() {
		return key(s.root, s.namespace, s.name)
	}
	return prefix(s.root, s.namespace)
}

// narrow reports whether the name alone fixes the key.
func (s *selection) narrow() bool { return !s.root.Namespaced || s.namespace != "" }
