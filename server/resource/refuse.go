package resource

import (
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/nave-k8s/nave/kinds"
)

// refuseKind is the answer to a body of another kind or version.
func (e *Engine) refuseKind(res *kinds.Resource, b body, other *otherKind) error {
	gvk := other.gvk
	if gvk.Kind == "" {
		gvk.Kind = b.want.Kind
	}
	if gvk.Group == "" && gvk.Version == "" {
		gvk.Group, gvk.Version = b.want.Group, b.want.Version
	}
	switch {
	case !e.recognizes(gvk):
		return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, b.want.Kind, &otherKind{gvk, b.want}))
	case gvk.Kind == res.Kind:
		return apierrors.NewBadRequest(fmt.Sprintf("the API version in the data (%s) does not match the expected API version (%s)", gvk.GroupVersion(), res.GroupVersion()))
	}
	return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: converting (%s) to (%s): unknown conversion",
		gvk.Kind, gvk.Version, b.want.Kind, goName(gvk, gvk.Version), goName(b.want, internalPackage(b.want.Group))))
}

// recognizes reports whether a kind is one of Kubernetes', served or not.
func (e *Engine) recognizes(gvk schema.GroupVersionKind) bool {
	return e.Kinds.Kind(gvk) != nil || scheme.Scheme.Recognizes(gvk) || formerly(gvk)
}

// formerly reports kinds that clients no longer have types for, but kube-apiserver does.
func formerly(gvk schema.GroupVersionKind) bool {
	switch gvk {
	case schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1beta1", Kind: "CustomResourceDefinition"},
		schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1beta1", Kind: "APIService"}:
		return true
	}
	return false
}

func goName(gvk schema.GroupVersionKind, pkg string) string { return pkg + "." + gvk.Kind }

// internalPackage is the name of the package kube-apiserver keeps its internal types of a group in.
func internalPackage(group string) string {
	if group == "" {
		return "core"
	}
	name, _, _ := strings.Cut(group, ".")
	return name
}

func refuseStrict(res *kinds.Resource, err error) error {
	if runtime.IsStrictDecodingError(err) {
		return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", res.Kind, res.Version, res.Kind, err))
	}
	return err
}

func isUnstructured(res *kinds.Resource) bool {
	_, ok := res.New().(runtime.Unstructured)
	return ok
}
