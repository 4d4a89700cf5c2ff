package connect

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// DialFunc connects.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// KubeletConfig is how kubelets are reached.
type KubeletConfig struct {
	// CA checks kubelets' certificates. Nil: they are not checked, as kube-apiserver does without
	// --kubelet-certificate-authority.
	CA *x509.CertPool
	// Certificate is what the server shows to kubelets; nil for nothing.
	Certificate *tls.Certificate
	// AddressTypes is which of a node's addresses to take, the best first. Nil: kube-apiserver's default.
	AddressTypes []corev1.NodeAddressType
	// Port of nodes that do not say theirs; 0 for 10250.
	Port int
	// Timeout of connecting; 0 for 5 seconds.
	Timeout time.Duration
	// Dial connects; nil for net.Dialer.
	Dial DialFunc
}

// DefaultAddressTypes is the order of a node's addresses unless a flag says otherwise.
var DefaultAddressTypes = []corev1.NodeAddressType{
	corev1.NodeHostName, corev1.NodeInternalDNS, corev1.NodeInternalIP, corev1.NodeExternalDNS, corev1.NodeExternalIP,
}

const (
	defaultKubeletPort    = 10250
	defaultKubeletTimeout = 5 * time.Second
	maxResponseHeader     = 1 << 20
)

type kubelet struct {
	reader    Reader
	types     []corev1.NodeAddressType
	port      int
	transport *http.Transport
	insecure  *http.Transport // for logs whose reader asked not to check the certificate
}

func newKubelet(c KubeletConfig, reader Reader) (*kubelet, error) {
	k := &kubelet{reader: reader, types: c.AddressTypes, port: c.Port}
	if k.types == nil {
		k.types = DefaultAddressTypes
	}
	if k.port == 0 {
		k.port = defaultKubeletPort
	}
	if k.port < 1 || k.port > 65535 {
		return nil, fmt.Errorf("kubelet port %d: must be within 1-65535", k.port)
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = defaultKubeletTimeout
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.CA, InsecureSkipVerify: c.CA == nil}
	if c.Certificate != nil {
		config.Certificates = []tls.Certificate{*c.Certificate}
	}
	unchecked := config.Clone()
	unchecked.InsecureSkipVerify = true
	k.transport, k.insecure = newTransport(c.Dial, timeout, config), newTransport(c.Dial, timeout, unchecked)
	return k, nil
}

func newTransport(dial DialFunc, timeout time.Duration, config *tls.Config) *http.Transport {
	if dial == nil {
		dial = (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext
	}
	return &http.Transport{
		TLSClientConfig:     config,
		TLSHandshakeTimeout: 10 * time.Second,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			return dial(ctx, network, address)
		},
		MaxIdleConnsPerHost:    25,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxResponseHeader,
		DisableCompression:     true, // bytes are passed on as they come
	}
}

// nodeInfo is where a node's kubelet is.
type nodeInfo struct {
	host, port string
	webSockets bool // it takes the WebSockets of clients itself (KEP-4006)
}

func (n nodeInfo) address() string { return net.JoinHostPort(n.host, n.port) }

// find returns where the kubelet of the node is.
func (k *kubelet) find(ctx context.Context, name string) (nodeInfo, error) {
	obj, err := k.reader.Get(ctx, "", "nodes", "", name)
	if err != nil {
		return nodeInfo{}, err
	}
	node := obj.(*corev1.Node)
	host, err := k.addressOf(node)
	if err != nil {
		return nodeInfo{}, err
	}
	port := int(node.Status.DaemonEndpoints.KubeletEndpoint.Port)
	if port <= 0 {
		port = k.port
	}
	return nodeInfo{
		host: host, port: strconv.Itoa(port),
		webSockets: slices.Contains(node.Status.DeclaredFeatures, "ExtendWebSocketsToKubelet"),
	}, nil
}

func (k *kubelet) addressOf(node *corev1.Node) (string, error) {
	for _, t := range k.types {
		for _, a := range node.Status.Addresses {
			if a.Type == t {
				return a.Address, nil
			}
		}
	}
	var known []string
	for _, a := range node.Status.Addresses {
		known = append(known, fmt.Sprintf("{%s %s}", a.Type, a.Address))
	}
	return "", fmt.Errorf("no preferred addresses found; known addresses: [%s]", strings.Join(known, " "))
}
