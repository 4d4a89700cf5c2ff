package respond

import (
	"encoding/binary"
	"encoding/json"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
)

// Events is the stream of a watch. It gathers what is sent until Flush, so that a burst of events costs
// one write. It is for one goroutine.
type Events struct {
	w     http.ResponseWriter
	flush func() error
	media Media
	res   *kinds.Resource
	r     *request.Request
	table *table
	shown bool // a Table's columns have been sent
	buf   []byte
	told  int    // how much of buf the watch's observer has heard of
	head  []byte // of the JSON of an object, up to its first field
}

// NewEvents begins the answer to a watch.
func NewEvents(w http.ResponseWriter, r *request.Request, media Media, res *kinds.Resource) (*Events, error) {
	if media.Type == YAML {
		return nil, notAcceptable(streamTypes)
	}
	e := &Events{w: w, media: media, res: res, r: r, head: codec.Head(res)}
	if media.As.Kind == "Table" {
		t, err := newTable(r, media, res)
		if err != nil {
			return nil, err
		}
		e.table = t
	}
	contentType := media.Type
	if contentType == Protobuf {
		contentType += ";stream=watch"
	}
	w.Header().Set("Content-Type", contentType)
	head(w.Header(), r)
	w.WriteHeader(http.StatusOK)
	e.flush = http.NewResponseController(w).Flush
	return e, e.flush()
}

// gatherMost is how many bytes are gathered before they are written without a Flush.
const gatherMost = 256 * 1024

// Send adds an event.
func (e *Events) Send(kind string, item Item) error {
	if e.media.As.Kind == "" {
		if e.media.Type == JSON {
			js, err := item.JSON()
			if err != nil {
				return err
			}
			e.buf = append(e.buf, `{"type":"`...)
			e.buf = append(e.buf, kind...)
			e.buf = append(e.buf, `","object":`...)
			e.buf = append(e.buf, e.head...)
			e.buf = append(e.buf, js[1:]...)
			e.buf = append(e.buf, "}\n"...)
			return e.spill()
		}
		if e.res.Hub == nil {
			cut, err := item.Message()
			if err != nil {
				return err
			}
			e.frame(kind, cut.Envelope(e.res.GroupVersion().String(), e.res.Kind))
			return e.spill()
		}
	}
	if e.media.As.Kind != "" {
		obj, err := item.Root()
		if err != nil {
			return err
		}
		return e.transformed(kind, obj)
	}
	obj, err := item.Object()
	if err != nil {
		return err
	}
	return e.object(kind, obj)
}

// object adds an event with an object at hand, in the form asked for.
func (e *Events) object(kind string, obj kinds.Object) error {
	if e.media.As.Kind != "" {
		return e.transformed(kind, rootOf(e.res, obj).(kinds.Object))
	}
	obj.GetObjectKind().SetGroupVersionKind(e.res.GroupVersionKind())
	return e.add(kind, obj, e.res.GroupVersion().String(), e.res.Kind)
}

// transformed adds an event with a row or with bare metadata of an object in the stored version.
func (e *Events) transformed(kind string, obj kinds.Object) error {
	switch e.media.As.Kind {
	case "Table":
		row, err := e.table.row(obj)
		if err != nil {
			return err
		}
		t := metav1.Table{TypeMeta: e.table.TypeMeta, Rows: []metav1.TableRow{row}}
		t.ResourceVersion = obj.GetResourceVersion()
		if !e.shown {
			t.ColumnDefinitions, e.shown = e.table.ColumnDefinitions, true
		}
		return e.add(kind, &t, "", "")
	case "PartialObjectMetadata":
		return e.add(kind, partial(e.res, obj, e.media.As.Version), metav1.GroupName+"/"+e.media.As.Version, "PartialObjectMetadata")
	}
	if e.res.Hub != nil {
		obj = e.res.FromHub(obj)
	}
	obj.GetObjectKind().SetGroupVersionKind(e.res.GroupVersionKind())
	return e.add(kind, obj, e.res.GroupVersion().String(), e.res.Kind)
}

func (e *Events) add(kind string, obj runtime.Object, apiVersion, name string) error {
	body, err := marshal(Media{Type: e.media.Type}, obj, apiVersion, name)
	if err != nil {
		return err
	}
	if e.media.Type == Protobuf {
		e.frame(kind, body)
		return e.spill()
	}
	js, err := json.Marshal(metav1.WatchEvent{Type: kind, Object: runtime.RawExtension{Raw: body}})
	if err != nil {
		return err
	}
	e.buf = append(append(e.buf, js...), '\n')
	return e.spill()
}

// frame adds a protobuf WatchEvent behind its length in four bytes.
func (e *Events) frame(kind string, body []byte) {
	object := 1 + codec.UvarintLen(len(body)) + len(body)
	size := 1 + codec.UvarintLen(len(kind)) + len(kind) + 1 + codec.UvarintLen(object) + object
	e.buf = binary.BigEndian.AppendUint32(e.buf, uint32(size))
	e.buf = append(e.buf, 1<<3|2)
	e.buf = binary.AppendUvarint(e.buf, uint64(len(kind)))
	e.buf = append(e.buf, kind...)
	e.buf = append(e.buf, 2<<3|2)
	e.buf = binary.AppendUvarint(e.buf, uint64(object))
	e.buf = append(e.buf, 1<<3|2)
	e.buf = binary.AppendUvarint(e.buf, uint64(len(body)))
	e.buf = append(e.buf, body...)
}

// Bookmark adds an event that only tells how far the watch is; initial: that all objects there were have
// been sent.
func (e *Events) Bookmark(version string, initial bool) error {
	obj := e.res.New().(kinds.Object)
	obj.SetResourceVersion(version)
	if initial {
		obj.SetAnnotations(map[string]string{metav1.InitialEventsAnnotationKey: "true"})
	}
	if e.res.Bare != nil {
		e.res.Bare(obj)
	}
	return e.object("BOOKMARK", obj)
}

// Error adds the event that ends a watch which cannot go on.
func (e *Events) Error(status metav1.Status) {
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	e.add("ERROR", &status, "v1", "Status") //nolint:errcheck // a Status can be encoded
}

func (e *Events) spill() error {
	if e.r.Watch != nil {
		e.r.Watch.Sent(len(e.buf) - e.told)
	}
	e.told = len(e.buf)
	if len(e.buf) < gatherMost {
		return nil
	}
	return e.write()
}

func (e *Events) write() error {
	_, err := e.w.Write(e.buf)
	e.buf, e.told = e.buf[:0], 0
	if cap(e.buf) > gatherMost*2 {
		e.buf = nil
	}
	return err
}

// Flush sends what has been gathered.
func (e *Events) Flush() error {
	if len(e.buf) == 0 {
		return nil
	}
	if err := e.write(); err != nil {
		return err
	}
	if len(e.buf) == 0 && cap(e.buf) > 16*1024 {
		e.buf = nil // a watch is mostly idle: it does not hold a buffer then
	}
	return e.flush()
}

// Close sends what is left.
func (e *Events) Close() error {
	e.Flush() //nolint:errcheck // the client is gone: nobody is left to tell
	return nil
}
