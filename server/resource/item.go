package resource

import (
	"strings"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/respond"
	"github.com/nave-k8s/nave/store/cache"
)

// indexConfig says what the cache keeps of a kind beside the bytes.
func indexConfig(root *kinds.Resource) cache.IndexConfig {
	return cache.IndexConfig{
		Key: root.Storage.Key,
		Labels: func(_ string, value []byte) (labels.Set, error) {
			meta, err := codec.Metadata(value)
			return meta.Labels, err
		},
		Fields: func(key string, value []byte) (fields.Set, error) {
			if root.Fields.Values == nil {
				return nil, nil
			}
			obj, err := codec.Decode(root, value, 0)
			if err != nil {
				return nil, err
			}
			return root.Fields.Values(obj), nil
		},
	}
}

// item is a cached entry as respond wants it.
type item struct {
	res   *kinds.Resource // as it is served
	form  *codec.Form     // of res
	entry *cache.Entry
}

var _ respond.Item = item{}

// slot numbers the memo of encoded JSON: the root's, and that of a second version.
func (i item) slot() int {
	if i.res.Hub != nil {
		return 1
	}
	return 0
}

func (i item) JSON() ([]byte, error) {
	return i.entry.Encoded(i.slot(), func(e *cache.Entry) ([]byte, error) {
		return i.form.JSON(e.Value, e.Revision)
	})
}

func (i item) Message() (codec.Cut, error) { return message(i.res, i.entry.Value, i.entry.Revision) }

// message is a stored object as protobuf of the version of res.
func message(res *kinds.Resource, value []byte, revision int64) (codec.Cut, error) {
	if res.Hub == nil {
		if cut, ok, err := codec.Message(value, revision); ok || err != nil {
			return cut, err
		}
	}
	obj, err := codec.Served(res, value, revision)
	if err != nil {
		return codec.Cut{}, err
	}
	return codec.CutObject(obj)
}

func (i item) AppendMetadata(out []byte) ([]byte, bool) {
	return i.form.AppendMetadata(out, i.entry.Value, i.entry.Revision)
}

func (i item) Object() (kinds.Object, error) {
	return codec.Served(i.res, i.entry.Value, i.entry.Revision)
}

func (i item) Row() (kinds.Object, error) { return i.form.Row(i.entry.Value, i.entry.Revision) }

func (i item) Root() (kinds.Object, error) {
	return codec.Decode(i.res.Root(), i.entry.Value, i.entry.Revision)
}

// place returns namespace and name out of a key.
func place(root *kinds.Resource, key string) (namespace, name string) {
	rest := strings.TrimPrefix(key, "/registry/"+root.Storage.Key+"/")
	if root.Namespaced {
		namespace, name, _ = strings.Cut(rest, "/")
		return namespace, name
	}
	return "", rest
}
