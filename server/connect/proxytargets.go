package connect

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"

	"github.com/nave-k8s/nave/kinds"
	"github.com/nave-k8s/nave/server/request"
)

// split reads SCHEME:NAME:PORT, NAME:PORT or NAME.
func split(r *request.Request, what string) (scheme, name, port string, err error) {
	scheme, name, port, ok := utilnet.SplitSchemeNamePort(r.Name)
	if !ok {
		return "", "", "", apierrors.NewBadRequest(fmt.Sprintf("invalid %s request %q", what, r.Name))
	}
	if scheme == "" {
		scheme = "http"
	}
	return scheme, name, port, nil
}

func (s *connector) proxyNode(w http.ResponseWriter, r *request.Request) error {
	path := subpath(r)
	if err := s.admit(r, &corev1.NodeProxyOptions{Path: path}); err != nil {
		return err
	}
	scheme, name, port, err := split(r, "node")
	if err != nil {
		return err
	}
	node, err := s.kubelet.find(r.HTTP.Context(), name)
	if err != nil {
		return err
	}
	if port == "" || port == node.port {
		return pass(w, r.HTTP, &url.URL{Scheme: "https", Host: node.address()}, s.kubelet.transport, path)
	}
	// Another port of the node is no kubelet: it gets neither the server's certificate nor its trust.
	if a, err := netip.ParseAddr(node.host); err == nil && !allowed(a) {
		return apierrors.NewBadRequest(errAddress.Error())
	}
	return pass(w, r.HTTP, &url.URL{Scheme: scheme, Host: net.JoinHostPort(node.host, port)}, s.pods, path)
}

func (s *connector) proxyPod(w http.ResponseWriter, r *request.Request) error {
	path := subpath(r)
	if err := s.admit(r, &corev1.PodProxyOptions{Path: path}); err != nil {
		return err
	}
	scheme, name, port, err := split(r, "pod")
	if err != nil {
		return err
	}
	obj, err := s.Reader.Get(r.HTTP.Context(), "", "pods", r.Namespace, name)
	if err != nil {
		return err
	}
	pod := obj.(*corev1.Pod)
	if port == "" {
		port = firstPort(pod)
	}
	ip, err := netip.ParseAddr(podIP(pod))
	if err != nil || !allowed(ip) {
		return apierrors.NewBadRequest(errAddress.Error())
	}
	host := ip.String()
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case ip.Is6():
		host = "[" + host + "]"
	}
	return pass(w, r.HTTP, &url.URL{Scheme: scheme, Host: host}, s.pods, path)
}

func podIP(pod *corev1.Pod) string {
	if len(pod.Status.PodIPs) > 0 {
		return pod.Status.PodIPs[0].IP
	}
	return pod.Status.PodIP
}

func firstPort(pod *corev1.Pod) string {
	for _, c := range pod.Spec.Containers {
		if len(c.Ports) > 0 {
			return strconv.Itoa(int(c.Ports[0].ContainerPort))
		}
	}
	return ""
}

func (s *connector) proxyService(w http.ResponseWriter, r *request.Request) error {
	path := subpath(r)
	if err := s.admit(r, &corev1.ServiceProxyOptions{Path: path}); err != nil {
		return err
	}
	scheme, name, port, err := split(r, "service")
	if err != nil {
		return err
	}
	ctx := r.HTTP.Context()
	if port, err = s.portName(ctx, r.Namespace, name, port); err != nil {
		return err
	}
	host, err := s.endpoint(ctx, r.Namespace, name, port)
	if err != nil {
		return err
	}
	if host == "" {
		return apierrors.NewServiceUnavailable(fmt.Sprintf("no endpoints available for service %q", name))
	}
	return pass(w, r.HTTP, &url.URL{Scheme: scheme, Host: host}, s.pods, path)
}

// portName turns the number of a service's port into its name.
func (s *connector) portName(ctx context.Context, namespace, name, port string) (string, error) {
	number, err := strconv.ParseInt(port, 10, 64)
	if err != nil {
		return port, nil
	}
	obj, err := s.Reader.Get(ctx, "", "services", namespace, name)
	if err != nil {
		return "", err
	}
	for _, p := range obj.(*corev1.Service).Spec.Ports {
		if int64(p.Port) == number {
			return p.Name, nil
		}
	}
	return "", apierrors.NewServiceUnavailable(fmt.Sprintf("no service port %d found for service %q", number, name))
}

// endpoint picks an address of the service that is a pod's, "" if there is none: anybody who may write
// endpoints could otherwise have the server connect to whatever they like.
func (s *connector) endpoint(ctx context.Context, namespace, name, port string) (string, error) {
	all, err := s.Reader.List(ctx, discoveryv1.GroupName, "endpointslices", namespace)
	if err != nil {
		return "", err
	}
	type candidate struct {
		endpoint *discoveryv1.Endpoint
		port     int32
	}
	var candidates []candidate
	for _, obj := range all {
		slice := obj.(*discoveryv1.EndpointSlice)
		if slice.Labels[discoveryv1.LabelServiceName] != name || slice.AddressType == discoveryv1.AddressTypeFQDN {
			continue
		}
		at := slices.IndexFunc(slice.Ports, func(p discoveryv1.EndpointPort) bool { return deref(p.Name) == port && p.Port != nil })
		if at < 0 {
			continue
		}
		for i := range slice.Endpoints {
			if e := &slice.Endpoints[i]; (e.Conditions.Ready == nil || *e.Conditions.Ready) && len(e.Addresses) > 0 {
				candidates = append(candidates, candidate{e, *slice.Ports[at].Port})
			}
		}
	}
	start := 0
	if s.Random != nil && len(candidates) > 0 {
		start = s.Random(len(candidates))
	}
	for i := range candidates {
		c := candidates[(start+i)%len(candidates)]
		if s.isPod(ctx, namespace, c.endpoint) {
			return net.JoinHostPort(c.endpoint.Addresses[0], strconv.Itoa(int(c.port))), nil
		}
	}
	return "", nil
}

// isPod reports whether the endpoint's address is that of the pod it names.
func (s *connector) isPod(ctx context.Context, namespace string, e *discoveryv1.Endpoint) bool {
	ref := e.TargetRef
	if ref == nil || ref.Kind != "Pod" || ref.Namespace != "" && ref.Namespace != namespace {
		return false
	}
	obj, err := s.Reader.Get(ctx, "", "pods", namespace, ref.Name)
	if err != nil {
		return false
	}
	return hasIP(obj, e.Addresses[0])
}

func hasIP(obj kinds.Object, ip string) bool {
	pod := obj.(*corev1.Pod)
	return pod.Status.PodIP != "" && strings.EqualFold(pod.Status.PodIP, ip) ||
		slices.ContainsFunc(pod.Status.PodIPs, func(p corev1.PodIP) bool { return strings.EqualFold(p.IP, ip) })
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
