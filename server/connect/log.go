package connect

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/httpstream/wsstream"

	"github.com/nave-k8s/nave/server/request"
)

// log serves pods/log: the kubelet's answer, as it comes.
func (s *connector) log(w http.ResponseWriter, r *request.Request) error {
	ctx := r.HTTP.Context()
	options, err := logOptions(r.Query)
	if err != nil {
		return err
	}
	if err := validateLogOptions(r.Name, options); err != nil {
		return err
	}
	pod, err := s.pod(ctx, r)
	if err != nil {
		return err
	}
	container, err := containerOf(pod, options.Container)
	if err != nil {
		return err
	}
	if pod.Spec.NodeName == "" { // nothing has run that could have said anything
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	node, err := s.kubeletOf(ctx, pod)
	if err != nil {
		return err
	}
	location := &url.URL{
		Scheme: "https", Host: node.address(),
		Path:     fmt.Sprintf("/containerLogs/%s/%s/%s", pod.Namespace, pod.Name, container),
		RawQuery: logQuery(options).Encode(),
	}
	transport := s.kubelet.transport
	if options.InsecureSkipTLSVerifyBackend {
		transport = s.kubelet.insecure
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, location.String(), nil)
	if err != nil {
		return err
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return &url.Error{Op: "Get", URL: location.String(), Err: err}
	}
	defer resp.Body.Close()
	if err := checkLogResponse(resp, location, r.Name); err != nil {
		return err
	}
	if wsstream.IsWebSocketRequest(r.HTTP) {
		// An error of the stream is the client's to see; the connection is no longer an HTTP one.
		_ = wsstream.NewReader(resp.Body, true, wsstream.NewDefaultReaderProtocols()).Copy(upgradable(w), r.HTTP)
		return nil
	}
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusOK)
	flush := http.NewResponseController(w).Flush
	_ = flush()
	var out io.Writer = w
	if options.Follow {
		out = flushing{w, flush}
	}
	if _, err := io.Copy(out, resp.Body); err != nil && ctx.Err() == nil {
		panic(http.ErrAbortHandler) // a log that breaks off must not look complete
	}
	return nil
}

// flushing lets no byte wait.
type flushing struct {
	w     io.Writer
	flush func() error
}

func (f flushing) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	if err == nil {
		err = f.flush()
	}
	return n, err
}

func logQuery(o *corev1.PodLogOptions) url.Values {
	v := url.Values{}
	for name, set := range map[string]bool{"follow": o.Follow, "previous": o.Previous, "timestamps": o.Timestamps} {
		if set {
			v.Set(name, "true")
		}
	}
	for name, n := range map[string]*int64{"sinceSeconds": o.SinceSeconds, "tailLines": o.TailLines, "limitBytes": o.LimitBytes} {
		if n != nil {
			v.Set(name, strconv.FormatInt(*n, 10))
		}
	}
	if o.SinceTime != nil {
		v.Set("sinceTime", o.SinceTime.Format(time.RFC3339))
	}
	return v
}

// maxRefusal is the most of a backend's refusal that is read.
const maxRefusal = 50_000

// checkLogResponse turns what is no log into an error.
func checkLogResponse(resp *http.Response, location *url.URL, name string) error {
	code := resp.StatusCode
	if code >= http.StatusOK && code <= http.StatusPartialContent {
		return nil
	}
	if code >= 300 && code < 400 {
		return &url.Error{Op: "Get", URL: location.String(), Err: errRedirect}
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	text := string(body)
	switch code {
	case http.StatusInternalServerError:
		return apierrors.NewInternalError(fmt.Errorf("%s", text))
	case http.StatusBadRequest:
		return apierrors.NewBadRequest(text)
	}
	return apierrors.NewGenericServerResponse(code, "", schema.GroupResource{Resource: "pods/log"}, name, text, 0, false)
}
