package respond

import (
	"encoding/json"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
)

// listPartial answers with the items' metadata.
func listPartial(w http.ResponseWriter, r *request.Request, media Media, list Collection) error {
	apiVersion := media.As.GroupVersion().String()
	const kind = "PartialObjectMetadataList"
	if len(list.Items) > 0 && len(list.Resource.Root().FieldAnnotations) == 0 {
		switch {
		case media.Type == JSON && !media.Pretty:
			return streamPartial(w, r, media, list, kind)
		case media.Type == Protobuf && list.Resource.Hub == nil:
			if cuts, ok := metadataCuts(list.Items); ok {
				return writeProtobuf(w, r, apiVersion, kind, list.Meta, cuts)
			}
		}
	}
	out := metav1.PartialObjectMetadataList{TypeMeta: metav1.TypeMeta{APIVersion: apiVersion, Kind: kind}, ListMeta: list.Meta}
	for _, item := range list.Items {
		obj, err := item.Root()
		if err != nil {
			return err
		}
		out.Items = append(out.Items, *partial(list.Resource, obj, media.As.Version))
	}
	body, err := marshal(media, &out, apiVersion, kind)
	if err != nil {
		return err
	}
	write(w, r, media.Type, http.StatusOK, body)
	return nil
}

// metadataCuts returns the items' metadata as protobuf, false if they have no such form themselves.
func metadataCuts(items []Item) ([]codec.Cut, bool) {
	cuts := make([]codec.Cut, len(items))
	for i, item := range items {
		cut, err := item.Message()
		if err != nil {
			return nil, false
		}
		cuts[i] = cut.Metadata()
	}
	return cuts, true
}

func streamPartial(w http.ResponseWriter, r *request.Request, media Media, list Collection, kind string) error {
	head, err := listHead(kind, media.As.GroupVersion().String(), list.Meta)
	if err != nil {
		return err
	}
	var s *stream
	var b []byte
	for i, item := range list.Items {
		if b, err = appendPartial(b[:0], list.Resource, item, media.As.Version); err != nil {
			return errAfter(s, err)
		}
		if s == nil {
			s = newStream(w, r, JSON, http.StatusOK, -1)
			s.Write(append(head, '[')) //nolint:errcheck // Close tells
		}
		if i > 0 {
			s.Write([]byte{','}) //nolint:errcheck
		}
		s.Write(b) //nolint:errcheck
	}
	s.Write([]byte("]}\n")) //nolint:errcheck
	s.Close()               //nolint:errcheck // the client is gone: nobody is left to tell
	return nil
}

// appendPartial appends the JSON of an item's metadata as an object of its own.
func appendPartial(out []byte, res *kinds.Resource, item Item, version string) ([]byte, error) {
	start := len(out)
	out = fmt.Appendf(out, `{"kind":"PartialObjectMetadata","apiVersion":"%s/%s","metadata":`, metav1.GroupName, version)
	if out, ok := item.AppendMetadata(out); ok {
		return append(out, '}'), nil
	}
	obj, err := item.Root()
	if err != nil {
		return out, err
	}
	js, err := json.Marshal(partial(res, obj, version))
	return append(out[:start], js...), err
}
