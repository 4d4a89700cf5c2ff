package respond

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/http"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
)

// A Collection is a list on its way out: the items are those of a snapshot, nothing is copied.
type Collection struct {
	Resource *kinds.Resource
	Meta     metav1.ListMeta
	Items    []Item
}

// List answers with a collection.
func List(w http.ResponseWriter, r *request.Request, media Media, list Collection) error {
	switch {
	case media.As.Kind == "Table":
		return listTable(w, r, media, list)
	case media.As.Kind == "PartialObjectMetadataList":
		return listPartial(w, r, media, list)
	case media.As.Kind != "":
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
			Message: fmt.Sprintf("you requested %s, but the requested object is a list (%s)", media.As.Kind, internalName(list.Resource, "List")),
		}}
	case media.Type == Protobuf:
		return listProtobuf(w, r, list)
	case media.Type == JSON && !media.Pretty:
		return listJSON(w, r, list)
	}
	return listWhole(w, r, media, list)
}

// listJSON splices the items' bytes while it streams.
func listJSON(w http.ResponseWriter, r *request.Request, list Collection) error {
	head, err := listHead(list.Resource.Kind+"List", list.Resource.GroupVersion().String(), list.Meta)
	if err != nil {
		return err
	}
	bodies := make([][]byte, len(list.Items))
	size := len(head) + len("[]}\n")
	for i, item := range list.Items {
		if bodies[i], err = item.JSON(); err != nil {
			return err
		}
		size += len(bodies[i])
	}
	if n := len(bodies); n > 1 {
		size += n - 1
	}
	s := newStream(w, r, JSON, http.StatusOK, size)
	s.Write(head)        //nolint:errcheck // Close tells
	s.Write([]byte{'['}) //nolint:errcheck
	for i, b := range bodies {
		if i > 0 {
			s.Write([]byte{','}) //nolint:errcheck
		}
		s.Write(b) //nolint:errcheck
	}
	s.Write([]byte("]}\n")) //nolint:errcheck
	s.Close()               //nolint:errcheck // the client is gone: nobody is left to tell
	return nil
}

// listHead is a list's JSON up to its items.
func listHead(kind, apiVersion string, meta metav1.ListMeta) ([]byte, error) {
	js, err := json.Marshal(meta)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, `{"kind":%q,"apiVersion":%q,"metadata":%s,"items":`, kind, apiVersion, js), nil
}

// listProtobuf does the same with protobuf messages: a list is its metadata in field 1 and the items in
// field 2, for every kind.
func listProtobuf(w http.ResponseWriter, r *request.Request, list Collection) error {
	cuts := make([]codec.Cut, len(list.Items))
	var err error
	for i, item := range list.Items {
		if cuts[i], err = item.Message(); err != nil {
			return err
		}
	}
	return writeProtobuf(w, r, list.Resource.GroupVersion().String(), list.Resource.Kind+"List", list.Meta, cuts)
}

func writeProtobuf(w http.ResponseWriter, r *request.Request, apiVersion, kind string, listMeta metav1.ListMeta, cuts []codec.Cut) error {
	meta, err := listMeta.Marshal()
	if err != nil {
		return err
	}
	size := 1 + codec.UvarintLen(len(meta)) + len(meta)
	for _, c := range cuts {
		n := c.Size()
		size += 1 + codec.UvarintLen(n) + n
	}
	head := codec.AppendEnvelope(nil, apiVersion, kind, size)
	s := newStream(w, r, Protobuf, http.StatusOK, len(head)+size+len(codec.EnvelopeEnd))
	head = append(head, 1<<3|2)
	head = binary.AppendUvarint(head, uint64(len(meta)))
	head = append(head, meta...)
	s.Write(head) //nolint:errcheck // Close tells
	var b []byte
	for _, c := range cuts {
		b = append(b[:0], 2<<3|2)
		b = binary.AppendUvarint(b, uint64(c.Size()))
		b = c.Append(b)
		s.Write(b) //nolint:errcheck
	}
	s.Write(codec.EnvelopeEnd) //nolint:errcheck
	s.Close()                  //nolint:errcheck // the client is gone: nobody is left to tell
	return nil
}

// listTable streams rows; only one object is decoded at a time.
func listTable(w http.ResponseWriter, r *request.Request, media Media, list Collection) error {
	t, err := newTable(r, media, list.Resource)
	if err != nil {
		return err
	}
	t.ListMeta = list.Meta
	if list.Resource.Root().Table.Together != nil {
		if err := t.rowsTogether(list.Items); err != nil {
			return err
		}
		return t.write(w, r, http.StatusOK)
	}
	if media.Type != JSON || media.Pretty || len(list.Items) == 0 {
		for _, item := range list.Items {
			obj, err := item.Root()
			if err != nil {
				return err
			}
			row, err := t.row(obj)
			if err != nil {
				return err
			}
			t.Rows = append(t.Rows, row)
		}
		if len(list.Items) == 0 && list.Resource.Root().Table.Columns == nil {
			t.Rows = nil // as kube-apiserver answers for kinds without columns of their own
		}
		return t.write(w, r, http.StatusOK)
	}
	head, err := json.Marshal(&t.Table) // ends in "rows":[]}
	if err != nil {
		return err
	}
	var s *stream
	var row []byte
	for i, item := range list.Items {
		if row, err = t.appendRow(row[:0], item); err != nil {
			return errAfter(s, err)
		}
		if s == nil {
			s = newStream(w, r, JSON, http.StatusOK, -1)
			s.Write(head[:len(head)-2]) //nolint:errcheck // Close tells
		}
		if i > 0 {
			s.Write([]byte{','}) //nolint:errcheck
		}
		s.Write(row) //nolint:errcheck
	}
	s.Write([]byte("]}\n")) //nolint:errcheck
	s.Close()               //nolint:errcheck // the client is gone: nobody is left to tell
	return nil
}

// errAfter ends an answer that has begun in the only way left: by breaking it off.
func errAfter(s *stream, err error) error {
	if s != nil && s.held == nil {
		panic(http.ErrAbortHandler)
	}
	return err
}

// listWhole decodes everything: YAML and pretty JSON, which only people ask for.
func listWhole(w http.ResponseWriter, r *request.Request, media Media, list Collection) error {
	type whole struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ListMeta  `json:"metadata"`
		Items           []runtime.Object `json:"items"`
	}
	out := whole{TypeMeta: metav1.TypeMeta{Kind: list.Resource.Kind + "List", APIVersion: list.Resource.GroupVersion().String()}, Metadata: list.Meta, Items: []runtime.Object{}}
	for _, item := range list.Items {
		obj, err := item.Object()
		if err != nil {
			return err
		}
		if _, ok := obj.(runtime.Unstructured); !ok {
			obj.GetObjectKind().SetGroupVersionKind(emptyKind)
		}
		out.Items = append(out.Items, obj)
	}
	body, err := marshal(media, out, "", "")
	if err != nil {
		return err
	}
	write(w, r, media.Type, http.StatusOK, body)
	return nil
}

var emptyKind schema.GroupVersionKind
