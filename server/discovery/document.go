package discovery

import (
	"bytes"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/server/request"
)

const (
	typeJSON     = "application/json"
	typeYAML     = "application/yaml"
	typeProtobuf = "application/vnd.kubernetes.protobuf"
)

// A document is an answer, encoded at most once per media type.
type document struct {
	metav1.TypeMeta
	object interface {
		runtime.Object
		Marshal() ([]byte, error)
	}

	mu     sync.Mutex
	bodies map[media][]byte
	etag   string
}

// serve answers with the document in the form that the client accepts.
func (d *document) serve(w http.ResponseWriter, r *request.Request) error {
	m, err := plainMedia(r)
	if err != nil {
		return err
	}
	return d.write(w, m, m.name)
}

// serveAggregated does the same for the aggregated form, which clients keep and ask for by its hash.
func (d *document) serveAggregated(w http.ResponseWriter, r *request.Request, m media) {
	etag, err := d.hash()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Vary", "Accept")
	h.Set("ETag", etag)
	h.Set("Cache-Control", "public")
	if r.HTTP.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if err := d.write(w, m, m.name+aggregatedParameters); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (d *document) write(w http.ResponseWriter, m media, contentType string) error {
	body, err := d.encode(m)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache, private")
	}
	w.WriteHeader(http.StatusOK)
	w.Write(body) //nolint:errcheck // the client is gone: nobody is left to tell
	return nil
}

func (d *document) encode(m media) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if body, ok := d.bodies[m]; ok {
		return body, nil
	}
	body, err := d.marshal(m)
	if err != nil {
		return nil, err
	}
	if d.bodies == nil {
		d.bodies = map[media][]byte{}
	}
	d.bodies[m] = body
	return body, nil
}

func (d *document) marshal(m media) ([]byte, error) {
	switch m.name {
	case typeYAML:
		return yaml.Marshal(d.object)
	case typeProtobuf:
		raw, err := d.object.Marshal()
		if err != nil {
			return nil, err
		}
		envelope := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: d.APIVersion, Kind: d.Kind}, Raw: raw}
		body, err := envelope.Marshal()
		return append([]byte("k8s\x00"), body...), err
	}
	body, err := json.Marshal(d.object)
	if err != nil {
		return nil, err
	}
	if !m.pretty {
		return append(body, '\n'), nil
	}
	var out bytes.Buffer
	err = json.Indent(&out, body, "", "  ")
	return out.Bytes(), err
}

// hash returns the ETag: a hash of the document as JSON, whatever the form that is sent.
func (d *document) hash() (string, error) {
	body, err := d.encode(media{name: typeJSON})
	if err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.etag == "" {
		d.etag = fmt.Sprintf("%q", fmt.Sprintf("%X", sha512.Sum512(body)))
	}
	return d.etag, nil
}
