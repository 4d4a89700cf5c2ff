package respond

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
)

// An Item is one object of a list, an event or a GET, in whatever form is asked for.
type Item interface {
	// JSON is the object in the served version; that of built-in kinds without apiVersion and kind.
	JSON() ([]byte, error)
	// Message is the object's protobuf message, cut where its resource version goes.
	Message() (codec.Cut, error)
	// AppendMetadata appends the metadata's JSON, as it is stored but for the resource version. It reports
	// false, having appended nothing, where that takes decoding.
	AppendMetadata(out []byte) ([]byte, bool)
	// Object is the object in the served version; the caller may change it.
	Object() (kinds.Object, error)
	// Row is the object in the version that is stored, with at least what the columns of its kind show.
	Row() (kinds.Object, error)
	// Root is the object in the version that is stored. Rows of tables and bare metadata are made from it,
	// whatever version they are asked for in.
	Root() (kinds.Object, error)
}

// Entry answers with one stored object.
func Entry(w http.ResponseWriter, r *request.Request, media Media, code int, res *kinds.Resource, item Item) error {
	if media.As.Kind == "" && !media.Pretty && res.Stored() {
		switch media.Type {
		case JSON:
			js, err := item.JSON()
			if err != nil {
				return err
			}
			writeParts(w, r, JSON, code, codec.Head(res), js[1:], []byte{'\n'})
			return nil
		case Protobuf:
			if res.Hub == nil {
				cut, err := item.Message()
				if err != nil {
					return err
				}
				write(w, r, Protobuf, code, cut.Envelope(res.GroupVersion().String(), res.Kind))
				return nil
			}
		}
	}
	if media.As.Kind != "" {
		obj, err := item.Root()
		if err != nil {
			return err
		}
		return transformed(w, r, media, code, res, obj)
	}
	obj, err := item.Object()
	if err != nil {
		return err
	}
	return Object(w, r, media, code, res, res.GroupVersionKind(), obj)
}

// Object answers with an object at hand; gvk is what it is (the kind of a subresource can be another
// than the resource's).
func Object(w http.ResponseWriter, r *request.Request, media Media, code int, res *kinds.Resource, gvk schema.GroupVersionKind, obj runtime.Object) error {
	if media.As.Kind != "" {
		return transformed(w, r, media, code, res, rootOf(res, obj))
	}
	leave := r.Timeline.Enter("respond")
	defer func() { leave("", "") }()
	obj.GetObjectKind().SetGroupVersionKind(gvk)
	body, err := marshal(media, obj, gvk.GroupVersion().String(), gvk.Kind)
	if err != nil {
		return err
	}
	write(w, r, media.Type, code, body)
	return nil
}

// rootOf returns an object of the served version in the one that is stored.
func rootOf(res *kinds.Resource, obj runtime.Object) runtime.Object {
	if o, ok := obj.(kinds.Object); ok && res.Hub != nil {
		return res.ToHub(o)
	}
	return obj
}

// transformed answers with a Table or with the metadata of one object, which is in the stored version.
func transformed(w http.ResponseWriter, r *request.Request, media Media, code int, res *kinds.Resource, obj runtime.Object) error {
	switch media.As.Kind {
	case "Table":
		table, err := newTable(r, media, res)
		if err != nil {
			return err
		}
		o, ok := obj.(kinds.Object)
		if !ok {
			return apierrors.NewInternalError(fmt.Errorf("%T is not an object", obj))
		}
		table.ResourceVersion = o.GetResourceVersion()
		row, err := table.row(o)
		if err != nil {
			return err
		}
		table.Rows = []metav1.TableRow{row}
		return table.write(w, r, code)
	case "PartialObjectMetadata":
		o, ok := obj.(kinds.Object)
		if !ok {
			return apierrors.NewInternalError(fmt.Errorf("%T is not an object", obj))
		}
		body, err := marshal(media, partial(res, o, media.As.Version), metav1.GroupName+"/"+media.As.Version, "PartialObjectMetadata")
		if err != nil {
			return err
		}
		write(w, r, media.Type, code, body)
		return nil
	}
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
		Message: fmt.Sprintf("you requested %s, but the requested object is not a list (%s)", media.As.Kind, internalName(res, "")),
	}}
}

// internalName is the Go type kube-apiserver names in some refusals: *core.ConfigMap.
func internalName(res *kinds.Resource, suffix string) string {
	group, _, _ := strings.Cut(res.Group, ".")
	if group == "" {
		group = "core"
	}
	return "*" + group + "." + res.Kind + suffix
}

// partial is the metadata of an object in the stored version.
func partial(res *kinds.Resource, o kinds.Object, version string) *metav1.PartialObjectMetadata {
	p := metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: metav1.GroupName + "/" + version, Kind: "PartialObjectMetadata"}}
	p.ObjectMeta = *metaOf(o)
	for _, key := range res.Root().FieldAnnotations {
		if _, ok := p.Annotations[key]; ok {
			p.Annotations = maps.Clone(p.Annotations)
			delete(p.Annotations, key)
		}
	}
	return &p
}

// metaOf returns an object's metadata, shared with it where it is a Go type.
func metaOf(o kinds.Object) *metav1.ObjectMeta {
	if a, ok := o.(metav1.ObjectMetaAccessor); ok {
		if m, ok := a.GetObjectMeta().(*metav1.ObjectMeta); ok {
			return m
		}
	}
	return &metav1.ObjectMeta{
		Name: o.GetName(), GenerateName: o.GetGenerateName(), Namespace: o.GetNamespace(), UID: o.GetUID(),
		ResourceVersion: o.GetResourceVersion(), Generation: o.GetGeneration(), CreationTimestamp: o.GetCreationTimestamp(),
		DeletionTimestamp: o.GetDeletionTimestamp(), DeletionGracePeriodSeconds: o.GetDeletionGracePeriodSeconds(),
		Labels: o.GetLabels(), Annotations: o.GetAnnotations(), OwnerReferences: o.GetOwnerReferences(),
		Finalizers: o.GetFinalizers(), ManagedFields: o.GetManagedFields(),
	}
}

func writeParts(w http.ResponseWriter, r *request.Request, contentType string, code int, parts ...[]byte) {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	if size >= compressFrom {
		body := make([]byte, 0, size)
		for _, p := range parts {
			body = append(body, p...)
		}
		write(w, r, contentType, code, body)
		return
	}
	s := newStream(w, r, contentType, code, size)
	for _, p := range parts {
		s.Write(p) //nolint:errcheck // Close tells
	}
	s.Close() //nolint:errcheck // the client is gone
}

// Raw answers with what is no API object, as JSON for people to read: indented, whatever the client asks for.
func Raw(w http.ResponseWriter, r *request.Request, code int, obj any) error {
	body, err := json.MarshalIndent(obj, "", "  ")
	if err != nil {
		return err
	}
	write(w, r, JSON, code, body)
	return nil
}
