package resource

import (
	"net/http"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// A written object is what a write leaves: the bytes that are stored now, which most answers are made of
// without decoding them; or, where nothing is stored (a dry run, an object that is gone), the object.
type written struct {
	value    []byte
	revision int64
	obj      kinds.Object // in the root's version; nil if value is set
}

// object decodes, in the root's version.
func (w *written) object(root *kinds.Resource) (kinds.Object, error) {
	if w.obj != nil {
		return w.obj, nil
	}
	return codec.Decode(root, w.value, w.revision)
}

// answer answers a write with what it left.
func (e *Engine) answer(w http.ResponseWriter, r *request.Request, media respond.Media, code int, res *kinds.Resource, left *written) error {
	if left.obj != nil {
		return respond.Object(w, r, media, code, res, res.GroupVersionKind(), served(res, left.obj))
	}
	return respond.Entry(w, r, media, code, res, fresh{res, e.forms.Of(res), left})
}

// fresh is a written object as respond wants it.
type fresh struct {
	res  *kinds.Resource
	form *codec.Form
	*written
}

var _ respond.Item = fresh{}

func (f fresh) JSON() ([]byte, error)       { return f.form.JSON(f.value, f.revision) }
func (f fresh) Message() (codec.Cut, error) { return message(f.res, f.value, f.revision) }
func (f fresh) AppendMetadata(out []byte) ([]byte, bool) {
	return f.form.AppendMetadata(out, f.value, f.revision)
}
func (f fresh) Object() (kinds.Object, error) { return codec.Served(f.res, f.value, f.revision) }
func (f fresh) Row() (kinds.Object, error)    { return f.form.Row(f.value, f.revision) }
func (f fresh) Root() (kinds.Object, error)   { return codec.Decode(f.res.Root(), f.value, f.revision) }
