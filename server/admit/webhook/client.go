package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/nave-k8s/nave/server/admit"
)

// A client reaches one server.
type client struct {
	url       url.URL
	http      *http.Client
	transport *http.Transport
}

// clients keeps connections from one reading of the configurations to the next.
type clients struct {
	reader      admit.Reader
	known, used map[string]*client
}

func (c *clients) begin() { c.used = map[string]*client{} }

// end lets go of clients that nobody names any more.
func (c *clients) end() {
	for key, old := range c.known {
		if c.used[key] == nil {
			old.transport.CloseIdleConnections()
		}
	}
	c.known = c.used
}

// of returns the client for a configuration.
func (c *clients) of(config *admissionregistrationv1.WebhookClientConfig) (*client, error) {
	key, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	for _, set := range []map[string]*client{c.used, c.known} {
		if found := set[string(key)]; found != nil {
			c.used[string(key)] = found
			return found, nil
		}
	}
	made, err := c.make(config)
	if err == nil {
		c.used[string(key)] = made
	}
	return made, err
}

func (c *clients) make(config *admissionregistrationv1.WebhookClientConfig) (*client, error) {
	security := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(config.CABundle) > 0 {
		security.RootCAs = x509.NewCertPool()
		if !security.RootCAs.AppendCertsFromPEM(config.CABundle) {
			return nil, errors.New("could not load PEM file: caBundle has no certificate")
		}
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	out := &client{transport: &http.Transport{
		TLSClientConfig: security, DialContext: dialer.DialContext, ForceAttemptHTTP2: true,
		MaxIdleConnsPerHost: 25, IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10, Proxy: http.ProxyFromEnvironment,
	}}
	switch {
	case config.Service != nil:
		service, port := config.Service, int32(443)
		if service.Port != nil {
			port = *service.Port
		}
		security.ServerName = service.Name + "." + service.Namespace + ".svc"
		out.url = url.URL{Scheme: "https", Host: net.JoinHostPort(security.ServerName, strconv.Itoa(int(port))), Path: "/"}
		if service.Path != nil {
			out.url.Path = *service.Path
		}
		out.transport.Proxy = nil
		out.transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			address, err := c.resolve(ctx, service.Namespace, service.Name, port)
			if err != nil {
				return nil, err
			}
			return dialer.DialContext(ctx, network, address)
		}
	case config.URL != nil:
		u, err := url.Parse(*config.URL)
		if err != nil {
			return nil, err
		}
		out.url = *u
	default:
		return nil, errors.New("webhook configuration must have either service or URL")
	}
	out.http = &http.Client{Transport: out.transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // nobody is sent elsewhere with what is in a review
	}}
	return out, nil
}

// resolve returns the address of a service.
func (c *clients) resolve(ctx context.Context, namespace, name string, port int32) (string, error) {
	obj, err := c.reader.Get(ctx, "", "services", namespace, name)
	if apierrors.IsNotFound(err) {
		return "", fmt.Errorf("service %q not found", name)
	}
	if err != nil {
		return "", err
	}
	service, ok := obj.(*corev1.Service)
	if !ok {
		return "", fmt.Errorf("service is a %T", obj)
	}
	switch {
	case service.Spec.Type == corev1.ServiceTypeExternalName:
		return net.JoinHostPort(service.Spec.ExternalName, strconv.Itoa(int(port))), nil
	case service.Spec.ClusterIP == corev1.ClusterIPNone:
		return "", errors.New(`cannot route to service with ClusterIP "None"`)
	}
	for _, p := range service.Spec.Ports {
		if p.Port == port {
			return net.JoinHostPort(service.Spec.ClusterIP, strconv.Itoa(int(port))), nil
		}
	}
	return "", fmt.Errorf("no service port %d found for service %q", port, name)
}
