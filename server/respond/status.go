package respond

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/nave-k8s/nave/kinds/codec"
	"github.com/nave-k8s/nave/server/request"
)

// Error writes an error as a Status, in the encoding the client accepts. An error that is no API status
// is a 500 with its text.
func Error(w http.ResponseWriter, r *request.Request, err error) {
	status := StatusOf(err)
	if seconds := retryAfter(status); seconds > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
	}
	media, mediaErr := Offer{Types: listTypes}.Negotiate(r.HTTP.Header, false)
	if mediaErr != nil {
		media = Media{Type: JSON}
	}
	WriteStatus(w, r, media, int(status.Code), &status)
}

// StatusOf is the Status a client gets for an error.
func StatusOf(err error) metav1.Status {
	var api apierrors.APIStatus
	if errors.As(err, &api) {
		status := api.Status()
		status.Status = metav1.StatusFailure
		if status.Code == 0 {
			status.Code = http.StatusInternalServerError
		}
		status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
		return status
	}
	return metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"},
		Status:   metav1.StatusFailure,
		Code:     http.StatusInternalServerError,
		Message:  err.Error(),
	}
}

func retryAfter(s metav1.Status) int {
	if s.Details == nil {
		return 0
	}
	return int(s.Details.RetryAfterSeconds)
}

// WriteStatus writes a Status of success or failure.
func WriteStatus(w http.ResponseWriter, r *request.Request, media Media, code int, status *metav1.Status) {
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	body, err := marshal(media, status, "v1", "Status")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	write(w, r, media.Type, code, body)
}

// marshal encodes an object whose TypeMeta is set.
func marshal(media Media, obj any, apiVersion, kind string) ([]byte, error) {
	switch media.Type {
	case YAML:
		return yaml.Marshal(obj)
	case Protobuf:
		if m, ok := obj.(interface {
			Size() int
			MarshalToSizedBuffer([]byte) (int, error)
		}); ok {
			return codec.ProtobufMessage(m, apiVersion, kind)
		}
		return nil, codec.NotProtobufError{Type: fmt.Sprintf("%T", obj)}
	}
	return marshalJSON(obj, media.Pretty)
}

func marshalJSON(obj any, pretty bool) ([]byte, error) {
	if pretty {
		return json.MarshalIndent(obj, "", "  ")
	}
	body, err := json.Marshal(obj)
	return append(body, '\n'), err
}

// NotFoundRoute is the answer to a path of the API that leads nowhere.
func NotFoundRoute() error {
	return routeError(http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource")
}

// MethodNotAllowedRoute is the answer to a method a path does not have.
func MethodNotAllowedRoute() error {
	return routeError(http.StatusMethodNotAllowed, metav1.StatusReasonMethodNotAllowed, "the server does not allow this method on the requested resource")
}

// UnsupportedMediaTypeRoute is the answer to a PATCH of a type that is none.
func UnsupportedMediaTypeRoute() error {
	return routeError(http.StatusUnsupportedMediaType, metav1.StatusReasonUnsupportedMediaType, "415: Unsupported Media Type")
}

// notAcceptableRoute is the refusal of the route itself.
func notAcceptableRoute(types []string) error {
	return routeError(http.StatusNotAcceptable, metav1.StatusReasonNotAcceptable, "406: Not Acceptable\n\nAvailable representations: "+strings.Join(types, ", "))
}

func routeError(code int32, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message, Details: &metav1.StatusDetails{},
	}}
}

// notAcceptable is the refusal of the second look: a type that is offered, with parameters that are not.
func notAcceptable(types []string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusNotAcceptable, Reason: metav1.StatusReasonNotAcceptable,
		Message: "only the following media types are accepted: " + strings.Join(types, ", "),
	}}
}

// UnsupportedMediaType is the refusal of a body.
func UnsupportedMediaType() error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: http.StatusUnsupportedMediaType, Reason: metav1.StatusReasonUnsupportedMediaType,
		Message: "the body of the request was in an unknown format - accepted media types include: " + strings.Join(objectTypes, ", "),
	}}
}
