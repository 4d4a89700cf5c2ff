// Package connect serves the streams to nodes, services and pods: pods/log, exec, attach and portforward,
// which a node's kubelet answers, and the three proxies. Stage 4 is the caller, by RESOURCE/NAME; an error
// that a handler returns is for the client, and nothing has been answered then.
//
// A client's connection is taken over only once the backend has switched protocols itself, no redirect of
// a backend is followed, credentials meant for this server are never passed on, and what the proxies dial
// is checked when it is dialled: nobody reaches the server's own host or its link through them.
package connect

import (
	"context"
	"errors"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// Config is what the streams work with. Reader is needed; all else may be left out.
type Config struct {
	Reader  Reader
	Kubelet KubeletConfig
	// Admit is admission of CONNECT: options are the *corev1.PodExecOptions and so on.
	Admit func(ctx context.Context, r *request.Request, options runtime.Object) error
	// MayCreate decides whether the user of a GET may do what otherwise needs the verb create: exec,
	// attach and portforward run commands, and browsers can open a WebSocket only with GET.
	MayCreate func(ctx context.Context, r *request.Request) error
	// Life ends all streams when it is done: the server stops. Nil: they end by themselves.
	Life context.Context
	// Random returns a number in [0, n). Nil: the first endpoint is always taken.
	Random func(n int) int
	// Dial connects proxies to pods and services. Nil: net.Dialer.
	Dial DialFunc
}

// A Reader reads from the watch cache; what it returns is the caller's own copy.
type Reader interface {
	Get(ctx context.Context, group, plural, namespace, name string) (kinds.Object, error)
	List(ctx context.Context, group, plural, namespace string) ([]kinds.Object, error)
}

// A Handler serves a subresource.
type Handler func(w http.ResponseWriter, r *request.Request) error

// handshakeTimeout bounds how long a backend may take to switch protocols.
const handshakeTimeout = time.Minute

type connector struct {
	Config
	kubelet *kubelet
	pods    *http.Transport // to pods and services
}

// Handlers returns the handlers under RESOURCE/NAME, all of the core group.
func Handlers(c Config) (map[string]func(w http.ResponseWriter, r *request.Request) error, error) {
	k, err := newKubelet(c.Kubelet, c.Reader)
	if err != nil {
		return nil, err
	}
	s := &connector{Config: c, kubelet: k, pods: podTransport(c.Dial)}
	handlers := map[string]func(w http.ResponseWriter, r *request.Request) error{
		"pods/log":         s.log,
		"pods/exec":        s.exec,
		"pods/attach":      s.attach,
		"pods/portforward": s.portForward,
		"pods/proxy":       s.proxyPod,
		"services/proxy":   s.proxyService,
		"nodes/proxy":      s.proxyNode,
	}
	for name, h := range handlers {
		handlers[name] = s.living(h)
	}
	return handlers, nil
}

// living runs a handler with a context that also ends when the server stops.
func (s *connector) living(h Handler) Handler {
	return func(w http.ResponseWriter, r *request.Request) error {
		ctx, cancel := context.WithCancel(r.HTTP.Context())
		defer cancel()
		if s.Life != nil {
			defer context.AfterFunc(s.Life, cancel)()
		}
		// The libraries below log each connection that ends; that is no news here.
		r.HTTP = r.HTTP.WithContext(klog.NewContext(ctx, klog.Logger{}))
		return h(w, r)
	}
}

func (s *connector) admit(r *request.Request, options runtime.Object) error {
	if s.Admit == nil {
		return nil
	}
	return s.Admit(r.HTTP.Context(), r, options)
}

// mayRun checks what GET alone does not allow.
func (s *connector) mayRun(r *request.Request) error {
	if s.MayCreate == nil || r.HTTP.Method != http.MethodGet {
		return nil
	}
	return s.MayCreate(r.HTTP.Context(), r)
}

var errRedirect = errors.New("redirects forbidden")
