package resource

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
	"github.com/nave-k8s/nave/server/respond"
)

// readBody reads at most MaxBody bytes.
func (e *Engine) readBody(r *request.Request) ([]byte, error) {
	body, err := e.readAll(r)
	if err != nil || len(body) < largeBody {
		return body, err
	}
	return body, e.takeTurn(r)
}

// Large bodies are worked on a few at a time: what is made of one can be a hundred times its size.
const (
	largeBody  = 512 << 10
	largeTurns = 4
)

// takeTurn waits until the request may work on its large body, which it then may to its end.
func (e *Engine) takeTurn(r *request.Request) error {
	select {
	case e.large <- struct{}{}:
		r.OnEnd(func() { <-e.large })
		return nil
	case <-r.HTTP.Context().Done():
		return apierrors.NewTooManyRequests("too many large requests, please try again later", 1)
	}
}

func (e *Engine) readAll(r *request.Request) ([]byte, error) {
	if r.HTTP.Body == nil {
		return nil, nil
	}
	if n := r.HTTP.ContentLength; n > e.MaxBody {
		return nil, tooLarge(e.MaxBody)
	} else if n > 0 {
		body, err := readSized(r.HTTP.Body, int(n))
		if err != nil {
			return nil, readError(err)
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.HTTP.Body, e.MaxBody+1))
	if err != nil {
		return nil, readError(err)
	}
	if int64(len(body)) > e.MaxBody {
		return nil, tooLarge(e.MaxBody)
	}
	return body, nil
}

// trusted is how many bytes are set aside for a body on its client's word.
const trusted = 64 << 10

// readSized reads a body of n bytes. Memory is taken as bytes come, so that a client that promises and does not send costs
// little.
func readSized(r io.Reader, n int) ([]byte, error) {
	body := make([]byte, min(n, trusted))
	for have := 0; ; {
		got, err := io.ReadFull(r, body[have:])
		if err != nil {
			return nil, err
		}
		if have += got; have == n {
			return body, nil
		}
		grown := make([]byte, min(n, 4*have))
		copy(grown, body)
		body = grown
	}
}

func tooLarge(limit int64) error {
	return apierrors.NewRequestEntityTooLargeError(fmt.Sprintf("limit is %d", limit))
}

