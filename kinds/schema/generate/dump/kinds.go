package dump

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admission/v1"
	admissionv1beta1 "k8s.io/api/admission/v1beta1"
	imagepolicyv1alpha1 "k8s.io/api/imagepolicy/v1alpha1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensionsv1beta1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1beta1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	apiregistrationv1beta1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1beta1"
)

type kind = schema.GroupVersionKind

// everything returns a scheme of all published types.
func everything() *runtime.Scheme {
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		scheme.AddToScheme,
		admissionv1.AddToScheme, admissionv1beta1.AddToScheme, imagepolicyv1alpha1.AddToScheme,
		apiextensionsv1.AddToScheme, apiextensionsv1beta1.AddToScheme,
		apiregistrationv1.AddToScheme, apiregistrationv1beta1.AddToScheme,
	} {
		utilruntime.Must(add(s))
	}
	return s
}

// versions lists the group versions that DeleteOptions and WatchEvent are kinds of, a line each, and marks
// those of client-go, which are the ones that documents of custom resources name.
func versions() []byte {
	const shared = "DeleteOptions"
	var lines []string
	for gvk := range everything().AllKnownTypes() {
		if gvk.Kind != shared || gvk.Version == runtime.APIVersionInternal {
			continue
		}
		line := gvk.GroupVersion().String()
		if scheme.Scheme.Recognizes(gvk) {
			line += " client"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, "\n") + "\n")
}

// kindsByName returns the kinds that each published type is registered as.
func kindsByName() map[string][]kind {
	out := map[string][]kind{}
	for gvk, typ := range everything().AllKnownTypes() {
		named, ok := reflect.New(typ).Interface().(interface{ OpenAPIModelName() string })
		if !ok || gvk.Version == runtime.APIVersionInternal {
			continue
		}
		out[named.OpenAPIModelName()] = append(out[named.OpenAPIModelName()], gvk)
	}
	for _, list := range out {
		slices.SortFunc(list, func(a, b kind) int {
			return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Kind, b.Kind))
		})
	}
	return out
}
