package openapi

import (
	"reflect"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Query parameters are the fields of the published options types, with their documentation.

// documented is an options type.
type documented interface{ SwaggerDoc() map[string]string }

var (
	getOptions    = []parameter{option(metav1.GetOptions{}, "resourceVersion")}
	listOptions   = options(metav1.ListOptions{})
	createOptions = options(metav1.CreateOptions{})
	updateOptions = options(metav1.UpdateOptions{})
	patchOptions  = options(metav1.PatchOptions{})
	deleteOptions = options(metav1.DeleteOptions{})
	// deleteAllOptions are those of a collection: what to delete, and how.
	deleteAllOptions = append(slices.Clone(deleteOptions), options(metav1.ListOptions{}, "watch", "allowWatchBookmarks")...)
	logOptions       = options(corev1.PodLogOptions{})
)

// connectOptions are those of subresources that stream, by their kind.
var connectOptions = map[string][]parameter{
	"NodeProxyOptions":      options(corev1.NodeProxyOptions{}),
	"PodAttachOptions":      options(corev1.PodAttachOptions{}),
	"PodExecOptions":        options(corev1.PodExecOptions{}),
	"PodPortForwardOptions": options(corev1.PodPortForwardOptions{}),
	"PodProxyOptions":       options(corev1.PodProxyOptions{}),
	"ServiceProxyOptions":   options(corev1.ServiceProxyOptions{}),
}

var (
	pretty = parameter{name: "pretty", in: "query", kind: "string",
		description: "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget)."}
	namespaceParameter = parameter{name: "namespace", in: "path", kind: "string",
		description: "object name and auth scope, such as for teams and projects"}
	pathParameter = parameter{name: "path", in: "path", kind: "string", description: "path to the resource"}
)

func nameParameter(kind string) parameter {
	return parameter{name: "name", in: "path", kind: "string", description: "name of the " + kind}
}

// options returns the fields of an options type that can stand in a query: those of simple types, and
// lists of them.
func options(of documented, without ...string) []parameter {
	var out []parameter
	docs := of.SwaggerDoc()
	t := reflect.TypeOf(of)
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		kind := simple(field.Type)
		if name == "" || kind == "" || slices.Contains(without, name) {
			continue
		}
		out = append(out, parameter{name: name, in: "query", description: docs[name], kind: kind})
	}
	return out
}

// option returns one field of an options type.
func option(of documented, name string) parameter {
	for _, p := range options(of) {
		if p.name == name {
			return p
		}
	}
	panic("openapi: there is no option " + name)
}

// simple returns the JSON type of a field, "" if it is not simple.
func simple(t reflect.Type) string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "integer"
	}
	return ""
}