func readError(err error) error {
	var max *http.MaxBytesError
	if errors.As(err, &max) {
		return tooLarge(max.Limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) { // that of the connection, which is the request's
		return apierrors.NewTimeoutError("request did not complete within the allotted timeout", 0)
	}
	return apierrors.NewBadRequest(err.Error())
}

// maxExpanded is the most bytes that YAML may stand for.
const maxExpanded = 3 << 20

// bodyType is the media type of the request's body; "" where it is none the server reads.
func bodyType(r *request.Request) string {
	t := r.HTTP.Header.Get("Content-Type")
	switch t {
	case "", respond.JSON:
		return respond.JSON
	}
	media, _, err := mime.ParseMediaType(t)
	if err != nil {
		return ""
	}
	switch media {
	case respond.JSON, respond.YAML, respond.Protobuf:
		return media
	}
	return ""
}

// A body is a request's body on its way to an object.
type body struct {
	data []byte
	typ  string
	// want is the kind expected, and what a body without kind and apiVersion is taken for.
	want schema.GroupVersionKind
	// also are other kinds that are accepted (policy/v1beta1 Eviction).
	also []schema.GroupVersionKind
	// bare: errors are told without a word about kinds.
	bare bool
	// strict asks for the complaints about unknown and doubled fields.
	strict bool
}

// into decodes the body. complaints are what Strict refuses and Warn warns of.
func (b body) into(obj runtime.Object) (complaints []error, err error) {
	data := b.data
	switch b.typ {
	case respond.Protobuf:
		return nil, b.protobuf(obj)
	case respond.YAML:
		if err := checkAliases(data, maxExpanded); err != nil {
			return nil, b.refusedYAML(err)
		}
		js, err := yaml.YAMLToJSON(data)
		if err != nil {
			return nil, b.unrecognized(err)
		}
		if b.strict {
			if _, err := yaml.YAMLToJSONStrict(data); err != nil {
				complaints = append(complaints, err)
			}
		}
		data = js
	}
	if err := checkBulk(data); err != nil {
		return nil, err
	}
	gvk, err := kindOf(data)
	if err != nil {
		return nil, b.unrecognized(err)
	}
	if err := b.check(gvk); err != nil {
		return nil, err
	}
	if err := checkQuantities(data, obj); err != nil {
		return nil, b.cannot(gvk, err)
	}
	if u, ok := obj.(runtime.Unstructured); ok {
		var content map[string]any
		if b.strict {
			more, err := kjson.UnmarshalStrict(data, &content)
			if err != nil {
				return nil, b.unrecognized(err)
			}
			complaints = append(complaints, more...)
		} else if err := kjson.UnmarshalCaseSensitivePreserveInts(data, &content); err != nil {
			return nil, b.unrecognized(err)
		}
		u.SetUnstructuredContent(content)
		return complaints, nil
	}
	if b.strict {
		more, err := kjson.UnmarshalStrict(data, obj)
		if err != nil {
			return nil, b.cannot(gvk, err)
		}
		return append(complaints, more...), nil
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(data, obj); err != nil {
		return nil, b.cannot(gvk, err)
	}
	return nil, nil
}

// warnings are the lines of a complaint: that of strict YAML has a head and one for each doubled key.
func warnings(complaint error) []string {
	text, several := strings.CutPrefix(complaint.Error(), "yaml: unmarshal errors:\n")
	if !several {
		return []string{text}
	}
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return lines
}

// kindOf reads apiVersion and kind. The struct's layout is in the text of errors that clients see.
func kindOf(data []byte) (gvk schema.GroupVersionKind, err error) {
	var findKind struct {
		APIVersion string `json:"apiVersion,omitempty"`
		Kind       string `json:"kind,omitempty"`
	}
	if err := json.Unmarshal(data, &findKind); err != nil {
		return gvk, fmt.Errorf("couldn't get version/kind; json parse error: %w", err)
	}
	gv, err := schema.ParseGroupVersion(findKind.APIVersion)
	if err != nil {
		return gvk, err
	}
	return gv.WithKind(findKind.Kind), nil
}

// check refuses a body of another kind.
func (b body) check(gvk schema.GroupVersionKind) error {
	if gvk.Kind == "" {
		gvk.Kind = b.want.Kind
	}
	if gvk.Version == "" && gvk.Group == "" {
		gvk.Group, gvk.Version = b.want.Group, b.want.Version
	}
	if gvk == b.want {
		return nil
	}
	for _, g := range b.also {
		if gvk == g {
			return nil
		}
	}
	return &otherKind{gvk: gvk, want: b.want}
}

// otherKind: the body is of another kind or version than the resource.
type otherKind struct{ gvk, want schema.GroupVersionKind }

func (e *otherKind) Error() string {
	return fmt.Sprintf("no kind %q is registered for version %q in scheme %q", e.gvk.Kind, e.gvk.GroupVersion(), "pkg/runtime/scheme.go:111")
}

func (b body) cannot(gvk schema.GroupVersionKind, err error) error {
	if b.bare {
		return apierrors.NewBadRequest(err.Error())
	}
	if gvk.Kind == "" {
		gvk.Kind = b.want.Kind
	}
	if gvk.Version == "" {
		gvk.Group, gvk.Version = b.want.Group, b.want.Version
	}
	return apierrors.NewBadRequest(fmt.Sprintf("%s in version %q cannot be handled as a %s: %v", gvk.Kind, gvk.Version, b.want.Kind, err))
}

// refusedYAML is unrecognized, but for what is too large.
func (b body) refusedYAML(err error) error {
	if apierrors.IsRequestEntityTooLargeError(err) {
		return err
	}
	return b.unrecognized(err)
}

func (b body) unrecognized(err error) error {
	return apierrors.NewBadRequest(fmt.Sprintf("the object provided is unrecognized (must be of type %s): %v (%s)", b.want.Kind, err, summary(b.data)))
}

// summary shows the beginning of a body: as text if it looks like JSON, else in hex.
func summary(data []byte) string {
	const most = 30
	switch {
	case len(data) == 0:
		return "<empty>"
	case data[0] == '{':
		if len(data) > most {
			return string(data[:most]) + " ..."
		}
		return string(data)
	case len(data) > most:
		return hex.EncodeToString(data[:most]) + " ..."
	}
	return hex.EncodeToString(data)
}

func (b body) protobuf(obj runtime.Object) error {
	gvk, raw, err := codec.SplitBody(b.data)
	if err != nil {
		return b.unrecognized(err)
	}
	if err := b.check(gvk); err != nil {
		return err
	}
	m, ok := obj.(interface{ Unmarshal([]byte) error })
	if !ok {
		return respond.UnsupportedMediaType()
	}
	if err := checkMessage(raw, obj); errors.Is(err, errQuantity) {
		return b.cannot(gvk, err)
	} else if err != nil {
		return err
	}
	if err := m.Unmarshal(raw); err != nil {
		return b.cannot(gvk, err)
	}
	return nil
}

// complain applies fieldValidation to complaints.
func complain(r *request.Request, validation string, complaints []error) error {
	if len(complaints) == 0 {
		return nil
	}
	if validation == metav1.FieldValidationStrict {
		return strictError(complaints)
	}
	for _, c := range complaints {
		for _, text := range warnings(c) {
			r.Warn(text)
		}
	}
	return nil
}

func strictError(complaints []error) error { return runtime.NewStrictDecodingError(complaints) }

// kindIn reads apiVersion and kind of a body in JSON or YAML.
func kindIn(data []byte, typ string) (schema.GroupVersionKind, error) {
	if typ == respond.YAML {
		if err := checkAliases(data, maxExpanded); err != nil {
			return schema.GroupVersionKind{}, err
		}
		js, err := yaml.YAMLToJSON(data)
		if err != nil {
			return schema.GroupVersionKind{}, err
		}
		data = js
	}
	return kindOf(data)
}
