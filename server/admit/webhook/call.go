package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"

	"github.com/nave-k8s/nave/server/admit"
	"github.com/nave-k8s/nave/server/admit/view"
)

// maxAnswer is the most that a webhook may answer.
const maxAnswer = 16 << 20

// A callError is of a webhook that could not be asked, or answered nonsense. The failure policy is about these.
type callError struct {
	webhook string
	reason  error
}

func (e *callError) Error() string {
	return fmt.Sprintf("failed calling webhook %q: %v", e.webhook, e.reason)
}

// A question is what is sent to one webhook.
type question struct {
	hook    *hook
	version string
	uid     types.UID
	body    []byte
}

// ask makes the question. An error is the answer to the client.
func ask(h *hook, a *admit.Attributes, v *view.View) (*question, error) {
	if a.DryRun {
		if h.sideEffects == nil {
			return nil, &callError{h.name, errors.New("Webhook SideEffects is nil")}
		}
		if s := *h.sideEffects; s != admissionregistrationv1.SideEffectClassNone && s != admissionregistrationv1.SideEffectClassNoneOnDryRun {
			return nil, apierrors.NewBadRequest(fmt.Sprintf("admission webhook %q does not support dry run", h.name))
		}
	}
	if h.broken != nil {
		return nil, &callError{h.name, fmt.Errorf("could not get REST client: %w", h.broken)}
	}
	q := &question{hook: h, uid: uuid.NewUUID()}
	for _, version := range h.versions {
		if version == "v1" || version == "v1beta1" {
			q.version = version
			break
		}
	}
	if q.version == "" {
		return nil, &callError{h.name, fmt.Errorf("could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)")}
	}
	request, err := v.Request()
	if err != nil {
		return nil, err
	}
	request.UID = q.uid
	if request.Object.Raw, request.OldObject.Raw, err = v.JSON(); err != nil {
		return nil, err
	}
	q.body, err = json.Marshal(&admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: admissionv1.GroupName + "/" + q.version, Kind: "AdmissionReview"}, Request: request,
	})
	return q, err
}

// send asks and returns a response that makes sense.
func (q *question) send(ctx context.Context, mutating bool) (*admissionv1.AdmissionResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, q.hook.timeout)
	defer cancel()
	body, err := q.post(ctx)
	if err != nil {
		return nil, &callError{q.hook.name, fmt.Errorf("failed to call webhook: %w", err)}
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(body, &review); err != nil {
		return nil, &callError{q.hook.name, fmt.Errorf("failed to call webhook: couldn't get version/kind; json parse error: %w", err)}
	}
	if err := q.verify(&review, mutating); err != nil {
		return nil, &callError{q.hook.name, fmt.Errorf("received invalid webhook response: %w", err)}
	}
	return review.Response, nil
}

func (q *question) post(ctx context.Context) ([]byte, error) {
	u := q.hook.client.url
	if deadline, ok := ctx.Deadline(); ok { // the server may plan with it: whole seconds, rounded up
		left := time.Until(deadline).Truncate(time.Second)
		if left < time.Until(deadline) {
			left += time.Second
		}
		u.RawQuery = url.Values{"timeout": {left.String()}}.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(q.body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, */*")
	r.Header.Set("User-Agent", "kube-apiserver-admission")
	answer, err := q.hook.client.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the answer is larger than %d bytes", maxAnswer)
	}
	if answer.StatusCode < 200 || answer.StatusCode > 206 {
		text := "unknown"
		if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); strings.HasPrefix(kind, "text/") {
			text = strings.TrimSpace(string(body[:min(len(body), 2048)]))
		}
		return nil, apierrors.NewGenericServerResponse(answer.StatusCode, "POST", schema.GroupResource{}, "", text, 0, true)
	}
	return body, nil
}

// verify checks the form of an answer. Answers of v1beta1 were never checked so closely.
func (q *question) verify(review *admissionv1.AdmissionReview, mutating bool) error {
	r := review.Response
	if r == nil {
		return errors.New("webhook response was absent")
	}
	if q.version == "v1beta1" {
		if !mutating {
			r.Patch, r.PatchType = nil, nil
		} else if len(r.Patch) > 0 {
			r.PatchType = patchType(admissionv1.PatchTypeJSONPatch)
		}
		return nil
	}
	if r.UID != q.uid {
		return fmt.Errorf("expected response.uid %q, got %q", q.uid, r.UID)
	}
	want := admissionv1.SchemeGroupVersion.WithKind("AdmissionReview")
	if got := review.GroupVersionKind(); got != want {
		return fmt.Errorf("expected webhook response of %v, got %v", want.String(), got.String())
	}
	switch {
	case !mutating && len(r.Patch) > 0:
		return errors.New("validating webhook may not return response.patch")
	case !mutating && r.PatchType != nil:
		return errors.New("validating webhook may not return response.patchType")
	case len(r.Patch) > 0 && r.PatchType == nil:
		return errors.New("webhook returned response.patch but not response.patchType")
	case len(r.Patch) == 0 && r.PatchType != nil:
		return errors.New("webhook returned response.patchType but not response.patch")
	case r.PatchType != nil && *r.PatchType == "":
		return fmt.Errorf("webhook returned invalid response.patchType of %q", *r.PatchType)
	}
	return nil
}

func patchType(t admissionv1.PatchType) *admissionv1.PatchType { return &t }

// denied is the error of a webhook that refuses. It may give a code and a reason of its own, but none that
// would read as success.
func denied(webhook string, result *metav1.Status) error {
	by := fmt.Sprintf("admission webhook %q denied the request", webhook)
	status := metav1.Status{}
	if result != nil {
		status = *result
	}
	if status.Code < http.StatusBadRequest {
		status.Code = http.StatusBadRequest
	}
	if status.Status == "" || status.Status == metav1.StatusSuccess {
		status.Status = metav1.StatusFailure
	}
	switch {
	case status.Message != "":
		status.Message = by + ": " + status.Message
	case status.Reason != "":
		status.Message = by + ": " + string(status.Reason)
	default:
		status.Message = by + " without explanation"
	}
	return &apierrors.StatusError{ErrStatus: status}
}
