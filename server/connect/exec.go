package connect

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/httpstream/wsstream"

	"github.com/nave-k8s/nave/server/request"
)

// streams says which streams of a process the client wants.
type streams struct {
	Stdin, Stdout, Stderr, TTY bool
}

func (o streams) query() url.Values {
	v := url.Values{}
	for name, set := range map[string]bool{"input": o.Stdin, "output": o.Stdout, "error": o.Stderr, "tty": o.TTY} {
		if set {
			v.Set(name, "1")
		}
	}
	return v
}

func (s *connector) exec(w http.ResponseWriter, r *request.Request) error {
	o := execOptions(r.Query)
	if err := s.mayRun(r); err != nil {
		return err
	}
	if err := s.admit(r, o); err != nil {
		return err
	}
	want := streams{o.Stdin, o.Stdout, o.Stderr, o.TTY}
	query := want.query()
	for _, c := range o.Command {
		query.Add("command", c)
	}
	return s.run(w, r, "exec", o.Container, want, query)
}

func (s *connector) attach(w http.ResponseWriter, r *request.Request) error {
	o := attachOptions(r.Query)
	if err := s.mayRun(r); err != nil {
		return err
	}
	if err := s.admit(r, o); err != nil {
		return err
	}
	want := streams{o.Stdin, o.Stdout, o.Stderr, o.TTY}
	return s.run(w, r, "attach", o.Container, want, want.query())
}

// run connects the client to a process in a container.
func (s *connector) run(w http.ResponseWriter, r *request.Request, what, container string, want streams, query url.Values) error {
	ctx := r.HTTP.Context()
	pod, err := s.pod(ctx, r)
	if err != nil {
		return err
	}
	if container, err = containerOf(pod, container); err != nil {
		return err
	}
	node, err := s.kubeletOf(ctx, pod)
	if err != nil {
		return err
	}
	location := &url.URL{
		Scheme: "https", Host: node.address(),
		Path:     fmt.Sprintf("/%s/%s/%s/%s", what, pod.Namespace, pod.Name, container),
		RawQuery: query.Encode(),
	}
	if wsstream.IsWebSocketRequestWithStreamCloseProtocol(r.HTTP) && !node.webSockets {
		return s.translate(w, r.HTTP, location, want)
	}
	return passUpgrade(w, r.HTTP, location, s.kubelet.transport)
}

func (s *connector) portForward(w http.ResponseWriter, r *request.Request) error {
	o, err := portForwardOptions(r.Query)
	if err != nil {
		return err
	}
	if err := s.mayRun(r); err != nil {
		return err
	}
	if err := s.admit(r, o); err != nil {
		return err
	}
	ctx := r.HTTP.Context()
	pod, err := s.pod(ctx, r)
	if err != nil {
		return err
	}
	node, err := s.kubeletOf(ctx, pod)
	if err != nil {
		return err
	}
	location := &url.URL{Scheme: "https", Host: node.address(), Path: fmt.Sprintf("/portForward/%s/%s", pod.Namespace, pod.Name)}
	if len(o.Ports) > 0 {
		list := make([]string, len(o.Ports))
		for i, p := range o.Ports {
			list[i] = strconv.Itoa(int(p))
		}
		location.RawQuery = url.Values{"port": {strings.Join(list, ",")}}.Encode()
	}
	if wsstream.IsWebSocketRequestWithTunnelingProtocol(r.HTTP) && !node.webSockets {
		return s.tunnel(w, r.HTTP, location)
	}
	return passUpgrade(w, r.HTTP, location, s.kubelet.transport)
}
